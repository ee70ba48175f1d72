"""Where a record is, from its row to the answer: in `trace`, in every service's log, in headers and in the metrics."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from kafka import KafkaConsumer, TopicPartition
from prometheus_client.parser import text_string_to_metric_families

from sharehub.cli import main
from sharehub.core.record import record_id, trace_id
from sharehub.dead_letters import DeadLetters, Order
from sharehub.store.letters import Wanted
from sharehub.telemetry import configure_logs
from sharehub.telemetry.catalogue import HUB, PROCESS
from tests.conftest import RunningStack
from tests.integration.answering import answer_to
from tests.integration.publishing import World, fresh_world
from tests.integration.pushing import Caller, gateway, rating
from tests.integration.saying import Company, Message, Speaker, subject

pytestmark = pytest.mark.integration

CONNECTOR = """
[connector]
id = "ratings"
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
rating_system = {{ value = "tax-credit-rating" }}
grade = "grade"
year = {{ value = 2025 }}
decided_on = "on"
"subject.kind" = {{ value = "company" }}
"subject.identifiers" = {{ column = "code", scheme = "CN-USCC" }}
"""
RATED = Company(71).uscc
KEY = "ratings/1"


@pytest.fixture(scope="module")
def world(stack: RunningStack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A hub with one connector of the tax bureau."""
    folder = tmp_path_factory.mktemp("seen")
    with fresh_world(stack, folder) as made:
        connector = folder / "connectors" / "ratings"
        connector.mkdir(parents=True)
        (connector / "connector.toml").write_text(CONNECTOR.format(agency=made.agency("tax")), encoding="utf-8")
        made.config.write_text(f'connectors = "{connector.parent}"\n{made.config.read_text()}', encoding="utf-8")
        yield made


class Seen:
    """Runs commands over the world, and keeps what each printed and logged."""

    def __init__(self, world: World, captured: pytest.CaptureFixture[str]) -> None:
        self._world = world
        self._captured = captured

    def run(self, *words: str, code: int = 0) -> tuple[Any, list[dict[str, Any]]]:
        """Its answer, and its log lines."""
        self._captured.readouterr()
        assert main(["--config", str(self._world.config), "-v", "--json", *words]) == code
        told = self._captured.readouterr()
        lines = [json.loads(line) for line in told.err.splitlines() if line.startswith("{")]
        return json.loads(told.out) if told.out else None, lines

    def traced(self, *words: str) -> Any:
        """What `trace` answers."""
        return self.run("trace", *words)[0]


def events_of(lines: list[dict[str, Any]], event: str, trace: str) -> list[dict[str, Any]]:
    return [line for line in lines if line["event"] == event and line.get("trace_id") == trace]


