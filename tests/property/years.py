"""A year of dated records about one entity, due process included: every revision counts from its own, later day."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from sharehub.core.catalogue import Catalogue
from sharehub.core.process import PROCESS_KINDS, dated
from sharehub.core.record import Record
from tests.unit.core.said import arrears, catalogue, judgment, licence, listing, penalty, rating, reminder, said

FIRST, LAST = date(2026, 2, 1), date(2027, 1, 31)
DAYS = st.dates(FIRST, LAST)


def with_process() -> Catalogue:
    """The shipped rulebooks as if published long ago, and agencies that may say everything about their decisions."""
    shipped = catalogue()
    books = tuple(replace(book, published_on=date(2020, 1, 1)) for book in shipped.rulebooks)
    agencies = {
        name: replace(agency, record_kinds=(*agency.record_kinds, *sorted(PROCESS_KINDS)))
        for name, agency in shipped.agencies.items()
    }
    return Catalogue(books, agencies, shipped.recipients)


GROUNDS: dict[str, st.SearchStrategy[Record]] = {
    "environment": st.builds(
        penalty,
        finality=st.sampled_from(["final", "final", "under_appeal"]),
        fine=st.sampled_from([Decimal("2000000.00"), Decimal("10.00")]),
        effective_to=st.sampled_from([None, None, date(2026, 9, 30)]),
    ),
    "registration": st.builds(
        lambda **stated: penalty("cn-samr", key="f1", violation_type="fraudulent-registration", **stated),
        finality=st.sampled_from(["final", "final", "preliminary"]),
    ),
    "licence": st.builds(licence, valid_to=st.one_of(st.none(), DAYS), action=st.sampled_from(["granted", "revoked"])),
    "judgment": st.builds(judgment, grace_until=DAYS, able_to_pay=st.sampled_from([True, True, False])),
    "arrears": st.builds(arrears, st.sampled_from(["900.00", "0.00"]), contested=st.sampled_from([False, False, True])),
    "listing": st.builds(listing, st.sampled_from(["definitive", "definitive", "rebutted", "favourable-ruling"])),
    "rating": st.builds(lambda grade: rating(2025, grade), st.sampled_from(["A", "B"])),
    "later rating": st.builds(lambda grade: rating(2026, grade), st.sampled_from(["A", "B"])),
}


@st.composite
def processes(draw: st.DrawFn, about: Record, place: int) -> Record:
    """One act of due process about a record, on a day of the year."""
    day = draw(DAYS)
    after = day + timedelta(days=draw(st.integers(1, 120)))
    acts: dict[str, dict[str, Any]] = {
        "appeal": {
            "status": draw(st.sampled_from(["lodged", "admitted", "dismissed", "upheld"])),
            "lodged_on": day,
            "outcome_on": day,
            "suspensive": draw(st.booleans()),
        },
        "stay": {"effective_from": day, "effective_to": draw(st.sampled_from([None, after])), "reason": "urgent"},
        "exception": {"effective_from": day, "effective_to": after, "reason": "illness", "entry": None},
        "delisting": {"reason": "performed"},
        "performance": {"extent": draw(st.sampled_from(["partial", "full"])), "performed_on": day},
        "repair-decision": {"outcome": draw(st.sampled_from(["granted", "refused"]))},
        "objection": {"lodged_on": day, "claim": "wrong"},
        "objection-outcome": {"objection_key": f"objection-{about.record_key}", "answered_on": day},
    }
    kind = draw(st.sampled_from(sorted(acts)))
    key = f"objection-{about.record_key}" if kind == "objection" else f"{kind}-{place}-{about.record_key}"
    concerns = {"concerns_agency": about.agency, "concerns_key": about.record_key}
    speaker = "hub" if kind == "objection" else about.agency
    shared = {"jurisdiction": about.jurisdiction, "decided_on": day}
    return said(speaker, kind, key, **{**shared, **concerns, **acts[kind]})


@st.composite
def years(draw: st.DrawFn) -> list[Record]:
    """Records of one company; of each record key the revisions count from rising days, the last may be a withdrawal."""
    records: list[Record] = []
    for name in draw(st.lists(st.sampled_from(sorted(GROUNDS)), min_size=1, max_size=3, unique=True)):
        days = sorted(draw(st.sets(DAYS, min_size=1, max_size=3)))
        found = [replace(draw(GROUNDS[name]), decided_on=day, occurred_on=None) for day in days]
        if name == "judgment":
            served = [FIRST + timedelta(days=draw(st.integers(0, 60))) for _ in range(3)]
            records += [reminder(n, decided_on=day, served_on=day) for n, day in enumerate(served, 1)]
        if len(days) > 1 and draw(st.integers(0, 4)) == 4:
            taken_back = {"decided_on": days[-1], "jurisdiction": found[0].jurisdiction, "reason": "error"}
            found[-1] = said(found[0].agency, "withdrawal", found[0].record_key, **taken_back)
        records += [replace(record, revision=number) for number, record in enumerate(found, 1)]
        acts = draw(st.lists(processes(found[0], len(records)), max_size=3))
        records += {(one.agency, one.record_key): one for one in acts}.values()
    return records


def arriving(records: list[Record]) -> Iterator[tuple[date, list[Record]]]:
    """The records day by day, each on the day from which it counts."""
    days = sorted({dated(record) or FIRST for record in records})
    for day in days:
        yield day, [record for record in records if (dated(record) or FIRST) == day]
