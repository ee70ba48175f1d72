"""Identity follows from what was said and decided, never from the order or the batches in which it came."""

import random
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import pytest

from sharehub.core.identifier import Identifier, main_identifier
from sharehub.core.resolution import resolve
from sharehub.flow.consolidate import SINGLE_SCHEMES
from sharehub.ports import Place
from sharehub.store.claims import claim_partitions
from sharehub.topics import CASEWORK
from sharehub.wire.facts import judgements_of, record_of
from sharehub.wire.rows import decode
from tests.integration.casework import REGISTRY, judged, split
from tests.integration.publishing import ByHand, Company, Message, Speaker, World, by_hand, subject

pytestmark = pytest.mark.integration

CODES = [Company(number).uscc for number in (301, 302)]
ORGCODES = [f"CN-ORGCODE:{Company(number).orgcode}" for number in (301, 302)]
NUMBERS = [f"CN-REGNO:{number}" for number in (1, 2, 3)]


def deciding(worker: ByHand) -> ByHand:
    """The worker with the desk's topic as well."""
    place = Place(CASEWORK, worker.number)
    ids = {CASEWORK: "topic"}
    group = worker.world.settings.consolidator.group
    (claim,) = claim_partitions(worker.connection, group, "desk", [place], "cluster", ids)
    worker.consolidation.claims[place] = claim
    return worker


def expected(messages: Sequence[Message]) -> dict[Identifier, bytes]:
    """The entity of every reference, by the pure resolution of all that was said."""
    records, decided = [], []
    for one in messages:
        schema, value = decode(REGISTRY, one.value or b"")
        if one.topic == CASEWORK:
            decided += judgements_of(schema.name, value)
        else:
            records.append(record_of(schema.name, value, None))
    return dict(resolve(records, decided).entity_of)


def stored(world: World) -> dict[Identifier, bytes]:
    """The same as the view has it."""
    rows = world.rows("SELECT scheme, value, entity_id FROM identifiers")
    return {Identifier(scheme, value): entity.bytes for scheme, value, entity in rows}


def stories(world: World, chance: random.Random) -> list[Message]:
    """Records of a few agencies with shared and contradictory identifiers, corrections, and decisions."""
    speakers = [Speaker(world.agency(role)) for role in ("environment", "tax")]
    references = [*CODES, *NUMBERS, ORGCODES[0]]
    standing: set[str] = set()
    said: list[Message] = []
    for number in range(chance.randint(3, 7)):
        speaker = chance.choice(speakers)
        kind = "penalty" if speaker is speakers[0] else "arrears"
        key = f"r{number}"
        references.append(f"RECORD:{speaker.agency}/{key}")
        for revision in range(1, chance.randint(1, 3) + 1):
            stated = chance.sample([*CODES, *NUMBERS], chance.randint(0, 3))
            standing.update(stated)
            about = subject(*stated, name=f"Name {number} {revision}")
            said.append(speaker.says(kind, key, about, revision=revision))
    where = [main_identifier(one)._asdict() for one in sorted(standing)]
    pairs = {frozenset(chance.sample(references, 2)) for _ in range(chance.randint(0, 4))}
    for left, right in sorted(map(sorted, pairs)):
        for revision in range(1, chance.randint(1, 2) + 1):
            verdict = chance.choice(["same", "different", "different", "unsure"])
            said.append(judged(left, right, verdict, revision=revision, stated=where))
    if chance.random() < 0.4:
        kept, *apart = chance.sample(references, 3)
        said.append(split("s", kept, apart, stated=where))
    return said


def played(world: World, messages: Sequence[Message], chance: random.Random) -> None:
    """Take the messages in a random order, in random batches, by two workers in turn."""
    line = list(messages)
    chance.shuffle(line)
    with by_hand(world, 0) as one, by_hand(world, 1) as other:
        workers = [deciding(one), deciding(other)]
        while line:
            size = chance.randint(1, len(line))
            chance.choice(workers).take(*line[:size])
            line = line[size:]


def settled(world: World) -> dict[str, Any]:
    """All that must not depend on the order: measures in a conflict may be older than it, or held back (law 11)."""
    with by_hand(world) as worker, worker.consolidation.view.transaction() as txn:
        entities = [row[0] for row in world.rows("SELECT entity_id FROM entities")]
        contested = {key for key, facts in txn.gather(entities, SINGLE_SCHEMES).items() if facts.conflict}
    dump = world.dump()
    dump["standing"] = [row for row in dump["standing"] if row[1] not in contested]
    dump["conflicts"] = world.rows("SELECT left_id, right_id, because, source FROM conflicts ORDER BY 1, 2, 3, 4")
    dump["contested"] = [(one,) for one in sorted(contested)]
    return dump


@pytest.mark.parametrize("seed", range(25))
def test_any_order_batches_and_workers_give_the_same_entities_and_standing(emptied: World, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - a repeatable story
    said = stories(emptied, chance)
    dumps: list[dict[str, Any]] = []
    for _ in range(3):
        played(emptied, said, chance)
        found = stored(emptied)
        wanted = expected(said)
        assert {one: found[one] for one in wanted} == wanted
        dumps.append(settled(emptied))
        emptied.forget_all()
    assert dumps[0] == dumps[1] == dumps[2]


def entity(world: World, reference: str) -> UUID:
    """The entity that a reference leads to."""
    scheme, _, value = reference.partition(":")
    return world.rows("SELECT entity_id FROM identifiers WHERE scheme = %s AND value = %s", scheme, value)[0][0]  # type: ignore[no-any-return]
