"""Random records about one entity: several agencies and kinds, revised, withdrawn, told in any order."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from hypothesis import strategies as st

from sharehub.core.record import Record
from tests.unit.core.said import (
    arrears,
    complaint,
    judgment,
    licence,
    listing,
    penalty,
    rating,
    reminder,
    said,
    withdrawal,
)

TODAY = date(2026, 6, 15)
"""A day on which every shipped rulebook is published."""

DAYS = st.dates(date(2025, 9, 1), date(2026, 8, 31))
NEAR = st.dates(date(2026, 4, 1), date(2026, 7, 15))
_FINALITY = st.sampled_from(["final", "final", "final", "preliminary", "under_appeal"])
_KINDS = st.sampled_from(["company", "organisation"])


def _optional(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(st.none(), values)


_GROUNDS = st.sampled_from(
    [
        {"agency": "cn-environment", "violation_type": "x"},
        {"agency": "cn-samr", "violation_type": "fraudulent-registration"},
        {"agency": "cn-medicines", "violation_type": "unauthorised-medicines"},
        {"agency": "qinghe-housing", "violation_type": "mixed-household-waste", "jurisdiction": "cn-qinghe"},
    ]
)
FINAL_PENALTIES = st.builds(
    lambda ground, **stated: penalty(**ground, **stated),
    _GROUNDS,
    key=st.sampled_from(["p1", "p2"]),
    decided_on=DAYS,
    effective_to=st.sampled_from([None, None, date(2026, 1, 31), date(2026, 9, 30)]),
)
PENALTIES = st.builds(
    lambda agency, **stated: penalty(agency, **stated, jurisdiction="cn-qinghe" if agency[0] == "q" else "cn"),
    st.sampled_from(["cn-environment", "cn-samr", "cn-medicines", "cn-tax", "qinghe-housing"]),
    key=st.sampled_from(["p1", "p2"]),
    decided_on=DAYS,
    effective_to=_optional(DAYS),
    violation_type=st.sampled_from(["fraudulent-registration", "unauthorised-medicines", "mixed-household-waste", "x"]),
    penalty_kind=st.sampled_from(["fine", "warning"]),
    fine=_optional(st.sampled_from([Decimal("2000000.00"), Decimal("1999999.99"), Decimal("0.00")])),
    finality=_FINALITY,
)
LICENCES = st.builds(
    licence,
    st.sampled_from(["l1", "l2"]),
    category=st.sampled_from(["ride-hailing", "ride-hailing", "food"]),
    action=st.sampled_from(["granted", "renewed", "expired", "revoked"]),
    decided_on=DAYS,
    valid_to=_optional(NEAR),
)
JUDGMENTS = st.builds(
    judgment,
    st.sampled_from(["j1", "j2"]),
    case_reference=st.sampled_from(["case-1", "case-1", "case-2", None]),
    decided_on=NEAR,
    ground_number=st.sampled_from([1, 1, 1, 2, None]),
    able_to_pay=st.sampled_from([True, True, True, False, None]),
    grace_until=_optional(NEAR),
    performed_on=st.sampled_from([None, None, TODAY]),
    finality=_FINALITY,
)
REMINDERS = st.builds(
    lambda number, served_on, **stated: reminder(number, served_on=served_on, decided_on=served_on, **stated),
    st.integers(1, 3),
    _optional(NEAR),
    record_key=st.sampled_from(["r1", "r2", "r3", "r4"]),
    case_reference=st.sampled_from(["case-1", "case-1", "case-1", "case-2", None]),
    proof_of_service=st.sampled_from(["post", "post", None]),
    received_on=st.just(TODAY),
)
RATINGS = st.builds(rating, st.integers(2022, 2025), st.sampled_from(["A", "A", "A", "B", "D"]))
ARREARS = st.builds(
    arrears,
    st.sampled_from(["900.00", "0.01", "0.00"]),
    decided_on=DAYS,
    contested=st.sampled_from([False, False, True]),
)
LISTINGS = st.builds(
    listing,
    st.sampled_from(["definitive", "definitive", "presumed", "rebutted", "favourable-ruling"]),
    decided_on=DAYS,
    effective_to=st.sampled_from([None, None, date(2026, 5, 31)]),
)
COMPLAINTS = st.builds(complaint, occurred_on=DAYS)
REGISTRATIONS = st.builds(
    lambda day: said("cn-samr", "registration", "g1", registered_on=day, name="A", status="active", occurred_on=day),
    DAYS,
)


@st.composite
def debtors(draw: st.DrawFn) -> list[Record]:
    """A judgment with its three reminders, so that listings really come about."""
    early = st.dates(date(2026, 1, 1), date(2026, 6, 25))
    shared = {"case_reference": f"case-{draw(st.integers(8, 9))}"}
    days = draw(st.lists(early, min_size=3, max_size=3))
    served = [reminder(number, served_on=day, decided_on=day, **shared) for number, day in enumerate(days, 1)]
    reminders = [replace(one, record_key=f"{shared['case_reference']}-{one.record_key}") for one in served]
    return [judgment("j3", decided_on=draw(early), grace_until=draw(early), **shared), *reminders]


SINGLE = st.one_of(
    FINAL_PENALTIES,
    FINAL_PENALTIES,
    PENALTIES,
    LICENCES,
    JUDGMENTS,
    REMINDERS,
    RATINGS,
    ARREARS,
    LISTINGS,
    COMPLAINTS,
    REGISTRATIONS,
)
SEVERAL = st.one_of(*[SINGLE.map(lambda record: [record])] * 3, debtors())


@st.composite
def told(draw: st.DrawFn) -> list[Record]:
    """What agencies said of one entity; every record key has its revisions from 1, the last may be a withdrawal."""
    kind = draw(_KINDS)
    revisions: dict[tuple[str, str], int] = {}
    records: list[Record] = []
    for record in [one for some in draw(st.lists(SEVERAL, min_size=1, max_size=7)) for one in some]:
        key = (record.agency, record.record_key)
        revisions[key] = revisions.get(key, 0) + 1
        now = replace(record, revision=revisions[key], subject_kind=kind)
        records.append(now)
        if draw(st.integers(0, 9)) == 9:
            revisions[key] += 1
            records.append(withdrawal(now, draw(DAYS)))
    return records


@st.composite
def batches(draw: st.DrawFn, records: list[Record]) -> list[list[Record]]:
    """The records in any order, some delivered twice, cut into batches anywhere."""
    again = draw(st.lists(st.sampled_from(records), max_size=3)) if records else []
    line = draw(st.permutations([*records, *again]))
    cuts = sorted(draw(st.lists(st.integers(0, len(line)), max_size=4)))
    return [line[start:end] for start, end in zip([0, *cuts], [*cuts, len(line)], strict=True)]


def days(first: date, last: date) -> list[date]:
    """Every day from the first to the last."""
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def withdrawn(records: list[Record]) -> list[Record]:
    """A withdrawal of everything that was said."""
    newest: dict[tuple[str, str], Record] = {}
    for record in records:
        key = (record.agency, record.record_key)
        newest[key] = max(newest.get(key, record), record, key=lambda one: one.revision)
    return [withdrawal(record) for record in newest.values()]


def never_grounds() -> st.SearchStrategy[Record]:
    """Records from which nothing may follow: not final, from the incompetent, or a complaint."""
    final = partial(replace, subject_kind="company")
    not_final = PENALTIES.map(lambda one: replace(one, detail={**one.detail, "finality": "preliminary"}))
    appealed = PENALTIES.map(lambda one: replace(one, detail={**one.detail, "finality": "under_appeal"}))
    judged = JUDGMENTS.map(lambda one: replace(one, detail={**one.detail, "finality": "preliminary"}))
    incompetent = st.builds(
        lambda record, agency: replace(record, agency=agency),
        st.one_of(PENALTIES, JUDGMENTS, RATINGS, LISTINGS, LICENCES, ARREARS, REMINDERS),
        st.sampled_from(["cn-petitions", "loyalty-points", "unknown"]),
    )
    outside = st.builds(
        lambda record, place: replace(record, jurisdiction=place),
        st.one_of(PENALTIES, JUDGMENTS, RATINGS, LICENCES, ARREARS),
        st.sampled_from(["mx", "jp", ""]),
    )
    local = PENALTIES.map(lambda one: replace(one, agency="qinghe-housing", jurisdiction="cn"))
    found = st.one_of(not_final, appealed, judged, incompetent, outside, local, COMPLAINTS)
    return found.map(lambda one: final(one, record_key=f"never-{one.kind}-{one.record_key}"))