def test_a_record_is_followed_from_its_row_to_the_answer(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    seen, agency, halls = Seen(world, capsys), world.agency("tax"), world.recipient("halls")
    file = tmp_path / "ratings.csv"
    file.write_text(f"no,grade,on,code\n1,A,2026-04-01,{RATED.partition(':')[2]}\n", encoding="utf-8")
    trace, words = trace_id(agency, KEY), (agency, KEY)

    _, lines = seen.run("connector", "run", "ratings", str(file))
    assert events_of(lines, "record_published", trace)
    waiting = seen.traced(*words)
    assert waiting["revisions"][0]["state"] == "waiting" and waiting["entity"] is None
    assert (waiting["revisions"][0]["source"]["name"], waiting["revisions"][0]["source"]["row"]) == ("ratings.csv", 2)
    published = waiting["revisions"][0]["published"]
    place = f"{published['topic']}:{published['partition']}:{published['offset']}"

    world.say([Message(world.topic("register"), b"key", b"no record", 0)])
    _, lines = seen.run("consolidate", "--until-caught-up")
    assert events_of(lines, "record_taken_in", trace)
    taken = seen.traced(*words)
    (revision,) = taken["revisions"]
    assert (revision["state"], revision["published"]) == ("taken-in", published)
    assert revision["received_at"] == published["appended_at"]
    assert [(one["event"], one["feeds"]) for one in taken["events"]] == [("issued", [])]

    _, lines = seen.run("relay", "--until-caught-up")
    sent = events_of(lines, "event_sent", trace)
    assert {line["topic"] for line in sent} >= {"events.sanction", f"feed.{halls}"}
    event_id = taken["events"][0]["event_id"]
    assert {line["event_id"] for line in sent} == {event_id}
    assert trace in header(world, f"feed.{halls}", 0) and trace in header(
        world, published["topic"], published["partition"]
    )

    world.say([answer_to(world, {"event_id": event_id}, feed="halls")])
    seen.run("consolidate", "--until-caught-up")
    told = f"feed.{halls}:0:0"
    named = [words, (str(record_id(agency, KEY, 1)),), (place,), (told,), (event_id,), (trace,)]
    answers = [seen.traced(*one) for one in named]
    assert all(one == answers[0] for one in answers)
    feed = next(one for one in answers[0]["events"][0]["feeds"] if one["feed"] == halls)
    assert feed["sent"] and feed["position"] == 1 and [said["status"] for said in feed["answers"]] == ["applied"]
    assert answers[0]["entity"]["entity_id"]
    assert world.rows("SELECT count(*) FROM reads WHERE act = 'trace'")[0][0] >= len(named)


def header(world: World, topic: str, partition: int) -> str:
    """The header that joins, of the first message there."""
    consumer = KafkaConsumer(bootstrap_servers=world.bootstrap_servers, metrics_enabled=False)
    at = TopicPartition(topic, partition)
    consumer.assign([at])
    consumer.seek(at, 0)
    (message, *_) = consumer.poll(10_000)[at]
    consumer.close()
    return dict(message.headers)["traceparent"].decode()


def test_what_was_rejected_says_why(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    seen = Seen(world, capsys)
    topic = world.topic("register")
    found = seen.traced(f"{topic}:0:0")
    (revision,) = found["revisions"]
    assert [revision[name] for name in ("state", "code", "letter_state")] == ["rejected", "bad-magic", "waiting"]
    assert world.rows("SELECT rejection_id::text FROM rejections") == [(revision["rejection_id"],)]
    assert main(["--config", str(world.config), "trace", f"{topic}:0:0"]) == 0
    assert "try: sharehub dead-letter show" in capsys.readouterr().out


def test_what_nobody_sent_and_what_is_no_name(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    seen = Seen(world, capsys)
    seen.run("trace", world.agency("tax"), "no=2", code=1)
    seen.run("trace", "nonsense", code=2)
    seen.run("trace", f"{world.topic('tax')}:0:999", code=2)
    seen.run("trace", "one", "two", "three", code=2)


def test_an_individuals_record_is_traced_for_a_stated_reason_only(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    court = world.agency("court")
    debtor = subject("CN-PERSON:3501**********123*", name="Wang Zhixia", kind="individual")
    world.say([Speaker(court).says("judgment", "j/1", debtor)])
    seen = Seen(world, capsys)
    seen.run("trace", court, "j/1", code=4)
    answer, _ = seen.run("trace", court, "j/1", "--reason", "case 7")
    assert answer["revisions"][0]["state"] == "waiting"


def test_a_pushed_record_is_logged_and_the_metrics_are_those_of_the_catalogue_and_true(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logs("json", verbose=True)
    with gateway(world) as url:
        assert Caller(world, url, "tax").post(rating(72, "pushed")).status_code == 200
        assert trace_id(world.agency("tax"), "pushed") in capsys.readouterr().err
        httpx.get(f"{url}/healthz", timeout=30)
        answer = httpx.get(f"{url}/metrics", timeout=30)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=")
    families = {one.name: one for one in text_string_to_metric_families(answer.text)}
    ours = {name for name in families if name.startswith("sharehub_")}
    assert ours == {one.name.removesuffix("_total") for one in (*PROCESS, *HUB)}
    values = {
        (one.name, *sorted(one.labels.values())): one.value for family in families.values() for one in family.samples
    }
    tax, halls = world.agency("tax"), world.recipient("halls")
    assert values["sharehub_agency_messages_total", *sorted((tax, "new"))] == 1
    assert values["sharehub_lag_messages", world.topic("tax")] == 1
    assert values["sharehub_lag_messages", f"acks.{halls}"] == 0
    assert values["sharehub_lag_messages", world.topic("court")] == 1
    assert values["sharehub_feed_position", halls] == 1
    assert values["sharehub_services_connected", "web"] == 1
    assert values["sharehub_dead_letters_waiting",] == 1
    assert values["sharehub_part_up", "kafka"] == 1
    assert values["sharehub_http_requests_total", *sorted(("GET", "/healthz", "2xx"))] >= 1
    assert values["sharehub_consolidator_messages_total", "new"] >= 1


def test_a_letter_that_is_settled_is_traced_as_such(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """The last one: no letter waits any more."""
    DeadLetters(world.hub).discard(Order(wanted=Wanted(), by="An operator", why="junk", wait_s=0))
    world.consolidate()
    assert main(["--config", str(world.config), "trace", f"{world.topic('register')}:0:0"]) == 0
    assert "the letter is discarded" in capsys.readouterr().out
