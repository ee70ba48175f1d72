"""A dead letter lives on the log: what is sent again is the same letter, what is discarded stays, counts agree."""

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from kafka import KafkaConsumer, TopicPartition
from openpyxl import load_workbook

from sharehub.cli import main
from sharehub.core.dead_letter import Mark, marking
from sharehub.dead_letters import DeadLetters, Order
from sharehub.flow.consolidate import Limits
from sharehub.flow.flood import Bound
from sharehub.store.letters import Letter, Wanted
from sharehub.topics import CASEWORK
from tests.integration.publishing import World, by_hand, create_topic
from tests.integration.saying import Company, Message, Speaker, subject

pytestmark = pytest.mark.integration

NEWCOMER = "newcomer"


def bad(world: World, count: int = 1, first: int = 0) -> list[Message]:
    """Penalties under a key that is not their own: their bytes can never pass."""
    said = Speaker(world.agency("environment"))
    made = [said.says("penalty", f"p{n}", subject(Company(n + 1).uscc)) for n in range(first, first + count)]
    return [one._replace(key=b"wrong", partition=0) for one in made]


def early(world: World, count: int) -> list[Message]:
    """Penalties of an agency that is not registered yet."""
    said = Speaker(world.agency(NEWCOMER))
    made = [said.says("penalty", f"n{n}", subject(Company(n + 50).uscc)) for n in range(count)]
    return [one._replace(partition=0) for one in made]


def register(world: World) -> None:
    """Register the newcomer as the operator does, in agencies.toml."""
    path = world.settings.rulebooks / "agencies.toml"  # type: ignore[operator]
    text = path.read_text(encoding="utf-8")
    entry = text[text.index(f"[{world.agency('environment')}]") :].split("\n\n")[0]
    path.write_text(text + "\n" + entry.replace("[environment-", f"[{NEWCOMER}-") + "\n", encoding="utf-8")


def waiting(world: World) -> list[Letter]:
    return DeadLetters(world.hub).first(Wanted(state="waiting"), 1_000)


def order(wanted: Wanted, **more: Any) -> Order:
    return Order(wanted=wanted, by="An operator", why="a test", wait_s=0, **more)


def letters_on(world: World, agency: str) -> dict[str, dict[str, str]]:
    """What the dead-letter topic says of every letter: the last headers of each."""
    topic = f"dead-letter.{agency}"
    consumer = KafkaConsumer(
        bootstrap_servers=world.bootstrap_servers, isolation_level="read_committed", metrics_enabled=False
    )
    found: dict[str, dict[str, str]] = {}
    try:
        at = TopicPartition(topic, 0)
        consumer.assign([at])
        consumer.seek(at, 0)
        end = consumer.end_offsets([at])[at]
        while consumer.position(at) < end:
            for one in consumer.poll(200).get(at, ()):
                headers = {name: value.decode() for name, value in one.headers}
                found[headers["dl_id"]] = headers | {"value": str(one.value is not None)}
    finally:
        consumer.close(autocommit=False)
    return found


def assert_same_everywhere(world: World) -> None:
    """Table, list, status and topics have the same letters in the same states."""
    counts = DeadLetters(world.hub).counts()
    status = world.hub.status()
    assert status["rejections"] == sum(one["rejections"] for one in counts.values())
    assert status["dead_letters_waiting"] == sum(one["waiting"] for one in counts.values())
    for agency, figures in counts.items():
        told = Counter(one["dl_state"] for one in letters_on(world, agency).values())
        assert {state: told[state] for state in ("waiting", "closed", "discarded")} == {
            state: figures[state] for state in ("waiting", "closed", "discarded")
        }
        assert status["agencies"][agency]["rejections"] == figures["rejections"]
        assert status["agencies"][agency]["dead_letters_waiting"] == figures["waiting"]


