"""Most rows say plain things in a plain way: a thousand of them at once, column by column, straight to the bytes.

Here a row becomes a record only where that is certain, and then it is the very record that the long way makes
(`assembly`, `gathering`); a property test holds the two together. Any other row is left to the long way, which says
what is wrong with it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from itertools import chain, groupby, repeat
from typing import Any, Final, NamedTuple

from sharehub.connect.assembly import blank_value, key_text
from sharehub.connect.cells import sources
from sharehub.connect.columns import Columns
from sharehub.connect.filling import Filled, Filling, first_identifier
from sharehub.connect.mapping import Connector
from sharehub.connect.rows import Row
from sharehub.connect.targets import IDENTIFIERS, LEGAL_BASIS
from sharehub.core.admission import message_key
from sharehub.wire.registry import Schema
from sharehub.wire.rows import BROKEN, header_of, kept_fields
from sharehub.wire.writer import LENGTHS, Write, field_writers

_HEAD: Final = ("agency", "record_key", "revision", "supersedes")
_END: Final = b"\0"
"""Of a list; alone, of an empty one."""

Column = Sequence[bytes | None]


class Ready(NamedTuple):
    """A row that is a record: its bytes after those of the head, and the hash of what it says."""

    row: Row
    record_key: str
    message_key: bytes
    tail: bytes
    content: bytes


class Head:
    """Writes what a record begins with, which only the log can tell: its revision, and what that supersedes."""

    def __init__(self, schema: Schema, agency: str) -> None:
        writers = field_writers(schema)
        self._begin = header_of(schema) + writers["agency"](agency)
        self._key, self._revision, self._supersedes = (writers[name] for name in _HEAD[1:])
        self._first = self._revision(1) + self._supersedes(None)

    def payload(self, ready: Ready, revision: int, supersedes: str | None) -> bytes:
        """The whole record."""
        stands = self._first if supersedes is None else self._revision(revision) + self._supersedes(supersedes)
        return b"".join((self._begin, self._key(ready.record_key), stands, ready.tail))


class ByColumn:
    """Makes records of the plain rows of files with these columns."""

    def __init__(self, connector: Connector, schema: Schema, columns: Columns, run_id: str) -> None:
        """Take the mapping apart.

        Raises:
            ValueError: (or another of `wire.rows.BROKEN`) no row can become a record.
        """
        blank, writers = blank_value(connector, schema, run_id), dict(_writers(schema))
        self._agency, self._id = connector.mapping.connector.agency, connector.id
        self._fillings = list(_fillings(connector, schema, columns, blank, writers))
        filled = {*(one.target for one in self._fillings), "source", "originals"}
        kept = kept_fields(schema)
        self._runs = [
            (counts, [(name, b"" if name in filled else writers[name](_of(blank, name))) for name in names])
            for counts, names in groupby(
                [name for name in writers if name not in _HEAD], lambda name: name.partition(".")[0] in kept
            )
        ]
        self._filled = filled
        self._constants = {name: one.value for name, one in connector.mapping.targets() if one.value is not None}
        self._source = field_writers(schema, "source")
        self._keys = connector.mapping.key.fields
        self._constant_first = first_identifier(blank["subject"]["identifiers"])

    def ready(self, rows: Sequence[Row]) -> list[Ready | None]:
        """The record of each of some rows; None where the long way must tell."""
        if not rows:
            return []
        titles = {title for one in self._fillings for title in one.columns}
        columns = {title: [row.cells.get(title, "") for row in rows] for title in titles}
        found = {one.target: one.filled(columns, keyed=one.target in self._keys) for one in self._fillings}
        data: dict[str, Column] = {target: one.data for target, one in found.items()}
        try:
            data["source"] = self._sources(rows)
        except BROKEN:  # a file whose name no record can hold
            return [None] * len(rows)
        data["originals"] = _originals([one.originals for one in found.values() if one.originals], len(rows))
        keys = [self._key_parts(name, found, len(rows)) for name in self._keys]
        unsure = _unsure(rows, data.values(), keys)
        tails, contents = self._joined(data, len(rows))
        record_keys = list(map("/".join, zip(repeat(self._id), *keys)))
        firsts = found[IDENTIFIERS].firsts if IDENTIFIERS in found else [self._constant_first] * len(rows)
        orders = [
            first or message_key(self._agency, key, _NOBODY) for first, key in zip(firsts, record_keys, strict=True)
        ]
        made = map(Ready, rows, record_keys, orders, tails, contents)
        return [None if doubt else one for doubt, one in zip(unsure, made, strict=True)]

    def _joined(self, data: Mapping[str, Column], count: int) -> tuple[list[bytes], list[bytes]]:
        """All bytes of each row after the head, and the hash of those that count."""
        every, counting = [], []
        for counts, fields in self._runs:
            parts: list[Iterable[bytes]] = []
            for constant, some in groupby(fields, lambda field: field[0] not in self._filled):
                if constant:
                    parts.append(repeat(b"".join([written for _, written in some]), count))
                else:
                    parts += ([one or b"" for one in data[name]] for name, _ in some)
            run = list(map(b"".join, zip(*parts, strict=True)))
            every.append(run)
            if counts:
                counting.append(run)
        hashed = [sha256(said).digest() for said in map(b"".join, zip(*counting, strict=True))]
        return list(map(b"".join, zip(*every, strict=True))), hashed

    def _key_parts(self, name: str, found: Mapping[str, Filled], count: int) -> list[str]:
        return found[name].keys if name in found else [key_text(name, self._constants.get(name)) or ""] * count

    def _sources(self, rows: Sequence[Row]) -> list[bytes]:
        """Where each row stands."""
        name, sheet, row = (self._source[part] for part in ("name", "sheet", "row"))
        files = {place[:2] for place in (one.place for one in rows)}
        before = {(file, tab): name(file) + sheet(tab) for file, tab in files}
        return [before[one.place[:2]] + row(one.place.row) for one in rows]


def by_column(connector: Connector, schema: Schema, columns: Columns, run_id: str) -> ByColumn | None:
    """This way, where rows state records one by one in columns that each fill a field of their own; else None."""
    source, targets = connector.mapping.source, connector.mapping.fields
    alone = connector.prepare is None and source.several is None and source.change is None
    if not alone or any(target.startswith(f"{LEGAL_BASIS}.") for target in targets):
        return None
    try:
        return ByColumn(connector, schema, columns, run_id)
    except BROKEN:
        return None  # what every row lacks, the long way says of each


_NOBODY: Final[Mapping[str, object]] = {"identifiers": []}


def _writers(schema: Schema) -> Iterator[tuple[str, Write]]:
    """How each field is written, and how each of the subject's."""
    for name, write in field_writers(schema).items():
        if name == "subject":
            yield from ((f"subject.{part}", one) for part, one in field_writers(schema, "subject").items())
        else:
            yield name, write


