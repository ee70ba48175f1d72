"""What the hub has kept, said again on a topic that was made anew: connectors and replays find on it what they know.

Without it a connector would find an empty log, say everything as if for the first time, and the hub would take a record
that has changed for the first revision, which it has.
"""

from collections.abc import Generator
from contextlib import closing

from sharehub.errors import RefusedError, UsageError
from sharehub.hub import Hub
from sharehub.replay.source import key_of
from sharehub.store.kept import kept_count, kept_rows
from sharehub.stream.admin import first_and_last
from sharehub.stream.publisher import Publisher
from sharehub.topics import agency_of


def refillable(hub: Hub, topic: str) -> int:
    """How many records would be said again.

    Raises:
        UsageError: nobody speaks on the topic, or there is none.
        RefusedError: there is something on it, behind which older revisions would come to lie.
    """
    agency = agency_of(topic)
    bounds = first_and_last(hub.addresses.bootstrap_servers, [topic]) if agency else {}
    if not bounds:
        raise UsageError(f"{topic} is no topic of records", hint="sharehub init makes one anew that is gone")
    if said := sum(end - first for first, end in bounds.values()):
        raise RefusedError(
            f"{topic} holds {said} messages: what was kept would come to lie behind them",
            hint="sharehub replay plan --from-records goes on from what is there",
        )
    with hub.session() as connection:
        return kept_count(connection, None, agency)


def refill(hub: Hub, topic: str) -> int:
    """Say on an empty topic all that the hub has kept of it, in the order of its receipt; returns how many records.

    Each has its own key and bytes, so consolidators count it as a duplicate.

    Raises:
        UsageError, RefusedError: as `refillable`.
        UnreachableError: Kafka stopped acknowledging.
    """
    kept = refillable(hub, topic)
    with closing(_kept(hub, topic)) as rows, Publisher(hub.addresses.bootstrap_servers, "sharehub-refill") as publisher:
        for key, payload in rows:
            publisher.send(topic, key, payload)
        publisher.flush()
    bounds = first_and_last(hub.addresses.bootstrap_servers, [topic])
    found = sum(end - first for first, end in bounds.values())
    if found < kept:
        raise RefusedError(f"{topic} holds {found} messages after {kept} were said", hint="look at the broker's log")
    return kept


def _kept(hub: Hub, topic: str) -> Generator[tuple[bytes, bytes], None, None]:
    rows = kept_rows(hub.addresses.database_url, None, 0, 1, agency=agency_of(topic))
    for row in rows:
        yield key_of(hub.registry, row.payload), bytes(row.payload)