def test_the_life_of_letters_is_on_the_log(world: World) -> None:
    """Tried in vain, passed once the hub was mended, discarded: the same in tables, counts, topics and any replay."""
    create_topic(world.bootstrap_servers, world.topic(NEWCOMER), 3)
    world.say([*bad(world, 3), *early(world, 4)])
    world.consolidate()
    world.relay()
    first = {one.failed.letter_id: one for one in waiting(world)}
    assert Counter(one.code for one in first.values()) == {"wrong-key": 3, "unknown-agency": 4}

    desk = DeadLetters(world.hub)
    done = desk.retry(order(Wanted(state="waiting")))
    assert (done.sent, done.settled, done.unread) == (7, 0, 7)
    discarded = next(one for one in first if first[one].code == "wrong-key")
    desk.discard(order(Wanted(ids=[discarded])))
    world.consolidate()
    for one in waiting(world):
        assert (one.attempts, one.failed) == (2, first[one.failed.letter_id].failed)
    register(world)
    desk.retry(order(Wanted(agency=world.agency(NEWCOMER), state="waiting")))
    world.consolidate()
    world.relay()

    assert Counter((one.code, one.attempts) for one in waiting(world)) == {("wrong-key", 2): 2}
    assert desk.counts()[world.agency(NEWCOMER)]["closed"] == world.counts()["records"] == 4
    steps = (desk.shown(discarded) or {})["steps"]
    assert ("discarded", "An operator", "a test") in [(one["step"], one["acted_by"], one["reason"]) for one in steps]
    told = letters_on(world, world.agency("environment"))
    assert {(one["dl_topic"], one["dl_partition"]) for one in told.values()} == {(world.topic("environment"), "0")}
    assert {int(one["dl_offset"]) for one in told.values()} == {0, 1, 2}
    assert (told[str(discarded)]["dl_by"], told[str(discarded)]["value"]) == ("An operator", "False")
    assert_same_everywhere(world)

    letters = (
        "SELECT rejection_id, state, attempts, first_code, first_at FROM dead_letters WHERE agency = %s ORDER BY 1"
    )
    every = "SELECT * FROM letter_steps JOIN rejections USING (rejection_id) WHERE agency = %s ORDER BY step_id"
    mine = world.agency("environment")  # the newcomer's are admitted at once, now that it is registered
    before = sorted(world.rows(letters, mine)), world.rows(every, mine)
    for batch_records_max in (1, 1_000):
        world.forget_all()
        world.consolidate(batch_records_max=batch_records_max)
        assert (sorted(world.rows(letters, mine)), world.rows(every, mine)) == before
        assert world.counts()["records"] == 4


def test_a_retry_carries_the_original_message_and_its_first_failure(world: World) -> None:
    message = bad(world)[0]._replace(partition=2, headers=(("traceparent", b"00-1-2-01"), ("jws", b"\xff")))
    world.say([message])
    world.consolidate()
    (letter,) = waiting(world)
    DeadLetters(world.hub).retry(order(Wanted(ids=[letter.failed.letter_id])))

    consumer = KafkaConsumer(bootstrap_servers=world.bootstrap_servers, metrics_enabled=False)
    try:
        at = TopicPartition(message.topic, 2)
        consumer.assign([at])
        consumer.seek(at, 1)
        (sent,) = consumer.poll(10_000)[at]
    finally:
        consumer.close(autocommit=False)
    assert (sent.key, sent.value) == (message.key, message.value)
    told = dict(sent.headers)
    assert told["traceparent"] == b"00-1-2-01"
    assert told["jws"] == b"\xff"
    assert (told["dl_id"], told["dl_act"]) == (str(letter.failed.letter_id).encode(), b"retry")
    assert (told["dl_offset"], told["dl_code"], told["dl_attempts"]) == (b"0", b"wrong-key", b"1")
    assert told["dl_received_at"].decode() == letter.failed.received_at.isoformat()


def marked(message: Message, letter: Letter, act: Any) -> Message:
    return message._replace(headers=tuple(marking(Mark(letter.failed.letter_id, act, "somebody", "a test"))))


