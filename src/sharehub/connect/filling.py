"""What the cells of a column are in the bytes of records, for a thousand rows at once."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from sharehub.connect.assembly import key_part, key_text
from sharehub.connect.cells import Source, together
from sharehub.connect.targets import IDENTIFIERS, LISTS
from sharehub.wire.rows import BROKEN
from sharehub.wire.writer import LENGTHS, Write

_KEPT_MAX: Final = 4_096

Cells = Sequence[str]


class Piece(NamedTuple):
    """What some cells of one row are: their bytes, None where that is not certain; those of what was cleaned; their
    part of the key; the identifier that they state first."""

    data: bytes | None
    originals: tuple[bytes, ...] = ()
    key: str = ""
    first: bytes = b""


class Filled(NamedTuple):
    """The same for every row; originals are none where no row has any."""

    data: list[bytes | None]
    originals: list[tuple[bytes, ...]]
    keys: list[str]
    firsts: list[bytes]


_UNSURE: Final = Piece(None)


class Filling:
    """Fills one target from the columns that are its sources."""

    def __init__(self, target: str, parts: Sequence[Source], blank: Any, write: Write, write_originals: Write) -> None:
        self.target = target
        self.columns = [part.column for part in parts]
        self._parts = parts
        self._blank = blank
        self._write = write
        self._write_originals = write_originals
        self._kept: dict[tuple[str, ...], Piece] = {}
        alone = parts[0] if len(parts) == 1 else None
        self._told_by, self._states = (alone.told_by, alone.states) if alone else (None, None)
        self._before: Sequence[bytes] = ()
        self._after = self._scheme = b""
        if self._told_by is not None:
            self._before, self._after = _around(write, ["x"] if target in LISTS else "x")
        elif self._states:
            self._before, self._after = _around(write, [{"scheme": parts[0].scheme, "value": "x"}])
            self._scheme = f"{parts[0].scheme}:".encode()

    def filled(self, columns: Mapping[str, Cells], *, keyed: bool) -> Filled:
        """What these columns are."""
        return self._mostly(columns[self.columns[0]], keyed) if self._before else self._pieces(columns)

    def _mostly(self, cells: Cells, keyed: bool) -> Filled:
        """Of cells that mostly state themselves, as they stand."""
        texts = self._as_they_stand(cells)
        before, after, scheme = self._before, self._after, self._scheme
        data: list[bytes | None] = [None if text is None else before[len(text)] + text + after for text in texts]
        keys = [key_part(cell) for cell in cells] if keyed else []
        firsts = [scheme + (text or b"") for text in texts] if scheme else []
        originals: list[tuple[bytes, ...]] = []
        if None in data:
            originals = [()] * len(data)
            for place in [place for place, found in enumerate(data) if found is None]:
                data[place], originals[place], key, first = self._piece((cells[place],))
                if keyed:
                    keys[place] = key
                if scheme:
                    firsts[place] = first
        return Filled(data, originals if any(originals) else [], keys, firsts)

    def _as_they_stand(self, cells: Cells) -> list[bytes | None]:
        """The texts that are written as they stand; None in place of the others."""
        told, states, longest = self._told_by or "", self._states, len(self._before)
        try:
            if states:
                return [cell.encode() if states(cell) and len(cell) < longest else None for cell in cells]
            return [
                text
                if cell and cell[0] not in told and cell[-1] not in told and len(text := cell.encode()) < longest
                else None
                for cell in cells
            ]
        except UnicodeEncodeError:
            return [None] * len(cells)

    def _pieces(self, columns: Mapping[str, Cells]) -> Filled:
        kept, fresh = self._kept.get, self._piece
        rows = zip(*[columns[column] for column in self.columns], strict=True)
        pieces = [kept(cells) or fresh(cells) for cells in rows]
        data, originals, keys, firsts = map(list, zip(*pieces, strict=True))
        return Filled(data, originals if any(originals) else [], keys, firsts)

    def _piece(self, cells: tuple[str, ...]) -> Piece:
        known = self._kept.get(cells)
        if known is None:
            if len(self._kept) >= _KEPT_MAX:
                self._kept.clear()
            known = self._kept[cells] = self._fresh(cells)
        return known

    def _fresh(self, cells: tuple[str, ...]) -> Piece:
        value: Any = None
        originals: list[bytes] = []
        try:
            for part, cell in zip(self._parts, cells, strict=True):
                found = part.fresh(cell)
                if found.fault or found.warnings:
                    return _UNSURE
                if found.original:
                    originals.append(self._write_originals([found.original])[1:-1])
                if found.value is not None:
                    value = found.value if value is None else together(self.target, value, found.value)
            data = self._write(self._blank if value is None else value)
        except BROKEN:
            return _UNSURE
        return Piece(data, tuple(originals), key_text(self.target, value) or "", self._first(value))

    def _first(self, value: Any) -> bytes:
        return first_identifier(value) if self.target == IDENTIFIERS and value else b""


def first_identifier(stated: Sequence[Mapping[str, str]]) -> bytes:
    """The first of some identifiers as a message key has it; empty where there is none."""
    return f"{stated[0]['scheme']}:{stated[0]['value']}".encode() if stated else b""


def _around(write: Write, example: Any) -> tuple[Sequence[bytes], bytes]:
    """What stands before a text of each length, and what behind it; nothing where the field holds no text."""
    try:
        mark, after = write(example).split(LENGTHS[1] + b"x")
    except BROKEN:
        return (), b""
    return [mark + length for length in LENGTHS], after
