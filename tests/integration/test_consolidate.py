"""What an agency says reaches the view, the events, the states and the feeds, once, in whatever order it comes."""

import random
from datetime import date
from decimal import Decimal
from pathlib import Path
from threading import Thread
from typing import Any
from uuid import UUID

import pytest

from sharehub.core.feed import cursor_of
from sharehub.core.identifier import main_identifier
from sharehub.core.linking import identifier_key
from sharehub.entities import entity_of
from sharehub.stream.publisher import Publisher
from tests.integration.installation import FEEDS, Running
from tests.integration.publishing import ByHand, World, by_hand, fresh_world, gap_free
from tests.integration.saying import Company, Message, Speaker, subject

pytestmark = pytest.mark.integration


class Cast:
    """The agencies of a world, ready to speak."""

    def __init__(self, world: World) -> None:
        self.register = Speaker(world.agency("register"))
        self.environment = Speaker(world.agency("environment"))
        self.tax = Speaker(world.agency("tax"))


def standing(world: World) -> dict[str, UUID]:
    """The measures that stand, by the ground's record key: on which entity."""
    return dict(
        world.rows("SELECT body -> 'ground' ->> 'record_key', entity_id FROM measures WHERE status = 'standing'")
    )


def entity_behind(world: World, identifier: str) -> UUID:
    """The id of the entity that an identifier leads to."""
    return UUID(entity_of(world.hub, identifier)["entity_id"])  # type: ignore[index]


def test_one_record_is_stored_shown_decided_and_published(world: World) -> None:
    company, said = Company(1), Cast(world)
    message = said.environment.says("penalty", "p1", subject(company.uscc, name="Blue River Mills"))
    with Publisher(world.bootstrap_servers, "test") as publisher:
        publisher.send(message.topic, message.key or b"", message.value or b"")
        assert publisher.flush() == 1

    totals = world.consolidate()
    sent = world.relay()

    assert (totals.records, totals.duplicates, totals.rejected, totals.events, sent) == (1, 0, 0, 1, 1)
    assert world.rows("SELECT payload FROM records") == [(message.value,)]
    shown = entity_of(world.hub, company.uscc)
    assert shown is not None
    assert shown["names"] == ["Blue River Mills"]
    assert [one["scheme"] for one in shown["identifiers"]] == ["CN-ORGCODE", "CN-USCC"]
    assert [(one["measure"], one["in_force"]) for one in shown["measures"]] == [("cn/major-penalty", True)]
    (event,) = world.values("events.sanction")
    (measure,) = world.values("state.measure")
    (entity,) = world.values("state.entity")
    assert (event["event"], event["number"], event["feed_position"]) == ("issued", 1, 1)
    assert (measure["measure_id"], measure["status"]) == (event["measure_id"], "standing")
    assert (entity["entity_id"], entity["measures"]) == (shown["entity_id"], [event["measure_id"]])
    feeds = {feed: world.hub.pull(world.recipient(feed)) for feed in FEEDS}
    assert {feed: len(found) for feed, found in feeds.items()} == {
        "procurement": 1,
        "inspection": 1,
        "lenders": 0,
        "halls": 0,
    }
    assert feeds["procurement"][0]["id"] == event["event_id"]
    assert world.hub.status()["records"] == 1


def test_the_pages_of_a_feed_joined_are_the_whole_feed_without_gaps(world: World) -> None:
    said = Cast(world)
    with by_hand(world) as worker:
        for start in (0, 12):  # two runs of the relay: positions go on
            numbers = range(start, start + 12)
            worker.take(*(said.environment.says("penalty", f"p{n}", subject(Company(n).uscc)) for n in numbers))
            world.relay()

    recipient = world.recipient("inspection")
    whole = world.hub.pull(recipient)
    assert gap_free([event["data"]["feed_position"] for event in whole])
    assert len({event["id"] for event in whole}) == len(whole) == 24
    for kept in (1, 5, 11, 12, 13, 23, 24):
        assert world.hub.pull(recipient, after=cursor_of(kept)) == whole[kept:]
    assert gap_free([event["feed_position"] for event in world.values("events.sanction")])
    assert gap_free([row[0] for row in world.rows("SELECT position FROM outbox ORDER BY 1")])


