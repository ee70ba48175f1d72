"""Records and events in words: a citizen reads ground, agency, basis, term and remedies."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from sharehub.core.competence import INTAKE_KINDS
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


ABOUT = {"concerns_agency": "cn-tax", "concerns_key": "a1"}
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
    (said("cn-tax", "novelty", "n"), "A published a novelty."),
    (complaint(status="closed", matter="noise", outcome="muffled", sealed_author="c2VhbGVk"),
     "A routed a complaint to cn-samr, which closed it; no measure can follow from it."),
    (said("cn-tax", "notice", "n", stage="pre_listing", proposed="listing", rights="to be heard",
          served_on=date(2026, 3, 1), respond_until=date(2026, 3, 8)),
     "A gave notice (pre listing): listing; served on 2026-03-01; to be answered by 2026-03-08."),
    (said("cn-tax", "notice", "n", stage="hearing", proposed="a fine", hearing_on=date(2026, 3, 4)),
     "A gave notice (hearing): a fine; not served; hearing on 2026-03-04."),
    (said("hub", "representation", "r", **ABOUT, said="we were closed"),
     "A attached what the party itself says on record cn-tax/a1: we were closed."),
    (said("hub", "representation", "r", said="we were closed"),
     "A attached what the party itself says on the case as a whole: we were closed."),
    (said("cn-court", "delisting", "d", **ABOUT, reason="settlement_performed", requested_on=date(2026, 3, 4)),
     "A took it off its list (record cn-tax/a1): settlement performed; asked for on 2026-03-04."),
    (said("cn-tax", "commendation", "c", honour="model taxpayer", facts="ten years"),
     "A awarded model taxpayer: ten years."),
    (said("cn-court", "appeal", "a", **ABOUT, remedy="litigation", body="the High Court", suspensive=False,
          status="partly_upheld", outcome="half"),
     "A tells of an appeal (litigation) to the High Court against record cn-tax/a1: partly upheld; it does not "
     "suspend; outcome: half."),
    (said("cn-court", "appeal", "a", **ABOUT, remedy="other", body="the mayor", suspensive=True, status="lodged"),
     "A tells of an appeal to the mayor against record cn-tax/a1: lodged."),
    (said("cn-court", "stay", "s", **ABOUT, effective_from=date(2026, 3, 1), body="the High Court", reason="hardship"),
     "A suspends record cn-tax/a1 from 2026-03-01 until further notice, ordered by the High Court: hardship."),
    (said("cn-court", "stay", "s", **ABOUT, effective_from=date(2026, 3, 1), effective_to=date(2026, 4, 1),
          body="the High Court", reason="hardship"),
     "A suspends record cn-tax/a1 from 2026-03-01 to 2026-04-01, ordered by the High Court: hardship."),
    (said("cn-tax", "performance", "p", **ABOUT, performed="payment", extent="full", performed_on=date(2026, 3, 1)),
     "A confirms full payment on record cn-tax/a1; done on 2026-03-01."),
    (said("hub", "repair-application", "r", **ABOUT, commitment="never again"),
     "A took in an application for repair of record cn-tax/a1; the party promises: never again."),
    (said("cn-tax", "repair-decision", "r", **ABOUT, outcome="granted", reason="all is paid"),
     "A granted repair of record cn-tax/a1: all is paid."),
    (said("cn-tax", "correction", "c", **ABOUT, corrected_field="tax_kind", before="vat", reason="a slip"),
     "A corrects tax kind of record cn-tax/a1: vat → nothing, because a slip."),
    (said("cn-court", "exception", "e", **ABOUT, effective_from=date(2026, 3, 1), effective_to=date(2026, 3, 9),
          reason="public_duty", approved_by="President Wu"),
     "A lifts the measures that follow from record cn-tax/a1 from 2026-03-01 to 2026-03-09 (public duty), approved by "
     "President Wu."),
    (said("cn-court", "exception", "e", **ABOUT, effective_from=date(2026, 3, 1), effective_to=date(2026, 3, 9),
          reason="illness", approved_by="President Wu", entry="cn/flights"),
     "A lifts the measures of cn/flights that follow from record cn-tax/a1 from 2026-03-01 to 2026-03-09 (illness), "
     "approved by President Wu."),
    (said("hub", "objection", "o", **ABOUT, field="tax_kind", claim="no vat is due", proposed="none",
          statement="we paid"),
     "A took in an objection of the party to tax kind of record cn-tax/a1: no vat is due; according to the party it is "
     "none; the party states: we paid."),
    (said("hub", "objection", "o", **ABOUT, field="", claim="this is not us"),
     "A took in an objection of the party to record cn-tax/a1: this is not us."),
    (said("cn-tax", "objection-outcome", "o", **ABOUT, objection_key="objection/1", outcome="partly_upheld",
          reason="a slip"),
     "A answered objection objection/1 to record cn-tax/a1: partly upheld, a slip."),
    (said("mdb-wb", "opt-out", "o", **ABOUT, recipient="lenders", reason="no hearing was held"),
     "A does not recognise record cn-tax/a1 for lenders: no hearing was held."),
    (withdrawal(penalty()), "A withdrew its record p1: issued in error."),
]  # fmt: skip


@pytest.mark.parametrize(("record", "words"), TOLD, ids=[row[0].kind for row in TOLD])
def test_a_record_is_told_in_one_sentence(record: Record, words: str) -> None:
    assert record_words(record, "A") == words


def test_every_amount_is_told_exactly() -> None:
    assert "0.10" in record_words(arrears("0.10"), "A")
    assert str(Decimal("12345678901234567.89")) in record_words(penalty(fine=Decimal("12345678901234567.89")), "A")


def test_every_kind_that_an_agency_may_publish_has_its_own_sentence() -> None:
    kinds = {kind for one in catalogue().agencies.values() for kind in one.record_kinds} | set(INTAKE_KINDS)
    assert kinds <= {record.kind for record, _ in TOLD}
