"""`python -m benchmarks.what_if`: how long a trial of a rulebook takes on a million entities, and what it costs.

Records of `benchmarks/records.py` are consolidated by hand into a fresh database, and copied there under other ids
until there are so many. Then the next version of the national rulebook, with one heavier and one lighter ground, is
tried on it as `rulebook what-if` does.
"""

import argparse
import json
import os
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg

from benchmarks.databases import conninfo, settings_for
from benchmarks.feeding import BATCH, Said, Worker, fed
from benchmarks.records import DECIDE_ON, Mix, message
from sharehub import embedded
from sharehub.bootstrap import rulebooks_folder
from sharehub.core.condition import Condition
from sharehub.core.entry import Entry
from sharehub.core.rulebook import Rulebook
from sharehub.core.what_if import Trial, trial
from sharehub.flow.what_if import Look
from sharehub.settings import Settings
from sharehub.topics import CASEWORK, records_topic
from sharehub.trials import Answer, Ask, try_out
from sharehub.wire.registry import load_registry
from sharehub.wire.rulebooks import load_catalogue


def main(arguments: list[str] | None = None) -> int:
    """Measure, print, and write the JSON."""
    options = _options(arguments)
    with (
        TemporaryDirectory(prefix="sharehub-bench-", dir=options.home) as home,
        embedded.owned(Path(home)) as stack,
    ):
        settings = settings_for(stack, Path(home), "bench_what_if", DECIDE_ON)
        topics = [records_topic(one) for one in load_catalogue(rulebooks_folder(Settings())).agencies]
        with fed(stack.database_url, settings, [*topics, CASEWORK]) as worker:
            made = max(options.entities // options.copies, 1)
            _fill(worker, Mix(made * 5, made), options.copies)
            answer: dict[str, Any] = {"load_before": round(os.getloadavg()[0], 2)}
            answer |= {f"{count}_workers": _measured(settings, count) for count in options.workers}
    text = json.dumps(answer, indent=2)
    sys.stdout.write(text + "\n")
    if options.json:
        options.json.write_text(text + "\n", encoding="utf-8")
    return 0


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.what_if", description=__doc__.partition("\n")[0])
    parser.add_argument("--entities", type=int, default=1_000_000, help="entities (default: 1000000)")
    parser.add_argument("--copies", type=int, default=10, help="how often each entity is there (default: 10)")
    parser.add_argument("--workers", type=int, nargs="+", default=[2], help="numbers of processes to measure with")
    parser.add_argument("--json", type=Path, help="file for the result as JSON")
    parser.add_argument("--home", type=Path, help="folder for the temporary stack (default: the system's)")
    return parser.parse_args(arguments)


_COPIED = """
CREATE FUNCTION other(id uuid, copy int) RETURNS uuid LANGUAGE sql IMMUTABLE
  AS $$ SELECT md5(id::text || copy)::uuid $$;
INSERT INTO identifiers SELECT other(identifier_id, copy), scheme, value, other(entity_id, copy)
  FROM identifiers, generate_series(2, {copies}) copy;
INSERT INTO records SELECT other(subject_id, copy), other(record_id, copy), agency, received_at, payload
  FROM records, generate_series(2, {copies}) copy;
INSERT INTO measures SELECT other(measure_id, copy), other(entity_id, copy), fact_id, entry, kind, status, number,
    reason, effective_from, effective_to, jsonb_set(body, '{{entity_id}}', to_jsonb(other(entity_id, copy))),
    last_on, disputed, excepted_from, excepted_to
  FROM measures, generate_series(2, {copies}) copy;
INSERT INTO entities (entity_id, kind_rank, name, name_rank, next_due_on, decided_on)
  SELECT other(entity_id, copy), kind_rank, name, name_rank, next_due_on, decided_on
  FROM entities, generate_series(2, {copies}) copy;
"""
"""The same entities again, under ids that lie as far apart; a trial reads no other table."""


def _fill(worker: Worker, mix: Mix, copies: int) -> None:
    _say(f"consolidate {mix.records:,} records about {mix.entities:,} entities")
    registry = load_registry()
    said = (message(registry, mix.said(*one)) for one in mix.plan())
    messages = (Said(one.topic, one.key, one.payload) for one in said)
    done = 0
    while some := list(islice(messages, BATCH)):
        worker.take(some)
        done += len(some)
        if done % (BATCH * 25) == 0:
            _say(f"{done:,} records")
    _say(f"make {mix.records * copies:,} of them")
    worker.connection.execute(_COPIED.format(copies=copies))
    worker.connection.execute("ANALYZE")
    worker.connection.execute("CHECKPOINT")


def tried() -> Trial:
    """The next version of the national rulebook: one penalty must be heavier, another no longer be of one kind."""
    catalogue = load_catalogue(rulebooks_folder(Settings()))
    book = catalogue.rulebook("cn", DECIDE_ON)
    assert book is not None
    return trial(catalogue, _edited(book), DECIDE_ON)


def _edited(book: Rulebook) -> Rulebook:
    edits: dict[str, Callable[[Entry], Entry]] = {
        "major-environmental-penalty": lambda one: _where(one, Condition("fine", "at_least", "2100000.00")),
        "unauthorised-medicines": lambda one: _without(one, "violation_type"),
    }
    entries = tuple(edits[one.id](one) if one.id in edits else one for one in book.entries)
    return replace(book, version="tried", entries=entries)


def _where(entry: Entry, test: Condition) -> Entry:
    return replace(entry, ground=replace(entry.ground, where=(*entry.ground.where, test)))


def _without(entry: Entry, field: str) -> Entry:
    where = tuple(test for test in entry.ground.where if test.field != field)
    return replace(entry, ground=replace(entry.ground, where=where))


def _measured(settings: Settings, workers: int) -> dict[str, Any]:
    _say(f"try a rulebook with {workers} workers")
    url = settings.database.url
    ask = Ask(look=Look(tried(), rows_max=3), database_url=url, decide_on=DECIDE_ON, workers=workers, samples=3)
    server = _server(url)
    before, server_before, begun = _children_s(), _processor_s(server), time.perf_counter()
    found: Answer = try_out(ask, lambda rows: None, lambda done, total: None)
    wall = time.perf_counter() - begun
    time.sleep(1)  # the sessions end
    return {
        "seconds": round(wall, 1),
        "cpu_seconds": round(_children_s() - before, 1),
        "postgres_cpu_seconds": round(_processor_s(server) - server_before, 1),
        "most_memory_of_a_worker_mb": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024,
        "entities": found.entities,
        "decided": found.decided,
        "totals": {name: count for (what, _, name), count in sorted(found.counts.items()) if what == "all"},
    }


def _children_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _server(url: str) -> int:
    """The process of PostgreSQL to which the sessions belong."""
    with psycopg.connect(conninfo(url)) as connection:
        folder = connection.execute("SHOW data_directory").fetchall()[0][0]
    return int((Path(folder) / "postmaster.pid").read_text(encoding="utf-8").splitlines()[0])


def _processor_s(server: int) -> float:
    """Processor time of the server and of its sessions that have ended."""
    fields = Path(f"/proc/{server}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def _say(step: str) -> None:
    sys.stderr.write(f"{time.strftime('%H:%M:%S')}  {step}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    raise SystemExit(main())
