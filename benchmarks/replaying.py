"""`python -m benchmarks.replaying --data DIR`: replays of real files, measured and compared by hash.

Publishes both 69-B snapshots, the rated taxpayers and the registry as their connectors do. So many live workers
consolidate them in an empty view, and a replay with as many follows: records a second of both, for each number of
workers. Then they are replayed with each number of workers and batches of 10,000, 37 and 1 records, and all views are
compared by hash. With `--on HOME` the pieces of a table share a stack that `sharehub up` has started and in which the
files were published and consolidated.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.consolidator import consolidated
from benchmarks.databases import fresh_view, settings_for
from benchmarks.rebuilding import rebuilt
from benchmarks.records import DECIDE_ON
from sharehub import embedded
from sharehub.bootstrap import home
from sharehub.cli import main as sharehub
from sharehub.hub import Hub, open_hub
from sharehub.replay.plan import planned
from sharehub.replay.run import Pace, begin
from sharehub.replay.status import ask, every
from sharehub.replay.verify import verify
from sharehub.settings import Settings
from sharehub.telemetry import configure_logs

FILES = (
    ("mx-sat-69b", "mx_sat_69b/Listado_Completo_69-B_2021-05-18.csv"),
    ("mx-sat-69b", "mx_sat_69b/Listado_Completo_69-B_2022-11-30.csv"),
    ("cn-tax-rating", "cn_tax_a_rated/heilongjiang.csv"),
    ("cn-registry", "cn_registry/heilongjiang.csv.gz"),
)

SEED = 20261126


def main(arguments: list[str] | None = None) -> int:
    """Measure, print, and write the JSON."""
    options = _options(arguments)
    configure_logs("json", quiet=True)
    if options.on:
        with open_hub(Settings(home=options.on, log="json")) as hub:
            answer = _replays(hub, options)
    else:
        with (
            TemporaryDirectory(prefix="sharehub-bench-", dir=options.home) as folder,
            embedded.owned(Path(folder)) as stack,
        ):
            answer = _measured(stack, Path(folder), options)
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
    parser.add_argument("--kills", type=int, default=0, help="then kill a replay so often, at random moments")
    parser.add_argument("--no-fold", action="store_true", help="compare with the live view only")
    parser.add_argument("--json", type=Path, help="file for the result as JSON")
    parser.add_argument("--home", type=Path, help="folder for the temporary stack (default: the system's)")
    options = parser.parse_args(arguments)
    if options.kills and not options.on:
        parser.error("--kills needs --on HOME: the commands that are killed take their settings from there")
    return options


def _measured(stack: embedded.Stack, folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    """The files, live and replayed with each number of workers; then replays of one live view, compared by hash."""
    publishing = settings_for(stack, folder, "bench_publishing", DECIDE_ON)
    with fresh_view(stack, publishing):
        _published(publishing, options.data, FILES[: options.files])
    beside = [_beside(stack, folder, workers) for workers in options.workers]
    if not options.batches:
        return {"beside_live": beside}
    settings = settings_for(stack, folder, "bench_replaying", DECIDE_ON)
    with fresh_view(stack, settings), open_hub(settings) as hub:
        hub.consolidate(until_caught_up=True)
        hub.timers(hub.today())
        return {"beside_live": beside, **_replays(hub, options)}


def _beside(stack: embedded.Stack, folder: Path, workers: int) -> dict[str, Any]:
    """So many live workers on an empty view, and then a replay with as many, at work over the same records."""
    _say(f"{workers} live workers, and a replay with as many")
    settings = settings_for(stack, folder, f"bench_beside_{workers}", DECIDE_ON)
    with fresh_view(stack, settings) as view:
        load = round(os.getloadavg()[0], 2)
        live = consolidated(settings, workers)
        replay = rebuilt(settings, view, workers)
    return {
        "workers": workers,
        "load_before": load,
        "records": replay.records,
        "live_per_second": round(live.rate),
        "replay_per_second": round(replay.rate),
        "ratio": round(replay.rate / live.rate, 2),
    }


def _replays(hub: Hub, options: argparse.Namespace) -> dict[str, Any]:
    """A replay for every number of workers and size of batches, and how many different views they came to."""
    load = round(os.getloadavg()[0], 2)
    found = [
        _replayed(hub, workers, batch, fold=workers == 1 and not options.no_fold)
        for batch in options.batches
        for workers in options.workers
    ]
    answer = {"load_before": load, "replays": found, "different_views": len({one["view"] for one in found})}
    if options.kills:
        answer["killed"] = _killed(hub, options.kills)
    return answer


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


def _killed(hub: Hub, kills: int) -> dict[str, Any]:
    """A replay whose process is killed again and again; whether who goes on ends with the live view."""
    chance = random.Random(SEED)
    plan = planned(hub, to=None, jurisdiction="", rulebook=None, from_records=False)
    file = home(hub.settings) / "plan.json"
    file.write_text(plan.model_dump_json(), encoding="utf-8")
    reached = [0]
    while len(reached) <= kills:
        words = ["resume"] if reached[-1] else ["run", str(file), "--execute"]
        more = ["--workers", chance.choice("12"), "--batch", chance.choice(("37", "500", "5000"))]
        with subprocess.Popen(_command(hub, *words, *more), stderr=subprocess.DEVNULL) as process:
            while process.poll() is None and _done(hub) <= reached[-1]:
                time.sleep(0.1)
            time.sleep(chance.uniform(0, 3))
            assert process.poll() is None, "it came to its end before it was killed often enough"
            process.kill()
        reached.append(_done(hub))
        _say(f"killed after {reached[-1]} records")
    subprocess.run(_command(hub, "resume"), check=True)
    found = verify(hub, Pace(1), _quiet, fold=False)
    told = found.as_json()
    ask(hub, "cancel")
    return {
        "killed_at": reached[1:],
        "of": plan.records,
        "view": told["rebuilt"],
        "told": told["rebuilt_told"],
        "as_live": found.holds and found.live is not None,
    }


def _command(hub: Hub, *words: str) -> list[str]:
    return [sys.executable, "-m", "sharehub", "--home", str(home(hub.settings)), "-q", "replay", *words]


def _done(hub: Hub) -> int:
    newest = every(hub)[0]
    return newest["done"] or 0


def _quiet(_done: int, _total: int) -> None:
    """No progress is shown."""


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


if __name__ == "__main__":
    raise SystemExit(main())
