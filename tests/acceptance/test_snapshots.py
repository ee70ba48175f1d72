"""Japan's monthly lists one after another: what is withdrawn has really left, whatever hand wrote the rest."""

import csv
import re
import unicodedata
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.commands import Commands

pytestmark = [pytest.mark.integration, pytest.mark.real_data, pytest.mark.timeout(900)]

FOLDER = "jp_mhlw_labour"
FIGURES = {
    # read, published, unchanged, withdrawn, respelled, rejected
    "001": (347, 347, 0, 0, 0, 0),
    "002": (364, 54, 310, 18, 0, 0),
    "003": (393, 64, 329, 22, 0, 0),
    "004": (402, 41, 361, 22, 0, 0),
    "005": (427, 59, 368, 22, 1, 0),
    "006": (478, 84, 394, 19, 5, 0),
    "007": (496, 91, 405, 59, 0, 0),
    "008": (471, 161, 310, 86, 2, 0),
    "009": (428, 62, 366, 80, 0, 0),
    "010": (446, 89, 357, 52, 0, 0),
    "011": (449, 83, 366, 57, 0, 0),
    "012": (469, 145, 324, 101, 1, 0),
    "013": (457, 89, 368, 40, 0, 0),
    "014": (439, 52, 387, 40, 0, 0),
}
DATE_CORRECTED = {("大阪労働局", "中央砕石(株)")}
"""Published on 1 May instead of 11 May from list 013 on: another case by its key, so it is said as a doubt."""


def test_fourteen_months_of_japans_list_flip_nobody_for_typography(commands: Commands) -> None:
    files = sorted((commands.data / FOLDER).glob("*.tsv"))
    for before, file in zip([None, *files], files, strict=False):
        ran = commands.json("connector", "run", "jp-mhlw-labour", str(file))
        names = ("read", "published", "unchanged", "withdrawn", "respelled", "rejected")
        assert tuple(ran[name] for name in names) == FIGURES[file.name[:3]], file.name
        doubts = {(pair["gone"].split("/")[1], _plain(pair["was"].partition(" (")[0])) for pair in _doubts(ran)}
        assert doubts == (DATE_CORRECTED if file.name.startswith("013") else set())
        if before:
            left = _really_left(before, file)
            assert ran["withdrawn"] == left + len(doubts), file.name
        again = commands.json("connector", "run", "jp-mhlw-labour", str(file))
        assert (again["published"], again["withdrawn"], again["unchanged"]) == (0, 0, ran["read"])
    status = commands.consolidate()
    published, withdrawn = (sum(figures[at] for figures in FIGURES.values()) for at in (1, 3))
    assert (status["records"], status["rejections"]) == (published + withdrawn, 0)


def _doubts(ran: dict[str, Any]) -> list[dict[str, str]]:
    """Doubts about one case; the same firm listed by another bureau in another year is none."""
    return [pair for pair in ran["possibly_respelled"] if pair["gone"].split("/")[1] == pair["came"].split("/")[1]]


def _really_left(before: Path, after: Path) -> int:
    """Rows of the earlier file that the later one has in no spelling, by a comparison of its own on the raw files."""
    later = _rows(after)
    earlier_keys = {(row[0], _plain(row[2]), _day(row[4])) for row in _rows(before)}
    left = 0
    for row in _rows(before):
        same_day = [other for other in later if other[0] == row[0] and _day(other[4]) == _day(row[4])]
        same = [other for other in same_day if _plain(other[2]) == _plain(row[2])]
        respelled = [
            other
            for other in same_day
            if (other[0], _plain(other[2]), _day(other[4])) not in earlier_keys
            and other[3] == row[3]
            and SequenceMatcher(None, _plain(other[2]), _plain(row[2])).ratio() > 0.5
        ]
        corrected = (row[0], _plain(row[2])) in DATE_CORRECTED and any(_plain(o[2]) == _plain(row[2]) for o in later)
        left += not (same or respelled or corrected)
    return left


def _rows(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.reader(lines, delimiter="\t"))[1:]


def _plain(name: str) -> str:
    return re.sub(r"[\s・･\-−ー－,.]", "", unicodedata.normalize("NFKC", name)).lower()


def _day(text: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", unicodedata.normalize("NFKC", text)))
