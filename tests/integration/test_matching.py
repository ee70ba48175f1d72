"""Names propose and never merge; each pair is looked at once, and what a person decided is not asked again."""

from collections.abc import Iterator

import psycopg
import pytest

from sharehub.flow.matching import Matched, find
from sharehub.store.matching import NameStore, waiting
from tests.integration.casework import judged
from tests.integration.publishing import ByHand, World, by_hand
from tests.integration.saying import Company, Message, Speaker, subject
from tests.integration.test_identity import deciding, entity

pytestmark = pytest.mark.integration

NAME = "Golden Harvest Trading Company Limited"
RESPELLED = "Golden Harvst Trading Company Limited"
OTHER = "Silver Lake Fisheries"


@pytest.fixture
def worker(emptied: World) -> Iterator[ByHand]:
    """A worker that reads agencies, a court and the desk."""
    with by_hand(emptied) as made:
        made.claim("court")
        yield deciding(made)


def named(world: World, key: str, name: str | None, *identifiers: str, revision: int = 1) -> Message:
    """A record of the tax bureau that says no more than a name, unless it states identifiers too."""
    return Speaker(world.agency("tax")).says("arrears", key, subject(*identifiers, name=name), revision=revision)


def judges(world: World, key: str, name: str, kind: str = "individual", revision: int = 1) -> Message:
    """A judgment of the court, the one agency that may say something of an individual."""
    return Speaker(world.agency("court")).says("judgment", key, subject(name=name, kind=kind), revision=revision)


def reference(world: World, key: str) -> str:
    """How a decision points at such a record."""
    return f"RECORD:{world.agency('tax')}/{key}"


def compared(world: World) -> Matched:
    """What `match find` does."""
    with psycopg.connect(world.dsn, autocommit=True) as connection:
        return find(NameStore(connection), world.hub.read_record)


def proposed(world: World) -> list[frozenset[str | None]]:
    """The names of each pair that waits for a person."""
    with psycopg.connect(world.dsn, autocommit=True) as connection:
        return [frozenset((left.name, right.name)) for left, right, _ in waiting(connection, 100)]


@pytest.mark.parametrize("name", [NAME, NAME.upper(), RESPELLED, "Golden Harvest Trading Co., Ltd."])
def test_equal_and_respelled_names_are_proposed_and_nothing_merges(worker: ByHand, name: str) -> None:
    world = worker.world
    worker.take(named(world, "a", NAME), named(world, "b", name), named(world, "c", OTHER))
    assert compared(world) == Matched(entities=3, candidates=1, proposals=1)
    assert proposed(world) == [frozenset((NAME, name))]
    assert entity(world, reference(world, "a")) != entity(world, reference(world, "b"))


def test_a_second_run_with_nothing_new_does_nothing(worker: ByHand) -> None:
    world = worker.world
    worker.take(named(world, "a", NAME), named(world, "b", RESPELLED))
    compared(world)
    before = world.rows("SELECT xmin::text, left_id, right_id FROM proposals")
    assert compared(world) == Matched()
    assert world.rows("SELECT xmin::text, left_id, right_id FROM proposals") == before != []


def test_what_comes_later_is_compared_with_what_was_there(worker: ByHand) -> None:
    world = worker.world
    worker.take(named(world, "a", NAME), named(world, "c", OTHER))
    assert compared(world).proposals == 0
    worker.take(named(world, "b", RESPELLED))
    assert compared(world) == Matched(entities=1, candidates=1, proposals=1)


@pytest.mark.parametrize("verdict", ["same", "different", "unsure"])
def test_a_decided_pair_never_returns(worker: ByHand, verdict: str) -> None:
    world = worker.world
    worker.take(named(world, "a", NAME), named(world, "b", RESPELLED))
    compared(world)
    worker.take(judged(reference(world, "a"), reference(world, "b"), verdict))
    assert proposed(world) == []
    worker.take(named(world, "a", NAME + " Group", revision=2), named(world, "b", RESPELLED + " Group", revision=2))
    assert compared(world).entities > 0
    assert proposed(world) == []


