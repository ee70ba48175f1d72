"""Which revision a pushed record becomes, held against what the log already says of its key.

Ids are derived from agency, record key and revision, so the number decides whether a repetition changes something.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple
from uuid import UUID

from sharehub.core.record import Rejection

Status = Literal["accepted", "duplicate", "rejected"]


class Said(NamedTuple):
    """One revision of a record key on the log: what it says, where it lies, and in which call it was sent.

    `call` is empty where the sender named none; else it is the call's key and the record's place in it.
    """

    revision: int
    content: bytes
    partition: int
    offset: int
    call: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of one record: on the log by this call, there before, or rejected with everything that is wrong."""

    status: Status
    record_key: str | None = None
    revision: int | None = None
    record_id: UUID | None = None
    topic: str | None = None
    partition: int | None = None
    offset: int | None = None
    faults: tuple[Rejection, ...] = ()


class Numbered(NamedTuple):
    """The revision a record is, and the one that it supersedes; `said` where the log has it already."""

    revision: int
    supersedes: int | None = None
    said: Said | None = None


def numbered(content: bytes, stated: int | None, said: Sequence[Said], call: str = "") -> Numbered | Rejection:
    """The place of a record among the revisions of its key.

    The same call sent again finds what it sent. Without a stated revision the same content as the newest is that one,
    and other content is the next. A stated revision is taken as stated, but never says two things.
    """
    for one in said:
        if call and one.call == call:
            return Numbered(one.revision, None, one)
    newest = max(said, key=lambda one: one.revision, default=None)
    if stated is None:
        if newest and newest.content == content:
            return Numbered(newest.revision, None, newest)
        return Numbered(newest.revision + 1, newest.revision) if newest else Numbered(1)
    for one in said:
        if one.revision == stated and one.content == content:
            return Numbered(stated, None, one)
        if one.revision == stated:
            assert newest is not None  # noqa: S101 - `one` is at least
            reason = f"revision {stated} of this key says something else on the log; the next one is "
            return Rejection("revision-conflict", "revision", "", f"{reason}{newest.revision + 1}")
    earlier = [one.revision for one in said if one.revision < stated]
    return Numbered(stated, max(earlier, default=None))
