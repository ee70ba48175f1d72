"""What anybody may see of an entity: what the rules publish, and never more (laws 1, 3, 4, 5)."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sharehub.core.decision import due
from sharehub.core.entry import MeasureKind
from sharehub.core.identifier import Identifier
from sharehub.core.measure import EventKind, Publication, SanctionEvent
from sharehub.flow.show import Known, shown_entity
from sharehub.lookup import Disclosure
from tests.unit.core.arrived import arrived
from tests.unit.core.said import ENTITY, arrears, catalogue, facts_of, penalty, said

ON = date(2026, 6, 15)
USCC = Identifier("CN-USCC", "91110108661572276L")
MEASURE = next(one for one in due(facts_of(penalty()), catalogue(), ON) if one.kind is MeasureKind.RESTRICTION)
REGISTRATION = said(
    "cn-samr",
    "registration",
    "g1",
    name="Blue River Mills",
    status="active",
    representative="Zhao *",
    occurred_on=date(2020, 1, 1),
    identifiers=(USCC,),
)
HIDDEN = arrears(key="hidden-arrears", name="A name nobody may see")
AT = datetime(2026, 6, 15, 12, tzinfo=UTC)


def answer(publication: Publication, until: date | None, *after: tuple[EventKind, str]) -> dict[str, Any]:
    """The full answer on an entity with one measure and the events after its issue."""
    measure = replace(MEASURE, publication=publication, published_until=until)
    told: list[tuple[EventKind, str]] = [("issued", "ground-final"), *after]
    events = [
        (SanctionEvent(event=event, number=number, business_on=ON, reason=reason, measure=measure), AT)
        for number, (event, reason) in enumerate(told, 1)
    ]
    known = arrived(REGISTRATION, penalty(), HIDDEN)
    entity = Known(entity_id=ENTITY, kind="company", identifiers=[str(USCC)], records=known, events=events)
    return shown_entity(entity, catalogue(), ON)


def public(found: dict[str, Any]) -> list[str]:
    return [one["status"] for one in Disclosure.of(found).seen(found)["measures"]]


def test_what_the_rule_publishes_is_seen_while_it_may_be() -> None:
    assert public(answer("public", None)) == ["standing"]
    assert public(answer("public", ON)) == ["standing"]
    assert public(answer("public", date(2026, 6, 14))) == []
    assert public(answer("on-request", None)) == public(answer("none", None)) == []


@pytest.mark.parametrize(
    ("event", "reason", "seen"),
    [
        ("suspended", "stayed", ["suspended"]),
        ("lifted", "performed", ["lifted"]),
        ("expired", "term-over", ["expired"]),
        ("lifted", "repaired", []),
        ("lifted", "ground-withdrawn", []),
        ("lifted", "law-5", []),
        ("lifted", "not-charged", []),
        ("annulled", "ground-withdrawn", []),
    ],
)
def test_an_end_is_told_unless_the_publication_ends_with_it(event: EventKind, reason: str, seen: list[str]) -> None:
    assert public(answer("public", None, (event, reason))) == seen


def test_what_has_ended_and_is_pending_somewhere_is_told_without_its_ground() -> None:
    found = answer("public", None, ("annulled", "ground-withdrawn"))
    assert not Disclosure.of(found).records & {("cn-environment", "p1")}
    found["measures"][0]["pending_at"] = [{"title": "Procurement", "status": "waiting"}]
    seen = Disclosure.of(found).seen(found)
    assert [one["title"] for one in seen["lingering"]] == [MEASURE.title]
    assert "No. 12" not in json.dumps(seen) and not seen["measures"]
    found["measures"][0] |= {"publication": "none"}
    assert not Disclosure.of(found).seen(found)["lingering"]


@given(st.sampled_from(get_args(Publication)), st.sampled_from([None, ON, date(2026, 6, 14)]))
def test_nothing_of_another_record_or_of_a_person_is_ever_in_the_answer(
    publication: Publication, until: date | None
) -> None:
    found = answer(publication, until)
    text = json.dumps(Disclosure.of(found).seen(found), default=str)
    assert "nobody may see" not in text and "hidden-arrears" not in text and "Zhao" not in text
    assert "Blue River Mills" in text
    assert ("No. 12" in text) == bool(public(found))
