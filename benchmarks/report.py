"""What was measured, for people as a table and for machines as JSON."""

import os
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psycopg
from rich.console import Console
from rich.table import Table

from benchmarks.consolidator import Run
from benchmarks.rebuilding import Rebuilt
from benchmarks.records import DECIDE_ON, Mix
from sharehub.embedded.lock import KAFKA


@dataclass(frozen=True)
class SetUp:
    """What was prepared before anything was measured; `message_bytes` with key and headers."""

    seconds: float
    message_bytes: int
    payload_bytes: int
    events: int


def machine(conninfo: str) -> dict[str, Any]:
    """What the figures were measured on, and how busy it was when the run began."""
    with psycopg.connect(conninfo) as connection:
        postgres = connection.execute("SHOW server_version").fetchall()[0][0]
    return {
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "load_before": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
        "kafka": KAFKA.rpartition(":")[2],
        "postgres": postgres.split()[0],
        **{name: version(name) for name in ("kafka-python", "crc32c", "polars", "polars-avro", "pgpq", "psycopg")},
    }


def document(
    machine_facts: Mapping[str, Any],
    mix: Mix,
    set_up: SetUp,
    limits: Mapping[str, float],
    runs: list[Run],
    replay: Rebuilt,
) -> dict[str, Any]:
    """Everything that was measured; rates are records per second."""
    rates = {f"{run.workers}_workers" if run.workers > 1 else "1_worker": run for run in runs}
    return {
        "machine": dict(machine_facts),
        "records": mix.records,
        "entities": mix.entities,
        "mix": mix.counts(),
        "decide_on": DECIDE_ON.isoformat(),
        "payload_bytes_per_record": round(set_up.payload_bytes / mix.records, 1),
        "message_bytes_per_record": round(set_up.message_bytes / mix.records, 1),
        "table_bytes_per_record": round(runs[-1].table_bytes_per_record, 1),
        "events": set_up.events,
        "records_per_second": {
            **{name: round(mix.records / seconds) for name, seconds in limits.items()},
            **{f"consolidator_{name}": round(run.rate) for name, run in rates.items()},
            "replay_1_worker": round(replay.rate),
        },
        "replay_to_consolidator": round(replay.rate / runs[0].rate, 2),
        "two_workers_to_poll_only": round(runs[-1].rate / (mix.records / limits["poll_only"]), 3),
        "seconds": {
            "set_up": round(set_up.seconds, 1),
            **{name: round(seconds, 2) for name, seconds in limits.items()},
            **{f"consolidator_{name}": round(run.seconds, 2) for name, run in rates.items()},
            "replay_1_worker": round(replay.seconds, 2),
            **{f"start_up_{name}": round(run.start_up_seconds, 2) for name, run in rates.items()},
        },
        "batches": {name: run.batches for name, run in rates.items()},
        "shares": {name: list(run.shares) for name, run in rates.items()},
    }


_WORDS = {
    "poll_only": "poll only, 1 process",
    "decode_only": "decode only, 1 process",
    "copy_only": "COPY only, no key, 1 process",
    "copy_only_keyed": "COPY only, primary key, 1 process",
    "consolidator_1_worker": "consolidator, 1 worker",
    "consolidator_2_workers": "consolidator, 2 workers",
    "replay_1_worker": "replay of the same, 1 worker",
}


def show(found: Mapping[str, Any]) -> None:
    """Print the table."""
    facts = found["machine"]
    table = Table(
        title=f"{found['records']:,} records about {found['entities']:,} entities, "
        f"{found['payload_bytes_per_record']:.0f} bytes each, {found['events']:,} events",
        caption=f"{facts['cores']} cores, load {facts['load_before']} before, Python {facts['python']}, "
        f"Kafka {facts['kafka']}, PostgreSQL {facts['postgres']}",
    )
    table.add_column("measured")
    table.add_column("records/s", justify="right")
    table.add_column("seconds", justify="right")
    for name, rate in found["records_per_second"].items():
        table.add_row(_WORDS.get(name, name), f"{rate:,}", f"{found['seconds'][name]:.2f}")
    console = Console(highlight=False)
    console.print(table)
    console.print(
        f"2 workers / poll only: {found['two_workers_to_poll_only']:.0%}   "
        f"replay / consolidator: {found['replay_to_consolidator']:.2f}   "
        f"set-up {found['seconds']['set_up']} s   "
        f"start-up {found['seconds']['start_up_1_worker']} s and {found['seconds']['start_up_2_workers']} s"
    )
    console.print(questions_told(found))
    console.print(connecting_told(found))


def questions_told(found: Mapping[str, Any]) -> str:
    """Checks and look-ups, each beside its bare part, in a sentence or two; nothing where they were not measured."""
    asked = found["questions"]
    if not asked:
        return ""
    checks, look_ups = asked["checks"], asked["look_ups"]
    ours, bare = look_ups["look_up"], look_ups["bare_route"]
    return (
        f"{checks['questions']:,} checks in one call over {asked['entities']:,} entities take "
        f"{checks['call_over_http_ms']:.0f} ms, the bare SQL join {checks['bare_join_ms']:.0f} ms. "
        f"`GET /entities/…` answers {ours['per_second']:,} calls a second (p99 {ours['p99_ms']:.0f} ms), each written "
        f"down before, a bare FastAPI route {bare['per_second']:,} (p99 {bare['p99_ms']:.0f} ms); one server process, "
        f"{look_ups['connections']} connections."
    )


def connecting_told(found: Mapping[str, Any]) -> str:
    """A connector's run beside the bare producer, in a sentence; nothing where it was not measured."""
    run = found["connecting"]
    if not run:
        return ""
    rates = run["records_per_second"]
    return (
        f"`connector run` reads, checks, maps and publishes {run['rows']:,} rows of a register at "
        f"{rates['connector_run']:,} records per second of one core, in {run['connector_run']['memory_mib']:.0f} MiB; "
        f"kafka-python alone sends the very messages, one by one, at {rates['connector_produce_only']:,}."
    )


_BEGIN, _END = "<!-- bench -->", "<!-- /bench -->"


def fill(readme: Path, found: Mapping[str, Any]) -> None:
    """Replace the figures between the page's bench marks by those just measured."""
    facts, rates = found["machine"], found["records_per_second"]
    rows = "\n".join(f"| {_WORDS.get(name, name)} | {rate:,} |" for name, rate in rates.items())
    text = (
        f"{found['records']:,} records of mixed kinds about {found['entities']:,} entities, rules on, one run of "
        f"`make bench` on {facts['cores']} cores (load {facts['load_before']} before) that Kafka and PostgreSQL "
        f"share; two workers reach {found['two_workers_to_poll_only']:.0%} of polling alone, "
        f"a replay {found['replay_to_consolidator']:.2f} times one worker. "
        "[How it is measured](docs/benchmarks.md).\n\n"
        f"| measured | records/s |\n| --- | --: |\n{rows}"
    )
    if told := " ".join(filter(None, (questions_told(found), connecting_told(found)))):
        text += f"\n\n{told}"
    page = readme.read_text(encoding="utf-8")
    before, rest = page.split(_BEGIN)
    readme.write_text(f"{before}{_BEGIN}\n{text}\n{_END}{rest.split(_END)[1]}", encoding="utf-8")