def test_nobody_but_the_desk_discards_and_only_the_letter_itself_is_the_letter(emptied: World) -> None:
    good = Speaker(emptied.agency("tax")).says("arrears", "a", subject(Company(9).uscc))
    (message,) = bad(emptied)
    with by_hand(emptied) as worker:
        worker.take(message)
        (letter,) = waiting(emptied)
        worker.take(
            marked(good, letter, "retry"),
            marked(message._replace(key=b"key", value=None), letter, "discard"),
            marked(message._replace(value=b"another"), letter, "retry"),
        )
        shown = DeadLetters(emptied.hub).shown(letter.failed.letter_id) or {}
        assert (shown["state"], shown["attempts"], shown["steps"]) == ("waiting", 1, [])
        assert emptied.counts()["records"] == 1  # what is good is a record, whatever it says of itself
        assert emptied.counts()["rejections"] == 3  # and what is bad is a letter of its own

        desk = Message(CASEWORK, b"key", None)
        worker.take(marked(desk, letter, "discard"))
        assert (DeadLetters(emptied.hub).shown(letter.failed.letter_id) or {})["state"] == "discarded"
        worker.take(marked(message, letter, "retry"))
        assert (DeadLetters(emptied.hub).shown(letter.failed.letter_id) or {})["state"] == "waiting"
        assert emptied.counts()["rejections"] == 3


def test_a_letter_and_its_retries_in_one_batch_are_one_letter(emptied: World) -> None:
    """As a replay reads them."""
    (message,) = bad(emptied)
    with by_hand(emptied) as worker:
        worker.take(message)
        (letter,) = waiting(emptied)
        again = marked(message, letter, "retry")
        worker.take(again, again)
        emptied.rows("TRUNCATE rejections, letter_steps, outbox")
        emptied.rows("UPDATE partition_claims SET next_offset = 0")
        worker.claim()
        worker.take(message, again, again)
    (found,) = waiting(emptied)
    assert (found.failed.letter_id, found.attempts) == (letter.failed.letter_id, 3)


def test_what_is_read_again_counts_no_attempt_twice(emptied: World) -> None:
    (message,) = bad(emptied)
    with by_hand(emptied) as worker:
        worker.take(message)
        (letter,) = waiting(emptied)
        again = marked(message, letter, "retry")
        worker.take(again)
        emptied.rows("UPDATE partition_claims SET next_offset = 1 WHERE next_offset = 2")
        worker.claim()
        worker.take(again)
    assert [one.attempts for one in waiting(emptied)] == [2]


def test_a_topic_made_anew_has_letters_of_its_own_at_the_same_offsets(emptied: World) -> None:
    first, second = bad(emptied, 2)
    with by_hand(emptied) as worker:
        worker.take(first)
        emptied.rows("UPDATE partition_claims SET next_offset = 0")
        worker.claim()
        worker.take(second)
    assert emptied.counts()["rejections"] == 2


def test_a_flood_of_retries_is_no_flood(emptied: World) -> None:
    messages = bad(emptied, 30)
    with by_hand(emptied) as worker:
        worker.take(*messages)
        letters = {one.payload: one for one in waiting(emptied)}
        worker.consolidation.limits = Limits(Bound(0.1, 10), None)
        worker.take(*(marked(one, letters[one.value], "retry") for one in messages))
    assert {one.attempts for one in waiting(emptied)} == {2}


@contextmanager
def commands(world: World, capsys: pytest.CaptureFixture[str]) -> Iterator[Any]:
    """Runs a command in this process: its exit code and what it printed as JSON."""

    def run(*words: str) -> tuple[int, Any]:
        capsys.readouterr()
        code = main(["--config", str(world.config), "--json", *words])
        printed = capsys.readouterr().out
        return code, json.loads(printed) if printed else None

    yield run


