"""`python -m benchmarks.replaying --data DIR`: replays of real files, measured and compared by hash.

Publishes both 69-B snapshots, the rated taxpayers and the registry as their connectors do, consolidates them live, and
replays them with 1, 2 and 4 workers and batches of 10,000, 37 and 1 records. Then invented records are said at a steady
pace while the replay takes the live view's place.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import cycle, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event
from typing import Any

import psycopg

from benchmarks.databases import fresh_view, settings_for
from benchmarks.records import DECIDE_ON, Mix, message
from sharehub import embedded
from sharehub.cli import main as sharehub
from sharehub.feeds import Feeds
from sharehub.hub import Hub, open_hub
from sharehub.replay.plan import Plan, planned
from sharehub.replay.promote import promote
from sharehub.replay.run import Pace, begin
from sharehub.replay.status import ask
from sharehub.replay.verify import verify
from sharehub.settings import Settings
from sharehub.stream.publisher import Publisher
from sharehub.telemetry import configure_logs
from sharehub.wire.registry import load_registry

FILES = (
    ("mx-sat-69b", "mx_sat_69b/Listado_Completo_69-B_2021-05-18.csv"),
    ("mx-sat-69b", "mx_sat_69b/Listado_Completo_69-B_2022-11-30.csv"),
    ("cn-tax-rating", "cn_tax_a_rated/heilongjiang.csv"),
    ("cn-registry", "cn_registry/heilongjiang.csv.gz"),
)
_LOAD_S = 12
_RATE = 500


def main(arguments: list[str] | None = None) -> int:
    """Measure, print, and write the JSON."""
    options = _options(arguments)
    configure_logs("json", quiet=True)
    with (
        TemporaryDirectory(prefix="sharehub-bench-", dir=options.home) as home,
        embedded.owned(Path(home)) as stack,
    ):
        settings = settings_for(stack, Path(home), "bench_replaying", DECIDE_ON)
        with fresh_view(stack, settings) as dsn:
            answer = _measured(settings, dsn, options)
    text = json.dumps(answer, indent=2, default=str)
    sys.stdout.write(text + "\n")
    if options.json:
        options.json.write_text(text + "\n", encoding="utf-8")
    return 0


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.replaying", description=__doc__.partition("\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="folder of the real files")
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2, 4], help="numbers of processes")
    parser.add_argument("--batches", type=int, nargs="*", default=[10_000, 37, 1], help="records in a batch")
    parser.add_argument("--files", type=int, default=len(FILES), help="how many of the files, the largest last")
    parser.add_argument("--no-load", action="store_true", help="leave the promotion under load out")
    parser.add_argument("--json", type=Path, help="file for the result as JSON")
    parser.add_argument("--home", type=Path, help="folder for the temporary stack (default: the system's)")
    return parser.parse_args(arguments)


def _measured(settings: Settings, dsn: str, options: argparse.Namespace) -> dict[str, Any]:
    _published(settings, options.data, FILES[: options.files])
    answer: dict[str, Any] = {"load_before": round(os.getloadavg()[0], 2)}
    with open_hub(settings) as hub:
        began = time.perf_counter()
        totals = hub.consolidate(until_caught_up=True)
        seconds = time.perf_counter() - began
        answer["live_one_worker"] = {"records": totals.records, "per_second": round(totals.records / seconds)}
        hub.timers(hub.today())
        answer["replays"] = [_replayed(hub, workers, batch) for batch in options.batches for workers in options.workers]
        answer["different_views"] = len({one["view"] for one in answer["replays"]})
        if not options.no_load:
            answer["promotion"] = _promoted(settings, hub, dsn)
    return answer


def _published(settings: Settings, data: Path, files: Sequence[tuple[str, str]]) -> None:
    """Publish the files as an agency does."""
    os.environ["SHAREHUB_HOME"] = str(settings.home)
    os.environ["SHAREHUB_KAFKA__BOOTSTRAP_SERVERS"] = settings.kafka.bootstrap_servers
    os.environ["SHAREHUB_DATABASE__URL"] = settings.database.url
    for connector, file in files:
        _say(f"publish {file}")
        assert sharehub(["-q", "--json", "connector", "run", connector, str(data / file)]) in (0, 1)


def _replayed(hub: Hub, workers: int, batch: int) -> dict[str, Any]:
    """One replay, verified and given up again."""
    _say(f"replay with {workers} workers, batches of {batch}")
    plan = _plan(hub)
    began = time.perf_counter()
    assert begin(hub, plan, "benchmark", Pace(workers, batch), _quiet) == "rebuilt"
    seconds = time.perf_counter() - began
    fold = workers == 1
    found = verify(hub, Pace(1), _quiet, fold=fold)
    told = found.as_json()
    ask(hub, "cancel")
    return {
        "workers": workers,
        "batch": batch,
        "records": plan.records,
        "per_second": round(plan.records / seconds),
        "view": told["rebuilt"],
        "as_live": told["live"] == told["rebuilt"],
        "as_fold": told["fold"] == told["rebuilt"] if fold else None,
        "told_as_live": told["live_told"] == told["rebuilt_told"],
        "told_as_fold": told["fold_told"] == told["rebuilt_told"] if fold else None,
        "differing": {part: {k: v for k, v in one.items() if k != "first"} for part, one in found.differing.items()},
    }


def _plan(hub: Hub) -> Plan:
    return planned(hub, to=None, jurisdiction="", rulebook=None, from_records=False)


def _promoted(settings: Settings, hub: Hub, dsn: str) -> dict[str, Any]:
    """A promotion while records are said: how long the feed stood still, what was lost or told twice."""
    assert begin(hub, _plan(hub), "benchmark", Pace(2), _quiet) == "rebuilt"
    assert verify(hub, Pace(2), _quiet, fold=False).holds
    with _services(settings), ThreadPoolExecutor(1) as pool:
        time.sleep(5)  # the services join, and the feed catches up
        stop = Event()
        load = pool.submit(_load, settings, stop)
        time.sleep(_LOAD_S)
        began = datetime.now(UTC)
        done = promote(hub, "benchmark", "somebody else", _quiet)
        ended = datetime.now(UTC)
        time.sleep(_LOAD_S)
        stop.set()
        said = load.result()
        time.sleep(5)
    with psycopg.connect(dsn) as connection:
        rows = connection.execute(_GAPS, [began, ended, began]).fetchall()
        events, distinct, entries = connection.execute(_COUNTS).fetchall()[0]
    gaps = {phase: {"longest_gap_ms": round(gap), "events": number} for phase, gap, number in rows}
    assert begin(hub, _plan(hub), "benchmark", Pace(2), _quiet) == "rebuilt"
    after = verify(hub, Pace(2), _quiet, fold=False)
    return {
        "said_per_second": round(said / (2 * _LOAD_S)),
        "promotion_s": round((ended - began).total_seconds(), 1),
        "exchange_ms": done.stalled_ms,
        "feed": gaps,
        "lost": events - entries,
        "repeated": entries - distinct,
        "same_view_after": after.holds,
    }


_GAPS = """
WITH entries AS (
  SELECT published_at, extract(epoch FROM published_at - lag(published_at) OVER (ORDER BY feed_position)) * 1000 AS gap
  FROM feed_entries WHERE feed = 'events.sanction'
),
phases AS (
  SELECT gap, CASE WHEN published_at < %s THEN 'before' WHEN published_at < %s + interval '2 s' THEN 'during'
    ELSE 'after' END AS phase
  FROM entries WHERE published_at > %s - interval '10 s'
)
SELECT phase, max(gap), count(*) FROM phases GROUP BY phase
"""
_COUNTS = """
SELECT (SELECT count(*) FROM events), count(DISTINCT event_id), count(*) FROM feed_entries
WHERE feed = 'events.sanction'
"""


@contextmanager
def _services(settings: Settings) -> Iterator[None]:
    """A live consolidator and a relay."""
    with open_hub(settings) as one, open_hub(settings) as other, ThreadPoolExecutor(2) as pool:
        works: Sequence[Callable[[], object]] = (
            lambda: one.consolidate(until_caught_up=False),
            lambda: Feeds(other).relay(until_caught_up=False),
        )
        running = [pool.submit(work) for work in works]
        try:
            yield
        finally:
            one.stopping.set()
            other.stopping.set()
        for work in running:
            work.result(timeout=60)


def _load(settings: Settings, stop: Event) -> int:
    """Say invented records at a steady pace until told to stop; returns how many."""
    mix, registry = Mix(50_000, 10_000), load_registry()
    source = (message(registry, mix.said(*one)) for one in cycle(mix.plan()))
    began, said = time.perf_counter(), 0
    with Publisher(settings.kafka.bootstrap_servers, "sharehub-benchmark-load") as publisher:
        while not stop.is_set():
            for one in islice(source, _RATE // 10):
                publisher.send(one.topic, one.key, one.payload, one.headers)
                said += 1
            publisher.flush()
            stop.wait(max(0.0, began + said / _RATE - time.perf_counter()))
    return said


def _quiet(_done: int, _total: int) -> None:
    """No progress is shown."""


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


if __name__ == "__main__":
    raise SystemExit(main())
