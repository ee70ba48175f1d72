"""Runs of a connector without a broker: what would be sent is taken as sent, and the next run looks at that."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from sharehub.connect.assembly import Assembled, Assembler
from sharehub.connect.columns import resolve
from sharehub.connect.gathered import Gathered, Orders, Pending, Window
from sharehub.connect.gathering import Gathering
from sharehub.connect.mapping import Connector
from sharehub.connect.readers import Row, open_table
from sharehub.connect.respelling import rule_of
from sharehub.stream.published import Remembered, Said
from sharehub.wire.registry import load_registry
from sharehub.wire.rows import decode, digest

_REGISTRY = load_registry()


class Rehearsal:
    """Runs of a connector one after another; `said` is what stood on the topic after them."""

    def __init__(self, connector: Connector, sample: Path | None = None) -> None:
        self._connector = connector
        self._schema = _REGISTRY.latest(connector.mapping.connector.record)
        table = open_table(sample or connector.sample, connector.mapping.source)
        self.rows = tuple(table.rows)
        self.columns = resolve(connector.mapping, table.header, table.name)
        self._assembler = Assembler(connector, self._schema, self.columns, "rehearsal")
        self.said: dict[str, Said] = {}
        self._payloads: dict[str, bytes] = {}

    def targets(self) -> list[tuple[str, str]]:
        """Every target with the column of the sample that it comes from."""
        found = ((target, self.columns.of.get(stated.column)) for target, stated in self._connector.mapping.targets())
        return [(target, column) for target, column in found if column is not None]

    def assembled(self, row: Row) -> Sequence[Assembled]:
        """What one row becomes, for each record that it states."""
        return self._assembler.assemble(row)

    def run(self, rows: Iterable[Row], dies_after: int | None = None) -> tuple[Gathered, tuple[str, ...]]:
        """What a run over these rows gathered and withdrew; it is dead after so many messages, or not at all."""
        mapping = self._connector.mapping
        source = mapping.source
        whole = source.mode == "snapshot" and source.absence == "withdrawn"
        orders = Orders(self._value_of, rule_of(mapping), source.order, source.mode == "changes", whole)
        said = Remembered(self.said)
        gathering = Gathering(mapping.connector.agency, self._schema, said, _REGISTRY, Window(), orders)
        for row in rows:
            gathering.add(self.assembled(row))
        gone = gathering.settle()
        pending = {message.record_key: message for message in gathering.found.pending}
        for key in [*pending, *gone][:dies_after]:
            self._send(key, pending)
        return gathering.found, gone

    def records(self) -> list[dict[str, Any]]:
        """Every record that stands, decoded."""
        return [self._value_of(key) for key, said in self.said.items() if not said.withdrawn]

    def _send(self, key: str, pending: Mapping[str, Pending]) -> None:
        if key in pending:
            self._payloads[key] = pending[key].payload
            said = digest(_REGISTRY, self._payloads[key])
            self.said[key] = Said(key, said.revision, said.content, False)
        else:
            before = self.said[key]
            self.said[key] = before._replace(revision=before.revision + 1, withdrawn=True)

    def _value_of(self, key: str) -> dict[str, Any]:
        return decode(_REGISTRY, self._payloads[key])[1]