def test_what_is_delivered_again_changes_nothing_and_is_counted(world: World) -> None:
    said = Cast(world)
    messages = [said.environment.says("penalty", f"p{n}", subject(Company(n % 7).uscc)) for n in range(20)]
    messages += [said.tax.says("rating", f"r{n}", subject(Company(n).taxno)) for n in range(5)]
    world.say(messages)
    first = world.consolidate()
    before, counts = world.dump(), world.counts()
    assert (first.records, first.duplicates) == (25, 0)

    world.say(messages)
    again = world.consolidate(batch_records_max=6)
    assert (again.records, again.duplicates, again.events) == (25, 25, 0)
    assert (world.dump(), world.counts()) == (before, counts)

    world.rows("UPDATE partition_claims SET next_offset = next_offset / 2")  # as if an older backup came back
    third = world.consolidate()
    assert third.records == third.duplicates > 0
    assert third.events == 0
    assert (world.dump(), world.counts()) == (before, counts)
    assert world.hub.status()["records"] == 25


def mixed(said: Cast) -> list[Message]:
    """Records of three agencies on ten companies, one of them under several identifiers and one corrected."""
    found: list[Message] = []
    for n in range(10):
        company = Company(n + 1)
        old, new = subject(company.taxno), subject(company.uscc, name=f"Company {n}")
        both = subject(company.uscc, f"CN-REGNO:9{n}", name=f"Company {n} Ltd")
        found += [
            said.tax.says("rating", f"a{n}", old, year=2024, decided_on=date(2025, 4, 1)),
            said.tax.says("rating", f"b{n}", new),
            said.tax.says("arrears", f"d{n}", old),
            said.environment.says("penalty", f"p{n}", new, decided_on=date(2026, 1, 1 + n)),
            said.environment.says("penalty", f"q{n}", subject(f"CN-REGNO:9{n}"), decided_on=date(2025, 5, 1)),
            said.register.says("registration", f"g{n}", both, name=f"Company {n} Ltd", decided_on=date(2020, 1, 1)),
            said.register.says("licence", f"l{n}", subject(f"CN-ORGCODE:{company.orgcode}")),
        ]
    again = subject(Company(1).uscc)
    corrected = [
        said.environment.says("penalty", "p0", again, revision=2, fine=Decimal("10.00"), decided_on=date(2026, 1, 1)),
        said.tax.says("arrears", "d0", subject(Company(1).taxno), revision=2, balance=Decimal("0.00")),
        said.environment.says("withdrawal", "q1", subject("CN-REGNO:91"), revision=2),
    ]
    return found + corrected