def _fillings(
    connector: Connector, schema: Schema, columns: Columns, blank: Mapping[str, Any], writers: Mapping[str, Write]
) -> Iterator[Filling]:
    for target, parts in groupby(sources(connector, schema, columns), lambda one: one.target):
        part_of_key = target.startswith("key.")
        write = _nothing if part_of_key else writers[target]
        yield Filling(target, list(parts), None if part_of_key else _of(blank, target), write, writers["originals"])


def _nothing(_value: object) -> bytes:
    return b""


def _of(value: Mapping[str, Any], target: str) -> Any:
    group, dot, part = target.partition(".")
    return value[group].get(part) if dot else value.get(group)


def _originals(columns: Sequence[Sequence[tuple[bytes, ...]]], count: int) -> list[bytes]:
    """What was cleaned in each row, in the order of the mapping."""
    if not columns:
        return [_END] * count
    rows = [tuple(chain.from_iterable(parts)) for parts in zip(*columns, strict=True)]
    return [LENGTHS[len(items)] + b"".join(items) + _END if items else _END for items in rows]


def _unsure(rows: Sequence[Row], data: Iterable[Column], keys: Iterable[Sequence[str]]) -> list[bool]:
    found = [bool(row.fault or row.note) for row in rows]
    for column, missing in (*((one, None) for one in data), *((one, "") for one in keys)):
        if missing in column:
            found = [doubt or cell == missing for doubt, cell in zip(found, column, strict=True)]
    return found