def test_the_commands_plan_first_and_say_what_became_of_it(
    world: World, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    world.say([*bad(world, 3), Message(world.topic("environment"), b"k", b"\0\0\0\0\6nonsense", 0)])
    world.consolidate()
    agency = world.agency("environment")
    with commands(world, capsys) as run:
        code, listed = run("dead-letter", "list")
        assert (code, listed["waiting"], listed["rejections"]) == (0, 4, 4)
        largest = listed["groups"][0]
        assert (largest["agency"], largest["code"], largest["letters"]) == (agency, "wrong-key", 3)
        assert largest["first_at"] <= largest["last_at"]

        assert run("dead-letter", "retry")[0] == 2
        code, plan = run("dead-letter", "retry", "--code", "wrong-key")
        assert (code, plan["letters"]) == (5, 3)
        assert run("dead-letter", "retry", "--code", "wrong-key", "--execute", "--dry-run")[0] == 5
        assert run("dead-letter", "retry", "--code", "wrong-key", "--execute", "--expect", "2")[0] == 4
        code, done = run("dead-letter", "retry", "--code", "wrong-key", "--execute", "--expect", "3", "--wait", "0")
        assert (code, done["sent"], done["unread"]) == (5, 3, 3)
        world.consolidate()

        letter = str(next(one.failed.letter_id for one in waiting(world) if one.code == "wrong-key"))
        assert run("dead-letter", "discard", letter, "--execute")[0] == 2
        who = ("--by", "An operator", "--reason", "published anew")
        assert run("dead-letter", "discard", letter, *who)[0] == 5
        assert run("dead-letter", "discard", letter, *who, "--execute", "--wait", "0")[0] == 5
        world.consolidate()
        assert run("dead-letter", "show", letter)[1]["state"] == "discarded"
        assert run("dead-letter", "list")[1]["waiting"] == 3

        (broken,) = (one for one in waiting(world) if one.code != "wrong-key")
        shown = run("dead-letter", "show", str(broken.failed.letter_id))[1]
        assert shown["kind"] == "penalty"
        assert shown["undecodable"]
        assert shown["payload"] == b"\0\0\0\0\6nonsense".hex()
        assert shown["do"]

        for ending in ("csv", "jsonl"):
            code, answer = run("dead-letter", "export", "-o", str(tmp_path / f"letters.{ending}"))
            assert (code, answer["letters"]) == (0, 3)
        code, answer = run("dead-letter", "export", "-o", str(tmp_path / "letters.xlsx"))
        assert (code, answer["letters"], answer["left_out"]) == (1, 2, 1)
    lines = [json.loads(line) for line in (tmp_path / "letters.jsonl").read_text(encoding="utf-8").splitlines()]
    assert {UUID(one["rejection_id"]) for one in lines} == {one.failed.letter_id for one in waiting(world)}


def test_a_form_of_letters_is_mended_and_published_as_it_is(
    world: World, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    said = Speaker(world.agency("environment"))
    evil = said.says("penalty", "=1+1", subject(Company(1).uscc, name="=HYPERLINK(1)"), effective_to=_BEFORE, **_FROM)
    world.say([evil])
    world.consolidate()
    path = tmp_path / "letters.xlsx"
    with commands(world, capsys) as run:
        assert run("dead-letter", "export", "-o", str(path))[0] == 0
        book = load_workbook(path)
        sheet = book["penalty"]
        cells = {cell.value: sheet.cell(2, cell.column) for cell in sheet[1]}
        assert all(cell.data_type != "f" for cell in cells.values())
        assert cells["Name of the entity"].value == "=HYPERLINK(1)"
        cells["Effective to"].value = None
        book.save(path)
        words = ("--agency", world.agency("environment"), "--jurisdiction", "cn")
        code, outcome = run("connector", "run", str(path), *words)
        assert (code, outcome["published"], outcome["rejected"]) == (0, 1, 0)
    world.consolidate()
    assert world.counts()["records"] == 1


_FROM = {"effective_from": date(2026, 5, 1)}
_BEFORE = date(2026, 4, 1)


def test_an_interrupted_retry_ends_its_page_and_goes_on_where_it_stopped(world: World) -> None:
    world.say(bad(world, 1_100))
    world.consolidate(rejected_share_max=1)
    desk = DeadLetters(world.hub)
    first = desk.retry(order(Wanted(state="waiting"), progress=lambda _done, _total: world.hub.stopping.set()))
    world.hub.stopping.clear()
    assert (first.sent, first.interrupted) == (1_000, True)
    rest = desk.retry(order(Wanted(state="waiting"), after=first.last))
    assert (rest.sent, rest.interrupted) == (100, False)
    world.consolidate()
    assert {one.attempts for one in desk.first(Wanted(), 2_000)} == {2}
