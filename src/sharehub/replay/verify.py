"""Is the rebuilt view the right one? By hash: against an independent fold, and the live view at the same positions."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

import psycopg

from sharehub.core.refold import Calendar
from sharehub.errors import RefusedError
from sharehub.hub import Hub
from sharehub.replay.folding import Fold, Heard
from sharehub.replay.plan import Plan
from sharehub.replay.run import Pace, Progress, Running, left, plan_of
from sharehub.replay.shadow import GROUP, shadow_hub
from sharehub.replay.source import KeptSource
from sharehub.replay.worker import Source
from sharehub.replay.world import same_world
from sharehub.store.activations import Activations
from sharehub.store.canon import PARTS, Row, digest, digests, line, rows_of, view_hash
from sharehub.store.claims import positions
from sharehub.store.engine import LIVE
from sharehub.store.kept import kept_rows
from sharehub.store.replays import Replays
from sharehub.store.view import first_due
from sharehub.stream.replayed import Replayed

_SAMPLES = 3
_TOLD = ": told"
_MESSAGES_MAX = 5_000


class Verified(NamedTuple):
    """Hashes of the parts of the rebuilt view, of the fold, and of the live view (None: not comparable, and why).

    `differing`: by what it was compared with and the part, how many rows differ, and a few of them.
    """

    rebuilt: Mapping[str, str]
    fold: Mapping[str, str] | None
    live: Mapping[str, str] | None
    why_not: str
    differing: Mapping[str, Any]

    @property
    def holds(self) -> bool:
        """True where the view is the same wherever it could be compared; what was told of it is another matter."""
        return not self._others("")

    @property
    def proven(self) -> bool:
        """True where something stands for the rebuilt view: the fold, or without it the live view."""
        judge = "fold" if self.fold else "live" if self.live else ""
        return bool(judge) and not self._others(judge)

    def _others(self, judge: str) -> list[str]:
        return [part for part in self.differing if part.startswith(judge) and not part.endswith(_TOLD)]

    def as_json(self) -> dict[str, Any]:
        """For scripts, and to be kept with the replay."""
        named = {"rebuilt": self.rebuilt, "fold": self.fold, "live": self.live}
        return {
            "holds": self.holds,
            "proven": self.proven,
            **{name: view_hash(found) if found else None for name, found in named.items()},
            **{f"{name}_told": found["told"] if found else None for name, found in named.items()},
            "not_compared": self.why_not,
            "differing": dict(self.differing),
        }


def verify(hub: Hub, pace: Pace, progress: Progress, *, fold: bool = True) -> Verified:
    """Bring the rebuilt view to the live one's positions, and compare; what was found is kept with the replay.

    Raises:
        UsageError: there is no replay.
        RefusedError: it is not rebuilt yet, or the world is not the plan's any more.
    """
    with hub.session() as live:
        replays = Replays(live)
        with replays.alone():
            one = left(replays)
            plan = plan_of(one)
            if one.state != "rebuilt":
                raise RefusedError(f"{one.replay_id} is {one.state}, not rebuilt", hint="sharehub replay resume")
            same_world(hub, plan)
            found = _Verification(hub, plan, Running(hub, live, plan, pace, progress)).found(fold=fold)
            replays.verified(plan.replay_id, found.as_json())
            return found


class _Verification:
    def __init__(self, hub: Hub, plan: Plan, running: Running) -> None:
        self._hub, self._plan, self._running = hub, plan, running

    def found(self, *, fold: bool) -> Verified:
        """All comparisons; the live view is read in one snapshot, and the rebuilt one brought to its positions."""
        name, live_parts, differing = self._plan.schema_name, None, {}
        why_not = self._incomparable()
        with self._snapshot() as live:
            why_not = why_not or self._bring_up(live)
            with self._snapshot() as beside:
                rebuilt = {part: digest(rows_of(beside, name, part)) for part in PARTS}
                if not why_not:
                    live_parts = {part: digest(rows_of(live, LIVE, part)) for part in PARTS}
                    rows = {part: rows_of(live, LIVE, part) for part in PARTS}
                    differing = _differing("live", (rebuilt, live_parts), rows, beside, name)
        folded = self._folded() if fold else None
        fold_parts = digests(folded) if folded else None
        if folded is not None and fold_parts is not None:
            with self._snapshot() as beside:
                differing = _differing("fold", (rebuilt, fold_parts), folded, beside, name) | differing
        return Verified(rebuilt, fold_parts, live_parts, why_not, differing)

    @contextmanager
    def _snapshot(self) -> Iterator[psycopg.Connection[Any]]:
        """One moment of the database, to be read for as long as it takes."""
        with self._hub.snapshot() as connection:
            connection.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
            yield connection

    def _folded(self) -> dict[str, list[Row]]:
        folded = Retelling(self._hub, self._plan).parts()
        if self._plan.source == "records":  # the bytes of what was rejected are not all kept
            with self._snapshot() as beside:
                folded["rejections"] = list(rows_of(beside, self._plan.schema_name, "rejections"))
        return folded

    def _incomparable(self) -> str:
        if not self._plan.whole:
            return "the replay leaves something out, so only the fold is compared; see replay diff"
        if self._plan.rulebook is not None:
            return "the replay is on other rules; see replay diff"
        return ""

    def _bring_up(self, live: psycopg.Connection[Any]) -> str:
        """Let the rebuilt view go on to where the live one is; why that could not be done."""
        held = positions(live, self._hub.settings.consolidator.group)
        ends = {place: at for place, at in held.items() if place.topic in self._plan.topic_ids}
        beyond = self._running.positions()
        behind = {place for place, at in beyond.items() if ends.get(place, 0) < at}
        if behind:
            return "the live view is behind the rebuilt one: sharehub consolidate --until-caught-up, then verify again"
        due = first_due(live)
        if due is not None and due <= self._plan.clock_on:
            return (
                f"the live view has days to make up from {due} on: sharehub timers --until-caught-up, then verify again"
            )
        self._running.advance(ends)
        self._running.pass_days(max(self._plan.clock_on, self._hub.today()))
        return ""


class Retelling:
    """The independent fold of what a replay has read."""

    def __init__(self, hub: Hub, plan: Plan) -> None:
        self._hub, self._plan = hub, plan

    def parts(self) -> dict[str, list[Row]]:
        """The rows of every part of the view."""
        with shadow_hub(self._hub.settings, self._plan) as shadow, shadow.session() as connection:
            rules = shadow.rules(connection).current()
            days = [change.counts_from for change in rules.begun()]
            decide_on = self._hub.settings.consolidator.decide_on

            def day(at: datetime) -> date:
                return decide_on or at.astimezone(UTC).date()

            until = max(self._plan.clock_on, self._hub.today()) if self._plan.whole else self._plan.clock_on
            calendar = Calendar(rules.on, day, sorted(days), until)
            kept = Activations(connection).every()
            versions = frozenset((one["record_key"], one["revision"]) for one in kept)
            wanted = self._plan.jurisdiction
            fold = Fold(
                shadow.registry,
                calendar,
                versions,
                lambda place: not wanted or wanted in rules.baseline.lineage(place),
                day,
            )
            return fold.parts(self._heard(shadow, connection))

    def _heard(self, shadow: Hub, connection: psycopg.Connection[Any]) -> Iterator[Heard]:
        at = Replays(connection).positions(self._plan.schema_name, GROUP)
        if self._plan.source == "records":
            rows = kept_rows(shadow.addresses.database_url, None, 0, 1, schema=self._plan.schema_name)
            yield from _messages(KeptSource(rows, 0, shadow.registry, {}))
            return
        starts = dict.fromkeys(at, 0) | self._plan.starts()
        with Replayed(shadow.addresses.bootstrap_servers, starts, at) as log:
            yield from _messages(log)


def _messages(source: Source) -> Iterator[Heard]:
    while len(polled := source.poll(_MESSAGES_MAX)):
        for place, found in polled.messages.items():
            for offset, appended_ms, key, value in zip(*found, strict=True):
                at = datetime.fromtimestamp(appended_ms / 1000, UTC)
                yield Heard((*place, offset), at, key, value, polled.headers_at(place, offset))


def _differing(
    what: str,
    hashes: tuple[Mapping[str, str], Mapping[str, str]],
    rows: Mapping[str, Iterable[Row]],
    connection: psycopg.Connection[Any],
    schema: str,
) -> dict[str, Any]:
    """For each part whose hash differs: how many rows are on one side only, and the first of them."""
    found: dict[str, Any] = {}
    rebuilt, other = hashes
    for part in PARTS:
        if rebuilt[part] != other[part]:
            mine = {line(row) for row in rows_of(connection, schema, part)}
            theirs = {line(row) for row in rows[part]}
            found[f"{what}: {part}"] = {
                "only_rebuilt": len(mine - theirs),
                f"only_{what}": len(theirs - mine),
                "first": [one.decode() for one in sorted(mine ^ theirs)[:_SAMPLES]],
            }
    return found
