"""`python -m benchmarks.matching`: how many right pairs names propose, and how fast, on real agencies' files.

    debarments   World Bank × IADB: proposals per tier, precision and recall against names equal under a normaliser
                 of this module's own, which shares no code with `sharehub.naming`
    strangers    one half of Mexico's tax list against the other, without identifiers: every proposal is a wrong one
    taxpayers    the tax bureau's list × the registry by names alone; right is what the organisation codes say
    registry     1,000 new names against 400,000: seconds, and how many find the name they come from
    respellings  Japan's labour lists: rows that left in one month and came back, spelled differently, in it

The files are read where they lie; what is missing is skipped with the reason.
"""

import argparse
import csv
import gzip
import io
import json
import random
import re
import sys
import time
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

from python_calamine import CalamineWorkbook

from sharehub.core.identifier import Identifier
from sharehub.naming.comparison import Party, compare
from sharehub.naming.index import Index
from sharehub.naming.normal import normalised
from sharehub.naming.queue import Proposal, queue

FIRST = 500
NEW_NAMES = 1_000
NEVER = 2900
"""World Bank writes 2999 where a debarment has no end."""

Report = dict[str, Any]


def main(arguments: list[str] | None = None) -> int:
    """Measure, print as JSON, and show the pairs that only a reader can judge where asked."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.matching", description=__doc__)
    beside = Path(__file__).parents[2] / "shared" / "data"
    parser.add_argument("--data", type=Path, default=beside, help="folder of the agencies' files")
    parser.add_argument("--json", type=Path, help="file for the result as JSON")
    parser.add_argument(
        "--show", action="store_true", help="print the proposals whose names are not equal, to be judged"
    )
    parser.add_argument("--only", choices=sorted(MEASURES), help="one measure instead of all")
    options = parser.parse_args(arguments)
    chosen = {options.only: MEASURES[options.only]} if options.only else MEASURES
    answer = {name: _measured(measure, options.data, options.show) for name, measure in chosen.items()}
    text = json.dumps(answer, indent=2, ensure_ascii=False)
    sys.stdout.write(text + "\n")
    if options.json:
        options.json.write_text(text + "\n", encoding="utf-8")
    return 0


def _measured(measure: Callable[[Path, bool], Report], data: Path, show: bool) -> Report:
    try:
        return measure(data, show)
    except FileNotFoundError as error:
        return {"skipped": f"{error.filename} is not here; name the folder of the agencies' files with --data"}


def debarments(data: Path, show: bool) -> Report:
    """Two banks' lists. A reader judged the pairs that `--show` prints; docs/adr/0009 says what was found."""
    lefts, rights = _world_bank(data / "mdb_debarment"), _iadb(data / "mdb_debarment")
    begun = time.perf_counter()
    found = _proposals(lefts, rights)
    seconds = time.perf_counter() - begun
    ours, theirs = ([equal_key(party.names[0]) for party in side] for side in (lefts, rights))
    equal = {(a, b) for a, one in enumerate(ours) for b, other in enumerate(theirs) if one == other}
    pairs = [(int(one.left), int(one.right)) for one in found]
    _show(show, (one for one, pair in zip(found, pairs, strict=True) if pair not in equal), lefts, rights)
    return {
        "rows": [len(lefts), len(rights)],
        "proposals": len(found),
        "per_tier": _tiers(found),
        "equal_pairs": len(equal),
        "equal_pairs_proposed": len(equal.intersection(pairs)),
        "equal_names": len(set(ours) & set(theirs)),
        "equal_names_proposed": len({ours[a] for a, b in equal.intersection(pairs)}),
        "equal_of_the_first_500": sum(pair in equal for pair in pairs[:FIRST]),
        "equal_of_all_proposals": sum(pair in equal for pair in pairs),
        "seconds": round(seconds, 2),
    }


def strangers(data: Path, show: bool) -> Report:
    """Companies of one list, each with its own RFC, which the comparison is not told: all proposals are wrong ones."""
    source = data / "mx_sat_69b" / "Listado_Completo_69-B_2022-11-30.csv"
    rows = list(csv.reader(io.StringIO(source.read_text(encoding="cp1252"))))[3:]
    names = {row[1]: row[2] for row in rows if len(row) > 2 and not re.fullmatch("X+", row[1])}
    parties = [Party((name,), country="mx") for name in names.values()]
    known = [Party((name,), country="mx", identifiers=(Identifier("MX-RFC", rfc),)) for rfc, name in names.items()]
    found = _proposals(parties[::2], parties[1::2])
    told = [one for one in found if compare(known[::2][int(one.left)], known[1::2][int(one.right)])]
    _show(show, iter(found), parties[::2], parties[1::2])
    return {
        "companies": len(names),
        "wrong_proposals": _tiers(found),
        "wrong_when_told_the_identifiers": len(told),
    }


