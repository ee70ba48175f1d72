"""`python -m benchmarks.replaying --data DIR`: replays of real files, measured and compared by hash.

Publishes both 69-B snapshots, the rated taxpayers and the registry as their connectors do, consolidates them live, and
replays them with 1, 2 and 4 workers and batches of 10,000, 37 and 1 records. With `--on HOME` the pieces of a table
share a stack that `sharehub up` has started and in which the files were published and consolidated.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.databases import fresh_view, settings_for
from benchmarks.records import DECIDE_ON
from sharehub import embedded
from sharehub.cli import main as sharehub
from sharehub.hub import Hub, open_hub
from sharehub.replay.plan import planned
from sharehub.replay.run import Pace, begin
from sharehub.replay.status import ask
from sharehub.replay.verify import verify
from sharehub.settings import Settings
from sharehub.telemetry import configure_logs

FILES = (
    ("mx-sat-69b", "mx_sat_69b/Listado_Completo_69-B_2021-05-18.csv"),
    ("mx-sat-69b", "mx_sat_69b/Listado_Completo_69-B_2022-11-30.csv"),
    ("cn-tax-rating", "cn_tax_a_rated/heilongjiang.csv"),
    ("cn-registry", "cn_registry/heilongjiang.csv.gz"),
)


def main(arguments: list[str] | None = None) -> int:
    """Measure, print, and write the JSON."""
    options = _options(arguments)
    configure_logs("json", quiet=True)
    if options.on:
        with open_hub(Settings(home=options.on, log="json")) as hub:
            answer = _replays(hub, options)
    else:
        with (
            TemporaryDirectory(prefix="sharehub-bench-", dir=options.home) as home,
            embedded.owned(Path(home)) as stack,
        ):
            settings = settings_for(stack, Path(home), "bench_replaying", DECIDE_ON)
            with fresh_view(stack, settings):
                answer = _measured(settings, options)
    text = json.dumps(answer, indent=2, default=str)
    sys.stdout.write(text + "\n")
    if options.json:
        options.json.write_text(text + "\n", encoding="utf-8")
    return 0


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.replaying", description=__doc__.partition("\n")[0])
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--data", type=Path, help="folder of the real files")
    where.add_argument("--on", type=Path, metavar="HOME", help="home of a stack that is up, with its view filled")
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2, 4], help="numbers of processes")
    parser.add_argument("--batches", type=int, nargs="*", default=[10_000, 37, 1], help="records in a batch")
    parser.add_argument("--files", type=int, default=len(FILES), help="how many of the files, the largest last")
    parser.add_argument("--no-fold", action="store_true", help="compare with the live view only")
    parser.add_argument("--json", type=Path, help="file for the result as JSON")
    parser.add_argument("--home", type=Path, help="folder for the temporary stack (default: the system's)")
    return parser.parse_args(arguments)


def _measured(settings: Settings, options: argparse.Namespace) -> dict[str, Any]:
    _published(settings, options.data, FILES[: options.files])
    with open_hub(settings) as hub:
        began = time.perf_counter()
        totals = hub.consolidate(until_caught_up=True)
        seconds = time.perf_counter() - began
        hub.timers(hub.today())
        live = {"records": totals.records, "per_second": round(totals.records / seconds)}
        return {"live_one_worker": live, **_replays(hub, options)}


def _replays(hub: Hub, options: argparse.Namespace) -> dict[str, Any]:
    """A replay for every number of workers and size of batches, and how many different views they came to."""
    load = round(os.getloadavg()[0], 2)
    found = [
        _replayed(hub, workers, batch, fold=workers == 1 and not options.no_fold)
        for batch in options.batches
        for workers in options.workers
    ]
    return {"load_before": load, "replays": found, "different_views": len({one["view"] for one in found})}


def _published(settings: Settings, data: Path, files: Sequence[tuple[str, str]]) -> None:
    """Publish the files as an agency does."""
    os.environ["SHAREHUB_HOME"] = str(settings.home)
    os.environ["SHAREHUB_KAFKA__BOOTSTRAP_SERVERS"] = settings.kafka.bootstrap_servers
    os.environ["SHAREHUB_DATABASE__URL"] = settings.database.url
    for connector, file in files:
        _say(f"publish {file}")
        assert sharehub(["-q", "--json", "connector", "run", connector, str(data / file)]) in (0, 1)


def _replayed(hub: Hub, workers: int, batch: int, *, fold: bool) -> dict[str, Any]:
    """One replay, verified and given up again."""
    _say(f"replay with {workers} workers, batches of {batch}")
    plan = planned(hub, to=None, jurisdiction="", rulebook=None, from_records=False)
    began = time.perf_counter()
    assert begin(hub, plan, "benchmark", Pace(workers, batch), _quiet) == "rebuilt"
    seconds = time.perf_counter() - began
    found = verify(hub, Pace(1), _quiet, fold=fold)
    told = found.as_json()
    ask(hub, "cancel")
    _say(f"  {round(plan.records / seconds)} records a second, the same view: {found.holds}")
    return {
        "workers": workers,
        "batch": batch,
        "records": plan.records,
        "per_second": round(plan.records / seconds),
        "view": told["rebuilt"],
        "told": told["rebuilt_told"],
        "as_live": told["live"] == told["rebuilt"],
        "as_fold": told["fold"] == told["rebuilt"] if fold else None,
        "told_as_live": told["live_told"] == told["rebuilt_told"],
        "told_as_fold": told["fold_told"] == told["rebuilt_told"] if fold else None,
        "differing": {part: {k: v for k, v in one.items() if k != "first"} for part, one in found.differing.items()},
    }


def _quiet(_done: int, _total: int) -> None:
    """No progress is shown."""


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


if __name__ == "__main__":
    raise SystemExit(main())
