"""Letting a halted partition go on, on somebody's word: what is lost is said first, and written down with who and why.

Nothing is skipped that is still there: a log that is not the one that was processed is read again from its first
record, and what was applied before changes nothing.
"""

from collections.abc import Sequence
from typing import Any

from sharehub.errors import UsageError
from sharehub.flow.flood import FLOOD
from sharehub.hub import Hub
from sharehub.lag import MISSING, Positions, Survey
from sharehub.ports.batch import Halt
from sharehub.store import acceptances
from sharehub.store.acceptances import Acceptance, Standing
from sharehub.store.claims import MADE_ANEW, OTHER_CLUSTER
from sharehub.stream.continuity import DELETED, REWRITTEN, TRUNCATED
from sharehub.stream.ends import Ahead, ahead


class Accepting:
    """What an operator accepts about halted partitions, over one hub."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._positions = Positions(hub)

    def plan(self, names: Sequence[str], *, by: str, reason: str) -> list[Acceptance]:
        """What accepting these, TOPIC or TOPIC:PARTITION, or all, would do: one acceptance for each halted partition.

        Raises:
            UsageError: nothing of it is halted, or it is not there.
        """
        survey = self._positions.survey()
        chosen = [halt for name in names for halt in _halts(name, survey)]
        halts = sorted(chosen if names else survey.halts.values())
        gone = [halt for halt in halts if halt.code == MISSING and halt.place.topic not in survey.topic_ids]
        if gone:
            raise UsageError(gone[0].reason, hint="sharehub init makes it anew, then it can be accepted")
        there = [halt.place for halt in halts if halt.place in survey.there]
        found = ahead(self._hub.addresses.bootstrap_servers, dict.fromkeys(there, 0))
        return [
            _acceptance(halt, survey, found.get(halt.place, Ahead(0, 0, 0, None)), by=by, reason=reason)
            for halt in halts
        ]

    def accept(self, accepted: Sequence[Acceptance]) -> list[dict[str, Any]]:
        """Do it, all or nothing, and read back where each partition goes on.

        Raises:
            FencedError: a position has moved since the plan.
        """
        group = self._hub.settings.consolidator.group
        floods = [one.place for one in accepted if one.code == FLOOD]
        ends = ahead(self._hub.addresses.bootstrap_servers, dict.fromkeys(floods, 0))
        with self._hub.session() as connection:
            acceptances.accept(connection, group, accepted, {place: one.end for place, one in ends.items()})
        now = self._positions.standings()
        return [told(one) | {"goes_on_at": now[one.place].next_offset} for one in accepted]

    def history(self) -> list[dict[str, Any]]:
        """All that was ever accepted, the newest first."""
        with self._hub.snapshot() as connection:
            return acceptances.every(connection, self._hub.settings.consolidator.group)


def told(one: Acceptance) -> dict[str, Any]:
    """An acceptance as a line for people and scripts."""
    fields = one._asdict()
    return {**fields.pop("place")._asdict(), **fields, "lost": loss(one)}


def loss(one: Acceptance) -> str:
    """What accepting it gives up, in words."""
    if one.code == FLOOD:
        return f"nothing; what is rejected from offset {one.stopped_at} on becomes dead letters"
    if one.code == DELETED:
        return f"offsets {one.lost_from} to {(one.lost_to or 0) - 1} were never processed and are gone"
    if one.code == TRUNCATED:
        where = f"offsets {one.lost_from} to {(one.lost_to or 0) - 1}"
        return f"{where} are gone from the log; they were applied, and the view keeps them"
    if one.code == REWRITTEN:
        return "nobody knows which records of the former log are gone; what was applied stays in the view"
    return f"whatever the former topic held from offset {one.lost_from} on was never processed; nobody knows how much"


def _halts(name: str, survey: Survey) -> list[Halt]:
    topic, _, number = name.partition(":")
    if number and not number.isdecimal():
        raise UsageError(f"{name!r} is neither TOPIC nor TOPIC:PARTITION")
    mine = [halt for place, halt in sorted(survey.halts.items()) if place.topic == topic]
    found = [halt for halt in mine if not number or halt.place.partition == int(number)]
    if not found:
        raise UsageError(f"nothing of {name} is halted", hint="sharehub topic lag")
    return found


def _acceptance(halt: Halt, survey: Survey, log: Ahead, *, by: str, reason: str) -> Acceptance:
    stored = survey.standings[halt.place]
    lost_from, lost_to = _lost(halt, stored, log)
    return Acceptance(
        place=halt.place,
        code=halt.code,
        explanation=halt.reason,
        stopped_at=stored.next_offset,
        goes_on_at=stored.next_offset if halt.code == FLOOD else log.start,
        lost_from=lost_from,
        lost_to=lost_to,
        cluster_id=survey.cluster_id,
        topic_id=survey.topic_ids[halt.place.topic],
        approved_by=by,
        reason=reason,
    )


def _lost(halt: Halt, stored: Standing, log: Ahead) -> tuple[int | None, int | None]:
    """From which offset of the former log on, and to which, records are lost; None: nobody knows, or none are."""
    known = {DELETED: (stored.next_offset, log.start), TRUNCATED: (log.end, stored.next_offset)}
    if halt.code in (MADE_ANEW, OTHER_CLUSTER, MISSING):
        return stored.next_offset, None
    return known.get(halt.code, (None, None))
