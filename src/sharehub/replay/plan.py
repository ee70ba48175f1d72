"""A replay as it is planned: what, from where to where; a file that a person reads before anything happens."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from sharehub.errors import UsageError
from sharehub.hub import Hub
from sharehub.replay.logs import record_topics, refuse_lost
from sharehub.replay.rules import catalogue_of, digest_of
from sharehub.store.kept import kept_count
from sharehub.store.replays import Replays
from sharehub.stream.admin import first_and_last, identities, offsets_after
from sharehub.topics import Place

UNDONE = (
    "planning, running, verifying and comparing write beside the live view only; cancel or drop takes it all away",
    "promote puts the rebuilt view in the place of the live one; the old one is kept until it is dropped",
    "events that promote adds are sent to recipients: what was sent can be corrected by further events, never unsent",
)


class Stretch(BaseModel):
    """The part of one partition that is read: from the first offset that is kept to the one after the last."""

    model_config = ConfigDict(frozen=True)
    topic: str
    partition: int
    start: int
    end: int


class Plan(BaseModel):
    """What a replay does; `clock_on` is the day up to which the calendar is made up."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    replay_id: str
    planned_at: datetime
    source: Literal["topics", "records"]
    cluster_id: str
    topic_ids: Mapping[str, str]
    stretches: tuple[Stretch, ...]
    records: int
    clock_on: date
    to: datetime | None = None
    jurisdiction: str = ""
    rulebook: Path | None = None
    rules_digest: str
    estimated_s: int | None = None
    cannot_be_undone: tuple[str, ...] = UNDONE

    @property
    def schema_name(self) -> str:
        """The schema of the rebuilt view."""
        return self.replay_id.replace("-", "_")

    @property
    def whole(self) -> bool:
        """True where nothing is left out, so that the result can take the place of the live view."""
        return self.to is None and not self.jurisdiction

    def starts(self) -> dict[Place, int]:
        """Where each partition begins."""
        return {Place(one.topic, one.partition): one.start for one in self.stretches}

    def ends(self) -> dict[Place, int]:
        """Where each partition ends."""
        return {Place(one.topic, one.partition): one.end for one in self.stretches}


def read_plan(path: Path) -> Plan:
    """The plan that a file holds.

    Raises:
        UsageError: it holds none.
    """
    try:
        return Plan.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise UsageError(f"{path}: is no plan: {error}", hint="sharehub replay plan -o FILE") from error


def planned(hub: Hub, *, to: datetime | None, jurisdiction: str, rulebook: Path | None, from_records: bool) -> Plan:
    """The plan of a replay of all that there is now, or was at an instant.

    Raises:
        UsageError: the instant has no zone or lies in the future, or there is no such jurisdiction.
        RefusedError: topics have lost their beginnings, and the records were not asked for.
    """
    now = datetime.now(UTC)
    _fits(hub, to, jurisdiction, now)
    catalogue_of(hub.settings, rulebook)  # what is malformed or unlawful is refused before anything is planned
    servers = hub.addresses.bootstrap_servers
    names = record_topics(servers)
    cluster, ids = identities(servers, names)
    bounds = first_and_last(servers, names)
    ends = offsets_after(servers, names, to) if to else {place: end for place, (_, end) in bounds.items()}
    stretches = tuple(
        Stretch(topic=at.topic, partition=at.partition, start=bounds[at][0], end=ends[at]) for at in sorted(bounds)
    )
    if not from_records:
        refuse_lost({place: start for place, (start, _) in bounds.items()})
    with hub.session() as connection:
        records = kept_count(connection, to) if from_records else sum(one.end - one.start for one in stretches)
        rates = [one.plan["records"] / one.worked_s for one in Replays(connection).every() if one.worked_s > 1]
    return Plan(
        replay_id=f"replay-{now:%Y%m%d-%H%M%S}",
        planned_at=now,
        source="records" if from_records else "topics",
        cluster_id=cluster,
        topic_ids=ids,
        stretches=stretches,
        records=records,
        clock_on=min(hub.today(), to.astimezone(UTC).date()) if to else hub.today(),
        to=to,
        jurisdiction=jurisdiction,
        rulebook=rulebook.resolve() if rulebook else None,
        rules_digest=digest_of(hub.settings, rulebook),
        estimated_s=round(records / rates[0]) if rates else None,
    )


def _fits(hub: Hub, to: datetime | None, jurisdiction: str, now: datetime) -> None:
    if to is not None and to.tzinfo is None:
        raise UsageError(f"{to.isoformat()} has no zone, and the hub does not guess", hint=f"{to.isoformat()}Z")
    if to is not None and to > now:
        raise UsageError(f"{to.isoformat()} lies in the future; nothing was said then yet")
    places = {book.jurisdiction for book in hub.in_force().rulebooks}
    if jurisdiction and jurisdiction not in places:
        raise UsageError(f"there are no rules for {jurisdiction!r}", hint=f"there are: {', '.join(sorted(places))}")
