"""A webhook's place and pauses: in order, nothing skipped, as long as the standard proposes."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from sharehub.core.webhook import (
    OVERLAP,
    RETRIES_S,
    Answer,
    Range,
    Secret,
    Webhook,
    nothing_to_send,
    replayed,
    rotated,
    settled,
    valid,
)

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
FRESH = Webhook(UUID(int=1), "cn-procurement", "https://receiver.example/", 10, NOW, "key")
TAKEN, FAILED = Answer(204), Answer(500, reason="it answered 500")


def waits(webhook: Webhook, answer: Answer, jitter: float = 0.0) -> float:
    """The pause after one more attempt in vain."""
    after = settled(webhook, webhook.after + 1, answer, NOW, jitter)
    assert after.not_before is not None
    return (after.not_before - NOW).total_seconds()


def vain(webhook: Webhook) -> Iterator[Webhook]:
    """The webhook after each attempt in vain, until it is out of service."""
    while not webhook.disabled:
        webhook = settled(webhook, webhook.after + 1, FAILED, NOW, 0.0)
        yield webhook


def test_pauses_grow_as_the_standard_proposes_and_then_it_is_out_of_service() -> None:
    steps = list(vain(FRESH))
    pauses = [(one.not_before - NOW).total_seconds() for one in steps if one.not_before]
    assert pauses == [5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400] == list(RETRIES_S)
    assert "10 attempts" in steps[-1].disabled
    assert "it answered 500" in steps[-1].disabled
    assert {one.position for one in steps} == {10}, "nothing is skipped"


@given(st.integers(0, len(RETRIES_S) - 1), st.floats(0, 1))
def test_jitter_only_lengthens_a_pause_by_a_fifth_at_most(failures: int, jitter: float) -> None:
    pause = waits(replace(FRESH, failures=failures), FAILED, jitter)
    assert RETRIES_S[failures] <= pause + 1e-3
    assert pause <= RETRIES_S[failures] * 1.2 + 1e-3


def test_a_receiver_that_is_full_is_left_alone_for_a_while() -> None:
    assert [waits(FRESH, Answer(status)) for status in (429, 502, 504)] == [60, 60, 60]
    assert waits(FRESH, Answer(429, 600)) == 600
    assert waits(FRESH, Answer(503, 30)) == 30
    assert waits(FRESH, Answer(503, 10**9)) == 86_400, "no longer than a day"


def test_gone_is_for_good_and_a_redirect_is_a_failure() -> None:
    gone = settled(FRESH, 11, Answer(410), NOW, 0.0)
    assert "410" in gone.disabled
    assert settled(FRESH, 11, Answer(307), NOW, 0.0).failures == 1


def test_what_was_taken_moves_the_place_and_forgets_the_failures() -> None:
    after = settled(replace(FRESH, failures=3, not_before=NOW), 11, TAKEN, NOW, 0.5)
    assert (after.position, after.failures, after.not_before) == (11, 0, None)


@given(st.integers(0, 15), st.integers(0, 15), st.lists(st.booleans(), max_size=60))
def test_a_range_leaves_again_in_order_and_then_the_feed_goes_on(first: int, last: int, answers: list[bool]) -> None:
    webhook, sent, newest = replayed(FRESH, first, last), [], 14
    for taken in [*answers, *[True] * 40]:
        if webhook.disabled:
            webhook = replayed(webhook, None, None)
        position = webhook.after + 1
        if position > newest or (webhook.until is not None and position > webhook.until):
            if webhook.replay is None:
                break
            webhook = nothing_to_send(webhook)
            continue
        if taken:
            sent.append(position)
        webhook = settled(webhook, position, TAKEN if taken else FAILED, NOW, 0.0)
        if webhook.disabled:  # bringing it back drops what is left of the range: that is said in `replayed`
            return
    assert sent == [*range(first + 1, min(last, 10) + 1), *range(11, newest + 1)]
    assert webhook.position == newest


def test_a_range_brings_it_back_where_it_stood() -> None:
    gone = settled(FRESH, 11, Answer(410), NOW, 0.0)
    back = replayed(gone, 3, None)
    assert (back.disabled, back.position, back.replay) == ("", 10, Range(3, 10))
    assert replayed(gone, None, None) == replace(FRESH)
    assert replayed(FRESH, 10, 12).replay is None, "what was not yet taken leaves anyway"


def test_old_secrets_sign_beside_the_new_one_for_a_day() -> None:
    twice = rotated(rotated(FRESH, NOW), NOW + timedelta(hours=1))
    assert [one.number for one in valid(twice, NOW + timedelta(hours=2))] == [1, 2, 3]
    assert [one.number for one in valid(twice, NOW + OVERLAP)] == [2, 3]
    assert valid(twice, NOW + timedelta(days=9)) == (Secret(3, None),)
    later = rotated(twice, NOW + timedelta(days=9))
    assert [one.number for one in later.secrets] == [3, 4], "ended ones are let go"
