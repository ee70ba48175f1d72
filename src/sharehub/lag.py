"""How far the consolidators are behind: the positions of PostgreSQL, never those of Kafka's group."""

import time
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sharehub.core.lag import Lag, Look, Situation, lag
from sharehub.flow.flood import FLOOD
from sharehub.hub import Hub
from sharehub.ports.batch import Claim, Halt
from sharehub.store.acceptances import Standing, standings
from sharehub.store.claims import other_log
from sharehub.stream.admin import existing_topics, identities
from sharehub.stream.continuity import broken
from sharehub.stream.ends import Ahead, ahead, partitions_of
from sharehub.topics import Place, speaker_of

MISSING = "missing"


class Survey(NamedTuple):
    """Every partition that consolidators read: those that exist, what is stored of it, and why it is halted."""

    cluster_id: str
    topic_ids: Mapping[str, str]
    there: frozenset[Place]
    standings: Mapping[Place, Standing]
    halts: Mapping[Place, Halt]

    @property
    def places(self) -> list[Place]:
        """All of them, also of topics that are gone, but for what was given up."""
        kept = {place for place, one in self.standings.items() if one.next_offset or place in self.there}
        return sorted(self.there | kept)


class Positions:
    """Where the consolidators stand on the log, over one hub."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._servers = hub.addresses.bootstrap_servers

    def standings(self) -> dict[Place, Standing]:
        """Every stored position."""
        with self._hub.snapshot() as connection:
            return standings(connection, self._hub.settings.consolidator.group)

    def survey(self) -> Survey:
        """What there is, and what is wrong with it now, whether or not a consolidator runs.

        Raises:
            UnreachableError: Kafka or PostgreSQL does not answer.
        """
        topics = [name for name in existing_topics(self._servers) if speaker_of(name)]
        cluster, ids = identities(self._servers, topics)
        there, standings = frozenset(partitions_of(self._servers, topics)), self.standings()
        halts = {place: halt for place, one in standings.items() if (halt := _gone(one, there, cluster, ids))}
        sound = [_claim(one) for place, one in standings.items() if place not in halts]
        halts |= {halt.place: halt for halt in broken(self._servers, sound)}
        floods = {place: one.halt for place, one in standings.items() if one.halt and one.halt.code == FLOOD}
        return Survey(cluster, ids, there, standings, floods | halts)

    def lag(self, seconds: float) -> dict[str, Any]:
        """How far every partition is behind, from two looks that lie so many seconds apart.

        Raises:
            UnreachableError: Kafka or PostgreSQL does not answer.
        """
        found = self.survey()
        first = self._look(found.there)
        time.sleep(seconds)
        then = self._look(found.there)
        lines = [self._line(place, found, first, then) for place in found.places]
        late = [one["seconds"] for one in lines if one["seconds"] is not None]
        etas = [one["eta_seconds"] for one in lines]
        return {
            "records": sum(one["records"] for one in lines),
            "seconds": max(late, default=0.0),
            "eta_seconds": None if None in etas else max(etas, default=0.0),
            "alarms": sum(one["alarm"] for one in lines),
            "partitions": lines,
        }

    def _look(self, there: Iterable[Place]) -> dict[Place, tuple[Look, Ahead]]:
        standings = self.standings()
        positions = {place: standings[place].next_offset if place in standings else 0 for place in there}
        found = ahead(self._servers, positions)
        now = datetime.now(UTC)
        return {place: (Look(now, positions[place], one.end, one.unread), one) for place, one in found.items()}

    def _line(
        self,
        place: Place,
        found: Survey,
        first: Mapping[Place, tuple[Look, Ahead]],
        then: Mapping[Place, tuple[Look, Ahead]],
    ) -> dict[str, Any]:
        stored, halt = found.standings.get(place), found.halts.get(place)
        look, beyond = then.get(place, (_nothing(stored), None))
        known = Situation(
            next_at=beyond.next_at if beyond else None,
            began_at=stored.began_at if stored else None,
            moved_at=stored.advanced_at if stored else None,
            halt=halt.code if halt else "",
            missing=place not in found.there,
        )
        measured = lag(first.get(place, (look, None))[0], look, known)
        return {
            **place._asdict(),
            "position": look.position,
            "end": look.end if beyond else None,
            **measured._asdict(),
            "alarm": measured.alarm,
            "owner": stored.owner if stored else "",
            "explanation": _explained(place, measured, halt),
        }


def _gone(one: Standing, there: frozenset[Place], cluster: str, ids: Mapping[str, str]) -> Halt | None:
    """Why the log is not the one whose position is stored, or is not there at all."""
    place = one.place
    if place.topic not in ids:
        return Halt(place, MISSING, f"there is no topic {place.topic}")
    other = other_log(place, (one.cluster_id, one.topic_id), (cluster, ids[place.topic]))
    if other is None and place not in there:
        return Halt(place, MISSING, f"{place.topic} has no partition {place.partition} any more")
    return other


def _claim(one: Standing) -> Claim:
    return Claim(one.place, 0, one.next_offset, one.last_offset, one.last_hash)


def _nothing(stored: Standing | None) -> Look:
    position = stored.next_offset if stored else 0
    return Look(datetime.now(UTC), position, position, 0)


def _explained(place: Place, measured: Lag, halt: Halt | None) -> str:
    """What an operator is to do, where there is something."""
    if halt and halt.code == MISSING:
        return f"{halt.reason}; restore it, or: sharehub init, then sharehub topic accept {place.topic}"
    if halt:
        return f"{halt.reason}; sharehub topic accept {place.topic} says what is lost and how to go on"
    if measured.state == "stuck":
        return "behind and not moving: is a consolidator running? sharehub consolidate, and look at its log"
    return ""
