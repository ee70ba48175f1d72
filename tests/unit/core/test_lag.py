"""How far a partition is behind, from two looks at it."""

from datetime import UTC, datetime, timedelta

import pytest

from sharehub.core.lag import ALARMS, PATIENCE, Look, Situation, lag

NOW = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=1_000)
BEFORE = NOW - timedelta(seconds=2)


def look(at: datetime, position: int, end: int) -> Look:
    return Look(at, position, end, end - position)


def test_a_partition_that_moves_tells_its_rate_and_when_it_is_done() -> None:
    known = Situation(next_at=NOW - timedelta(seconds=40), began_at=LONG_AGO, moved_at=NOW)
    found = lag(look(BEFORE, 100, 1_000), look(NOW, 300, 1_100), known)
    assert found == ("moving", 800, 40.0, 100.0, 16.0)
    assert not found.alarm


def test_at_a_pace_below_what_comes_in_it_is_never_done() -> None:
    known = Situation(next_at=BEFORE, began_at=LONG_AGO, moved_at=NOW)
    assert lag(look(BEFORE, 100, 1_000), look(NOW, 110, 1_100), known).eta_seconds is None


def test_what_lay_there_before_the_view_began_is_history_and_no_time_is_told() -> None:
    known = Situation(next_at=LONG_AGO, began_at=NOW - timedelta(minutes=1), moved_at=NOW)
    found = lag(look(BEFORE, 100, 1_000), look(NOW, 300, 1_000), known)
    assert (found.state, found.seconds, found.eta_seconds) == ("replaying", None, 7.0)


def test_a_hub_that_was_off_for_two_days_is_two_days_late() -> None:
    known = Situation(next_at=NOW - timedelta(days=2), began_at=LONG_AGO, moved_at=NOW)
    assert lag(look(BEFORE, 100, 1_000), look(NOW, 300, 1_000), known)[:3] == ("moving", 700, 172_800.0)


@pytest.mark.parametrize(
    ("ago", "state"), [(timedelta(0), "waiting"), (PATIENCE, "waiting"), (PATIENCE + timedelta(seconds=1), "stuck")]
)
def test_behind_and_not_moving_is_an_alarm_after_its_patience(ago: timedelta, state: str) -> None:
    known = Situation(next_at=NOW - ago, began_at=LONG_AGO, moved_at=LONG_AGO)
    found = lag(look(BEFORE, 100, 101), look(NOW, 100, 101), known)
    assert (found.state, found.alarm) == (state, state == "stuck")


def test_a_large_batch_that_was_committed_a_moment_ago_is_no_standstill() -> None:
    known = Situation(next_at=LONG_AGO, began_at=None, moved_at=NOW - PATIENCE)
    assert lag(look(BEFORE, 100, 900), look(NOW, 100, 900), known).state == "moving"


def test_a_partition_that_nobody_ever_claimed_is_stuck() -> None:
    known = Situation(next_at=LONG_AGO)
    assert lag(look(BEFORE, 0, 9), look(NOW, 0, 9), known).state == "stuck"


def test_a_view_that_has_just_begun_has_its_time() -> None:
    known = Situation(next_at=LONG_AGO, began_at=NOW)
    assert lag(look(BEFORE, 0, 9), look(NOW, 0, 9), known).state == "waiting"


def test_nothing_to_do_is_caught_up_whatever_the_clock_says() -> None:
    assert lag(look(BEFORE, 9, 9), look(NOW, 9, 9), Situation(moved_at=LONG_AGO)) == ("caught-up", 0, 0.0, 0.0, 0.0)


@pytest.mark.parametrize(
    ("known", "state"), [(Situation(halt="flood"), "halted"), (Situation(missing=True), "missing")]
)
def test_what_nobody_but_an_operator_helps_is_an_alarm(known: Situation, state: str) -> None:
    found = lag(look(BEFORE, 1, 9), look(NOW, 1, 9), known)
    assert (found.state, found.alarm) == (state, True)
    assert state in ALARMS