def test_individuals_are_never_compared(worker: ByHand) -> None:
    world = worker.world
    worker.take(judges(world, "a", "Zhang Wei"), judges(world, "b", "Zhang Wei"))
    assert world.rows("SELECT count(*) FROM entities") == [(2,)]
    assert compared(world) == Matched()
    worker.take(named(world, "c", "Zhang Wei"))
    assert compared(world) == Matched(entities=1)
    assert world.rows("SELECT name FROM names") == [("Zhang Wei",)]


def test_who_turns_out_to_be_an_individual_is_proposed_no_more(worker: ByHand) -> None:
    world = worker.world
    worker.take(judges(world, "a", "Zhang Wei", "company"), named(world, "b", "Zhang Wei"))
    compared(world)
    assert len(proposed(world)) == 1
    worker.take(judges(world, "a", "Zhang Wei", revision=2))
    assert proposed(world) == []
    compared(world)
    assert world.rows("SELECT count(*) FROM proposals") == [(0,)]
    assert world.rows("SELECT count(*) FROM names") == [(1,)]


def test_different_codes_leave_only_equal_names(worker: ByHand) -> None:
    world = worker.world
    one, same, near, alone = (Company(number) for number in (401, 402, 403, 404))
    worker.take(
        named(world, "a", NAME, one.uscc),
        named(world, "b", NAME, same.uscc),
        named(world, "c", RESPELLED, near.uscc),
        named(world, "d", OTHER, alone.uscc),
    )
    assert compared(world) == Matched(entities=4, candidates=1, proposals=1)
    assert proposed(world) == [frozenset((NAME,))]
    worker.take(named(world, "e", RESPELLED + " "))
    compared(world)
    assert {entity(world, reference(world, "e")).hex} <= {
        side.hex for pair in world.rows("SELECT left_id, right_id FROM proposals") for side in pair
    }


def test_proposals_disappear_when_entities_merge(worker: ByHand) -> None:
    world = worker.world
    one = Company(405)
    worker.take(named(world, "a", NAME, one.uscc), named(world, "b", RESPELLED, "CN-REGNO:405"))
    compared(world)
    assert len(proposed(world)) == 1
    worker.take(named(world, "c", NAME, one.uscc, "CN-REGNO:405"))
    assert proposed(world) == []
    compared(world)
    assert world.rows("SELECT * FROM proposals") == []


@pytest.mark.parametrize("number", range(410, 418))
def test_a_merged_entity_is_found_by_all_its_names_and_told_once(worker: ByHand, number: int) -> None:
    """Whichever of the two ids is the one that stays."""
    world = worker.world
    one = Company(number)
    worker.take(named(world, "a", NAME, one.uscc), named(world, "b", OTHER, "CN-REGNO:406"))
    worker.take(named(world, "x", OTHER))
    compared(world)
    assert len(proposed(world)) == 1
    worker.take(named(world, "c", None, one.uscc, "CN-REGNO:406"))
    compared(world)
    worker.take(named(world, "y", OTHER), named(world, "z", NAME))
    compared(world)
    pairs = {frozenset(pair) for pair in world.rows("SELECT left_id, right_id FROM proposals")}
    merged = entity(world, one.uscc)
    alone = {key: entity(world, reference(world, key)) for key in "xyz"}
    assert pairs == {
        frozenset((merged, alone["x"])),
        frozenset((merged, alone["y"])),
        frozenset((merged, alone["z"])),
        frozenset((alone["x"], alone["y"])),
    }


def test_a_changed_name_is_compared_again(worker: ByHand) -> None:
    world = worker.world
    worker.take(named(world, "a", NAME), named(world, "b", OTHER))
    assert compared(world).proposals == 0
    worker.take(named(world, "b", NAME, revision=2))
    assert compared(world) == Matched(entities=1, candidates=1, proposals=1)
    worker.take(named(world, "b", OTHER, revision=3))
    compared(world)
    assert proposed(world) == []
