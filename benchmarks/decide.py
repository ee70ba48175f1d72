"""`python -m benchmarks.decide`: how many entities one process decides, for the first time and again."""

import argparse
import gc
import random
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from benchmarks.records import DECIDE_ON, Mix
from sharehub.core.catalogue import Catalogue
from sharehub.core.decision import Facts, decide, fold
from sharehub.core.record import Record
from sharehub.core.standing import Standing
from sharehub.shipped import shipped
from sharehub.wire.facts import record_of
from sharehub.wire.registry import load_registry
from sharehub.wire.rows import decode, encode
from sharehub.wire.rulebooks import load_catalogue

GROUNDS_MAX = 5
SEED = 7


@dataclass(frozen=True)
class Speed:
    """Entities per second of processor time, and what they were like."""

    entities: int
    entries: int
    grounds: float
    measures: float
    first_per_s: float
    again_per_s: float


def measure_decide(entities: int) -> Speed:
    """Decide on entities with up to five grounds of the benchmark's records; nothing is left to do the second time."""
    catalogue = load_catalogue(shipped("rulebooks"))
    facts = _facts(entities, catalogue)
    gc.freeze()  # the records are here before the decision, and are not its rubbish
    begun = time.process_time()
    decided = [decide(one, {}, catalogue, DECIDE_ON) for one in facts]
    first = time.process_time() - begun
    standing: Sequence[Standing] = [fold({}, one.events) for one in decided]
    gc.freeze()
    begun = time.process_time()
    events = sum(
        len(decide(one, stands, catalogue, DECIDE_ON).events) for one, stands in zip(facts, standing, strict=True)
    )
    again = time.process_time() - begun
    if events:
        raise ValueError(f"{events} events were issued a second time")
    return Speed(
        entities=entities,
        entries=len(catalogue.all_entries()),
        grounds=sum(len(one.records) for one in facts) / entities,
        measures=sum(map(len, standing)) / entities,
        first_per_s=entities / first,
        again_per_s=entities / again,
    )


def _facts(entities: int, catalogue: Catalogue) -> list[Facts]:
    """The benchmark's records of the kinds that entries look at, dealt to entities at random, none to five each."""
    registry, kinds = load_registry(), catalogue.ground_kinds()
    mix = Mix(entities * 3, max(1, entities * 3 // 5))
    choice = random.Random(SEED)
    said: list[Record] = []
    for name, number in mix.plan():
        kind, value = mix.said(name, number)
        if kind in kinds:
            schema, decoded = decode(registry, encode(registry.latest(kind), value))
            said.append(record_of(schema.name, decoded, date(2026, 1, 1)))
    return [
        Facts(
            entity_id=UUID(int=number + 1),
            kind="company",
            records=tuple(choice.choice(said) for _ in range(choice.randint(0, GROUNDS_MAX))),
        )
        for number in range(entities)
    ]


def main() -> int:
    """Print the figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.decide", description=__doc__)
    parser.add_argument("--entities", type=int, default=20_000)
    found = measure_decide(parser.parse_args().entities)
    sys.stdout.write(
        f"{found.entities:,} entities, {found.entries} entries, {found.grounds:.1f} records and {found.measures:.1f} "
        f"measures each: {found.first_per_s:,.0f} entities/s for the first time, {found.again_per_s:,.0f} again\n"
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
