"""Connectors against a real Kafka: what is on the log is what the files say, once, whatever dies in between."""

import json
import re
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol
from uuid import uuid4

import pytest
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition

from sharehub.cli import main
from sharehub.connect.guards import Accepted, Approval
from sharehub.connect.mapping import load_connector
from sharehub.connect.prospect import Outcome, Request
from sharehub.connect.runner import Runner, Surroundings
from sharehub.core.record import record_id, trace_id
from sharehub.errors import RefusedError, UnreachableError, UsageError
from sharehub.stream.admin import ensure_topics
from sharehub.stream.publisher import Publisher
from sharehub.topics import Topic, records_topic
from sharehub.wire.registry import load_registry
from sharehub.wire.rows import decode

pytestmark = pytest.mark.integration

REGISTRY = load_registry()
PARTITIONS = 3
TOML = """
[connector]
id = "{id}"
agency = "{agency}"
record = "rating"
jurisdiction = "cn"
[source]
type = "csv"
mode = "snapshot"
encoding = "utf-8"
[key]
fields = ["key.no"]
[fields]
"key.no" = {{ column = "no", required = true }}
rating_system = {{ value = "r" }}
grade = "grade"
year = {{ value = 2018 }}
"subject.kind" = {{ value = "company" }}
"subject.identifiers" = {{ column = "code", scheme = "CN-REGNO" }}
"""
HEADER = "no,grade,code\n"


class Stack(Protocol):
    """What the session's fixture yields."""

    bootstrap_servers: str
    home: Path


class Agency:
    """A made-up agency with a topic of its own and connectors on it."""

    toml, header = TOML, HEADER

    def __init__(self, stack: Stack, folder: Path) -> None:
        self.name = f"agency-{uuid4().hex[:8]}"
        self.bootstrap_servers = stack.bootstrap_servers
        self.folder = folder
        self.home = folder / "home"
        self.topic = records_topic(self.name)
        self.make_topic()

    def make_topic(self) -> None:
        """The agency's topic, as `init` makes it."""
        ensure_topics(self.bootstrap_servers, [Topic(self.topic)], partitions=PARTITIONS, replication_factor=1)

    def runner(self, connector: str = "demo", home: Path | None = None) -> Runner:
        """A connector's runner with the data folder of this agency, or another one."""
        folder = self.folder / connector
        folder.mkdir(exist_ok=True)
        (folder / "connector.toml").write_text(self.toml.format(id=connector, agency=self.name), encoding="utf-8")
        around = Surroundings(self.bootstrap_servers, home or self.home, REGISTRY)
        return Runner(load_connector(folder), around, lambda _step, _done, _total: None)

    def run(self, rows: str, connector: str = "demo", home: Path | None = None, **accepted: Any) -> Outcome:
        """Run over a file with these rows."""
        return self.runner(connector, home).run(self.request(rows, **accepted))[0]

    def request(self, rows: str, **accepted: Any) -> Request:
        """A request with a file of these rows."""
        path = self.folder / "list.csv"
        path.write_text(self.header + rows, encoding="utf-8")
        return Request((path,), accepted=Accepted(**accepted, approval=Approval("the head of office", "looked at")))

    def messages(self) -> list[Any]:
        """Everything on the topic, by partition and offset."""
        consumer = KafkaConsumer(bootstrap_servers=self.bootstrap_servers, enable_auto_commit=False)
        places = [TopicPartition(self.topic, number) for number in range(PARTITIONS)]
        consumer.assign(places)
        consumer.seek_to_beginning(*places)
        end = consumer.end_offsets(places)
        found: list[Any] = []
        while any(consumer.position(place) < end[place] for place in places):
            for batch in consumer.poll(timeout_ms=500).values():
                found += batch
        consumer.close()
        return found

    def revisions(self) -> dict[str, list[tuple[int, str]]]:
        """Revisions and kinds of every record key on the topic."""
        found: dict[str, list[tuple[int, str]]] = {}
        for message in self.messages():
            schema, value = decode(REGISTRY, message.value)
            found.setdefault(value["record_key"], []).append((value["revision"], schema.name))
        return {key: sorted(revisions) for key, revisions in found.items()}


@pytest.fixture
def agency(stack: Stack, tmp_path: Path) -> Iterator[Agency]:
    """An agency of its own for every test."""
    yield Agency(stack, tmp_path)


def counts(outcome: Outcome) -> tuple[int, int, int, int, int, int]:
    """read, published, unchanged, withdrawn, rejected, skipped."""
    assert outcome.read == outcome.published + outcome.unchanged + outcome.rejected + outcome.skipped
    return (
        outcome.read,
        outcome.published,
        outcome.unchanged,
        outcome.withdrawn,
        outcome.rejected,
        outcome.skipped,
    )


