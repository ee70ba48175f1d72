"""Identity follows from what was said and decided, never from the order or the batches in which it came."""

import random
import time
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from sharehub.core.identifier import Identifier, main_identifier
from sharehub.core.resolution import resolve
from sharehub.entities import entity_of
from sharehub.flow.deciding import SINGLE_SCHEMES
from sharehub.store.claims import claim_partitions
from sharehub.topics import CASEWORK, Place
from sharehub.wire.facts import judgements_of, record_of
from sharehub.wire.rows import decode
from tests.integration.casework import REGISTRY, judged, split
from tests.integration.publishing import ByHand, World, by_hand
from tests.integration.saying import Company, Message, Speaker, subject

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


@pytest.mark.parametrize("seed", range(12))
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


def test_a_past_answer_is_given_again_whatever_arrives_later(emptied: World) -> None:
    """Two clocks, through merges, splits, corrections and decisions of six stories."""
    asked = 0
    for seed in range(100, 106):
        chance = random.Random(seed)  # noqa: S311 - a repeatable story
        line = stories(emptied, chance)
        chance.shuffle(line)
        answers: list[tuple[str, datetime, Any]] = []
        with by_hand(emptied, 0) as worker:
            deciding(worker)
            while line:
                size = chance.randint(1, 3)
                worker.take(*line[:size])
                line = line[size:]
                instant = datetime.now(UTC)
                answers += [(one, instant, answer(emptied, one, instant)) for one in [*CODES, *NUMBERS]]
                time.sleep(0.002)  # the next batch is appended at a later millisecond
        for reference, instant, before in answers:
            assert answer(emptied, reference, instant) == before
            asked += before is not None
        now = datetime.now(UTC)
        assert {one: answer(emptied, one, now) for one in CODES} == {one: answer(emptied, one, None) for one in CODES}
        emptied.forget_all()
    assert asked > 50


def answer(world: World, reference: str, known_at: datetime | None) -> Any:
    """What `entity show` says of a day in law, as far as the hub knew at an instant."""
    found = entity_of(world.hub, reference, on=date(2026, 6, 1), known_at=known_at, how=True)
    return found and {name: value for name, value in found.items() if name not in ("known_at", "complete")}


def penalised(world: World, number: int) -> tuple[Company, Message, Message]:
    """A company, its registration and a final penalty on it."""
    company = Company(number)
    register, environment = Speaker(world.agency("register")), Speaker(world.agency("environment"))
    about = subject(company.uscc, name="Blue River Mills")
    registration = register.says("registration", f"c{number}", about, name="Blue River Mills")
    return company, registration, environment.says("penalty", f"p{number}", about)


def measures(world: World) -> dict[str, UUID]:
    """The measures that stand, by their ground's record key: on which entity."""
    query = "SELECT body -> 'ground' ->> 'record_key', entity_id FROM measures WHERE status = 'standing'"
    return dict(world.rows(query))


def last_reasons(world: World) -> list[str]:
    """Why measures were changed, in order."""
    return [row[0] for row in world.rows("SELECT reason FROM events WHERE event = 'amended' ORDER BY known_at, number")]


def test_a_merge_and_its_undoing_take_the_measures_along_and_are_explained(emptied: World) -> None:
    company, registration, penalty = penalised(emptied, 311)
    other = Speaker(emptied.agency("tax")).says("arrears", "a", subject(NUMBERS[0], name="Blue River Mils"))
    with by_hand(emptied) as worker:
        deciding(worker).take(registration, penalty, other)
        alone, apart = entity_of(emptied.hub, company.uscc), entity_of(emptied.hub, NUMBERS[0])
        worker.take(judged(company.uscc, NUMBERS[0], "same"))
        merged = entity_of(emptied.hub, NUMBERS[0], how=True)
        assert merged["statements"] == entity_of(emptied.hub, company.uscc)["statements"]  # type: ignore[index]
        assert set(measures(emptied).values()) == {UUID(merged["entity_id"])}  # type: ignore[index]
        assert set(last_reasons(emptied)) == {"entity-merged"}
        assert "another officer" in str(merged["how"]["decisions"])  # type: ignore[index]

        worker.take(judged(company.uscc, NUMBERS[0], "different", revision=2))
    assert entity_of(emptied.hub, company.uscc)["records"] == alone["records"]  # type: ignore[index]
    assert entity_of(emptied.hub, NUMBERS[0])["records"] == apart["records"]  # type: ignore[index]
    assert measures(emptied) == {
        f"p{company.number}": UUID(alone["entity_id"]),  # type: ignore[index]
        "a": UUID(apart["entity_id"]),  # type: ignore[index]
    }
    assert last_reasons(emptied)[-1] == "entity-split"
    told = entity_of(emptied.hub, company.uscc, how=True)["how"]["steps"]  # type: ignore[index]
    assert [bool(step["lost"]) for step in told] == [False, False, True]


