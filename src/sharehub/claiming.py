"""Taking partitions over: the stored position, whether it belongs to this log, and what is halted, in one place."""

import os
import socket
from collections.abc import Iterable, Sequence
from typing import Any

import psycopg
import structlog

from sharehub.ports.batch import Claim, Halt
from sharehub.store import claims
from sharehub.store.replays import same_rule_files
from sharehub.stream.admin import identities
from sharehub.stream.continuity import broken
from sharehub.topics import Place

log = structlog.get_logger()


def owner() -> str:
    """Who holds what this process holds: the machine and the process."""
    return f"{socket.gethostname()}/{os.getpid()}"


class Claiming:
    """Claims of one worker, over its connection to the database."""

    def __init__(
        self, connection: psycopg.Connection[Any], bootstrap_servers: str, group: str, rules_digest: str = ""
    ) -> None:
        self._connection = connection
        self._servers = bootstrap_servers
        self._group = group
        self._rules_digest = rules_digest
        self._owner = owner()

    def claim(self, places: Sequence[Place]) -> Sequence[Claim]:
        """Take the partitions over; each with where it goes on, or why it must not.

        Raises:
            RefusedError: the view was rebuilt on other rule files than those of this process.
        """
        same_rule_files(self._connection, self._rules_digest)
        cluster, ids = identities(self._servers, sorted({place.topic for place in places}))
        found = claims.claim_partitions(self._connection, self._group, self._owner, places, cluster, ids)
        halts = {one.halt.place: one.halt for one in found if one.halt}
        halts |= {halt.place: halt for halt in broken(self._servers, [one for one in found if not one.halt])}
        claims.release(self._connection, self._group, [one.place for one in found if one.place not in halts])
        self.halt(halts.values())
        return [_halted(one, halts.get(one.place)) for one in found]

    def halt(self, halts: Iterable[Halt]) -> None:
        """Write down that nothing more of these partitions is processed."""
        found = list(halts)
        claims.halt(self._connection, self._group, found)
        for topic, reason in dict.fromkeys((one.place.topic, one.reason) for one in found):
            partitions = [one.place.partition for one in found if (one.place.topic, one.reason) == (topic, reason)]
            log.error("partitions_halted", topic=topic, partitions=partitions, reason=reason)

    def released(self, places: Iterable[Place]) -> list[Place]:
        """Those of the halted partitions that a person has let go on."""
        halted = claims.halted(self._connection, self._group)
        return [place for place in places if place not in halted]


def _halted(claim: Claim, halt: Halt | None) -> Claim:
    return Claim(
        claim.place,
        claim.epoch,
        claim.next_offset,
        claim.last_offset,
        claim.last_hash,
        halt,
        claim.rejections_accepted_to,
    )