def test_records_changes_and_withdrawals_reach_the_log_once(agency: Agency) -> None:
    assert counts(agency.run("1,A,77\n2,A,78\n3,A,\n")) == (3, 3, 0, 0, 0, 0)
    assert counts(agency.run("1,A,77\n2,A,78\n3,A,\n")) == (3, 0, 3, 0, 0, 0)
    assert counts(agency.run("1,B,77\n3,A,\n4,A,79\n")) == (3, 2, 1, 1, 0, 0)
    assert counts(agency.run("1,B,77\n2,A,78\n3,A,\n4,A,79\n")) == (4, 1, 3, 0, 0, 0)
    assert agency.revisions() == {
        "demo/1": [(1, "rating"), (2, "rating")],
        "demo/2": [(1, "rating"), (2, "withdrawal"), (3, "rating")],
        "demo/3": [(1, "rating")],
        "demo/4": [(1, "rating")],
    }


def test_messages_carry_key_headers_and_the_chain_of_revisions(agency: Agency) -> None:
    agency.run("1,A,77\n2,A,\n")
    agency.run("2,A,\n")
    by_key = {}
    for message in agency.messages():
        schema, value = decode(REGISTRY, message.value)
        by_key[value["record_key"], value["revision"]] = (schema.name, message, value)
    name, message, value = by_key["demo/1", 2]
    assert name == "withdrawal"
    assert message.key == b"CN-REGNO:77" == by_key["demo/1", 1][1].key
    assert value["supersedes"] == str(record_id(agency.name, "demo/1", 1))
    assert value["reason"] == "absent from the agency's list list.csv"
    span = record_id(agency.name, "demo/1", 2).hex[:16]
    assert dict(message.headers) == {
        "ce_id": str(record_id(agency.name, "demo/1", 2)).encode(),
        "ce_source": f"/agencies/{agency.name}/connectors/demo".encode(),
        "ce_type": b"gov.sharehub.records.withdrawal",
        "traceparent": f"00-{trace_id(agency.name, 'demo/1')}-{span}-01".encode(),
    }
    assert by_key["demo/2", 1][1].key == f"RECORD:{agency.name}/demo/2".encode()


def test_a_lost_or_damaged_cache_is_rebuilt_from_the_log(agency: Agency) -> None:
    agency.run("1,A,77\n2,A,78\n")
    shutil.rmtree(agency.home)
    assert counts(agency.run("1,A,77\n2,A,78\n")) == (2, 0, 2, 0, 0, 0)
    (agency.home / "connectors" / "demo" / "published.sqlite").write_bytes(b"not a database" * 100)
    assert counts(agency.run("1,A,77\n2,A,78\n")) == (2, 0, 2, 0, 0, 0)
    assert counts(agency.run("1,A,77\n", home=agency.folder / "other machine")) == (1, 0, 1, 1, 0, 0)
    assert counts(agency.run("1,A,77\n")) == (1, 0, 1, 0, 0, 0)


def test_a_crash_after_sending_duplicates_nothing(agency: Agency, monkeypatch: pytest.MonkeyPatch) -> None:
    def dies(_publisher: Publisher) -> int:
        raise KeyboardInterrupt

    real = Publisher.flush
    monkeypatch.setattr(Publisher, "flush", lambda publisher: (real(publisher), dies(publisher))[1])
    with pytest.raises(KeyboardInterrupt):
        agency.run("1,A,77\n2,A,78\n")
    monkeypatch.undo()
    assert counts(agency.run("1,A,77\n2,A,78\n")) == (2, 0, 2, 0, 0, 0)
    assert all(len(revisions) == 1 for revisions in agency.revisions().values())


def test_a_topic_made_anew_starts_from_nothing(agency: Agency) -> None:
    agency.run("1,A,77\n")
    admin = KafkaAdminClient(bootstrap_servers=agency.bootstrap_servers)
    admin.delete_topics([agency.topic])
    while agency.topic in admin.list_topics():
        pass
    admin.close()
    agency.make_topic()
    assert counts(agency.run("1,A,77\n")) == (1, 1, 0, 0, 0, 0)


def test_connectors_of_one_agency_leave_each_other_alone(agency: Agency) -> None:
    agency.run("1,A,77\n", "demo")
    assert counts(agency.run("1,A,77\n", "demo-2")) == (1, 1, 0, 0, 0, 0)
    assert counts(agency.run("1,A,77\n", "demo")) == (1, 0, 1, 0, 0, 0)


def test_what_others_put_on_the_topic_is_ignored(agency: Agency) -> None:
    producer = KafkaProducer(bootstrap_servers=agency.bootstrap_servers)
    for value in (b"demo/ is no record", b"\0\0\0\0\4demo/", None):
        producer.send(agency.topic, key=b"k", value=value)
    producer.flush()
    producer.close()
    assert counts(agency.run("1,A,77\n")) == (1, 1, 0, 0, 0, 0)


