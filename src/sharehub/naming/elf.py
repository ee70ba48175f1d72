"""`python -m sharehub.naming.elf LIST.csv`: GLEIF's list of legal forms reduced to `legal_forms.csv`.

One row per spelling, folded and without spaces, with the short code under which it is known here. Kept are
abbreviations of three letters and more, and names of several words; a single ordinary word (bank, fund,
foundation) says what a company does as often as what it is. Spellings written by hand in `legal_forms.toml` are left
to that file.
Source: GLEIF Entity Legal Forms code list 1.4.1 (ISO 20275), published under CC0.
"""

import csv
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from sharehub.naming.folding import folded, squeezed
from sharehub.naming.forms import by_hand

_LOCAL = "Entity Legal Form name Local name"
_OTHER = "Entity Legal Form name Transliterated name (per ISO 01-140-10)"
_SHORT = ("Abbreviations Local language", "Abbreviations transliterated")
_WORDS_MAX = 10
_ORDINARY = {"fund", "oth", "dba", "assn", "per", "son", "reit", "bund"}


def spellings(rows: list[dict[str, str]]) -> Mapping[str, str]:
    """Squeezed spelling to code; of several codes the one most forms have, then the first in the alphabet."""
    votes: dict[str, dict[str, int]] = {}
    for row in rows:
        ways = sorted(set(_ways(row)))
        for way in ways:
            codes = votes.setdefault(squeezed(way), {})
            codes[_code(row, ways)] = codes.get(_code(row, ways), 0) + 1
    known = by_hand()
    found = {way: min(codes, key=lambda code: (-codes[code], code)) for way, codes in votes.items()}
    return {way: code for way, code in sorted(found.items()) if way not in known}


def _ways(row: dict[str, str]) -> Iterator[str]:
    """Folded spellings worth taking off the end of a name."""
    for name in (row[_LOCAL], row[_OTHER]):
        text = folded(name.replace("\u00a0", " "))
        if text.isascii() and 2 <= len(text.split()) <= _WORDS_MAX and "(" not in text:
            yield text
    for field in _SHORT:
        for short in row[field].split(";"):
            text = folded(short)
            if 3 <= len(squeezed(text)) <= 12 and "(" not in text and not _word(short.strip()):
                yield text


def _word(short: str) -> bool:
    """Whether an abbreviation reads as a word: `Fund`, `Assn`, `son`; `GmbH`, `S.L.`, `EIRELI` do not."""
    return short.islower() or (short.istitle() and "." not in short) or folded(short) in _ORDINARY


def _code(row: dict[str, str], ways: list[str]) -> str:
    """The code by hand of one of the form's spellings, else its abbreviation, else GLEIF's own code."""
    known = by_hand()
    for way in ways:
        if found := known.get(squeezed(way)):
            return found
    short = folded(row[_SHORT[0]].split(";")[0])
    return squeezed(short).upper() if short.isascii() and short else f"ELF-{row['ELF Code']}"


def main(arguments: list[str]) -> None:
    """Write the file."""
    with Path(arguments[0]).open(encoding="utf-8-sig", newline="") as source:
        rows = [row for row in csv.DictReader(source) if row["ELF Status ACTV/INAC"] == "ACTV"]
    with Path(__file__).with_name("legal_forms.csv").open("w", encoding="utf-8", newline="") as out:
        csv.writer(out, lineterminator="\n").writerows([("spelling", "code"), *spellings(rows).items()])


if __name__ == "__main__":
    main(sys.argv[1:])
