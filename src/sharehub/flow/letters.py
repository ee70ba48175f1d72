"""Dead letters as a batch leaves them: new ones, those that were sent again, and those that people discarded.

A message that says of itself that it is a letter must be that letter, byte for byte and on its own topic; any other is
judged as what it is. Only the desk discards. What is kept does not depend on when a replay comes to it.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

import polars as pl

from sharehub.core.dead_letter import Headers, Mark, mark_of
from sharehub.core.record import Rejection, content_id
from sharehub.ports.batch import Polled
from sharehub.ports.view import LetterStep, RejectionRow, Retried, ViewTransaction
from sharehub.topics import CASEWORK, Place


class Fate(NamedTuple):
    """One message of a batch that was rejected (`wrong`), or is a mark, or both."""

    place: Place
    offset: int
    received_at: datetime
    speaker: str
    key: bytes | None
    payload: bytes | None
    headers: Headers
    wrong: Rejection | None

    @property
    def mark(self) -> Mark | None:
        """What it says of a letter."""
        return mark_of(self.headers)


def marked_rows(polled: Polled) -> dict[int, Mark]:
    """The marks of a batch by row: rows are numbered by place, then by offset."""
    found: dict[int, Mark] = {}
    row = 0
    for place, messages in sorted(polled.messages.items()):
        headers = polled.headers.get(place)
        for number, offset in enumerate(messages.offsets if headers else ()):
            if mark := mark_of(polled.headers_at(place, offset)):
                found[row + number] = mark
        row += len(messages.offsets)
    return found


def discarding(batch: pl.DataFrame, marks: dict[int, Mark]) -> list[int]:
    """The rows of a batch by which the desk discards letters: they are no records."""
    rows = [row for row, mark in marks.items() if mark.act == "discard"]
    return batch.filter(pl.col("row").is_in(rows) & (pl.col("topic") == CASEWORK))["row"].to_list() if rows else []


def fates(batch: pl.DataFrame, rejected: pl.DataFrame, polled: Polled, marks: dict[int, Mark]) -> Iterator[Fate]:
    """The fates of a batch of records, in its order."""
    if not rejected.height and not marks:
        return
    rows = batch.join(rejected, on="row", how="left").filter(
        pl.col("code").is_not_null() | pl.col("row").is_in([*marks])
    )
    for one in rows.sort("row").iter_rows(named=True):
        place = Place(one["topic"], one["partition"])
        wrong = Rejection(one["code"], one["field"], "", one["reason"]) if one["code"] else None
        headers = polled.headers_at(place, one["offset"])
        yield Fate(place, one["offset"], one["received_at"], one["agency"], one["key"], one["payload"], headers, wrong)


def keep(txn: ViewTransaction, found: Iterable[Fate]) -> None:
    """Keep new letters with their original bytes, and what became of those that there were."""
    every = list(found)
    plain = [one for one in every if one.mark is None or one.mark.act != "retry"]
    again = [one for one in every if one.mark is not None and one.mark.act == "retry"]
    txn.reject([_letter(one) for one in plain if one.wrong])
    known = txn.letters([_retried(one) for one in again]) if again else set()
    txn.reject([_letter(one) for one in again if one.wrong and _retried(one) not in known])
    steps = [_tried(one) for one in again if _retried(one) in known]
    steps += [_discarded(one) for one in plain if one.mark and not one.wrong and one.place.topic == CASEWORK]
    txn.step(steps)


def _letter(one: Fate) -> RejectionRow:
    """Its id is that of the message at that place: a topic made anew has others at the same offsets."""
    assert one.wrong is not None  # noqa: S101 - only what was rejected is a letter
    digest = content_id((one.key or b"").hex(), (one.payload or b"").hex())
    return RejectionRow(
        content_id("rejection", *one.place, one.offset, str(digest)),
        *one.place,
        one.offset,
        one.speaker,
        one.wrong.code,
        one.wrong.field,
        _storable(one.wrong.reason),
        one.key,
        one.payload,
        one.received_at,
        one.headers,
    )


def _retried(one: Fate) -> Retried:
    assert one.mark is not None  # noqa: S101 - only what is marked was tried again
    return Retried(one.mark.letter_id, one.place.topic, one.key, one.payload)


def _tried(one: Fate) -> LetterStep:
    if one.wrong is None:
        return _step(one, "admitted", "", "", "")
    return _step(one, "failed", one.wrong.code, one.wrong.field, _storable(one.wrong.reason))


def _discarded(one: Fate) -> LetterStep:
    return _step(one, "discarded", "", "", one.mark.reason if one.mark else "")


def _step(one: Fate, step: str, code: str, field: str, reason: str) -> LetterStep:
    assert one.mark is not None  # noqa: S101 - only what is marked is a step
    step_id = content_id("letter-step", str(one.mark.letter_id), *one.place, one.offset)
    at = (*one.place, one.offset)
    return LetterStep(step_id, one.mark.letter_id, step, *at, code, field, reason, one.mark.by, one.received_at)


def _storable(text: str) -> str:
    return text.replace("\0", "\\0")
