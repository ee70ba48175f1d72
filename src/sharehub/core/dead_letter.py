"""A dead letter: a message that was not admitted, and how headers tell of it wherever it travels.

It is known by one id from its first failure on. Sent again it carries that id, so that what fails again is the same
letter. What people decide about it travels as a message as well: the log has the whole of its life.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple
from uuid import UUID

Headers = Sequence[tuple[str, bytes]]
Act = Literal["retry", "discard"]
State = Literal["waiting", "closed", "discarded"]

ACTS: tuple[Act, ...] = ("retry", "discard")
STATES: tuple[State, ...] = ("waiting", "closed", "discarded")
_FIRST = "dl_id"
"""The first header of a message that is a mark: one look tells every other message apart."""


class Mark(NamedTuple):
    """What a message says of a letter: it is sent again, or it is discarded; by whom, and why."""

    letter_id: UUID
    act: Act
    by: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """How a letter failed first: its id, the message's place, when the hub received it, code, field and reason."""

    letter_id: UUID
    topic: str
    partition: int
    offset: int
    received_at: datetime
    code: str
    field: str
    reason: str


def mark_of(headers: Headers) -> Mark | None:
    """The mark that these headers are; None for every ordinary message."""
    if not headers or headers[0][0] != _FIRST:
        return None
    texts = {name: (value or b"").decode(errors="replace").replace("\0", "") for name, value in headers}
    act = texts.get("dl_act")
    try:
        letter_id = UUID(texts[_FIRST])
    except ValueError:
        return None
    known = next((one for one in ACTS if one == act), None)
    return Mark(letter_id, known, texts.get("dl_by", ""), texts.get("dl_why", "")) if known else None


def marking(mark: Mark) -> list[tuple[str, bytes]]:
    """The headers of a message that is this mark."""
    said = {_FIRST: str(mark.letter_id), "dl_act": mark.act, "dl_by": mark.by, "dl_why": mark.reason}
    return _encoded(said)


def first_failure(failed: Failure, attempts: int) -> list[tuple[str, bytes]]:
    """Headers that tell how the letter failed first, and how often it has failed by now."""
    said = {
        "dl_topic": failed.topic,
        "dl_partition": str(failed.partition),
        "dl_offset": str(failed.offset),
        "dl_received_at": failed.received_at.isoformat(),
        "dl_code": failed.code,
        "dl_field": failed.field,
        "dl_reason": failed.reason,
        "dl_attempts": str(attempts),
    }
    return _encoded(said)


def standing(failed: Failure, attempts: int, state: State, by: str = "", why: str = "") -> list[tuple[str, bytes]]:
    """The headers of a letter on its dead-letter topic: how it stands, since when and why it is there."""
    decided = {"dl_by": by, "dl_why": why} if by or why else {}
    said = {_FIRST: str(failed.letter_id), "dl_state": state, **decided}
    return [*_encoded(said), *first_failure(failed, attempts)]


def without_marks(headers: Headers) -> list[tuple[str, bytes]]:
    """The headers that the message came with."""
    return [(name, value) for name, value in headers if not name.startswith("dl_")]


def _encoded(said: Mapping[str, str]) -> list[tuple[str, bytes]]:
    return [(name, text.encode()) for name, text in said.items()]