def test_a_guard_sends_nothing_until_it_is_overridden(agency: Agency) -> None:
    rows = "".join(f"{number},A,{number}\n" for number in range(1, 31))
    agency.run(rows)
    before = len(agency.messages())
    with pytest.raises(RefusedError, match="0 rows read; 30 are usual"):
        agency.run("")
    fewer = rows.split("11,A,11")[0] + "31,A,31\n"
    with pytest.raises(RefusedError):
        agency.run(fewer)
    with pytest.raises(RefusedError, match="20 of 30 records"):
        agency.run(fewer, withdrawals=19)
    assert len(agency.messages()) == before
    assert counts(agency.run(fewer, withdrawals=20)) == (11, 1, 10, 20, 0, 0)


def test_a_preview_sends_nothing(agency: Agency) -> None:
    prospect = agency.runner().preview(agency.request("1,A,77\n1,B,77\n"))
    assert (prospect.gathered.new, len(prospect.gathered.rejected)) == (1, 1)
    assert agency.messages() == []


def test_a_missing_topic_and_an_absent_kafka_are_told(agency: Agency) -> None:
    agency.name = "nobody"
    with pytest.raises(UsageError, match=r"no topic records\.nobody") as caught:
        agency.run("1,A,77\n")
    assert "sharehub init" in caught.value.hint
    with Publisher(agency.bootstrap_servers, "test") as publisher, pytest.raises(UsageError):
        publisher.send("records.nobody", b"k", b"v")
    agency.bootstrap_servers = "127.0.0.1:9"
    with pytest.raises(UnreachableError):
        agency.run("1,A,77\n")


def test_the_command_line_answers_in_the_documented_shape(
    agency: Agency, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SHAREHUB_KAFKA__BOOTSTRAP_SERVERS", agency.bootstrap_servers)
    monkeypatch.setenv("SHAREHUB_CONNECTORS", str(agency.folder))
    monkeypatch.setenv("SHAREHUB_HOME", str(agency.home))
    agency.runner()
    (file,) = agency.request("1,A,77\n2,A,78\n2,B,78\n").files
    empty = agency.folder / "empty.csv"
    empty.write_text(HEADER, encoding="utf-8")

    def answer(*words: str) -> tuple[int, Any]:
        code = main(["connector", *words, "--json", "-q"])
        out = capsys.readouterr().out
        return code, json.loads(out) if out else None

    code, previewed = answer("preview", "demo", str(file))
    assert (code, previewed["new"], previewed["rejected"], len(previewed["first"])) == (0, 2, 1, 2)
    code, ran = answer("run", "demo", str(file))
    assert code == 1
    assert ran.pop("seconds") > 0
    assert datetime.fromisoformat(ran.pop("ended_at")) <= datetime.now(UTC)
    assert ran == {
        "agency": agency.name,
        "connector": "demo",
        "read": 3,
        "published": 2,
        "unchanged": 0,
        "withdrawn": 0,
        "rejected": 1,
        "skipped": 0,
        "records": 3,
        "respelled": 0,
        "possibly_respelled": [],
    }
    assert answer("list")[1][0]["connector"] == "demo"
    assert answer("status", "demo")[1][0]["published"] == 2
    code, rejected = answer("rejects", "demo", "-o", str(agency.folder / "r.xlsx"))
    assert (code, rejected[0]["place"]) == (0, "list.csv, row 4")
    assert (agency.folder / "r.xlsx").is_file()
    assert answer("run", "demo", str(empty)) == (4, None)
    assert answer("run", "demo", "nothing.csv") == (2, None)
    assert answer("run", "nobody") == (2, None)


def test_a_run_ends_with_one_line_for_an_e_mail_and_status_tells_who_let_it_pass(
    agency: Agency, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SHAREHUB_KAFKA__BOOTSTRAP_SERVERS", agency.bootstrap_servers)
    monkeypatch.setenv("SHAREHUB_CONNECTORS", str(agency.folder))
    monkeypatch.setenv("SHAREHUB_HOME", str(agency.home))
    agency.run("1,A,77\n2,A,78\n3,A,79\n4,A,80\n")
    (file,) = agency.request("1,A,77\n2,A,78\n").files
    accepted = ["--accept-withdrawals", "2", "--approved-by", "A. Head", "--reason", "two have closed"]
    assert main(["connector", "run", "demo", str(file), *accepted]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    counted = "2 read, 0 published, 2 unchanged, 2 withdrawn, 0 rejected, 0 skipped, 0 respelled"
    assert re.fullmatch(
        rf"{agency.name}, demo, \d{{4}}-\d\d-\d\d \d\d:\d\d UTC: {counted} in [\d.]+ s \([\d,]+ rows/s\)", line
    )
    assert main(["connector", "status", "demo"]) == 0
    told = capsys.readouterr().out.splitlines()[-1]
    assert "demo: " in told
    assert "2 of 4 records" in told
    assert told.endswith("approved by A. Head: two have closed")
