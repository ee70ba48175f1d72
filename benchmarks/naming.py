"""`match find` at scale: the first run over all companies of the scale files, and one after some new names."""

import argparse
import random
import time
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.companies import TOPICS, all_registered, declares
from benchmarks.companies import companies as every_company
from benchmarks.databases import settings_for
from benchmarks.feeding import BATCH, Said, fed
from benchmarks.matching import WAYS, rated_names
from benchmarks.processes import alone
from benchmarks.records import DECIDE_ON, Company
from sharehub import embedded
from sharehub.desk import Desk
from sharehub.hub import open_hub
from sharehub.settings import Settings

NEW_NAMES = 1_000
_SEED = 7


class Finding(NamedTuple):
    """One run of `match find` in a process of its own; `peak_mb` is the most memory that it had, where that is told."""

    entities: int
    candidates: int
    proposals: int
    wall_s: float
    cpu_s: float
    peak_mb: int | None


def candidates(stack: embedded.Stack, home: Path, options: argparse.Namespace) -> dict[str, Any]:
    """The first run over all companies; one with nothing new; one after new names of records without identifiers."""
    settings = settings_for(stack, home, "bench_names", DECIDE_ON)
    companies = list(islice(every_company(options.data), options.names))
    asked = _new_names(options.data, companies)
    with fed(stack.database_url, settings, TOPICS) as worker:
        for first in range(0, len(companies), BATCH):
            worker.take(all_registered(companies[first : first + BATCH], first))
        everything = alone(find, settings)
        nothing = alone(find, settings)
        worker.take(asked)
        new = alone(find, settings)
    runs = {"first_run": everything, "nothing_new": nothing, "new_names": new}
    return {"companies": len(companies), **{name: run._asdict() for name, run in runs.items()}}


def find(settings: Settings) -> Finding:
    """What `sharehub match find` does."""
    wall, cpu = time.perf_counter(), time.process_time()
    with open_hub(settings) as hub:
        done = Desk(hub).find(lambda entities: None)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return Finding(done.entities, done.candidates, done.proposals, round(wall, 2), round(cpu, 2), _peak_mb())


def _peak_mb() -> int | None:
    """The most memory that this process has had; what `getrusage` tells includes the process that started it."""
    status = Path("/proc/self/status")
    if not status.is_file():
        return None
    (line,) = (line for line in status.read_text(encoding="ascii").splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) // 1024


def _new_names(data: Path, companies: list[Company]) -> list[Said]:
    """Half as the tax bureau writes names, half names of the register spelled another way; no identifier."""
    chance = random.Random(_SEED)
    names = [chance.choice(WAYS)(one.name, chance) for one in chance.sample(companies, NEW_NAMES // 2)]
    names += chance.sample(rated_names(data), NEW_NAMES - len(names))
    return [declares(companies[0], number, name=name) for number, name in enumerate(names)]
