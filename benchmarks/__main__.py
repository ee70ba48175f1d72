"""`python -m benchmarks`: limits, consolidator, questions and a connector in one run, on a fresh stack."""

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks import checks, connecting, limits, load, profiling, report
from benchmarks.consolidator import Expected, Run, WrongError, measure, verified
from benchmarks.databases import conninfo, fresh_view, settings_for
from benchmarks.expected import expected_events
from benchmarks.processes import alone, bounded, pool
from benchmarks.rebuilding import Rebuilt, rebuilt
from benchmarks.records import DECIDE_ON, Mix
from sharehub import embedded
from sharehub.errors import SharehubError
from sharehub.settings import ConsolidatorSettings

_POLL_PASSES = 2
_KEPT = "SHAREHUB_CACHE"


def main(arguments: list[str] | None = None) -> int:
    """Measure, print, and write the JSON; 1 where a run did not do what it must."""
    options = _options(arguments)
    for name in [name for name in os.environ if name.startswith("SHAREHUB_") and name != _KEPT]:
        del os.environ[name]  # the benchmark measures the defaults
    mix = Mix(options.records, options.entities or options.records // 5)
    try:
        mix.counts()
        with TemporaryDirectory(prefix="sharehub-bench-", dir=options.home) as home:
            answer = _run(mix, Path(home), options)
        if answer and options.json:
            options.json.write_text(json.dumps(answer, indent=2) + "\n", encoding="utf-8")
        if answer and options.readme:
            report.fill(options.readme, answer)
    except (WrongError, SharehubError, TimeoutError, ValueError, subprocess.TimeoutExpired) as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    return 0


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--records", type=int, default=500_000, help="records in all (default: 500000)")
    parser.add_argument("--entities", type=int, default=0, help="entities (default: a fifth of the records)")
    parser.add_argument(
        "--asked-about",
        type=int,
        default=1_000_000,
        help="entities that checks choose from (default: 1000000; 0: none)",
    )
    parser.add_argument(
        "--rows", type=int, default=200_000, help="rows that a connector publishes (default: 200000; 0: none)"
    )
    parser.add_argument("--json", type=Path, help="file for the result as JSON")
    parser.add_argument("--readme", type=Path, help="page whose bench block is filled with the figures")
    parser.add_argument("--home", type=Path, help="folder for the temporary stack (default: the system's)")
    parser.add_argument("--profile", action="store_true", help="profile one worker and measure nothing else")
    return parser.parse_args(arguments)


def _run(mix: Mix, home: Path, options: argparse.Namespace) -> dict[str, Any] | None:
    _say("start Kafka and PostgreSQL")
    with embedded.owned(home) as stack:
        facts = report.machine(conninfo(stack.database_url))
        cache = home / "messages"
        cache.mkdir()
        prepared, expected = _prepare(mix, stack, home, cache)
        if options.profile:
            settings = settings_for(stack, home, "bench_profile", DECIDE_ON)
            with fresh_view(stack, settings):
                _say("profile one worker")
                profiling.show(settings)
            return None
        found = _limits(mix, stack, home, cache)
        runs, replay = _consolidated(stack, home, expected)
        _say("questions")
        questions = checks.measured(stack, home, options.asked_about) if options.asked_about else None
        _say("connector")
        published = connecting.measure(stack.bootstrap_servers, home, options.rows) if options.rows else None
    answer = report.document(facts, mix, prepared, found, runs, replay) | {
        "questions": questions,
        "connecting": published,
    }
    report.show(answer)
    return answer


def _prepare(mix: Mix, stack: embedded.Stack, home: Path, cache: Path) -> tuple[report.SetUp, Expected]:
    """Topics, records and what must become of them."""
    _say(f"publish {mix.records:,} records")
    begun = time.perf_counter()
    with fresh_view(stack, settings_for(stack, home, "bench_topics", DECIDE_ON)), pool(3) as workers:
        sent = [workers.submit(load.publish, stack.bootstrap_servers, mix, part, cache) for part in load.PARTS]
        events = bounded(workers.submit(expected_events, mix))
        counts = [bounded(one) for one in sent]
    if sum(count for count, _ in counts) != mix.records:
        raise WrongError(f"{counts} messages were published")
    seconds = time.perf_counter() - begun
    payload_bytes = sum(int(frame["payload"].bin.size().sum()) for frame in load.cached(cache, mix.records))
    prepared = report.SetUp(seconds, sum(size for _, size in counts), payload_bytes, len(events))
    return prepared, Expected(mix.records, mix.entities, events)


def _limits(mix: Mix, stack: embedded.Stack, home: Path, cache: Path) -> dict[str, float]:
    """Seconds of each limit."""
    sizes = ConsolidatorSettings()
    rows, servers = sizes.batch_records_max, stack.bootstrap_servers
    _say("poll only")
    found = {
        "poll_only": min(
            alone(limits.poll_only, servers, sizes.batch_bytes_max, rows, mix.records) for _ in range(_POLL_PASSES)
        )
    }
    _say("decode only")
    found["decode_only"] = alone(limits.decode_only, cache, rows)
    with fresh_view(stack, settings_for(stack, home, "bench_copy", DECIDE_ON)) as view:
        for name, keyed in (("copy_only", False), ("copy_only_keyed", True)):
            _say(name.replace("_", " "))
            found[name] = alone(limits.copy_only, view, cache, rows, keyed=keyed)
    return found


def _consolidated(stack: embedded.Stack, home: Path, expected: Expected) -> tuple[list[Run], Rebuilt]:
    """The consolidator with one worker and with two; what the one made is replayed by one, and must be the same."""
    one, two = (settings_for(stack, home, f"bench_{workers}", DECIDE_ON) for workers in (1, 2))
    with fresh_view(stack, one) as view:
        _say("consolidator, 1 worker")
        runs = [measure(one, view, 1, expected)]
        _say("replay, 1 worker")
        replay = rebuilt(one, view, 1)
        verified(view, expected, replay.schema)
    with fresh_view(stack, two) as view:
        _say("consolidator, 2 workers")
        return [*runs, measure(two, view, 2, expected)], replay


def _say(step: str) -> None:
    sys.stderr.write(f"{time.strftime('%H:%M:%S')}  {step}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    raise SystemExit(main())
