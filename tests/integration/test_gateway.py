"""The push gateway on a real Kafka: what it accepts is admitted, what it answers is so, and a repetition is none."""

import io
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from datetime import date
from html import unescape
from typing import Any

import fastavro
import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sharehub.bootstrap import access_file
from sharehub.cli.web import open_web
from sharehub.core.admission import message_key
from sharehub.core.record import record_id
from sharehub.errors import UnreachableError
from sharehub.flow.publish import Draft
from sharehub.push.drafts import Drafting
from sharehub.stream.publisher import Publisher as Producer
from sharehub.topics import records_topic
from sharehub.web.problems import KINDS
from sharehub.web.tokens import Tokens
from sharehub.wire.rows import decode, encode
from tests.integration.publishing import World, clear_topics, until
from tests.integration.pushing import Caller, about, codes, counts, gateway, log_messages, rating, served
from tests.integration.saying import REGISTRY, Company, Message, payload, subject

pytestmark = pytest.mark.integration


@pytest.fixture
def url(world: World) -> Iterator[str]:
    """The address of a gateway over the test's world."""
    with gateway(world) as address:
        yield address


@pytest.fixture
def tax(world: World, url: str) -> Caller:
    """The tax bureau, with a token."""
    return Caller(world, url, "tax")


def values_of(world: World) -> list[dict[str, Any]]:
    """Everything that the tax bureau said, decoded."""
    return [decode(REGISTRY, one.value)[1] for one in log_messages(world)]


def records(said: httpx.Response) -> list[dict[str, Any]]:
    """What became of each record."""
    return list(said.json()["records"])


def test_a_record_is_on_the_log_where_the_answer_says(world: World, tax: Caller) -> None:
    said = tax.post(rating(1))
    assert said.status_code == 200
    [one] = said.json()["records"]
    assert (one["status"], one["revision"], one["topic"]) == ("accepted", 1, world.topic("tax"))
    [message] = log_messages(world)
    assert (message.partition, message.offset) == (one["partition"], one["offset"])
    assert message.key.decode() == Company(1).uscc
    assert one["record_id"] == str(record_id(tax.agency, "push/1", 1)) == dict(message.headers)["ce_id"].decode()
    value = decode(REGISTRY, message.value)[1]
    assert (value["agency"], value["decided_on"], value["source"]["name"]) == (tax.agency, date(2026, 4, 1), "api")


def test_what_is_pushed_becomes_a_measure(world: World, tax: Caller) -> None:
    tax.post(rating(1))
    assert world.consolidate().records == 1
    assert world.counts()["measures"] == 1


def test_a_bad_record_does_not_hold_up_the_others(world: World, tax: Caller) -> None:
    said = tax.post([rating(1), rating(2, year="2025"), "text", rating(3, kind="penalty"), rating(4)])
    assert (said.status_code, counts(said)) == (207, (2, 0, 3))
    assert [one["index"] for one in said.json()["records"]] == [0, 1, 2, 3, 4]
    assert said.json()["records"][1]["faults"][0] == {
        "code": "invalid",
        "field": "year",
        "reason": "year must be a whole number",
    }
    assert len(values_of(world)) == 2


WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({"agency": "somebody"}, "wrong-agency", "agency"),
    ({"jurisdiction": "mx"}, "incompetent", "jurisdiction"),
    ({"subject": about("CN-USCC:123")}, "bad-identifier", "subject.identifiers"),
    ({"subject": about(Company(1).uscc.lower().replace("cn-uscc", "CN-USCC"))}, "bad-identifier", ""),
    ({"subject": about("POINTS:1")}, "bad-identifier", "subject.identifiers"),
    ({"decided_on": "1849-12-31"}, "bad-date", "dates"),
    ({"effective_from": "2026-02-02", "effective_to": "2026-02-01"}, "bad-date", "effective_to"),
    ({"grade": "A\0"}, "bad-value", ""),
    ({"revision": 0}, "invalid", "revision"),
    ({"record_key": ""}, "invalid", "record_key"),
    ({"decided_on": "20260401"}, "invalid", "decided_on"),
    ({"decided_on": "2026-02-30"}, "invalid", "decided_on"),
    ({"kind": "declaration"}, "invalid", ""),
    ({"kind": "points"}, "invalid", "kind"),
    ({"points": 3}, "invalid", "points"),
    ({"grade": "\ud800"}, "invalid", "grade"),
    ({"grade": "x" * 950_000}, "too-large", ""),
]


