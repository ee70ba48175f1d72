"""The list that a recipient must hold: its feed folded, in one go or in parts, by events or by differences."""

from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sharehub.core.agreement import WITHHELD_UNLESS_AGREED
from sharehub.core.listed import NotBeforeError, applied, difference, fold
from sharehub.core.standing import IN_PLACE, Status, status_after
from tests.property.feed_events import NOTICES, feeds

Feed = list[dict[str, Any]]


@given(feeds(), st.data())
def test_differences_applied_give_the_later_list(feed: Feed, data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(feed)))
    before, after = fold({}, feed[:cut]), fold({}, feed)
    told = list(difference(before, after, feed[cut:]))
    assert applied(before, told) == after
    assert fold(before, feed[cut:]) == after
    assert (not told) == (before == after)


@given(feeds())
def test_the_list_has_just_the_measures_in_place(feed: Feed) -> None:
    statuses: dict[str, Status] = {}
    for event in feed:
        if "ground" in event:
            key = event["measure_id"]
            statuses[key] = status_after(statuses.get(key), event["event"])
    held = fold({}, feed)
    assert {key: row["status"] for key, row in held.items()} == {
        key: status for key, status in statuses.items() if status in IN_PLACE
    }


@given(feeds(), st.data())
def test_every_difference_says_what_changed_and_which_events_did_it(feed: Feed, data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(feed)))
    before, after = fold({}, feed[:cut]), fold({}, feed)
    for one in difference(before, after, feed[cut:]):
        assert one.events
        assert all(cut < event.feed_position <= len(feed) for event in one.events)
        assert (one.op == "ADD", one.op == "DEL") == (one.before is None, one.after is None)
        if one.before and one.after:
            assert one.changed_fields
            assert {field for field in one.after if one.before[field] != one.after[field]} == set(one.changed_fields)


@given(feeds(), feeds())
def test_a_difference_does_not_fit_another_list(feed: Feed, other: Feed) -> None:
    held, strange = fold({}, feed), fold({}, other)
    told = list(difference(held, {}, feed))
    assume(any(strange.get(one.measure_id) != one.before for one in told))
    with pytest.raises(NotBeforeError):
        applied(strange, told)


@given(feeds(), NOTICES)
def test_what_an_agreement_no_longer_allows_leaves_the_list(feed: Feed, notice: dict[str, Any]) -> None:
    for row in fold({}, [*feed, {**notice, "event_id": "n", "feed_position": 99}]).values():
        ground: Any = row["ground"]
        identifiers: Any = row["identifiers"]
        told = {"names": row["names"], "document_number": ground["document_number"], "why": ground["why"]}
        told |= {"relatedness": row["relatedness"], "publication": row["publication"]}
        withheld = WITHHELD_UNLESS_AGREED.keys() - set(notice["fields"])
        assert not any(told.get(name) for name in withheld)
        assert withheld <= set(row["withheld"])  # type: ignore[arg-type]
        assert not notice["schemes"] or {one["scheme"] for one in identifiers} <= set(notice["schemes"])
