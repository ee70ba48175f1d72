"""Versions of the rules come into force by records of two people, and touch exactly what they can touch."""

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from sharehub.cli import main
from sharehub.core.activation import MESSAGE_KEY, Proposal, text_digest
from sharehub.errors import RefusedError
from sharehub.rulemaking import Rulemaking
from sharehub.store.claims import claim_partitions
from sharehub.topics import CASEWORK, DESK, Place
from sharehub.wire.activations import proposal_payload
from tests.integration.installation import DECIDE_ON
from tests.integration.publishing import ByHand, World, by_hand
from tests.integration.saying import REGISTRY, Company, Message, Speaker, subject

pytestmark = pytest.mark.integration
FOOD = '{ field = "category", is = "food" }'


def rules(world: World, name: str = "cn/2026-1") -> str:
    return (world.config.parent / "rulebooks" / f"{name}.toml").read_text(encoding="utf-8")


def second(world: World, published_on: date = DECIDE_ON) -> str:
    """The second version: major penalties begin at 3 million, and licences for food are looked at too."""
    first = rules(world).replace("2026-1", "2026-2").replace("2026-01-05", str(published_on))
    food = first[first.index('[[entry]]\nid = "licence-expired"') : first.index('[[entry]]\nid = "arrears-notice"')]
    food = food.replace("licence-expired", "food-licence").replace('{ field = "category", is = "discharge" }', FOOD)
    return first.replace("2000000.00", "3000000.00") + food


def proposal(text: str, **fields: Any) -> Proposal:
    """What the desk would publish for the second version."""
    ordinary = Proposal(
        record_key="rulebook/cn/2026-2",
        revision=1,
        content="rulebook",
        place="cn",
        version="2026-2",
        text=text,
        digest=text_digest(text),
        published_on=DECIDE_ON,
        reason="two years of feedback",
        decided_by="Ana",
    )
    return replace(ordinary, **fields)


def approval(said: Proposal, **fields: Any) -> Proposal:
    return replace(
        said, **{"revision": said.revision + 1, "approved_by": "Ben", "counts_from": said.published_on, **fields}
    )


def message(said: Proposal, key: str = MESSAGE_KEY) -> Message:
    return Message(CASEWORK, key.encode(), proposal_payload(REGISTRY, said, DESK, DECIDE_ON))


def everybody(world: World) -> list[Message]:
    """Six companies: two major penalties, arrears, a licence for food, a registration, and a small penalty."""
    bureau, tax = Speaker(world.agency("environment")), Speaker(world.agency("tax"))
    register = Speaker(world.agency("register"))
    about = [subject(Company(number).uscc) for number in range(1, 7)]
    licence = {"category": "food", "valid_to": date(2026, 5, 1), "decided_on": date(2025, 5, 1)}
    return [
        bureau.says("penalty", "p1", about[0]),
        bureau.says("penalty", "p2", about[1], fine=Decimal("5000000.00")),
        tax.says("arrears", "a3", about[2]),
        bureau.says("licence", "l4", about[3], **licence),
        register.says("registration", "g5", about[4]),
        bureau.says("penalty", "p6", about[5], fine=Decimal("100.00")),
    ]


def decided(world: World) -> dict[int, tuple[str, list[str]]]:
    """Of each company the last transaction that decided it, and the measures in place."""
    query = """
        SELECT i.value, min(e.xmin::text), array_agg(m.entry ORDER BY m.entry) FILTER (WHERE m.status = 'standing')
        FROM identifiers i JOIN entities e USING (entity_id) LEFT JOIN measures m USING (entity_id)
        WHERE i.scheme = 'CN-USCC' GROUP BY 1
    """
    found = {value: (xmin, entries or []) for value, xmin, entries in world.rows(query)}
    return {number: found[Company(number).uscc.partition(":")[2]] for number in range(1, 7)}


def measures(world: World) -> dict[int, list[str]]:
    return {number: entries for number, (_, entries) in decided(world).items() if entries}


def moved(before: dict[int, tuple[str, list[str]]], world: World) -> set[int]:
    return {number for number, (xmin, _) in decided(world).items() if xmin != before[number][0]}


def refusals(world: World) -> list[tuple[str, str]]:
    return world.rows('SELECT code, field FROM rejections WHERE agency = %s ORDER BY "offset"', DESK)


