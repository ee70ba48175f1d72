"""One run of a connector: gather, decide, apply.

Gathering reads the log and the files; the guards decide; only then is anything sent. A run that dies while sending
is simply run again: what arrived is on the log, and the log is what the next run looks at.
"""

import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import uuid4

from sharehub.collector import seldom_collected
from sharehub.connect.assembly import Assembler
from sharehub.connect.by_column import by_column
from sharehub.connect.columns import PROBLEM_COLUMN, resolve
from sharehub.connect.gathered import Orders
from sharehub.connect.gathering import Gathering
from sharehub.connect.guards import Totals, judge, refusal
from sharehub.connect.mapping import Connector
from sharehub.connect.outstanding import Outstanding
from sharehub.connect.prospect import Outcome, Prospect, Request
from sharehub.connect.readers import Table
from sharehub.connect.respelling import rule_of
from sharehub.connect.sending import TOLD_EVERY, Progress, Sender
from sharehub.connect.sources import open_sources
from sharehub.connect.state import Folder
from sharehub.connect.targets import check_targets
from sharehub.core.record import WITHDRAWAL
from sharehub.errors import BrokenStateError, RefusedError
from sharehub.stream.published import PublishedKeys, PublishedLog, Said
from sharehub.stream.publisher import Publisher
from sharehub.topics import records_topic
from sharehub.wire.registry import Registry
from sharehub.wire.rows import UndecodableError, decode, digest

__all__ = ["Progress", "Runner", "Surroundings"]


@dataclass(frozen=True)
class Surroundings:
    """What a run works with: Kafka's address, the data folder, the released schemas."""

    bootstrap_servers: str
    home: Path
    registry: Registry


