"""Which revision speaks on which day: a correction reaches back, a change of status does not."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from sharehub.core.record import Received, Record
from sharehub.core.validity import as_of, revisions, validities
from tests.unit.core.arrived import arrived, instant
from tests.unit.core.said import licence, penalty, withdrawal

ROOT = Path(__file__).parents[3]
DECIDED = date(2026, 2, 10)
LATER = date(2026, 4, 1)
DAYS = [date(2026, 2, 9), DECIDED, date(2026, 3, 31), LATER, date(2026, 5, 1), date(2026, 9, 1)]


def speaking(*records: Record, known: int | None = None) -> list[int | None]:
    """The revision that speaks on each of `DAYS`, None where none does."""
    instant_of = None if known is None else instant(known)
    found = [as_of(arrived(*records), day, instant_of) for day in DAYS]
    return [one[0].record.revision if one else None for one in found]


def test_a_record_counts_from_its_business_date() -> None:
    assert speaking(penalty(decided_on=DECIDED)) == [None, 1, 1, 1, 1, 1]


def test_a_correction_of_the_same_decision_reaches_back() -> None:
    assert speaking(penalty(), penalty(revision=2)) == [None, 2, 2, 2, 2, 2]


def test_a_change_of_status_leaves_the_days_before_it_as_they_were() -> None:
    assert speaking(licence(decided_on=DECIDED), licence(revision=2, decided_on=LATER)) == [None, 1, 1, 2, 2, 2]
    effective = penalty(revision=2, effective_from=LATER)
    assert speaking(penalty(), effective) == [None, 1, 1, 2, 2, 2]


def test_a_withdrawal_silences_the_record_from_its_own_date_on() -> None:
    assert speaking(penalty(), withdrawal(penalty(), on=LATER)) == [None, 1, 1, None, None, None]
    ab_initio = replace(withdrawal(penalty(), on=LATER), effective_from=DECIDED)
    assert speaking(penalty(), ab_initio) == [None] * 6


def test_a_reinstated_record_speaks_again() -> None:
    again = penalty(revision=3, effective_from=date(2026, 5, 1))
    assert speaking(penalty(), withdrawal(penalty(), on=LATER), again) == [None, 1, 1, None, 3, 3]


def test_a_term_that_is_over_does_not_revive_what_was_superseded() -> None:
    ended = penalty(revision=2, effective_from=LATER, effective_to=LATER)
    assert speaking(penalty(), ended) == [None, 1, 1, 2, None, None]


@pytest.mark.parametrize("known", range(3))
def test_what_arrives_later_is_not_known_before(known: int) -> None:
    records = [penalty(revision=2, effective_from=LATER), penalty(), withdrawal(penalty(revision=2))]
    expected = [
        [None, None, None, 2, 2, 2],
        [None, 1, 1, 2, 2, 2],
        [None, 1, 1, 2, None, None],
    ]
    assert speaking(*records, known=known) == expected[known]


def test_what_was_received_first_under_a_number_counts() -> None:
    first, second = penalty(fine=None), penalty(finality="preliminary")
    for order in (arrived(first, second), arrived(first, second)[::-1]):
        [line] = revisions(order).values()
        assert [one.record for one in line] == [first]


def test_an_undated_record_counts_from_its_receipt() -> None:
    [one] = validities(arrived(penalty(decided_on=None)))
    assert (one.since, one.until) == (instant(0).date(), None)


def test_revisions_that_speak_adjoin_and_say_what_ended_them() -> None:
    wrong = penalty(revision=2, decided_on=date(2026, 5, 1))
    line = arrived(penalty(), wrong, penalty(revision=3, decided_on=LATER), withdrawal(penalty(revision=3)))
    found = [(one.since, one.until, one.void, one.ending) for one in validities(line)]
    assert found == [
        (DECIDED, date(2026, 3, 31), False, "superseded"),
        (date(2026, 5, 1), date(2026, 3, 31), True, "corrected"),
        (LATER, date(2026, 4, 30), False, "withdrawn"),
        (date(2026, 5, 1), None, False, ""),
    ]
    [over] = validities(arrived(penalty(effective_to=LATER)))
    assert over.ending == "over"


_EXAMPLE = re.findall(
    r"^\| (\d\S+) \| (\d\S+) \| (nothing|revision \d) \|$", (ROOT / "docs/statements.md").read_text(), re.M
)


@pytest.mark.parametrize(("on", "known_at", "shown"), _EXAMPLE)
def test_the_documented_example_is_true(on: str, known_at: str, shown: str) -> None:
    came = [
        Received(penalty(), datetime(2026, 2, 12, tzinfo=UTC)),
        Received(penalty(revision=2, fine=None), datetime(2026, 3, 5, tzinfo=UTC)),
        Received(withdrawal(penalty(revision=2)), datetime(2026, 5, 3, tzinfo=UTC)),
    ]
    found = as_of(came, date.fromisoformat(on), datetime.fromisoformat(known_at))
    assert "".join(f"revision {one.record.revision}" for one in found) == shown.replace("nothing", "")


def test_the_documented_example_is_there() -> None:
    assert len(_EXAMPLE) == 7