def desk_claims(worker: ByHand) -> None:
    place = Place(CASEWORK, worker.number)
    group = worker.world.settings.consolidator.group
    (claim,) = claim_partitions(worker.connection, group, "desk", [place], "cluster", {CASEWORK: "topic"})
    worker.consolidation.claims[place] = claim


OLD = {1: ["cn/major-penalty"], 2: ["cn/major-penalty"], 3: ["cn/arrears-notice"]}
NEW = {2: ["cn/major-penalty"], 3: ["cn/arrears-notice"], 4: ["cn/food-licence"]}


def test_a_version_counts_when_a_second_person_has_approved_it_and_touches_exactly_its_own(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    file = world.config.parent / "2026-2.toml"
    file.write_text(second(world), encoding="utf-8")
    signed = ("--reason", "two years of feedback", "--by", "Ana")
    world.say(everybody(world))
    world.consolidate()
    before = decided(world)
    assert measures(world) == OLD

    def told(*words: str) -> Any:
        capsys.readouterr()  # what workers of this process have logged
        assert main(["--config", str(world.config), "--json", *words]) == 0
        return json.loads(capsys.readouterr().out)

    planned = told("rulebook", "propose", str(file), *signed, "--dry-run")
    assert planned["entities"] == 3
    assert world.rows("SELECT count(*) FROM activations") == [(0,)]
    said = told("rulebook", "propose", str(file), *signed)
    world.consolidate()
    assert (said["id"], moved(before, world), measures(world)) == ("rulebook/cn/2026-2", set(), OLD)
    assert [one["id"] for one in told("rulebook", "proposals")] == [said["id"]]

    for alone in (
        ("rulebook", "approve", said["id"], "--by", "ana "),
        ("rulebook", "activate", str(file), "--by", "B"),
    ):
        assert main(["--config", str(world.config), *alone]) in (2, 4)
        assert "law 13" in capsys.readouterr().err
    told("rulebook", "activate", said["id"], "--by", "Ben")
    totals = world.consolidate()

    assert measures(world) == NEW
    assert moved(before, world) == {1, 2, 4}
    (version,) = [one for one in Rulemaking(world.hub).versions() if one["id"] == said["id"]]
    assert {
        name: version[name] for name in ("state", "entities", "events", "settled", "decided_by", "approved_by")
    } == {
        "state": "in-force",
        "entities": 3,
        "events": totals.events,
        "settled": True,
        "decided_by": "Ana",
        "approved_by": "Ben",
    }
    world.rows("UPDATE activations SET settled_at = NULL, searched = false, after_subject = NULL")  # as after a crash
    assert world.hub.timers(DECIDE_ON) == 0
    assert measures(world) == NEW
    assert world.rows("SELECT count(*) FROM activations WHERE counts_from IS NOT NULL AND settled_at IS NULL") == [(0,)]


def test_a_version_of_a_later_day_counts_from_that_day_whenever_time_is_looked_at(emptied: World) -> None:
    later = date(2026, 9, 1)
    said = proposal(second(emptied, later), published_on=later)
    with by_hand(emptied) as worker:
        desk_claims(worker)
        worker.take(message(said), message(approval(said)))
        worker.take(*everybody(emptied))
        assert measures(emptied) == OLD
        assert emptied.hub.timers(date(2026, 8, 31)) == 0
        assert measures(emptied) == OLD

        emptied.hub.timers(date(2026, 9, 20))
        assert measures(emptied) == NEW
        assert emptied.hub.timers(date(2026, 9, 20)) == 0
        late = Speaker(emptied.agency("environment"))
        worker.take(late.says("penalty", "p7", subject(Company(7).uscc)))  # received in June, read in September
        assert emptied.rows("SELECT count(*) FROM measures WHERE status = 'standing'") == [(3,)]


def test_all_workers_switch_together(emptied: World) -> None:
    said = proposal(second(emptied))
    bureau = Speaker(emptied.agency("environment"))
    with by_hand(emptied, 0) as one, by_hand(emptied, 1) as other:
        desk_claims(one)
        other.take(bureau.says("penalty", "p1", subject(Company(1).uscc)))
        one.take(message(said))
        other.take(bureau.says("penalty", "p2", subject(Company(2).uscc)))
        in_place = "SELECT count(*) FROM measures WHERE status = 'standing'"
        assert emptied.rows(in_place) == [(2,)]
        one.take(message(approval(said)))
        assert emptied.rows(in_place) == [(0,)]
        other.take(bureau.says("penalty", "p3", subject(Company(3).uscc)))
        assert emptied.rows(in_place) == [(0,)]


def test_what_is_forged_stale_or_unlawful_is_refused_with_its_reason_whatever_the_desk_wrote(emptied: World) -> None:
    lawful = second(emptied)
    unlawful = lawful.replace('target_service = "procurement"', 'target_service = "water"')
    said = proposal(lawful)
    forged = {
        "one-person": approval(said, revision=1),
        "not-proposed": approval(said, revision=2, reason="another reason"),
        "wrong-digest": proposal(lawful, digest=text_digest("")),
        "unlawful": proposal(unlawful, digest=text_digest(unlawful)),
        "wrong-version": proposal(lawful, record_key="rulebook/cn/2026-3"),
        "no-reason": proposal(lawful, reason=" "),
        "stale": proposal(lawful, revision=3),
    }
    with by_hand(emptied) as worker:
        desk_claims(worker)
        worker.take(*everybody(emptied))
        worker.take(message(approval(said, revision=1)), message(said, key="RECORD:hub/rulebook/cn/2026-2"))
        worker.take(*(message(forged[code]) for code in ("wrong-digest", "unlawful", "wrong-version", "no-reason")))
        worker.take(message(said), message(forged["stale"]), message(forged["not-proposed"]))
        worker.take(message(approval(said, approved_by=" ana")), message(approval(said, published_on=None)))
        assert measures(emptied) == OLD
        assert [code for code, _ in refusals(emptied)] == [
            *("not-proposed", "wrong-key", "wrong-digest", "unlawful", "wrong-version", "no-reason"),
            *("stale", "not-proposed", "one-person", "not-proposed"),
        ]
        (reason,) = emptied.rows("SELECT reason FROM rejections WHERE code = 'unlawful'")[0]
        assert "entry 'major-penalty', field 'target_service': law 6" in reason
        desk = Rulemaking(emptied.hub)
        with pytest.raises(RefusedError, match="law 6"):
            desk.propose("rulebook", unlawful.replace("2026-2", "2026-3"), reason="r", by="Ana")
        with pytest.raises(RefusedError, match="law 13"):
            desk.approve("rulebook/cn/2026-2", by="ANA")
        worker.take(message(approval(said)))
        assert measures(emptied) == NEW


def test_where_the_competence_ends_its_grounds_end_and_its_records_are_refused(emptied: World) -> None:
    agencies = rules(emptied, "agencies")
    without = agencies.replace('"licence", "penalty"', '"licence"')
    private = agencies.replace('title = "Tax bureau"', 'title = "Points Co., Ltd."')
    blank = {"content": "agencies", "place": "", "reason": "the bureau was merged"}
    said = proposal(without, **blank, digest=text_digest(without), record_key="agencies/2", version="2")
    other = replace(said, record_key="agencies/3", version="3", text=agencies, digest=text_digest(agencies))
    points = replace(said, record_key="agencies/4", version="4", text=private, digest=text_digest(private))
    with by_hand(emptied) as worker:
        desk_claims(worker)
        worker.take(*everybody(emptied))
        before = decided(emptied)
        worker.take(message(said), message(other), message(points), message(approval(said)), message(approval(other)))

        assert measures(emptied) == {3: ["cn/arrears-notice"]}
        assert moved(before, emptied) == {1, 2, 6}  # all whose facts are the bureau's; the licence for food is none
        assert emptied.rows("SELECT DISTINCT event FROM events WHERE event <> 'issued'") == [("lifted",)]
        assert [code for code, _ in refusals(emptied)] == ["unlawful", "stale"]  # law 7, and made on an old base
        worker.take(Speaker(emptied.agency("environment")).says("penalty", "p9", subject(Company(9).uscc)))
        assert emptied.rows("SELECT code, field FROM rejections WHERE agency <> 'hub'") == [("incompetent", "kind")]


def test_a_version_that_is_ended_by_two_people_counts_no_more(emptied: World) -> None:
    said = proposal(second(emptied))
    end = replace(said, revision=3, text="", digest=text_digest(""), reason="it was void", decided_by="Cai")
    with by_hand(emptied) as worker:
        desk_claims(worker)
        worker.take(*everybody(emptied))
        worker.take(message(said), message(approval(said)))
        worker.take(message(end))
        assert measures(emptied) == NEW
        worker.take(message(approval(end)))
        assert measures(emptied) == OLD
        assert [one["state"] for one in Rulemaking(emptied.hub).versions()] == ["in-force", "ended"]
