"""`python -m benchmarks.identity`: what linking and name matching cost as the view grows, on real agencies' files.

    linking      microseconds per record at 100,000 and at 1,000,000 entities: new companies; tax numbers that lead to
                 known ones; records that join two identifiers; records that merge two entities; and milliseconds
                 per judgement
    candidates   the first `match find` over 400,000 companies, and one after 1,000 new names: seconds and memory

The scale files of the register are read where they lie; what is missing is skipped with the reason.
"""

import argparse
import json
import os
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks import report
from benchmarks.companies import TOPICS, all_registered, companies, declares, joins
from benchmarks.databases import conninfo, settings_for
from benchmarks.feeding import BATCH, Cost, Worker, fed
from benchmarks.naming import candidates
from benchmarks.records import DECIDE_ON, Company
from sharehub import embedded
from sharehub.core.identifier import Identifier
from sharehub.telemetry import configure_logs

SIZES = (100_000, 1_000_000)
ROUNDS = 3
JUDGEMENTS = 20
_SEED = 20_260_302

Report = dict[str, Any]


def main(arguments: list[str] | None = None) -> int:
    """Measure, and print the figures as JSON."""
    options = _options(arguments)
    for name in [name for name in os.environ if name.startswith("SHAREHUB_") and name != "SHAREHUB_CACHE"]:
        del os.environ[name]  # the benchmark measures the defaults
    configure_logs("json", quiet=True)
    chosen = {options.only: MEASURES[options.only]} if options.only else MEASURES
    with TemporaryDirectory(prefix="sharehub-bench-") as home, embedded.owned(Path(home)) as stack:
        answer: Report = {"machine": report.machine(conninfo(stack.database_url))}
        for name, measure in chosen.items():
            answer[name] = _measured(measure, stack, Path(home), options)
    text = json.dumps(answer, indent=2, ensure_ascii=False) + "\n"
    sys.stdout.write(text)
    if options.json:
        options.json.write_text(text, encoding="utf-8")
    return 0


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.identity", description=__doc__.partition("\n")[0])
    beside = Path(__file__).parents[2] / "shared" / "data"
    parser.add_argument("--data", type=Path, default=beside, help="folder of the agencies' files")
    parser.add_argument("--json", type=Path, help="file for the result as JSON")
    parser.add_argument("--only", choices=sorted(MEASURES), help="one measure instead of both")
    parser.add_argument(
        "--sizes", type=int, nargs="+", default=SIZES, help="entities at which linking is measured, ascending"
    )
    parser.add_argument("--names", type=int, default=400_000, help="companies among which names are found")
    return parser.parse_args(arguments)


def _measured(
    measure: Callable[[embedded.Stack, Path, argparse.Namespace], Report],
    stack: embedded.Stack,
    home: Path,
    options: argparse.Namespace,
) -> Report:
    load = round(os.getloadavg()[0], 2)
    try:
        return {"load_before": load, **measure(stack, home, options), "load_after": round(os.getloadavg()[0], 2)}
    except FileNotFoundError as error:
        return {"skipped": f"{error.filename} is not here; name the folder of the agencies' files with --data"}


def linking(stack: embedded.Stack, home: Path, options: argparse.Namespace) -> Report:
    """The same work at each size, some rounds of it; the medians, and the last size's over the first's."""
    settings = settings_for(stack, home, "bench_linking", DECIDE_ON)
    found: dict[int, dict[str, dict[str, float]]] = {}
    with fed(stack.database_url, settings, TOPICS) as worker:
        world = Growing(worker, companies(options.data))
        for size in options.sizes:
            world.grow(size)
            _say(f"measure linking at {worker.count('entities'):,} entities")
            rounds = [world.round() for _ in range(ROUNDS)]
            found[size] = {name: _median([one[name] for one in rounds]) for name in rounds[0]}
    first, last = (found[size] for size in (options.sizes[0], options.sizes[-1]))
    ratio = {name: {unit: round(last[name][unit] / first[name][unit], 2) for unit in first[name]} for name in first}
    return {"rounds": ROUNDS, **{f"at_{size}_entities": one for size, one in found.items()}, "ratio": ratio}


class Growing:
    """A view that grows, and the work that is measured on it."""

    def __init__(self, worker: Worker, source: Iterator[Company]) -> None:
        self._worker = worker
        self._source = source
        self._known: list[Company] = []
        self._chance = random.Random(_SEED)
        self._number = 0

    def grow(self, entities: int) -> None:
        """Register companies until there are so many."""
        _say(f"register companies until there are {entities:,}")
        while (missing := entities - self._worker.count("entities")) > 0:
            self._worker.take(self._new(min(BATCH, missing)))

    def round(self) -> dict[str, Cost]:
        """One batch or some of each kind of work."""
        half, quarter = BATCH // 2, BATCH // 4
        self._worker.take([declares(one, self._next(), self._regno(one)) for one in self._alone(quarter)])
        found = {
            "new_companies": self._worker.take(self._new(BATCH)),
            "tax_numbers": self._worker.take(
                [declares(one, self._next(), f"CN-TAXNO:110000{one.orgcode}") for one in self._some(half)]
            ),
            "two_identifiers": self._worker.take(
                [declares(one, self._next(), f"CN-USCC:{one.uscc}", self._regno(one)) for one in self._some(quarter)]
            ),
            "merges": self._worker.take(
                [declares(one, self._next(), f"CN-USCC:{one.uscc}", self._regno(one)) for one in self._merging]
            ),
        }
        found["linking_to_known"] = found["tax_numbers"] + found["two_identifiers"] + found["merges"]
        pairs = zip(self._some(JUDGEMENTS), self._some(JUDGEMENTS), strict=True)
        decided = [joins(*(Identifier("CN-USCC", one.uscc) for one in pair)) for pair in pairs]
        costs = [self._worker.take([one]) for one in decided]
        found["judgements"] = sum(costs[1:], costs[0])
        return found

    def _new(self, number: int) -> list[Any]:
        new = list(islice(self._source, number))
        said = all_registered(new, len(self._known))
        self._known += new
        return said

    def _some(self, number: int) -> list[Company]:
        return self._chance.sample(self._known, number)

    def _alone(self, number: int) -> list[Company]:
        """Companies that are about to be known under a number of their own besides."""
        self._merging = self._some(number)
        return self._merging

    @staticmethod
    def _regno(one: Company) -> str:
        return f"CN-REGNO:{one.orgcode}"

    def _next(self) -> int:
        self._number += 1
        return self._number


def _median(costs: list[Cost]) -> dict[str, float]:
    """Microseconds per record, by the clock and of processor time: the median of the rounds."""
    return {
        "wall_us": round(statistics.median(1e6 * one.wall_s / one.records for one in costs), 1),
        "cpu_us": round(statistics.median(1e6 * one.cpu_s / one.records for one in costs), 1),
    }


def _say(step: str) -> None:
    sys.stderr.write(f"{time.strftime('%H:%M:%S')}  {step}\n")
    sys.stderr.flush()


MEASURES = {"linking": linking, "candidates": candidates}

if __name__ == "__main__":
    raise SystemExit(main())
