"""Admission by column agrees with the laws as the core states them, record by record."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import NamedTuple

from hypothesis import example, given, settings
from hypothesis import strategies as st

from sharehub.core.decision import decide, due
from sharehub.core.record import Record
from sharehub.core.safeguard import competent
from tests.property.worlds import SINGLE, TODAY, told, withdrawn
from tests.unit.core.said import catalogue, facts_of, penalty, said
from tests.unit.messages import CODE, Message, admission, facts_kept, message, readable, rejections

CATALOGUE = catalogue()
AGENCIES = st.sampled_from([*CATALOGUE.agencies, "loyalty-points", ""])
PLACES = st.sampled_from(["cn", "cn", "cn", "cn-qinghe", "mx", ""])
IDENTIFIER = st.one_of(
    st.just(CODE),
    st.sampled_from(["CN-USCC:91350100M0001TGQXM", "CN-ORGCODE:661572276", "CN-TAXNO:350100M0001TGQX", "CN-REGNO:1"]),
    st.sampled_from(
        [
            "CN-USCC:123",
            "CN-USCC:91110108661572276l",
            "MX-RFC:XXXXXXXXXXXX",
            "POINTS:1",
            ":",
            "CN-REGNO:",
            "CN-REGNO:1|CN-REGNO:2",
        ]
    ),
    st.text("ABC-:|1 é", min_size=1, max_size=5).map(lambda text: f"CN-REGNO:{text}"),
)
FAR = st.one_of(st.none(), st.dates(date(1800, 1, 1), date(2300, 1, 1)), st.just(date(2026, 2, 1)))


class Case(NamedTuple):
    """A record, what it is published under, and where."""

    record: Record
    identifiers: tuple[str, ...]
    message: Message


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """A message that may break any of the laws of admission, or none."""

    def perhaps(change: Callable[[], object], otherwise: object) -> object:
        return change() if draw(st.integers(0, 7)) == 7 else otherwise

    record = draw(SINGLE)
    record = replace(
        record,
        agency=perhaps(lambda: draw(AGENCIES), record.agency),
        jurisdiction=perhaps(lambda: draw(PLACES), record.jurisdiction),
        record_key=perhaps(lambda: "", record.record_key),
        revision=perhaps(lambda: draw(st.integers(-1, 2)), 1),
        effective_from=perhaps(lambda: draw(FAR), None),
        effective_to=perhaps(lambda: draw(FAR), None),
        occurred_on=perhaps(lambda: draw(FAR), record.occurred_on),
        subject_kind=perhaps(lambda: "individual", record.subject_kind),
    )  # type: ignore[arg-type]
    stated = draw(st.lists(IDENTIFIER, min_size=1, max_size=3)) if draw(st.booleans()) else [CODE]
    how = {"topic_of": perhaps(lambda: draw(AGENCIES), record.agency)}
    key = perhaps(lambda: draw(st.sampled_from([b"", b"CN-REGNO:2", None])), b"own")
    return Case(record, tuple(stated), message(record, *stated, **how, **({} if key == b"own" else {"key": key})))


def admissible(case: Case) -> bool:
    """The laws of admission, one after the other, for one record."""
    record, sent = case.record, case.message
    days = (record.occurred_on, record.decided_on, record.effective_from, record.effective_to)
    backwards = record.effective_from and record.effective_to and record.effective_to < record.effective_from
    return (
        sent.topic_of == record.agency
        and competent(CATALOGUE.agencies.get(record.agency), record, CATALOGUE)
        and (record.subject_kind != "individual" or record.agency == "cn-court")
        and record.record_key != ""
        and record.revision >= 1
        and all(readable(text) for text in case.identifiers)
        and sent.key == case.identifiers[0].encode()
        and all(day is None or date(1850, 1, 1) <= day <= date(2200, 1, 1) for day in days)
        and not backwards
    )


@settings(max_examples=settings().max_examples // 2)
@given(st.lists(cases(), min_size=1, max_size=12))
def test_columns_and_the_laws_of_one_record_agree(several: list[Case]) -> None:
    in_order = sorted(several, key=lambda case: case.message.topic_of)
    found = admission(*[case.message for case in several])[1]
    assert found.admitted["row"].sort().to_list() == [row for row, case in enumerate(in_order) if admissible(case)]
    assert found.admitted.height + found.rejected.height == len(several)
    assert found.rejected["reason"].str.len_chars().min() != 0


UNDECIDED = penalty("cn-medicines", violation_type="fraudulent-registration")
"""A penalty of which no entry of the rulebooks speaks."""
LATER = penalty("cn-medicines", violation_type="unauthorised-medicines", revision=2, effective_from=date(2026, 7, 1))
ANOTHER_KIND = said(
    "cn-samr", "registration", "p1", registered_on=date(2026, 3, 1), name="A", status="active", revision=2
)


@settings(max_examples=settings().max_examples // 2)
@given(told(), st.sampled_from([lambda records: [], withdrawn]))
@example([UNDECIDED, LATER], lambda records: [])
@example([penalty("cn-samr", violation_type="fraudulent-registration"), ANOTHER_KIND], lambda records: [])
def test_leaving_out_what_no_entry_decides_on_changes_no_decision(
    records: list[Record], taken_back: Callable[[list[Record]], list[Record]]
) -> None:
    records = [*records, *taken_back(records)]
    everything, kept = facts_kept(*[message(record) for record in records])
    assert len(everything) == len(records)
    for day in (TODAY, date(2026, 7, 1)):
        assert due(facts_of(*kept), CATALOGUE, day) == due(facts_of(*everything), CATALOGUE, day)
        assert decide(facts_of(*kept), {}, CATALOGUE, day) == decide(facts_of(*everything), {}, CATALOGUE, day)


@settings(max_examples=20)
@given(st.binary(max_size=8))
def test_any_key_is_admitted_or_refused(key: bytes) -> None:
    assert [code for code, _, _ in rejections(message(penalty(), key=key))] == ["wrong-key"]