class Runner:
    """Runs one connector."""

    def __init__(self, connector: Connector, around: Surroundings, progress: Progress) -> None:
        """Take hold of everything a run needs.

        Raises:
            UsageError: the mapping does not fit the schema of its kind of record.
        """
        self._connector = connector
        self._around = around
        self._progress = progress
        self._schema = around.registry.latest(connector.mapping.connector.record)
        check_targets(connector, self._schema)
        self._folder = Folder(around.home, connector.id)
        self._topic = records_topic(connector.mapping.connector.agency)
        cache = self._folder.cache
        self._log = PublishedLog(around.bootstrap_servers, self._topic, connector.id, cache, self._said)

    def preview(self, request: Request) -> Prospect:
        """What `run` would do with these files; nothing is sent and no state is kept but the reading of the log."""
        with self._folder.locked(), closing(self._log.catch_up()) as published:
            return self._decided(self._gather(request, published), request)

    def run(self, request: Request) -> tuple[Outcome, Prospect]:
        """Publish what is new and changed, withdraw what a snapshot no longer lists.

        Raises:
            UsageError: files, mapping or topic cannot be used.
            UnreachableError: Kafka does not answer; running again is safe.
            RefusedError: a guard refused, or another run is under way; nothing was sent.
        """
        begun = time.monotonic()
        with self._folder.locked(), seldom_collected(), closing(self._log.catch_up()) as published:
            prospect = self._decided(self._gather(request, published), request)
            if prospect.refused:
                self._save_rejects(prospect)
                self._remember(prospect, self._outcome(prospect, begun), str(prospect.refused))
                raise prospect.refused
            self._apply(prospect, request, published)
            outcome = self._outcome(prospect, begun)
            self._remember(prospect, outcome, "")
        return outcome, prospect

    def _gather(self, request: Request, published: PublishedKeys) -> Prospect:
        mapping, run_id = self._connector.mapping, str(uuid4())
        whole = mapping.source.mode == "snapshot" and mapping.source.absence == "withdrawn"
        orders = Orders(
            lambda key: decode(self._around.registry, published.payload(key))[1],
            rule_of(mapping),
            mapping.source.order,
            mapping.source.mode == "changes",
            whole,
        )
        agency, registry = mapping.connector.agency, self._around.registry
        gathering = Gathering(agency, self._schema, published, registry, request.window, orders)
        notes: list[str] = []
        names: list[str] = []
        files: dict[str, Path] = {}
        outstanding = Outstanding(self._folder.open_rejects())
        mended, bookmark = False, ""
        for table in open_sources(self._connector, request.files, self._folder.load_bookmark()):
            names.append(table.name)
            files |= {table.name: table.path} if table.path else {}
            mended |= PROBLEM_COLUMN in table.header
            notes += self._read(table, gathering, outstanding, run_id)
            bookmark = table.bookmark.text if table.bookmark else ""
        gone = gathering.settle()
        if not gathering.found.complete:
            raise BrokenStateError(f"{vars(gathering.found)}: a record was lost or counted twice; nothing was sent")
        if mended and whole:
            gone = ()
            notes.append("a file of rejected rows is no whole list: nothing is withdrawn")
        closed = outstanding.closed(self._folder.open_rejects(), gathering.stated)
        if mapping.source.mode == "snapshot" and not mended:
            closed = frozenset(range(outstanding.count))
        if left := outstanding.count - len(closed):
            notes.append(_counted(("rejected by earlier runs, open still", left)))
        notes += map(_counted, gathering.found.warnings.items())
        found, topic = gathering.found, self._topic
        return Prospect(
            found, gone, tuple(notes), topic, published.live, run_id, tuple(names), bookmark, files, closed=closed
        )

    def _read(self, table: Table, gathering: Gathering, outstanding: Outstanding, run_id: str) -> list[str]:
        """Count all rows of a table in; what is to be told of it."""
        columns = resolve(self._connector.mapping, table.header, table.name)
        assembler = Assembler(self._connector, self._schema, columns, run_id)
        quick = by_column(self._connector, self._schema, columns, run_id) if gathering.takes_ready else None
        number = 0
        while some := list(islice(table.rows, TOLD_EVERY)):
            ready = quick.ready(some) if quick else [None] * len(some)
            gathering.add_all(some, ready, assembler.assemble)
            outstanding.see(some)
            number += len(some)
            self._progress(f"reading {table.name}", number, table.expected(number))
        return [*table.notes, *self._unknown(table.name, columns.unknown)]

    def _unknown(self, name: str, unknown: Sequence[str]) -> list[str]:
        if not unknown or self._connector.mapping.contract.new_columns == "ignore":
            return []
        return [f"{name}: columns that the mapping does not know: {', '.join(unknown)}"]

    def _decided(self, prospect: Prospect, request: Request) -> Prospect:
        found = prospect.gathered
        snapshot = self._connector.mapping.source.mode == "snapshot"
        totals = Totals(found.read, len(found.rejected), len(prospect.gone), prospect.live, snapshot)
        contract = self._connector.mapping.contract
        try:
            judge(totals, contract, request.accepted)
        except RefusedError as error:
            return replace(prospect, refused=error)
        return replace(prospect, override=refusal(totals, contract))

    def _apply(self, prospect: Prospect, request: Request, published: PublishedKeys) -> None:
        """Send it, and only then remember where the next run begins to read."""
        approval = self._overridden(prospect, request)
        if prospect.gathered.pending or prospect.gone:
            sender = Sender(self._connector, self._schema.name, self._around.registry, published)
            client_id = f"sharehub-connector-{self._connector.id}"
            with Publisher(self._around.bootstrap_servers, client_id) as publisher:
                sender.send(publisher, prospect, approval, self._progress)
        self._save_rejects(prospect)
        if prospect.bookmark:
            self._folder.save_bookmark(prospect.bookmark)

    def _save_rejects(self, prospect: Prospect) -> None:
        """Once all else is on the log, so that no row is closed by what was never sent."""
        found, refused = prospect.gathered, prospect.refused is not None
        closed = frozenset[int]() if refused else prospect.closed
        self._folder.save_rejects(found.rejected, prospect.files, closed, refused=refused)

    def _overridden(self, prospect: Prospect, request: Request) -> str:
        """What withdrawals say of who let them pass; written down before any of them is sent."""
        approval = request.accepted.approval
        if not prospect.override or approval is None:
            return ""
        self._folder.add_override(
            {
                "at": _now(),
                "approved_by": approval.by.strip(),
                "reason": approval.reason.strip(),
                "overridden": prospect.override,
                "withdrawn": len(prospect.gone),
                "run_id": prospect.run_id,
                "files": list(prospect.names),
            }
        )
        return f"; approved by {approval.by.strip()}: {approval.reason.strip()}"

    def _said(self, payload: bytes) -> Said | None:
        try:
            found = digest(self._around.registry, payload)
        except UndecodableError:
            return None  # whoever wrote it, the consolidator rejects it where people see it
        return Said(found.record_key, found.revision, found.content, found.schema.name == WITHDRAWAL)

    def _outcome(self, prospect: Prospect, begun: float) -> Outcome:
        found = prospect.gathered
        return Outcome(
            agency=self._connector.mapping.connector.agency,
            connector=self._connector.id,
            ended_at=_now(),
            read=found.read,
            published=found.published,
            unchanged=found.unchanged,
            withdrawn=len(prospect.gone),
            rejected=len(found.rejected),
            skipped=found.skipped,
            respelled=found.respelled,
            possibly_respelled=prospect.possibly_respelled,
            seconds=round(time.monotonic() - begun, 3),
            records=found.records,
        )

    def _remember(self, prospect: Prospect, outcome: Outcome, refused: str) -> None:
        facts: dict[str, Any] = {
            "run_id": prospect.run_id,
            "files": list(prospect.names),
            "refused": refused,
        }
        self._folder.save_run({**asdict(outcome), **facts})


def _counted(told: tuple[str, int]) -> str:
    reason, count = told
    return f"{count:,} {'row' if count == 1 else 'rows'}: {reason}"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
