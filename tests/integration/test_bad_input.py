"""Bad input is answered with a reason and its original bytes, and costs nobody else anything."""

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from sharehub.dead_letters import DeadLetters
from sharehub.errors import RefusedError
from sharehub.store.letters import Wanted
from tests.integration.installation import Running
from tests.integration.publishing import World, by_hand, create_topic, fresh_world
from tests.integration.saying import Company, Message, Speaker, payload, subject

pytestmark = pytest.mark.integration

STRANGER = "stranger"
NOISE = random.Random(1).randbytes(300)  # noqa: S311 - a test
LAST_DAY = 2**31 - 1
"""A day that an Avro date can hold and no calendar has."""


def penalty(world: World, **changes: Any) -> Message:
    """A good penalty, or what the changes make of it; `role` and `topic` are the agency that speaks and where."""
    role = changes.pop("role", "environment")
    kind = changes.pop("kind", "penalty")
    said = Speaker(world.agency(role)).says(kind, changes.pop("record_key", "bad"), **_about(changes), **changes)
    return said._replace(topic=world.topic("environment"))


def _about(changes: dict[str, Any]) -> dict[str, Any]:
    return {"about": subject(*changes.pop("identifiers", (Company(1).uscc,)), name=changes.pop("name", None))}


def _bytes(change: Callable[[bytes], bytes | None]) -> Callable[[World], Message]:
    def changed(world: World) -> Message:
        good = penalty(world)
        return good._replace(value=change(good.value or b""))

    return changed


def _of_a_stranger(world: World) -> Message:
    about = subject(Company(1).uscc)
    value = payload("penalty", f"{STRANGER}-{world.names}", "bad", about)
    return Message(world.topic(STRANGER), Company(1).uscc.encode(), value)


@dataclass(frozen=True)
class Bad:
    """A message that must be rejected: how it is made, and what the rejection must say."""

    make: Callable[[World], Message]
    codes: tuple[str, ...]
    field: str = ""
    says: str = ""