def test_a_record_goes_back_to_where_it_belongs_when_a_code_was_given_twice(emptied: World) -> None:
    company, registration, penalty = penalised(emptied, 312)
    environment = Speaker(emptied.agency("environment"))
    wrong = environment.says("penalty", "wrong", subject(company.uscc, NUMBERS[1], name="Red Hill Paint"))
    reference = f"RECORD:{environment.agency}/wrong"
    with by_hand(emptied) as worker:
        deciding(worker).take(registration, penalty, wrong)
        assert len(set(measures(emptied).values())) == 1
        stated = [main_identifier(company.uscc)._asdict()]
        worker.take(judged(reference, company.uscc, "different", stated=stated))
        assert measures(emptied)["wrong"] == entity(emptied, NUMBERS[1]) != entity(emptied, company.uscc)
        assert emptied.rows("SELECT count(*) FROM conflicts") == [(0,)]
        later = environment.says("penalty", "wrong", subject(company.uscc, NUMBERS[1], name="Red Hill"), revision=2)
        worker.take(later)
    assert measures(emptied)["wrong"] == entity(emptied, NUMBERS[1]) != entity(emptied, company.uscc)
    assert entity_of(emptied.hub, NUMBERS[1])["names"][0] == "Red Hill"  # type: ignore[index]


def test_a_merge_that_a_judgement_forbids_opens_a_case_and_holds_restrictions_back(emptied: World) -> None:
    company, registration, penalty = penalised(emptied, 313)
    tax = Speaker(emptied.agency("tax"))
    with by_hand(emptied) as worker:
        deciding(worker).take(registration, tax.says("arrears", "a", subject(NUMBERS[2])))
        worker.take(judged(company.uscc, NUMBERS[2], "different"))
        bridge = [
            tax.says("arrears", f"b{n}", subject(NUMBERS[0], one)) for n, one in enumerate((company.uscc, NUMBERS[2]))
        ]
        worker.take(*bridge)
        assert entity(emptied, company.uscc) != entity(emptied, NUMBERS[2])
        assert len(emptied.rows("SELECT source FROM conflicts")) == 1
        worker.take(penalty)
        assert f"p{company.number}" not in measures(emptied)
        worker.take(judged(NUMBERS[0], NUMBERS[2], "different"))
    assert emptied.rows("SELECT source FROM conflicts") == []
    assert f"p{company.number}" in measures(emptied)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"approved_by": "an officer"}, "one-person"),
        ({"approved_by": None, "approval": "not_required"}, "needs-approval"),
        ({"reason": "  "}, "no-reason"),
        ({"decided_by": ""}, "no-author"),
    ],
)
def test_two_people_are_needed_where_measures_would_move(emptied: World, fields: dict[str, Any], code: str) -> None:
    company, registration, penalty = penalised(emptied, 314)
    with by_hand(emptied) as worker:
        deciding(worker).take(
            registration, penalty, Speaker(emptied.agency("tax")).says("arrears", "a", subject(NUMBERS[0]))
        )
        worker.take(judged(company.uscc, NUMBERS[0], "same", **fields))
    assert entity(emptied, company.uscc) != entity(emptied, NUMBERS[0])
    assert emptied.rows("SELECT code FROM rejections") == [(code,)]


def test_a_decision_that_waits_for_approval_changes_nothing_until_then(emptied: World) -> None:
    company, registration, penalty = penalised(emptied, 315)
    with by_hand(emptied) as worker:
        deciding(worker).take(
            registration, penalty, Speaker(emptied.agency("tax")).says("arrears", "a", subject(NUMBERS[0]))
        )
        worker.take(judged(company.uscc, NUMBERS[0], "same", approved_by=None))
        assert entity(emptied, company.uscc) != entity(emptied, NUMBERS[0])
        worker.take(judged(company.uscc, NUMBERS[0], "same", revision=2))
    assert entity(emptied, company.uscc) == entity(emptied, NUMBERS[0])


def test_two_codes_on_one_entity_hold_restrictions_back_until_somebody_joins_them(emptied: World) -> None:
    company, registration, penalty = penalised(emptied, 316)
    second = Company(317)
    register = Speaker(emptied.agency("register"))
    both = register.says("registration", "both", subject(company.uscc, second.uscc, name="Blue River Mills"), name="B")
    with by_hand(emptied) as worker:
        deciding(worker).take(registration, both, penalty)
        assert measures(emptied) == {}
        worker.take(judged(company.uscc, second.uscc, "same"))
        assert measures(emptied) == {}  # two organisation codes are left
        worker.take(judged(f"CN-ORGCODE:{company.orgcode}", f"CN-ORGCODE:{second.orgcode}", "same"))
    assert set(measures(emptied)) == {f"p{company.number}"}