def test_what_the_consolidator_would_reject_is_refused_at_once(world: World, tax: Caller) -> None:
    said = tax.post([{**rating(place), **change} for place, (change, _, _) in enumerate(WRONG)])
    assert (said.status_code, said.headers["content-type"]) == (422, "application/problem+json")
    assert said.json()["type"] == "/problems/all-rejected"
    for one, (_, code, field) in zip(said.json()["records"], WRONG, strict=True):
        found = one["faults"][0]
        assert (one["status"], found["code"]) == ("rejected", code)
        assert field in found["field"]
        assert found["reason"]
    assert log_messages(world) == []


STATED = st.fixed_dictionaries(
    {
        "record_key": st.sampled_from(["a", "b", "c", ""]),
        "grade": st.sampled_from(["A", "B", "\0"]),
        "jurisdiction": st.sampled_from(["cn", "cn", "cn", "mx"]),
        "effective_from": st.sampled_from([None, "2026-02-01", "1800-01-01"]),
        "effective_to": st.sampled_from([None, "2026-03-01", "2026-01-01"]),
        "subject": st.lists(
            st.sampled_from([Company(1).uscc, Company(1).taxno, "CN-USCC:1", "CN-REGNO:1|2", "CN-REGNO:é", "LEI:1"]),
            max_size=2,
        ).map(lambda found: about(*found)),
    },
    optional={"revision": st.integers(0, 3), "agency": st.just("other"), "kind": st.just("penalty")},
)


@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(STATED, min_size=40, max_size=80))
def test_accepted_is_admitted_and_refused_is_what_the_consolidator_rejects(
    world: World, tax: Caller, stated: list[dict[str, Any]]
) -> None:
    bodies = [{**rating(1), **one} for one in stated]
    found = records(tax.post(bodies))
    assert world.consolidate().rejected == 0
    accepted = {one["record_id"] for one in found if one["status"] == "accepted"}
    assert accepted <= {str(row[0]) for row in world.rows("SELECT record_id FROM records")}
    judged = [
        (body, one["faults"][0])
        for body, one in zip(bodies, found, strict=True)
        if one["status"] == "rejected" and one["faults"][0]["code"] not in ("invalid", "revision-conflict")
    ]
    drafts = [Drafting(REGISTRY).from_plain(tax.agency, {"revision": 1, **body}) for body, _ in judged]
    world.say(forced(tax.agency, draft) for draft in drafts)
    before = Counter(world.rows("SELECT code, field, reason FROM rejections"))
    assert world.consolidate(rejected_share_max=1.0).rejected == len(judged)
    after = Counter(world.rows("SELECT code, field, reason FROM rejections"))
    assert after - before == Counter((one["code"], one["field"], one["reason"]) for _, one in judged)


def forced(agency: str, draft: Draft) -> Message:
    """The message of a record that the gateway refused."""
    key = message_key(agency, draft.value["record_key"], draft.value["subject"])
    return Message(records_topic(agency), key, encode(REGISTRY.latest(draft.kind), draft.value))


def test_the_same_again_is_a_duplicate_and_sends_nothing(world: World, tax: Caller) -> None:
    first, again = tax.post(rating(1)), tax.post(rating(1))
    assert (counts(first), counts(again)) == ((1, 0, 0), (0, 1, 0))
    places = [(one["partition"], one["offset"], one["record_id"]) for one in records(first) + records(again)]
    assert places[0] == places[1]
    assert len(log_messages(world)) == 1


def test_other_content_is_the_next_revision_that_says_what_it_supersedes(world: World, tax: Caller) -> None:
    said = records(tax.post([rating(1), rating(1, grade="B"), rating(1, grade="B"), rating(1, grade="C")]))
    assert [(one["status"], one["revision"]) for one in said] == [
        ("accepted", 1), ("accepted", 2), ("duplicate", 2), ("accepted", 3),
    ]  # fmt: skip
    assert said[1]["offset"] == said[2]["offset"]
    values = {one["revision"]: one for one in values_of(world)}
    assert [values[number]["supersedes"] for number in (1, 2, 3)] == [None, said[0]["record_id"], said[1]["record_id"]]
    assert world.consolidate().rejected == 0
    assert world.rows("SELECT status FROM measures") == [("lifted",)]  # A was rewarded, B ended it, C is none


def test_a_stated_revision_never_says_two_things(tax: Caller) -> None:
    tax.post(rating(1, revision=1))
    assert codes(tax.post(rating(1, grade="B", revision=1))) == [["revision-conflict"]]
    assert counts(tax.post(rating(1, grade="B", revision=5))) == (1, 0, 0)
    assert records(tax.post(rating(1, grade="A")))[0]["revision"] == 6


def test_a_call_under_the_same_key_gets_the_same_answer_and_sends_nothing(world: World, tax: Caller) -> None:
    body = [rating(1), rating(2, year="x"), rating(3), rating(1)]
    first = tax.post(body, key="call-1")
    tax.post(rating(1, grade="B"))  # meanwhile the record went on
    again = tax.post(body, key="call-1")
    assert again.json() == first.json()
    assert counts(first) == (2, 1, 1)
    assert len(log_messages(world)) == 3


