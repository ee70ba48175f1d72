"""`python -m benchmarks.checks`: questions about entities, beside the bare parts of the same run.

    checks     one call with 10,000 identifiers of a view of a million entities, in process and over HTTP, beside the
               bare SQL join of the same identifiers to their measures
    look-ups   GET /api/v1/entities/… of one server process, beside a bare FastAPI route of another one, by the same
               caller with the same number of connections

A run counts only if every answer is the one that must be there.
"""

import argparse
import asyncio
import json
import os
import random
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID, uuid4

import polars as pl
import psycopg
from fastapi import FastAPI

from benchmarks.calls import Caller, Rate
from benchmarks.databases import conninfo, settings_for
from benchmarks.feeding import Said, Worker, fed
from benchmarks.records import DECIDE_ON, Company, Mix, company, message
from sharehub import embedded
from sharehub.bootstrap import access_file
from sharehub.checks import Checks, open_checks
from sharehub.collector import seldom_collected
from sharehub.core.check import Ask
from sharehub.core.identifier import Identifier
from sharehub.core.linking import identifier_key
from sharehub.core.measure import Measure
from sharehub.core.reader import Reader, Sight
from sharehub.hub import open_hub
from sharehub.settings import Settings
from sharehub.shipped import shipped
from sharehub.store.arrow import copy_frame, copy_rows
from sharehub.store.documents import measure_document, measure_of
from sharehub.telemetry import configure_logs
from sharehub.topics import CASEWORK, records_topic
from sharehub.web.checks import checks_router
from sharehub.web.entities import entities_router
from sharehub.web.problems import answer_problems
from sharehub.web.server import listening, serving
from sharehub.web.tokens import Tokens
from sharehub.wire.registry import load_registry
from sharehub.wire.rulebooks import load_catalogue

QUESTIONS = 10_000
WITH_RECORDS = 500
"""Entities with records of their own, which the look-ups are about."""
_MEASURED_SHARE = 20
"""One entity in so many has a measure."""
_SEED = 7
_ROUNDS = 5
_READER = Reader(Sight("cn-tax", "agency"), "benchmark", "", "benchmark")

_BARE_JOIN = """
SELECT asked.key, identifiers.entity_id, measures.measure_id, measures.status, measures.effective_from,
  measures.effective_to, measures.body
FROM unnest(%s::uuid[]) AS asked (key) JOIN identifiers ON identifier_id = asked.key
LEFT JOIN measures USING (entity_id)
"""