BAD: Mapping[str, Bad] = {
    "an agency that nobody knows": Bad(_of_a_stranger, ("unknown-agency",), "agency", "stranger"),
    "an agency on another's topic": Bad(lambda w: penalty(w, role="tax"), ("wrong-agency",), "agency", "tax"),
    "a kind outside the agency's competence": Bad(
        lambda w: penalty(w, kind="rating"), ("incompetent",), "kind", "rating"
    ),
    "a jurisdiction outside the agency's competence": Bad(
        lambda w: penalty(w, jurisdiction="mx"), ("incompetent",), "jurisdiction", "mx"
    ),
    "a schema that was never released": Bad(
        _bytes(lambda good: b"\0\0\0\x03\xe7" + good[5:]), ("unknown-schema-id",), says="999"
    ),
    "the bytes of another schema": Bad(
        _bytes(lambda good: b"\0\0\0\0\x0a" + good[5:]), ("truncated", "trailing-bytes", "bad-value")
    ),
    "half a record": Bad(_bytes(lambda good: good[: len(good) // 2]), ("truncated",)),
    "a header and nothing else": Bad(_bytes(lambda good: good[:5]), ("truncated",)),
    "half a header": Bad(_bytes(lambda good: good[:3]), ("truncated",)),
    "bytes after the end": Bad(_bytes(lambda good: good + b"more"), ("trailing-bytes",), says="4"),
    "an empty value": Bad(_bytes(lambda _: b""), ("bad-magic", "truncated")),
    "a tombstone": Bad(_bytes(lambda _: None), ("bad-magic", "truncated")),
    "text instead of Avro": Bad(_bytes(lambda _: '{"agency": "环境"}'.encode()), ("bad-magic",)),
    "noise": Bad(_bytes(lambda _: b"\0\0\0\0\x06" + NOISE), ("truncated", "bad-value")),
    "a day that no calendar has": Bad(lambda w: penalty(w, decided_on=LAST_DAY), ("bad-value", "bad-date")),
    "a day before there were agencies": Bad(
        lambda w: penalty(w, decided_on=date(1066, 10, 14)), ("bad-date",), "dates", "1850"
    ),
    "an end before its beginning": Bad(
        lambda w: penalty(w, effective_from=date(2026, 2, 2), effective_to=date(2026, 2, 1)),
        ("bad-date",),
        "effective_to",
        "2026-02-01",
    ),
    "the key of another company": Bad(
        lambda w: penalty(w)._replace(key=Company(2).uscc.encode()), ("wrong-key",), "key", Company(1).uscc
    ),
    "no key": Bad(lambda w: penalty(w)._replace(key=None), ("wrong-key",), "key"),
    "a code with letters outside its alphabet": Bad(
        lambda w: penalty(w, identifiers=("CN-USCC:91350100M000100I4O",)),
        ("bad-identifier",),
        "subject.identifiers",
        "alphabet",
    ),
    "a code that a spreadsheet destroyed": Bad(
        lambda w: penalty(w, identifiers=("CN-USCC:9.1350E+17",)), ("bad-identifier",), "subject.identifiers", "spread"
    ),
    "a scheme that nobody knows": Bad(
        lambda w: penalty(w, identifiers=("XX-ID:1",)), ("bad-identifier",), "subject.identifiers", "XX-ID"
    ),
    "a revision below one": Bad(lambda w: penalty(w, revision=0), ("bad-revision",), "revision"),
    "no record key": Bad(lambda w: penalty(w, record_key=""), ("no-record-key",), "record_key"),
}


@dataclass(frozen=True)
class Judged:
    """A world in which every bad message was sent, each between two good ones."""

    world: World
    sent: Mapping[str, Message]
    good: int
    rejections: Mapping[bytes, Mapping[str, Any]]
    dead_letters: Mapping[str, list[tuple[bytes | None, bytes | None]]]


@pytest.fixture(scope="module")
def judged(stack: Running, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Judged]:
    """Everything bad at once, consolidated and relayed; the worker must come to the end of it."""
    with fresh_world(stack, tmp_path_factory.mktemp("judged"), partitions=1) as world:
        create_topic(stack.bootstrap_servers, world.topic(STRANGER))
        create_topic(stack.bootstrap_servers, f"dead-letter.{world.agency(STRANGER)}")
        sent = {name: bad.make(world) for name, bad in BAD.items()}
        said = Speaker(world.agency("environment"))
        good = [said.says("penalty", f"good {n}", subject(Company(n + 10).uscc)) for n in range(len(sent) + 1)]
        world.say([good[0], *(one for pair in zip(sent.values(), good[1:], strict=True) for one in pair)])
        totals = world.consolidate()
        assert (totals.records, totals.rejected) == (len(good) + len(sent), len(sent))
        world.relay()
        rows = [
            {**asdict(one.failed), "agency": one.agency, "key": one.key, "payload": one.payload}
            for one in DeadLetters(world.hub).first(Wanted(), 100)
        ]
        placed = {f"{row['topic']} {row['offset']}".encode(): row for row in rows}
        letters = {
            agency: world.read(f"dead-letter.{agency}")
            for agency in (world.agency("environment"), world.agency(STRANGER))
        }
        yield Judged(world, sent, len(good), placed, letters)


@pytest.mark.parametrize("name", BAD)
def test_it_is_rejected_with_its_reason_and_its_bytes(judged: Judged, name: str) -> None:
    bad, sent = BAD[name], judged.sent[name]
    number = list(judged.sent).index(name)
    strangers = sum(one.topic != sent.topic for one in list(judged.sent.values())[:number])
    offset = 0 if sent.topic.endswith(judged.world.agency(STRANGER)) else 2 * number + 1 - strangers
    found = judged.rejections[f"{sent.topic} {offset}".encode()]

    assert found["code"] in bad.codes
    assert found["field"] == bad.field
    assert found["reason"] and bad.says in found["reason"]
    assert (found["key"], found["payload"]) == (sent.key, sent.value)
    assert f"records.{found['agency']}" == sent.topic
    assert isinstance(found["letter_id"], UUID)


def test_everything_else_goes_on(judged: Judged) -> None:
    world = judged.world
    assert world.counts()["records"] == world.counts()["events"] == judged.good
    assert world.counts()["rejections"] == len(BAD)
    assert len(world.hub.pull(world.recipient("procurement"))) == judged.good


def test_dead_letters_are_the_original_bytes_in_order(judged: Judged) -> None:
    mine = [one.value for one in judged.sent.values() if one.topic == judged.world.topic("environment")]
    assert [value for _, value in judged.dead_letters[judged.world.agency("environment")]] == mine
    (stranger,) = judged.dead_letters[judged.world.agency(STRANGER)]
    assert stranger[1] == judged.sent["an agency that nobody knows"].value


def test_dead_letters_keep_the_original_key(judged: Judged) -> None:
    mine = [one.key for one in judged.sent.values() if one.topic == judged.world.topic("environment")]
    assert [key for key, _ in judged.dead_letters[judged.world.agency("environment")]] == mine


def test_the_rejections_of_one_agency_can_be_listed(judged: Judged) -> None:
    listed = DeadLetters(judged.world.hub).first(Wanted(judged.world.agency(STRANGER)), 10)
    assert [one.code for one in listed] == ["unknown-agency"]


POISON: Mapping[str, Callable[[World], Message]] = {
    "half a record": _bytes(lambda good: good[:-9]),
    "bytes after the end": _bytes(lambda good: good + bytes(40)),
    "a day that no calendar has": lambda w: penalty(w, decided_on=LAST_DAY),
    "an end that no calendar has": lambda w: penalty(w, effective_to=LAST_DAY),
    "ends before a day that no calendar has": lambda w: penalty(w, effective_from=LAST_DAY, effective_to=-LAST_DAY),
    "a key that is no text": lambda w: penalty(w)._replace(key=b"\xff\xfe"),
    "a name that is no text": _bytes(lambda good: good.replace(b"discharged", b"dis\xff\xfearged")),
    "a symbol that its list lacks": _bytes(lambda good: good[:-1] + b"\x0c"),
}


@pytest.mark.parametrize("name", POISON)
def test_one_poisoned_record_in_a_large_batch_is_one_rejection(emptied: World, name: str) -> None:
    said = Speaker(emptied.agency("environment"))
    batch = [said.says("penalty", f"p{n}", subject(Company(n + 1).uscc)) for n in range(150)]
    batch.insert(75, POISON[name](emptied))
    with by_hand(emptied) as worker:
        worker.take(*batch)

    counts = emptied.counts()
    assert (counts["records"], counts["events"], counts["rejections"]) == (150, 150, 1)
    assert emptied.rows("SELECT payload FROM rejections") == [(batch[75].value,)]


@pytest.mark.parametrize("others", [0, 100])
def test_a_licence_until_a_day_that_no_calendar_has_stops_nobody(emptied: World, others: int) -> None:
    """Alone it is decoded by row, among many by column; both must say the same."""
    said = Speaker(emptied.agency("environment"))
    batch = [said.says("licence", f"l{n}", subject(Company(n + 1).uscc)) for n in range(others)]
    batch.append(said.says("licence", "bad", subject(Company(7).uscc), valid_to=LAST_DAY))
    with by_hand(emptied) as worker:
        worker.take(*batch)

    counts = emptied.counts()
    assert (counts["records"], counts["rejections"]) == (others, 1)


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "Blue\0River"},
        {"record_key": "p\0"},
        {"document_number": "No\0 7"},
        {"identifiers": ("CN-REGNO:1\0",)},
        {"jurisdiction": "cn\0"},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_a_nul_character_in_a_text_stops_nobody(emptied: World, changes: dict[str, Any]) -> None:
    """Avro text may hold it, PostgreSQL text may not."""
    said = Speaker(emptied.agency("environment"))
    good = [said.says("penalty", f"p{n}", subject(Company(n + 1).uscc)) for n in range(2)]
    with by_hand(emptied) as worker:
        worker.take(good[0], penalty(emptied, **dict(changes)), good[1])

    assert emptied.counts()["events"] >= 2
    assert sum(emptied.rows("SELECT next_offset FROM partition_claims WHERE next_offset > 0")[0]) == 3


def test_a_poisoned_record_on_the_log_costs_one_rejection(world: World) -> None:
    said = Speaker(world.agency("environment"))
    batch = [said.says("penalty", f"p{n}", subject(Company(n + 1).uscc)) for n in range(300)]
    batch.insert(150, _bytes(lambda good: good[:40])(world))
    world.say([one._replace(partition=0) for one in batch])
    totals = world.consolidate()
    assert (totals.records, totals.rejected, totals.events) == (301, 1, 300)


def test_a_batch_that_is_mostly_bad_stops_the_worker_before_anything_is_written(world: World) -> None:
    said = Speaker(world.agency("environment"))
    good = [said.says("penalty", f"p{n}", subject(Company(n + 1).uscc)) for n in range(10)]
    bad = [replace_key(penalty(world, record_key=f"b{n}")) for n in range(40)]
    world.say([one._replace(partition=0) for one in good + bad])

    with pytest.raises(RefusedError, match="40 of 50 records would be rejected"):
        world.consolidate(rejected_records_min=20)
    assert set(world.counts().values()) == {0}
    assert set(world.positions().values()) == {0}

    totals = world.consolidate(rejected_records_min=41)  # a person has looked, and lets them be rejected
    assert (totals.records, totals.rejected, totals.events) == (50, 40, 10)


def replace_key(message: Message) -> Message:
    """The message under a key that is not its own."""
    return message._replace(key=b"CN-REGNO:0")


def test_a_rejected_message_that_is_read_again_is_sent_once(world: World) -> None:
    bad = penalty(world)._replace(key=b"wrong")
    with by_hand(world) as worker:
        worker.take(bad)
        world.rows("UPDATE partition_claims SET next_offset = 0")
        worker.claim()
        worker.take(bad)
    world.relay()

    assert world.counts()["rejections"] == 1
    assert len(world.read(f"dead-letter.{world.agency('environment')}")) == 1


def test_a_stranger_without_a_dead_letter_topic_does_not_stop_the_relay(world: World) -> None:
    """Anybody who may create a topic could otherwise silence the hub."""
    create_topic(world.bootstrap_servers, world.topic(STRANGER))
    world.say([_of_a_stranger(world)])
    world.consolidate()
    world.say([penalty(world)])
    world.consolidate()
    world.relay()
    assert len(world.hub.pull(world.recipient("procurement"))) == 1