def test_a_key_with_another_body_is_refused(world: World, tax: Caller) -> None:
    tax.post(rating(1), key="call-1")
    said = tax.post(rating(2), key="call-1")
    assert (said.status_code, said.json()["type"]) == (422, "/problems/other-body")
    assert len(log_messages(world)) == 1


def test_two_gateways_and_a_lost_memory_remember_by_the_log(world: World, tax: Caller) -> None:
    first = tax.post([rating(1), rating(2)], key="call-1")
    for path in (world.settings.home / "gateway").iterdir():
        path.write_bytes(b"damaged")
    with gateway(world) as another:
        tax.url = another
        assert tax.post([rating(1), rating(2)], key="call-1").json() == first.json()
        assert counts(tax.post([rating(2), rating(3)])) == (1, 1, 0)
    assert len(log_messages(world)) == 3


def test_a_crash_between_producing_and_answering_has_no_second_effect(
    world: World, tax: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliver = Producer.deliver

    def crash(self: Producer, topic: str, sent: Any) -> Any:
        deliver(self, topic, sent[:2])
        raise UnreachableError("the process died here")

    monkeypatch.setattr(Producer, "deliver", crash)
    body = [rating(number) for number in range(4)]
    torn = tax.post(body, key="call-1")
    assert (torn.status_code, torn.json()["type"]) == (503, "/problems/delivery-unclear")
    assert int(torn.headers["retry-after"]) > 0
    monkeypatch.undo()
    assert counts(tax.post(body, key="call-1")) == (4, 0, 0)
    assert len(log_messages(world)) == 4
    totals = world.consolidate()
    assert (totals.records, totals.duplicates, totals.rejected) == (4, 0, 0)


def test_agencies_speak_for_themselves_only(world: World, tax: Caller) -> None:
    assert tax.post(rating(1), Authorization="").status_code == 401
    assert tax.post(rating(1), Authorization="Bearer shub_wrong").headers["www-authenticate"] == "Bearer"
    assert tax.post(rating(1), Authorization=f"Basic {tax.token}").status_code == 401
    for other in (world.agency("register"), "nobody", "a%2F..%2Fb"):
        assert tax.post(rating(1), agency=other).status_code in (403, 404)
    assert log_messages(world) + log_messages(world, "register") == []


def test_a_revoked_token_is_refused_from_the_next_call_on(world: World, tax: Caller) -> None:
    tokens = Tokens(access_file(world.settings))
    tokens.revoke(tokens.all()[0].token_id)
    assert tax.post(rating(1)).json()["type"] == "/problems/not-authenticated"
    assert tax.token not in access_file(world.settings).read_text()
    assert access_file(world.settings).stat().st_mode & 0o077 == 0


AVRO = {"Content-Type": "application/vnd.confluent.avro"}


def container(*values: dict[str, Any], schema: Any = None, codec: str = "null") -> bytes:
    """An Avro object container file of ratings."""
    stream = io.BytesIO()
    fastavro.writer(stream, schema or REGISTRY.latest("rating").parsed, values, codec=codec)
    return stream.getvalue()


def whole(agency: str, number: int) -> dict[str, Any]:
    """A rating's whole value, as Avro wants it."""
    about_it = subject(Company(number).uscc)
    return decode(REGISTRY, payload("rating", agency, f"push/{number}", about_it))[1]


def test_avro_is_taken_one_message_or_a_file(world: World, tax: Caller) -> None:
    one = payload("rating", tax.agency, "push/1", subject(Company(1).uscc))
    assert counts(tax.post(one, **AVRO)) == (1, 0, 0)
    many = container(*(whole(tax.agency, number) for number in range(3)))
    assert counts(tax.post(many, **{"Content-Type": "avro/binary"})) == (2, 1, 0)
    assert log_messages(world)[0].value.startswith(b"\0")
    assert world.consolidate().rejected == 0


def test_avro_that_is_not_of_a_released_schema_is_refused(tax: Caller) -> None:
    endless = {"type": "record", "name": "R", "fields": [{"name": "a", "type": {"type": "array", "items": "null"}}]}
    for body, told in (
        (b"", "first byte"),
        (b"\0\0\0\0\x63", "no schema was released"),
        (payload("rating", tax.agency, "k", subject(Company(1).uscc))[:-1], "ends before"),
        (container(whole(tax.agency, 1))[:-20], "damaged"),
        (container(whole(tax.agency, 1), codec="deflate"), "compressed"),
        (container({"a": [None] * 9}, schema=endless), "not released"),
        (b"Obj\x01" + b"\xff" * 40, "no Avro object container"),
    ):
        said = tax.post(body, **AVRO)
        assert (said.status_code, said.json()["type"]) == (400, "/problems/bad-body"), body
        assert told in said.json()["detail"]


def test_bodies_that_are_none_are_refused_with_a_problem(world: World, tax: Caller) -> None:
    for body in (b"", b"{", b"1", b"\xff\xfe", b"[" * 100_000, b'"text"'):
        assert tax.post(body).json()["type"] == "/problems/bad-body", body[:20]
    assert tax.post(rating(1), **{"Content-Type": "text/csv"}).status_code == 415
    assert tax.post(rating(1), key="a key with spaces").status_code == 400
    assert counts(tax.post([])) == (0, 0, 0)
    large = b" " * (world.settings.web.body_bytes_max + 1)
    assert tax.post(large).status_code == 413
    many = [rating(1)] * (world.settings.web.batch_records_max + 1)
    assert tax.post(many).json()["type"] == "/problems/too-large"


def test_every_problem_has_its_page(url: str) -> None:
    for code, kind in KINDS.items():
        page = httpx.get(f"{url}/problems/{code}")
        assert page.status_code == 200
        assert kind.title in unescape(page.text)
    assert httpx.get(f"{url}/problems/nothing").status_code == 404
    missing = httpx.get(f"{url}/nothing")
    assert (missing.status_code, missing.headers["content-type"]) == (404, "application/problem+json")


def test_health_says_whether_records_can_be_taken(world: World, url: str) -> None:
    assert httpx.get(f"{url}/healthz").status_code == 200
    assert httpx.get(f"{url}/readyz").status_code == 200
    clear_topics(world.bootstrap_servers)
    away = httpx.get(f"{url}/readyz")
    assert (away.status_code, away.json()["type"]) == (503, "/problems/not-ready")
    assert "sharehub init" in away.json()["detail"]


def test_without_kafka_the_sender_is_told_to_come_again(world: World) -> None:
    kafka = world.settings.kafka.model_copy(update={"bootstrap_servers": "127.0.0.1:1"})
    settings = world.settings.model_copy(update={"kafka": kafka})
    with open_web(settings, 0) as url:
        said = Caller(world, url, "tax").post(rating(1))
    assert (said.status_code, said.json()["type"]) == (503, "/problems/log-away")
    assert "retry-after" in said.headers


def test_calls_at_once_are_each_answered(world: World, tax: Caller) -> None:
    answers: list[httpx.Response] = []
    batches = [[rating(number) for number in range(first, first + 40)] for first in range(0, 160, 20)]
    threads = [threading.Thread(target=lambda body=body: answers.append(tax.post(body))) for body in batches]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {one.status_code for one in answers} == {200}
    assert sum(counts(one)[0] for one in answers) == len(log_messages(world)) == 180


def test_serve_finishes_the_call_under_way_before_it_stops(world: World) -> None:
    process = world.command("serve", "--port", "0")
    caller = Caller(world, served(process), "tax")
    answers: list[httpx.Response] = []
    body = [rating(number) for number in range(6_000)]
    sender = threading.Thread(target=lambda: answers.append(caller.post(body)))
    sender.start()
    time.sleep(0.7)
    process.send_signal(signal.SIGTERM)
    sender.join()
    assert process.wait(timeout=60) == 0
    assert [counts(one) for one in answers] == [(6_000, 0, 0)]
    with pytest.raises(httpx.ConnectError):
        caller.post(rating(1))


def test_run_serves_http_beside_the_other_services(world: World) -> None:
    process = world.command("run", "--port", "0")
    caller = Caller(world, served(process), "tax")
    assert counts(caller.post(rating(1))) == (1, 0, 0)
    until(lambda: world.counts()["measures"] == 1, timeout_s=60, pause_s=0.3)
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=60) == 0


def test_a_port_that_is_taken_is_told(world: World, url: str) -> None:
    process = world.command("serve", "--port", url.rpartition(":")[2])
    errors = process.communicate(timeout=60)[1]
    assert process.returncode == 2
    assert "--port" in errors


def test_a_token_is_made_shown_once_listed_and_revoked(world: World, tax: Caller) -> None:
    made = world.told("token", "new", tax.agency, "--note", "tax system")
    tax.token = made["token"]
    assert tax.post(rating(1)).status_code == 200
    listed = world.told("token", "list")
    assert made["token_id"] in {one["token_id"] for one in listed}
    assert made["token"] not in str(listed)
    world.told("token", "revoke", made["token_id"])
    assert tax.post(rating(1)).status_code == 401
    assert world.ran("token", "new", "nobody")[0] == 2
