"""One run of a connector: gather, decide, apply.

Gathering reads the log and the files; the guards decide; only then is anything sent. A run that dies while sending
is simply run again: what arrived is on the log, and the log is what the next run looks at.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from sharehub.connect.assembly import Assembler
from sharehub.connect.columns import PROBLEM_COLUMN, resolve
from sharehub.connect.gathering import Gathering, Orders, Pending, withdrawal
from sharehub.connect.guards import Totals, judge
from sharehub.connect.mapping import Connector
from sharehub.connect.prospect import Outcome, Prospect, Request
from sharehub.connect.respelling import rule_of
from sharehub.connect.sources import open_sources
from sharehub.connect.state import Folder
from sharehub.connect.targets import check_targets
from sharehub.core.admission import message_key
from sharehub.core.record import WITHDRAWAL
from sharehub.errors import RefusedError
from sharehub.stream.published import PublishedLog, Said
from sharehub.stream.publisher import Publisher
from sharehub.topics import records_topic
from sharehub.wire.cloudevents import record_headers
from sharehub.wire.registry import Registry
from sharehub.wire.rows import UndecodableError, decode, digest, encode

Progress = Callable[[str, int, int], None]
"""Told the step, how much of it is done, and how much there is (0 where that is not known)."""

_TOLD_EVERY = 1_000


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
        with self._folder.locked():
            return self._decided(self._gather(request), request)

    def run(self, request: Request) -> tuple[Outcome, Prospect]:
        """Publish what is new and changed, withdraw what a snapshot no longer lists.

        Raises:
            UsageError: files, mapping or topic cannot be used.
            UnreachableError: Kafka does not answer; running again is safe.
            RefusedError: a guard refused, or another run is under way; nothing was sent.
        """
        begun = time.monotonic()
        with self._folder.locked():
            prospect = self._decided(self._gather(request), request)
            self._folder.save_rejects(prospect.gathered.rejected)
            if prospect.refused:
                self._remember(prospect, self._outcome(prospect, begun), str(prospect.refused))
                raise prospect.refused
            self._apply(prospect)
            outcome = self._outcome(prospect, begun)
            self._remember(prospect, outcome, "")
        return outcome, prospect

    def _gather(self, request: Request) -> Prospect:
        run_id = str(uuid4())
        said = self._log.catch_up()
        agency = self._connector.mapping.connector.agency
        source = self._connector.mapping.source
        orders = Orders(self._value_of, rule_of(self._connector.mapping), source.order)
        gathering = Gathering(agency, self._schema, said, self._content_of, request.window, orders)
        notes: list[str] = []
        mended = False
        names = []
        for table in open_sources(self._connector, request.files):
            names.append(table.name)
            mended |= source.mode == "snapshot" and PROBLEM_COLUMN in table.header
            columns = resolve(self._connector.mapping, table.header, table.name)
            notes += [*table.notes, *self._unknown(table.name, columns.unknown)]
            assembler = Assembler(self._connector, self._schema, columns, run_id)
            for number, row in enumerate(table.rows, 1):
                gathering.add(assembler.assemble(row))
                if number % _TOLD_EVERY == 0:
                    self._progress(f"reading {table.name}", number, 0)
        gone = gathering.settle()
        if mended:
            gone = ()
            notes.append("a file of rejected rows is no whole list: nothing is withdrawn")
        if source.mode == "append" or source.absence == "nothing":
            gone = ()
        notes += [f"{count:,} rows: {reason}" for reason, count in gathering.found.warnings.items()]
        return Prospect(gathering.found, gone, tuple(notes), self._topic, said, run_id, tuple(names))

    def _unknown(self, name: str, unknown: Sequence[str]) -> list[str]:
        if not unknown or self._connector.mapping.contract.new_columns == "ignore":
            return []
        return [f"{name}: columns that the mapping does not know: {', '.join(unknown)}"]

    def _decided(self, prospect: Prospect, request: Request) -> Prospect:
        found = prospect.gathered
        live = sum(not said.withdrawn for said in prospect.said.values())
        snapshot = self._connector.mapping.source.mode == "snapshot"
        totals = Totals(found.read, len(found.rejected), len(prospect.gone), live, snapshot)
        try:
            judge(totals, self._connector.mapping.contract, request.accepted)
        except RefusedError as error:
            return Prospect(**{**vars(prospect), "refused": error})
        return prospect

    def _apply(self, prospect: Prospect) -> None:
        total = prospect.gathered.published + len(prospect.gone)
        if not total:
            return
        with Publisher(self._around.bootstrap_servers, f"sharehub-connector-{self._connector.id}") as publisher:
            for number, (kind, message) in enumerate(self._messages(prospect), 1):
                if number == prospect.gathered.published + 1:
                    publisher.flush()  # no withdrawal before all else is on the log: see `respelling`
                headers = self._headers(kind, message)
                publisher.send(self._topic, message.message_key, message.payload, headers)
                if number % _TOLD_EVERY == 0:
                    self._progress("publishing", number, total)
            publisher.flush()
        self._progress("publishing", total, total)

    def _messages(self, prospect: Prospect) -> Iterator[tuple[str, Pending]]:
        for message in prospect.gathered.pending.values():
            yield self._schema.name, message
        for record_key in prospect.gone:
            yield WITHDRAWAL, self._withdrawn(prospect, prospect.said[record_key])

    def _value_of(self, record_key: str) -> dict[str, Any]:
        return decode(self._around.registry, self._log.payload(record_key))[1]

    def _withdrawn(self, prospect: Prospect, said: Said) -> Pending:
        schema, value = decode(self._around.registry, self._log.payload(said.record_key))
        names = ", ".join(prospect.names)
        run = {
            "source": {"name": names, "sheet": None, "row": None},
            "correlation_id": prospect.run_id,
        }
        taken_back = withdrawal(said, value, schema.name, f"absent from the agency's list {names}", run)
        its_key = message_key(value["agency"], said.record_key, value["subject"])
        payload = encode(self._around.registry.latest(WITHDRAWAL), taken_back)
        return Pending(said.record_key, said.revision + 1, its_key, payload)

    def _headers(self, kind: str, message: Pending) -> list[tuple[str, bytes]]:
        agency = self._connector.mapping.connector.agency
        path = f"connectors/{self._connector.id}"
        return record_headers(agency, path, kind, message.record_key, message.revision)

    def _said(self, payload: bytes) -> Said | None:
        try:
            found = digest(self._around.registry, payload)
        except UndecodableError:
            return None  # whoever wrote it, the consolidator rejects it where people see it
        return Said(found.record_key, found.revision, found.content, found.schema.name == WITHDRAWAL)

    def _content_of(self, payload: bytes) -> bytes:
        return digest(self._around.registry, payload).content

    def _outcome(self, prospect: Prospect, begun: float) -> Outcome:
        found = prospect.gathered
        return Outcome(
            connector=self._connector.id,
            read=found.read,
            published=found.published,
            unchanged=found.unchanged,
            withdrawn=len(prospect.gone),
            rejected=len(found.rejected),
            skipped=found.skipped,
            respelled=prospect.respelled,
            possibly_respelled=prospect.possibly_respelled,
            seconds=round(time.monotonic() - begun, 3),
        )

    def _remember(self, prospect: Prospect, outcome: Outcome, refused: str) -> None:
        self._folder.save_run(
            {
                **asdict(outcome),
                "run_id": prospect.run_id,
                "ended_at": datetime.now(UTC).isoformat(timespec="seconds"),
                "files": list(prospect.names),
                "refused": refused,
            }
        )