def main(arguments: list[str] | None = None) -> int:
    """Measure, and print the figures as JSON."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.checks", description=__doc__.partition("\n")[0])
    parser.add_argument("--entities", type=int, default=1_000_000, help="entities (default: 1000000)")
    parser.add_argument("--seconds", type=float, default=10.0, help="of each series of look-ups (default: 10)")
    parser.add_argument("--connections", type=int, default=32, help="of the caller (default: 32)")
    parser.add_argument("--json", type=Path, help="file for the result as JSON")
    options = parser.parse_args(arguments)
    for name in [name for name in os.environ if name.startswith("SHAREHUB_") and name != "SHAREHUB_CACHE"]:
        del os.environ[name]
    configure_logs("json", quiet=True)
    with TemporaryDirectory(prefix="sharehub-bench-") as home, embedded.owned(Path(home), kafka=False) as stack:
        answer = measured(stack, Path(home), options.entities, options.seconds, options.connections)
    text = json.dumps(answer, indent=2) + "\n"
    sys.stdout.write(text)
    if options.json:
        options.json.write_text(text, encoding="utf-8")
    return 0


def measured(
    stack: embedded.Stack, home: Path, entities: int, seconds: float = 10.0, connections: int = 32
) -> dict[str, Any]:
    """Both measurements on one view of its own."""
    settings = settings_for(stack, home, "bench_checks", DECIDE_ON)
    topics = [records_topic(one) for one in load_catalogue(shipped("rulebooks")).agencies]
    with fed(stack.database_url, settings, [*topics, CASEWORK]) as worker:
        _fill(worker, entities)
        token = Tokens(access_file(settings)).issue("cn-tax", "", datetime.now(UTC))[1]
        with _serving(_bare_server, settings) as bare, _serving(_server, settings) as ours:
            _say("ask")
            return {
                "entities": entities,
                "load_before": round(os.getloadavg()[0], 2),
                "checks": _checks(settings, ours, token, entities),
                "look_ups": _look_ups(bare, ours, token, seconds, connections),
            }


def _fill(worker: Worker, entities: int) -> None:
    """Some entities as the consolidator makes them, and very many rows as it would have made them."""
    mix = Mix(WITH_RECORDS * 5, WITH_RECORDS)
    registry = load_registry()
    said = (message(registry, mix.said(*one)) for one in mix.plan())
    worker.take([Said(one.topic, one.key, one.payload) for one in said])
    _say(f"make {entities:,} entities")
    connection = worker.connection
    body = connection.execute("SELECT body::text FROM measures WHERE status = 'standing' LIMIT 1").fetchall()[0][0]
    pattern = measure_of(body)
    for first in range(WITH_RECORDS, entities, 50_000):
        _more(connection, range(first, min(entities, first + 50_000)), pattern)
    connection.execute("ANALYZE")
    connection.execute("CHECKPOINT")


def _more(connection: "psycopg.Connection[Any]", numbers: range, pattern: Measure) -> None:
    stated = [(number, one) for number in numbers for one in _identifiers(company(number))]
    ids = {number: identifier_key(_identifiers(company(number))[0]) for number in numbers}
    frame = pl.DataFrame(
        {
            "identifier_id": [identifier_key(one) for _, one in stated],
            "scheme": [one.scheme for _, one in stated],
            "value": [one.value for _, one in stated],
            "entity_id": [ids[number] for number, _ in stated],
        }
    )
    copy_frame(connection, "identifiers", frame.sort("identifier_id"))
    names = ("entity_id", "kind_rank", "name", "name_rank")
    copy_rows(connection, "entities", names, ((UUID(bytes=ids[n]), 0, company(n).name, "1") for n in numbers))
    company.cache_clear()
    columns = ("measure_id", "entity_id", "fact_id", "entry", "kind", "status", "number", "reason", "effective_from")
    rows = (_measure(pattern, UUID(bytes=ids[number])) for number in numbers if number % _MEASURED_SHARE == 0)
    copy_rows(connection, "measures", (*columns, "effective_to", "body", "last_on", "disputed"), rows)


def _identifiers(whom: Company) -> tuple[Identifier, Identifier]:
    return Identifier("CN-USCC", whom.uscc), Identifier("CN-ORGCODE", whom.orgcode)


def _measure(pattern: Measure, entity_id: UUID) -> tuple[object, ...]:
    made = replace(pattern, id=uuid4(), entity_id=entity_id, effective_from=date(2026, 1, 1), effective_to=None)
    kind = (made.entry, made.kind.value, "standing", 1, "issued", made.effective_from, None)
    return (made.id, entity_id, uuid4(), *kind, measure_document(made), date(2026, 1, 1), False)


def _checks(settings: Settings, port: int, token: str, entities: int) -> dict[str, Any]:
    chance = random.Random(_SEED)
    rounds = [chance.sample(range(WITH_RECORDS, entities), QUESTIONS) for _ in range(_ROUNDS)]
    bare_ms, own_ms, http_ms = [], [], []
    with seldom_collected(), open_hub(settings) as hub, psycopg.connect(conninfo(settings.database.url)) as connection:
        checks = Checks(hub)
        for numbers in rounds:
            asks = [Ask(str(number), [f"CN-USCC:{company(number).uscc}"]) for number in numbers]
            keys = [UUID(bytes=identifier_key(_identifiers(company(number))[0])) for number in numbers]
            expected = sum(number % _MEASURED_SHARE == 0 for number in numbers)
            begun = time.perf_counter()
            rows = connection.execute(_BARE_JOIN, [keys]).fetchall()
            bare_ms.append(1000 * (time.perf_counter() - begun))
            assert sum(row[2] is not None for row in rows) == expected
            begun = time.perf_counter()
            found = checks.check(_READER, asks)["answers"]
            own_ms.append(1000 * (time.perf_counter() - begun))
            assert sum(one["answer"] == "yes" for one in found) == expected, "wrong answers"
            http_ms.append(_posted(port, token, asks, expected))
    bare, own, http = (statistics.median(one) for one in (bare_ms, own_ms, http_ms))
    return {
        "questions": QUESTIONS,
        "bare_join_ms": round(bare, 1),
        "call_in_process_ms": round(own, 1),
        "call_over_http_ms": round(http, 1),
        "call_over_http_max_ms": round(max(http_ms), 1),
        "to_bare_join": round(http / bare, 1),
    }


def _posted(port: int, token: str, asks: list[Ask], expected: int) -> float:
    lines = [{"id": one.id, "identifier": one.identifiers[0]} for one in asks]
    body = json.dumps({"checks": lines, "user": "benchmark", "reason": "benchmark"}).encode()
    begun = time.perf_counter()
    answer = Caller(port, token).post("/api/v1/checks", body)
    took = 1000 * (time.perf_counter() - begun)
    assert sum(one["answer"] == "yes" for one in json.loads(answer)["answers"]) == expected, "wrong answers"
    return took


def _look_ups(bare: int, ours: int, token: str, seconds: float, connections: int) -> dict[str, Any]:
    paths = [f"/api/v1/entities/CN-USCC/{company(number).uscc}" for number in range(WITH_RECORDS)]
    caller = Caller(ours, token)
    first = asyncio.run(caller.series(paths, 0.0, connections))  # each once: nothing is kept yet
    kept = asyncio.run(caller.series(paths, seconds, connections))
    plain = asyncio.run(Caller(bare, token).series(["/bare"], seconds, connections))
    again = asyncio.run(caller.series(paths, seconds, connections))
    better = max(kept, again, key=lambda one: one.per_second)
    return {
        "connections": connections,
        "bare_route": _shown(plain),
        "look_up_first": _shown(first),
        "look_up": _shown(better),
        "to_bare_route": round(better.per_second / plain.per_second, 3),
    }


def _shown(rate: Rate) -> dict[str, float]:
    return {"per_second": round(rate.per_second), "p50_ms": round(rate.p50_ms, 1), "p99_ms": round(rate.p99_ms, 1)}


@contextmanager
def _serving(serve: Any, settings: Settings) -> Iterator[int]:
    """The port of a server in a process of its own."""
    context = get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=serve, args=(settings, there))
    process.start()
    try:
        yield here.recv()
    finally:
        here.send("stop")
        process.join(60)


def _server(settings: Settings, pipe: Connection) -> None:
    """The routes that are measured, as `sharehub serve` has them; it would ask for a log as well."""
    configure_logs("json", quiet=True)
    app = FastAPI()
    answer_problems(app)
    with open_checks(settings) as checks:
        tokens = Tokens(access_file(settings))
        app.include_router(checks_router(checks, tokens, settings.web.body_bytes_max))
        app.include_router(entities_router(checks, tokens))
        _serve(app, pipe)


def _bare_server(_settings: Settings, pipe: Connection) -> None:
    app = FastAPI()

    @app.get("/bare")
    async def bare() -> dict[str, str]:
        return {"status": "ok"}

    _serve(app, pipe)


def _serve(app: FastAPI, pipe: Connection) -> None:
    listener = listening("127.0.0.1", 0)
    with seldom_collected(), serving(app, listener):
        pipe.send(listener.getsockname()[1])
        pipe.recv()


def _say(step: str) -> None:
    sys.stderr.write(f"{time.strftime('%H:%M:%S')}  {step}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    raise SystemExit(main())