def taxpayers(data: Path, show: bool) -> Report:
    """Companies of two agencies that share organisation codes, which the comparison is not told."""
    rated = {fields[1].strip(): fields[2] for fields in _rated(data)}
    registered = {row[1].strip(): row[0] for row in _gzipped(data / "cn_registry" / "heilongjiang.csv.gz")}
    lefts, rights = ([Party((name,), country="cn") for name in side.values()] for side in (rated, registered))
    ours, theirs = ([_orgcode(code) for code in side] for side in (rated, registered))
    found = _proposals(lefts, rights)
    right = [ours[int(one.left)] == theirs[int(one.right)] for one in found]
    _show(show, (one for one, good in zip(found, right, strict=True) if not good), lefts, rights)
    return {
        "rows": [len(rated), len(registered)],
        "proposals": len(found),
        "per_tier": _tiers(found),
        "right_of_the_first_500": sum(right[:FIRST]),
        "right_of_all": sum(right),
        "same_code_in_both": len(set(ours) & set(theirs)),
        "found_by_name": len({ours[int(one.left)] for one, good in zip(found, right, strict=True) if good}),
    }


def registry(data: Path, show: bool) -> Report:
    """New names: a half as the tax list writes them, a half respelled from the registry."""
    names = [row[0] for part in ("part01", "part02") for row in _gzipped(data / "cn_registry_scale" / f"{part}.csv.gz")]
    chance = random.Random(7)
    rated = rated_names(data)
    chosen = chance.sample(range(len(names)), NEW_NAMES // 2)
    ways = [chance.choice(WAYS) for _ in chosen]
    asked = [way(names[row], chance) for row, way in zip(chosen, ways, strict=True)]
    asked += chance.sample(rated, NEW_NAMES - len(asked))
    begun = time.process_time()
    for name in names[: len(names) // 10]:
        normalised.__wrapped__(name)
    normalising = time.process_time() - begun
    begun, begun_cpu = time.perf_counter(), time.process_time()
    index = Index((str(row), name) for row, name in enumerate(names))
    built, built_cpu = time.perf_counter(), time.process_time()
    candidates = index.candidates(asked)
    listed = time.perf_counter()
    likely = sum(compare(Party((asked[one.question],)), Party((one.name,))) is not None for one in candidates)
    hits = {(one.question, one.reference) for one in candidates}
    found = Counter(
        way.__name__ for at, (row, way) in enumerate(zip(chosen, ways, strict=True)) if (at, str(row)) in hits
    )
    return {
        "names": len(names),
        "normalised_per_cpu_second": round(len(names) / 10 / normalising),
        "index_seconds": round(built - begun, 1),
        "index_cpu_seconds": round(built_cpu - begun_cpu, 1),
        "new_names": len(asked),
        "candidates": len(candidates),
        "candidates_seconds": round(listed - built, 2),
        "compare_seconds": round(time.perf_counter() - listed, 2),
        "proposals": likely,
        "respelled_found": {way.__name__: f"{found[way.__name__]}/{ways.count(way)}" for way in WAYS},
    }


def respellings(data: Path, show: bool) -> Report:
    """Rows of the month before that are gone, against rows that are new."""
    folder = data / "jp_mhlw_labour"
    months = [_labour(path) for path in sorted(folder.glob("*.tsv"))] or [_labour(folder / "001.tsv")]
    total: Counter[str] = Counter()
    counts = Counter[str]()
    for before, after in pairwise(months):
        gone, new = (
            [side[key] for key in side.keys() - other.keys()] for side, other in ((before, after), (after, before))
        )
        gone.sort(key=lambda party: party.names)
        new.sort(key=lambda party: party.names)
        found = _proposals(gone, new)
        counts.update(gone=len(gone), new=len(new), respelled=len({one.left for one in found}))
        total.update(_tiers(found))
        _show(show, (one for one in found if one.comparison.tier > 1), gone, new)
    return {"months": len(months), **counts, "per_tier": dict(total)}


def equal_key(name: str) -> str:
    """What makes two names equal to this benchmark: letters and digits, without accents, case and brackets' content."""
    bare = re.sub(r"\(.*?\)|\(.*$", " ", unicodedata.normalize("NFKD", name).casefold())
    return "".join(char for char in bare if char.isalnum() and not unicodedata.combining(char))


def _proposals(lefts: list[Party], rights: list[Party]) -> list[Proposal]:
    """The queue of one list against another: candidates of all names, compared, in order."""
    index = Index([(str(row), name) for row, party in enumerate(rights) for name in party.names])
    asked = [(row, name) for row, party in enumerate(lefts) for name in party.names]
    pairs = {(asked[one.question][0], int(one.reference)) for one in index.candidates(name for _, name in asked)}
    compared = ((a, b, compare(lefts[a], rights[b])) for a, b in sorted(pairs))
    return queue(Proposal(f"{a:06}", f"{b:06}", found) for a, b, found in compared if found)


def _tiers(found: list[Proposal]) -> dict[str, int]:
    counts = Counter(one.comparison.tier for one in found)
    return {tier.name: counts[tier] for tier in sorted(counts)}


def _show(show: bool, found: Iterator[Proposal], lefts: list[Party], rights: list[Party]) -> None:
    for one in found if show else ():
        names = (" / ".join(party.names) for party in (lefts[int(one.left)], rights[int(one.right)]))
        sys.stderr.write(f"{one.comparison.tier.name}  {' | '.join(names)}  {one.comparison.match_key}\n")


def _world_bank(folder: Path) -> list[Party]:
    rows = (
        CalamineWorkbook.from_path(_there(folder / "world_bank_2025-01-07.xlsx")).get_sheet_by_index(0).to_python()[3:]
    )
    return [_listed((str(row[0]),), row[3], row[4], row[5]) for row in rows]


def _iadb(folder: Path) -> list[Party]:
    rows = CalamineWorkbook.from_path(_there(folder / "iadb_2025-01.xlsx")).get_sheet_by_index(0).to_python()[1:]
    return [_listed(tuple(filter(None, (str(row[0]), str(row[10]).strip()))), row[2], row[4], row[5]) for row in rows]


def _listed(names: tuple[str, ...], country: object, begins: object, ends: object) -> Party:
    dates = (("from_on", _day(begins)), ("to_on", _day(ends)))
    return Party(
        names, country=str(country), dates=tuple((what, day) for what, day in dates if day and day.year < NEVER)
    )


def _day(cell: object) -> date | None:
    text = str(cell)[:12]
    for form in ("%b %d, %Y", "%Y-%m-%d"):
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007  a business date
        except ValueError:
            continue
    return None


def _labour(path: Path) -> dict[tuple[str, ...], Party]:
    """Rows by name, place and facts; the day of publication as written is the evidence that a row is the same."""
    rows = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()[1:]]
    return {
        tuple(row[2:7]): Party((row[2],), country="jp", addresses=(row[3],), dates=tuple(_japanese(row[4])))
        for row in rows
        if len(row) > 6
    }


def _japanese(text: str) -> Iterator[tuple[str, date]]:
    numbers = re.findall(r"[0-9]+", unicodedata.normalize("NFKC", text))
    if len(numbers) == 3 and (1, 1) <= (int(numbers[1]), int(numbers[2])) <= (12, 31):
        yield "published_on", date(1988 + int(numbers[0]), int(numbers[1]), min(int(numbers[2]), 28))


def _gzipped(path: Path) -> Iterator[list[str]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        yield from (row for row in csv.reader(file) if len(row) > 8)


def _rated(data: Path) -> list[list[str]]:
    text = (data / "cn_tax_a_rated" / "heilongjiang.csv").read_text(encoding="gbk", errors="replace")
    return [line.split(",") for line in text.splitlines()[1:] if line.count(",") >= 4]


def rated_names(data: Path) -> list[str]:
    """The names of the tax bureau's list, as it writes them."""
    return [fields[2] for fields in _rated(data)]


def _orgcode(code: str) -> str:
    """The nine characters of the organisation code in a taxpayer number, as far as it has them."""
    bare = code.removeprefix("L")
    return bare[8:17] if len(bare) == 18 else bare[6:15] if len(bare) >= 15 else bare


def _there(path: Path) -> str:
    if not path.is_file():
        raise FileNotFoundError(2, "missing", str(path))
    return str(path)


def wide(name: str, _: random.Random) -> str:
    """Full-width brackets and digits."""
    return name.translate(str.maketrans("()0123456789", "（）０１２３４５６７８９"))


def other_form(name: str, _: random.Random) -> str:
    """Another spelling of the legal form."""
    return name.replace("有限公司", "有限责任公司") if "责任" not in name else name.replace("有限责任公司", "有限公司")


def spaced(name: str, chance: random.Random) -> str:
    """A space where a cell was wrapped."""
    at = chance.randrange(1, len(name))
    return f"{name[:at]} {name[at:]}"


def one_off(name: str, chance: random.Random) -> str:
    """One character typed wrong."""
    at = chance.randrange(len(name))
    return name[:at] + chance.choice("华荣昌盛泰达兴隆") + name[at + 1 :]


def one_less(name: str, chance: random.Random) -> str:
    """One character left out."""
    at = chance.randrange(len(name))
    return name[:at] + name[at + 1 :]


WAYS = (wide, other_form, spaced, one_off, one_less)
MEASURES: dict[str, Callable[[Path, bool], Report]] = {
    "debarments": debarments,
    "strangers": strangers,
    "taxpayers": taxpayers,
    "registry": registry,
    "respellings": respellings,
}

if __name__ == "__main__":
    raise SystemExit(main())
