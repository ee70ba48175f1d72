"""Records and events in words: a citizen reads ground, agency, basis, term and remedies."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from sharehub.core.decision import due
from sharehub.core.measure import SanctionEvent
from sharehub.core.narrative import event_words, explained, record_words
from sharehub.core.record import Record
from tests.unit.core.said import (
    arrears,
    catalogue,
    complaint,
    facts_of,
    judgment,
    licence,
    listing,
    penalty,
    rating,
    reminder,
    said,
    withdrawal,
)

MEASURES = {
    one.entry: one
    for record in (penalty(), listing(), arrears(), rating(2025))
    for one in due(facts_of(record), catalogue(), date(2026, 6, 1))
}


@pytest.mark.parametrize("entry", sorted(MEASURES))
def test_a_measure_explains_itself(entry: str) -> None:
    measure = MEASURES[entry]
    words = explained(measure)
    document = measure.ground.document_number or measure.ground.record_key
    assert f"Ground: {measure.ground.record_kind} {document} of {measure.ground.agency}" in words
    assert all(why in words for why in measure.ground.why)
    assert f"Authority: {measure.authority}." in words
    assert all(f"{basis.instrument}, {basis.article}" in words for basis in measure.legal_basis)
    assert f"Rulebook: {entry}, version 2026-1." in words
    assert f"Term: from {measure.effective_from} until" in words
    assert (str(measure.effective_to) if measure.effective_to else measure.exit) in words
    assert measure.relatedness in words
    assert all(remedy in words for remedy in measure.remedies)
    assert ".." not in words


def test_an_event_says_what_was_done_and_why() -> None:
    measure = MEASURES["mx/69-b-definitive"]
    issued = SanctionEvent(
        event="issued", number=1, business_on=date(2026, 2, 1), reason="ground-final", measure=measure
    )
    assert event_words(issued) == f"Issued: {measure.title}. {explained(measure)}"
    lifted = replace(issued, event="lifted", number=2, reason="ground-withdrawn")
    assert event_words(lifted) == f"Lifted: {measure.title} (ground withdrawn)."
    assert event_words(replace(lifted, event="dispute-closed")).startswith("Dispute closed: ")


TOLD: list[tuple[Record, str]] = [
    (penalty(), "A imposed a penalty for water-pollution: fine of 5000000.00 (final) (document No. 12)."),
    (penalty(fine=None, finality="under_appeal", document_number=None, revision=2),
     "A imposed a penalty for water-pollution: fine (under appeal), revision 2."),
    (licence(), "A licence l1 for ride-hailing: granted, valid to 2026-05-31."),
    (licence(valid_to=None), "A licence l1 for ride-hailing: granted, valid to an open end."),
    (judgment(), "A enforces (2026) 1: pay 80 000; found able to pay."),
    (judgment(able_to_pay=False), "A enforces (2026) 1: pay 80 000; found unable to pay."),
    (judgment(able_to_pay=None), "A enforces (2026) 1: pay 80 000; ability to pay not examined."),
    (judgment(performed_on=date(2026, 5, 1)),
     "A enforces (2026) 1: pay 80 000; found able to pay; performed on 2026-05-01."),
    (reminder(1), "A served reminder 1 on 2026-02-15."),
    (reminder(1, served_on=None), "A could not serve reminder 1."),
    (arrears(), "A announced vat arrears of 1000.00."),
    (rating(2025), "A rated it A for 2025 (tax-credit-rating)."),
    (listing(), "A has it on list 69-B as definitive."),
    (complaint(), "A routed a complaint to cn-samr; no measure can follow from it."),
    (said("cn-samr", "registration", "g", name="B", status="active"), "A has it registered as B, active."),
    (said("cn-tax", "declaration", "d", declaration_kind="vat", period="2026-01"),
     "A received a vat declaration for 2026-01."),
    (said("cn-tax", "notice", "n"), "A published a notice."),
    (withdrawal(penalty()), "A withdrew its record p1: issued in error."),
]  # fmt: skip


@pytest.mark.parametrize(("record", "words"), TOLD, ids=[row[0].kind for row in TOLD])
def test_a_record_is_told_in_one_sentence(record: Record, words: str) -> None:
    assert record_words(record, "A") == words


def test_every_amount_is_told_exactly() -> None:
    assert "0.10" in record_words(arrears("0.10"), "A")
    assert str(Decimal("12345678901234567.89")) in record_words(penalty(fine=Decimal("12345678901234567.89")), "A")
