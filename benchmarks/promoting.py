"""`python -m benchmarks.promoting`: a replay takes the live view's place while records are said at a steady pace.

Every part is a command of its own, as an operator runs it: consolidator, relay, HTTP server, `replay promote`. Two
readers follow from the first event on: a read_committed consumer of the event log, and a cursor over HTTP. What each of
them saw is compared with the events in the database: how long nothing came, what was lost, what came twice.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count, islice, pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event
from typing import Any, NamedTuple

import psycopg
from kafka import TopicPartition

from benchmarks.databases import conninfo
from benchmarks.records import Mix, Said, message
from sharehub import embedded
from sharehub.errors import UnreachableError
from sharehub.settings import Settings
from sharehub.stream.publisher import Publisher
from sharehub.stream.reading import open_consumer
from sharehub.subscriber import Subscriber
from sharehub.wire.registry import load_registry

_BEFORE = 5_000
_ENTITIES = 10_000
_EVENTFUL = 5
"""Every so many-th record is a decision from which a measure follows; else too few events show when nothing comes."""
_LOG = "events.sanction"


class Seen(NamedTuple):
    """An event as a reader got it: its id, and when, by the clock of this machine."""

    event_id: str
    at: float


def main(arguments: list[str] | None = None) -> int:
    """Measure, and print the JSON."""
    options = _options(arguments)
    with TemporaryDirectory(prefix="sharehub-bench-", dir=options.home) as folder:
        home = Home(Path(folder))
        with embedded.owned(home.path) as stack:
            answer = Promotion(home, stack, options).measured()
    sys.stdout.write(json.dumps(answer, indent=2) + "\n")
    return 0


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.promoting", description=__doc__.partition("\n")[0])
    parser.add_argument("--rate", type=int, default=500, help="records a second that are said meanwhile")
    parser.add_argument("--seconds", type=int, default=15, help="for so long before the promotion, and after it")
    parser.add_argument("--home", type=Path, help="folder for the temporary stack (default: the system's)")
    return parser.parse_args(arguments)


class Home(NamedTuple):
    """A home on which commands are run."""

    path: Path

    def words(self, *words: str) -> list[str]:
        """The command as the system starts it."""
        return [sys.executable, "-m", "sharehub", "--home", str(self.path), "--json", *words]

    def command(self, *words: str) -> Any:
        """What a command answers."""
        done = subprocess.run(self.words("-q", *words), stdout=subprocess.PIPE, text=True, check=True, timeout=300)
        return json.loads(done.stdout or "null")

    @contextmanager
    def service(self, *words: str) -> Iterator[Path]:
        """A command that runs until the end of the block, and ends well; yields the file of what it tells."""
        told = self.path / f"{words[0]}.log"
        with told.open("w") as log, subprocess.Popen(self.words(*words), stdout=log, stderr=log) as one:
            try:
                yield told
            finally:
                one.terminate()
                one.wait(timeout=60)


class Promotion:
    """The records that are said, the services at work, and the two readers."""

    def __init__(self, home: Home, stack: embedded.Stack, options: argparse.Namespace) -> None:
        self._home, self._stack, self._rate, self._seconds = home, stack, options.rate, options.seconds
        self._registry = load_registry()
        self._said = _said()

    def measured(self) -> dict[str, Any]:
        """A promotion under load."""
        self._home.command("init")
        self._say(islice(self._said, _BEFORE))
        for word in ("consolidate", "relay"):
            self._home.command(word, "--until-caught-up")
        plan = str(self._home.path / "plan.json")
        self._home.command("replay", "plan", "-o", plan)
        self._home.command("replay", "run", plan, "--execute")
        self._home.command("replay", "verify", "--no-fold")
        recipient = max(self._home.command("feed", "list"), key=lambda one: one["position"])["recipient"]
        token = self._home.command("token", "new", recipient, "--role", "recipient")["token"]
        load, stop = round(os.getloadavg()[0], 2), Event()
        with ThreadPoolExecutor(3) as pool, self._home.service("consolidate"), self._home.service("relay"):
            with self._home.service("serve", "--port", "0") as server:
                try:
                    readers = {
                        "kafka": pool.submit(self._from_kafka, stop),
                        "http": pool.submit(self._over_http, _address(server), recipient, token, stop),
                    }
                    load_s, promotion = self._under_load(pool)
                    began, ended, done = promotion
                    time.sleep(2)
                    self._settled()
                finally:
                    stop.set()
            seen = {name: reader.result() for name, reader in readers.items()}
        told = {"kafka": self._told(""), "http": self._told(recipient)}
        return {
            "load_before": load,
            "said_per_second": round(load_s),
            "events": len(told["kafka"]),
            "promotion_s": round(ended - began, 1),
            "work_stood_still_ms": done["stalled_ms"],
            "readers": {name: _compared(seen[name], told[name], began, ended) for name in seen},
        }

    def _under_load(self, pool: ThreadPoolExecutor) -> tuple[float, tuple[float, float, Any]]:
        """Records said a second, and from when to when the promotion was at work, and what it answers."""
        stop = Event()
        load: Future[float] = pool.submit(self._at_pace, stop)
        try:
            time.sleep(self._seconds)
            began = time.time()
            done = self._home.command("replay", "promote", "--by", "One", "--approved-by", "Another", "--execute")
            ended = time.time()
            time.sleep(self._seconds)
        finally:
            stop.set()
        return load.result(), (began, ended, done)

    def _at_pace(self, stop: Event) -> float:
        began, said = time.monotonic(), 0
        with Publisher(self._stack.bootstrap_servers, "sharehub-benchmark-load") as publisher:
            while not stop.is_set():
                for one in islice(self._said, self._rate // 10):
                    publisher.send(*_sent(self._registry, one))
                    said += 1
                publisher.flush()
                stop.wait(max(0.0, began + said / self._rate - time.monotonic()))
        return said / (time.monotonic() - began)

    def _say(self, said: Iterator[Said]) -> None:
        with Publisher(self._stack.bootstrap_servers, "sharehub-benchmark-load") as publisher:
            for one in said:
                publisher.send(*_sent(self._registry, one))
            publisher.flush()

    def _from_kafka(self, stop: Event) -> list[Seen]:
        seen: list[Seen] = []
        consumer = open_consumer(self._stack.bootstrap_servers)
        try:
            places = [TopicPartition(_LOG, one) for one in sorted(consumer.partitions_for_topic(_LOG))]
            consumer.assign(places)
            consumer.seek_to_beginning(*places)
            while not stop.is_set():
                for records in consumer.poll(100).values():
                    seen += [Seen(dict(one.headers)["ce_id"].decode(), time.time()) for one in records]
        finally:
            consumer.close(autocommit=False)
        return seen

    def _over_http(self, url: str, recipient: str, token: str, stop: Event) -> list[Seen]:
        seen = []
        settings = Settings(home=self._home.path)
        try:
            with Subscriber(recipient, url=url, token=token, after="", settings=settings) as feed:
                for event in feed:
                    seen.append(Seen(str(event.id), time.time()))
        except UnreachableError:
            if not stop.is_set():  # else the server is gone because all is over
                raise
        return seen

    def _settled(self) -> None:
        """Wait until all that was said is consolidated and has left."""
        for _ in range(120):
            status = self._home.command("status")
            if not status["outbox_unsent"] and not any(status["lag"].values()):
                time.sleep(3)
                return
            time.sleep(1)
        raise TimeoutError("the services did not come to an end")

    def _told(self, recipient: str) -> list[str]:
        """The events that a reader must have seen: all, or those for a recipient."""
        query = "SELECT event_id::text FROM events WHERE %(to)s::text = '' OR body->'measure'->'recipients' ? %(to)s"
        with psycopg.connect(conninfo(self._stack.database_url)) as connection:
            return [row[0] for row in connection.execute(query, {"to": recipient})]


def _said() -> Iterator[Said]:
    """The mix of the other benchmarks, in which every fifth record is a decision; none is said twice."""
    mix = Mix(200_000, 40_000)
    plain = (one for one in mix.plan() if one[0] in ("registration", "declaration", "licence"))
    decisions = count(1_000_000)
    for number, one in enumerate(plain):
        yield mix.said("arrears", next(decisions)) if number % _EVENTFUL == 0 else mix.said(*one)


def _sent(registry: Any, said: Said) -> tuple[str, bytes, bytes, list[tuple[str, bytes]]]:
    one = message(registry, said)
    return one.topic, one.key, one.payload, one.headers


def _address(told: Path) -> str:
    """Where the server says that it answers."""
    for _ in range(300):
        if found := re.search(r"http://[0-9.]+:\d+", told.read_text()):
            return found[0]
        time.sleep(0.1)
    raise TimeoutError(told.read_text())


def _compared(seen: Sequence[Seen], told: Sequence[str], began: float, ended: float) -> dict[str, Any]:
    """How long nothing came, by phase, and what was lost or came twice."""
    gaps = [(after.at, round((after.at - before.at) * 1000)) for before, after in pairwise(seen)]
    phases = {
        "before": [gap for at, gap in gaps if began - 10 < at < began],
        "during": [gap for at, gap in gaps if began <= at < ended + 2],
        "after": [gap for at, gap in gaps if ended + 2 <= at < ended + 12],
    }
    distinct = {one.event_id for one in seen}
    return {
        "longest_gap_ms": {name: max(found, default=None) for name, found in phases.items()},
        "events": len(seen),
        "lost": len(set(told) - distinct),
        "repeated": len(seen) - len(distinct),
    }


if __name__ == "__main__":
    raise SystemExit(main())
