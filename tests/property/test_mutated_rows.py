"""Rows as hands and programs spoil them: never a crash, never an identifier that the row did not state."""

from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from sharehub.connect.assembly import Draft, Rejected
from sharehub.connect.folding import letters
from sharehub.connect.mapping import load_connector
from sharehub.connect.readers import Row, open_table
from sharehub.connect.rehearsal import Rehearsal
from sharehub.errors import UsageError
from sharehub.shipped import shipped

SHIPPED = sorted(path.parent for path in shipped("connectors").glob("*/connector.toml"))
ROWS = 10_000
FILES = 400

Mutation = Callable[[Random, str], str]


def _wide(_random: Random, text: str) -> str:
    return "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in text)


def _spaced(random: Random, text: str) -> str:
    at = random.randrange(len(text) + 1)
    return (
        text[:at] + random.choice([" ", "\u3000", "\u00a0", "\t", "\u200b", "\ufeff", "\u200e", "\u00ad"]) + text[at:]
    )


def _padded(random: Random, text: str) -> str:
    space = random.choice(["  ", "\u3000", "\u00a0", "\ufeff"])
    return space + text + space


def _lower(_random: Random, text: str) -> str:
    return text.lower()


def _blank(random: Random, _text: str) -> str:
    return random.choice(["", " ", "\u3000", "-", "0", "N/A", "NA", "null"])


def _float(_random: Random, text: str) -> str:
    return f"{text}.0" if text.isdecimal() else text


def _scientific(_random: Random, text: str) -> str:
    return f"{int(text):.5E}" if text.isdecimal() else text


def _misread(random: Random, text: str) -> str:
    wrong = random.choice(["latin-1", "gb18030", "cp1252"])
    return text.encode("utf-8").decode(wrong, errors="replace")


def _date(random: Random, _text: str) -> str:
    return random.choice(
        ["2020-02-30", "00000000", "29/02/2019", "44000", "令和元年7月31日", "H29.13.1", "9999-12-31", "2020-1-1T00:00"]
    )


def _rubbish(random: Random, text: str) -> str:
    return random.choice(["\x00", "\x1b[0m", "=1+1", "'" + text, "%s" * 9, "𠮷" * 9, "x" * 100_000, "1e400", "NaN"])


SAME: tuple[Mutation, ...] = (_wide, _padded, _lower)
"""What says the same in another hand: the identifier is read as it was, or the row is rejected."""
LOST: tuple[Mutation, ...] = (_spaced, _float, _scientific)
"""What a program does to an identifier: read as it was, rejected, or not stated; never another number."""
OTHER: tuple[Mutation, ...] = (_blank, _misread, _date, _rubbish)
"""What says something else: only done to cells that are no identifier."""


def _identifiers(draft: Draft) -> set[tuple[str, str]]:
    return {(one["scheme"], one["value"]) for one in draft.value["subject"]["identifiers"]}


def _identifying(row: Row, draft: Draft, rehearsal: Rehearsal) -> set[str]:
    """The columns in which an identifier of the record stands, or should."""
    values = {letters(value).upper() for _, value in _identifiers(draft)}
    plain = {column: letters(cell).upper() for column, cell in row.cells.items()}
    stated = {column for target, column in rehearsal.targets() if target == "subject.identifiers"}
    return stated | {column for column, cell in plain.items() if any(value in cell for value in values)}


def mutated(random: Random, row: Row, identifying: set[str]) -> Row:
    cells = dict(row.cells)
    for _ in range(random.randint(1, 3)):
        column = random.choice(list(cells))
        kinds = SAME + LOST + (() if column in identifying else OTHER)
        cells[column] = random.choice(kinds)(random, cells[column])
    if random.random() < 0.1:
        cells[f"extra {random.randrange(9)}"] = "5"
    if random.random() < 0.05:
        cells.pop(random.choice([column for column in cells if column not in identifying]))
    return row._replace(cells=cells)


@pytest.mark.parametrize("folder", SHIPPED, ids=lambda path: path.name)
def test_a_spoilt_row_is_a_record_or_a_rejection_and_no_identifier_is_invented(folder: Path) -> None:
    random = Random(folder.name)  # noqa: S311 -- the same rows every time
    connector = load_connector(folder)
    rehearsal = Rehearsal(connector)
    good = [(row, draft) for row in rehearsal.rows if isinstance(draft := rehearsal.assembled(row)[0], Draft)]
    rejected = 0
    for _ in range(ROWS // len(SHIPPED) + 1):
        row, draft = random.choice(good)
        spoilt = mutated(random, row, _identifying(row, draft, rehearsal))
        (found,) = rehearsal.assembled(spoilt)
        rejected += isinstance(found, Rejected)
        if isinstance(found, Draft):
            assert _identifiers(found) <= _identifiers(draft), spoilt.cells
        rehearsal.said.clear()
        gathered, _ = rehearsal.run([spoilt])
        assert gathered.read == gathered.published + len(gathered.rejected) + gathered.skipped == 1
    assert 0 < rejected < ROWS // len(SHIPPED)


@pytest.mark.parametrize("folder", SHIPPED, ids=lambda path: path.name)
def test_a_spoilt_file_is_read_or_refused_in_plain_words(folder: Path, tmp_path: Path) -> None:
    random = Random(folder.name)  # noqa: S311 -- the same files every time
    connector = load_connector(folder)
    content = connector.sample.read_bytes()
    for _ in range(FILES // len(SHIPPED) + 1):
        spoilt = bytearray(content)
        for _ in range(random.randint(1, 8)):
            spoilt[random.randrange(len(spoilt))] = random.randrange(256)
        if random.random() < 0.2:
            spoilt = spoilt[: random.randrange(len(spoilt))]
        path = tmp_path / connector.sample.name
        path.write_bytes(spoilt)
        try:
            rows = list(open_table(path, connector.mapping.source).rows)
        except UsageError:
            continue
        for row in rows:
            assert all(isinstance(one, Draft | Rejected) for one in Rehearsal(connector).assembled(row))