@pytest.fixture(scope="module")
def expected(stack: Running, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the mixed records come to when one worker takes them in one batch."""
    with (
        fresh_world(stack, tmp_path_factory.mktemp("expected"), names="same", log=False) as world,
        by_hand(world) as worker,
    ):
        worker.take(*mixed(Cast(world)))
        found = world.dump()
    assert len(found["entities"]) == 10
    assert len(found["standing"]) == 37
    return found


@pytest.mark.parametrize(("order", "batch"), [(1, 1), (2, 7), (3, 1000)])
def test_order_and_batch_size_do_not_change_the_view(
    stack: Running, tmp_path: Path, expected: dict[str, Any], order: int, batch: int
) -> None:
    with fresh_world(stack, tmp_path, names="same") as world:
        messages = mixed(Cast(world))
        random.Random(order).shuffle(messages)  # noqa: S311 - a test
        world.say(messages)
        world.consolidate(batch_records_max=batch)
        assert world.dump() == expected


def test_two_workers_at_once_come_to_the_same_view(stack: Running, tmp_path: Path, expected: dict[str, Any]) -> None:
    with fresh_world(stack, tmp_path, names="same") as world:
        messages = mixed(Cast(world))
        random.Random(4).shuffle(messages)  # noqa: S311 - a test
        world.say(messages)
        done: list[int] = []

        def one_worker() -> None:
            done.append(world.consolidate(batch_records_max=3).records)

        workers = [Thread(target=one_worker) for _ in range(2)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join(60)
        assert len(done) == 2
        assert world.dump() == expected
        assert sum(row[0] for row in world.rows("SELECT records FROM partition_claims")) == len(messages)


def test_any_interleaving_of_two_workers_comes_to_the_same_view(
    stack: Running, tmp_path: Path, expected: dict[str, Any]
) -> None:
    with fresh_world(stack, tmp_path, names="same", log=False) as world:
        for seed in range(6):
            world.forget_all()
            chance = random.Random(seed)  # noqa: S311 - a test
            messages = mixed(Cast(world))
            chance.shuffle(messages)
            with by_hand(world, 0) as one, by_hand(world, 1) as other:
                while messages:
                    size = chance.randint(1, 9)
                    chance.choice((one, other)).take(*messages[:size])
                    del messages[:size]
            assert world.dump() == expected, f"seed {seed}"


@pytest.mark.parametrize("first", ["old number", "new code"])
def test_an_old_tax_number_and_the_unified_code_are_one_entity(emptied: World, first: str) -> None:
    company, said = Company(41), Cast(emptied)
    messages = [
        said.tax.says("arrears", "old", subject(company.taxno)),
        said.environment.says("penalty", "new", subject(company.uscc)),
    ]
    with by_hand(emptied) as worker:
        for message in messages if first == "old number" else messages[::-1]:
            worker.take(message)

    shown = entity_of(emptied.hub, company.uscc)
    assert shown == entity_of(emptied.hub, company.taxno) == entity_of(emptied.hub, f"CN-ORGCODE:{company.orgcode}")
    assert set(standing(emptied)) == {"old", "new"}
    assert set(standing(emptied).values()) == {UUID(shown["entity_id"])}  # type: ignore[index]


def test_measures_follow_when_two_entities_turn_out_to_be_one(world: World) -> None:
    company, said = Company(51), Cast(world)
    with by_hand(world) as worker:
        worker.take(said.environment.says("penalty", "p", subject(company.uscc)))
        worker.take(said.tax.says("arrears", "d", subject("CN-REGNO:51")))
        world.relay()
        before = standing(world)
        assert before["p"] != before["d"]
        worker.take(said.register.says("registration", "g", subject(company.uscc, "CN-REGNO:51"), name="One"))
        world.relay()
        assert worker.consolidation.totals.events == 3

    (kept,) = set(standing(world).values())
    (gone,) = set(before.values()) - {kept}
    shown = entity_of(world.hub, "CN-REGNO:51")
    assert shown is not None and UUID(shown["entity_id"]) == kept
    assert {one["ground"]["record_key"] for one in shown["measures"] if one["in_force"]} == {"p", "d"}
    assert {one["record_key"] for one in shown["records"]} == {"p", "d", "g"}
    assert world.rows("SELECT entity_id FROM identifiers WHERE identifier_id = %s", gone) == [(kept,)]
    moved = [event for event in world.values("events.sanction") if event["event"] == "amended"]
    assert [(one["reason"], one["entity_id"]) for one in moved] == [("entity-merged", str(kept))]
    state = world.latest("state.entity")
    assert len(state[str(kept)]["measures"]) == 2  # type: ignore[index]
    assert state.get(str(gone)) is None, "the state of an entity that no longer is must be withdrawn"


def test_a_merge_by_one_worker_is_known_to_the_other_at_once(emptied: World) -> None:
    """The first merge of all: what the other worker remembers of the identifier must be dropped."""
    company = next(
        found
        for found in map(Company, range(60, 99))
        if identifier_key(main_identifier(found.uscc)) < identifier_key(main_identifier(f"CN-ORGCODE:{found.orgcode}"))
    )
    said, old = Cast(emptied), subject(f"CN-ORGCODE:{company.orgcode}")
    with by_hand(emptied, 0) as one, by_hand(emptied, 1) as other:
        one.take(said.register.says("licence", "l", old))
        other.take(said.register.says("registration", "g", subject(company.uscc), name="New"))
        one.take(said.environment.says("penalty", "p", old))

    assert len(emptied.rows("SELECT * FROM entities")) == 1
    assert standing(emptied) == {"p": entity_behind(emptied, company.uscc)}


def test_two_workers_on_the_same_companies_do_not_deadlock(emptied: World) -> None:
    """Each renames one company and decides on both; the pause lets both hold their first lock."""
    said = Cast(emptied)
    first, second = (subject(company.uscc) for company in (Company(61), Company(62)))

    def registration(key: str, about: dict[str, Any], day: int) -> Message:
        return said.register.says("registration", key, about, name=key, decided_on=date(2020, 1, day))

    known = [registration("g1", first, 1), registration("g2", second, 1)]
    failed: list[BaseException] = []

    def take(worker: ByHand, key: str, renamed: dict[str, Any]) -> None:
        penalties = [said.environment.says("penalty", f"{key}{n}", about) for n, about in enumerate((first, second))]
        try:
            worker.take(registration(key, renamed, 2), *penalties)
        except Exception as error:  # noqa: BLE001 - the main thread looks at it
            failed.append(error)

    with by_hand(emptied, 0) as one, by_hand(emptied, 1) as other:
        one.take(*known)
        other.take(*known)  # both remember both companies
        emptied.rows(_PAUSE)
        try:
            works = [Thread(target=take, args=(one, "a", first)), Thread(target=take, args=(other, "b", second))]
            for work in works:
                work.start()
            for work in works:
                work.join(30)
        finally:
            emptied.rows("DROP TRIGGER pause ON entities")
    assert not failed
    assert len(standing(emptied)) == 4


_PAUSE = """
CREATE OR REPLACE FUNCTION pause() RETURNS trigger LANGUAGE plpgsql
  AS $$ BEGIN PERFORM pg_sleep(0.5); RETURN NULL; END $$;
CREATE TRIGGER pause AFTER UPDATE ON entities FOR EACH STATEMENT EXECUTE FUNCTION pause();
"""


def test_a_correction_that_names_another_company_moves_the_measure(emptied: World) -> None:
    wrong, right, said = Company(71), Company(72), Cast(emptied)
    with by_hand(emptied) as worker:
        worker.take(said.environment.says("penalty", "p", subject(wrong.uscc)))
        worker.take(said.environment.says("penalty", "p", subject(right.uscc), revision=2))

    assert standing(emptied) == {"p": entity_behind(emptied, right.uscc)}
    assert entity_of(emptied.hub, wrong.uscc) is None  # nobody says anything about it any more


@pytest.mark.parametrize("first", ["A of 2024", "B of 2025"])
def test_a_later_rating_that_is_no_ground_still_ends_the_reward(emptied: World, first: str) -> None:
    company, said = Company(73), Cast(emptied)
    good = said.tax.says("rating", "r2024", subject(company.uscc), year=2024, decided_on=date(2025, 4, 1))
    worse = said.tax.says("rating", "r2025", subject(company.uscc), year=2025, grade="B")
    with by_hand(emptied) as worker:
        for message in (good, worse) if first == "A of 2024" else (worse, good):
            worker.take(message)

    assert standing(emptied) == {}


@pytest.mark.parametrize("together", [True, False])
def test_the_newest_revision_stands_whatever_comes_first(emptied: World, together: bool) -> None:
    company, said = Company(75), Cast(emptied)
    last = said.environment.says("penalty", "p", subject(company.uscc), revision=3, decided_on=date(2026, 5, 5))
    middle = said.environment.says("withdrawal", "p", subject(company.uscc), revision=2)
    first = said.environment.says("penalty", "p", subject(company.uscc))
    with by_hand(emptied) as worker:
        for batch in [[last, middle, first]] if together else [[last], [middle], [first]]:
            worker.take(*batch)

    assert emptied.rows("SELECT status, effective_from FROM measures") == [("standing", date(2026, 5, 5))]
    assert emptied.counts()["records"] == 3


def test_an_entity_with_two_unified_codes_gets_no_new_restriction(emptied: World) -> None:
    """Law 11: one organisation code under two unified codes is a contradiction that people must settle."""
    one, said = Company(81), Cast(emptied)
    other = Company(81, head="92")
    with by_hand(emptied) as worker:
        worker.take(said.register.says("registration", "g1", subject(one.uscc), name="One"))
        worker.take(said.register.says("registration", "g2", subject(other.uscc), name="Other"))
        worker.take(
            said.environment.says("penalty", "p", subject(one.uscc)),
            said.tax.says("arrears", "d", subject(other.uscc)),
            said.tax.says("rating", "a", subject(other.uscc)),
        )

    assert entity_behind(emptied, one.uscc) == entity_behind(emptied, other.uscc)
    assert set(standing(emptied)) == {"a"}, "a reward harms nobody; nothing else may be issued"


def test_an_identifier_learnt_later_reaches_the_published_entity(world: World) -> None:
    company, said = Company(91), Cast(world)
    with by_hand(world) as worker:
        worker.take(said.register.says("registration", "g", subject(company.uscc), name="Known"))
        world.relay()
        about = subject(company.uscc, "CN-REGNO:91")
        worker.take(said.register.says("licence", "l", about, category="trade"))
        world.relay()

    state = world.latest("state.entity")[str(entity_behind(world, company.uscc))]
    assert {one["scheme"] for one in state["identifiers"]} == {"CN-USCC", "CN-ORGCODE", "CN-REGNO"}  # type: ignore[index]


def test_a_fact_that_was_late_is_not_forgotten_when_a_day_comes(world: World) -> None:
    """Time is an input: what falls due is issued once, however often the timers run."""
    company, said = Company(95), Cast(world)
    with by_hand(world) as worker:
        worker.take(said.environment.says("licence", "l", subject(company.uscc), valid_to=date(2026, 8, 31)))
    assert world.hub.timers(date(2026, 8, 31)) == 0
    assert world.hub.timers(date(2026, 9, 1)) == 1
    assert world.hub.timers(date(2026, 9, 2)) == 0
    world.relay()
    assert [event["business_on"] for event in world.values("events.sanction")] == [date(2026, 9, 1)]