def entity(world: World, reference: str) -> UUID:
    """The entity that a reference leads to."""
    scheme, _, value = reference.partition(":")
    return world.rows("SELECT entity_id FROM identifiers WHERE scheme = %s AND value = %s", scheme, value)[0][0]  # type: ignore[no-any-return]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_correction_that_speaks_of_somebody_else_leaves_nothing_behind(
    emptied: World, order: tuple[int, int]
) -> None:
    tax = Speaker(emptied.agency("tax"))
    said = [
        tax.says("arrears", "moved", subject(NUMBERS[revision - 1], name=f"Name {revision}"), revision=revision)
        for revision in (1, 2)
    ]
    with by_hand(emptied) as worker:
        for number in order:
            deciding(worker).take(said[number])
    found = entity_of(emptied.hub, NUMBERS[1], how=True)
    assert found is not None
    assert [one["revision"] for one in found["records"]] == [one + 1 for one in order]
    assert "never received" not in str(found)
    assert entity_of(emptied.hub, NUMBERS[0]) is None
    assert measures(emptied) == {"moved": UUID(found["entity_id"])}
    assert emptied.rows("SELECT name FROM entities") == [("Name 2",)]
    assert entity_of(emptied.hub, str(entity(emptied, NUMBERS[0])))["entity_id"] == found["entity_id"]  # type: ignore[index]


def test_one_person_alone_takes_back_nothing_that_two_decided(emptied: World) -> None:
    company, registration, penalty = penalised(emptied, 318)
    arrears = Speaker(emptied.agency("tax")).says("arrears", "a", subject(NUMBERS[0]))
    with by_hand(emptied) as worker:
        deciding(worker).take(registration, penalty, arrears)
        worker.take(judged(company.uscc, NUMBERS[0], "same"))
        worker.take(judged(company.uscc, NUMBERS[0], "different", revision=2, approved_by=None))
        worker.take(judged(company.uscc, NUMBERS[0], "unsure", revision=3, approved_by=None, approval="not_required"))
        assert emptied.rows("SELECT code FROM rejections") == [("needs-approval",)]
        assert entity(emptied, company.uscc) == entity(emptied, NUMBERS[0])
        worker.take(judged(company.uscc, NUMBERS[0], "different", revision=4))
    assert entity(emptied, company.uscc) != entity(emptied, NUMBERS[0])


def test_a_decision_of_one_person_stays_when_a_measure_comes_later_in_any_batch(emptied: World) -> None:
    company, registration, penalty = penalised(emptied, 319)
    other = Speaker(emptied.agency("register")).says("registration", "b", subject(NUMBERS[0]), name="Blue River")
    alone = judged(company.uscc, NUMBERS[0], "same", approved_by=None, approval="not_required")
    with by_hand(emptied) as worker:
        deciding(worker).take(registration, other, alone)
        worker.take(penalty)
    assert entity(emptied, company.uscc) == entity(emptied, NUMBERS[0])
    assert set(measures(emptied).values()) == {entity(emptied, company.uscc)}


def test_pointing_at_a_record_changes_no_id_and_a_former_id_leads_on(emptied: World) -> None:
    company, registration, penalty = penalised(emptied, 320)
    other = Speaker(emptied.agency("tax")).says("arrears", "a", subject(NUMBERS[0]))
    reference = f"RECORD:{emptied.agency('environment')}/p{company.number}"
    with by_hand(emptied) as worker:
        deciding(worker).take(registration, penalty, other)
        before = {one: entity(emptied, one) for one in (company.uscc, NUMBERS[0])}
        assert entity_of(emptied.hub, reference)["entity_id"] == str(before[company.uscc])  # type: ignore[index]
        stated = [main_identifier(company.uscc)._asdict()]
        worker.take(judged(reference, NUMBERS[0], "different", stated=stated))
        assert {one: entity(emptied, one) for one in before} == before
        worker.take(judged(company.uscc, NUMBERS[0], "same"))
    for former in before.values():
        assert entity_of(emptied.hub, str(former))["entity_id"] == str(entity(emptied, company.uscc))  # type: ignore[index]


def test_how_tells_of_several_codes_until_somebody_joins_them(emptied: World) -> None:
    one, other = Company(321), Company(322)
    codes = [f"CN-ORGCODE:{company.orgcode}" for company in (one, other)]
    register = Speaker(emptied.agency("register"))
    both = register.says("registration", "both", subject(*codes), name="B")
    with by_hand(emptied) as worker:
        deciding(worker).take(both)
        (told,) = entity_of(emptied.hub, codes[0], how=True)["how"]["conflicts"]  # type: ignore[index]
        assert one.orgcode in told
        assert other.orgcode in told
        worker.take(judged(*codes, "same"))
    assert entity_of(emptied.hub, codes[0], how=True)["how"]["conflicts"] == []  # type: ignore[index]
