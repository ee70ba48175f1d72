"""A replay rebuilds the same view beside the live one, however it is cut, stopped and resumed."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from sharehub.replay.plan import Plan, planned
from tests.integration.publishing import Company, Message, Speaker, World, subject

pytestmark = pytest.mark.integration


def story(world: World, companies: int) -> Iterator[Message]:
    """Registrations, penalties with corrections and withdrawals, appeals, ratings, codes that join, rejects."""
    register, environment, tax = (Speaker(world.agency(role)) for role in ("register", "environment", "tax"))
    for n in range(companies):
        company = Company(n + 1)
        about = subject(company.uscc, name=f"Company {n}")
        concerns = {"concerns_agency": environment.agency, "concerns_key": f"p{n}"}
        yield register.says("registration", f"r{n}", about, name=f"Company {n} Ltd")
        yield environment.says("penalty", f"p{n}", about)
        yield environment.says("licence", f"l{n}", about, valid_to=date(2026, 5, 1) + timedelta(days=n))
        if n % 2:
            yield environment.says("penalty", f"p{n}", about, revision=2, fine=Decimal("2100000.00"))
        if n % 3 == 0:
            yield environment.says("appeal", f"a{n}", about, lodged_on=date(2026, 4, 1), **concerns)
        if n % 4 == 0:
            yield tax.says("rating", f"g{n}", about)
            yield tax.says("rating", f"h{n}", about, grade="B", year=2026)
        if n % 5 == 0:
            yield tax.says("arrears", f"t{n}", subject(company.taxno, name=f"Former name {n}"))
            yield register.says("registration", f"s{n}", subject(company.uscc, company.taxno), name=f"Both {n}")
            yield Message(world.topic("tax"), company.uscc.encode(), b"\0\0\0\0\1rubbish")
        if n % 6 == 0:
            yield environment.says("withdrawal", f"p{n}", about, revision=3)
            yield tax.says("penalty", f"no{n}", about)
        if n % 7 == 0:
            yield register.says("registration", f"r{n}", about, revision=2, name=f"Company {n} renamed")
            yield register.says("registration", f"r{n}", about, name=f"Company {n} Ltd")


def plan_of(world: World, **asked: Any) -> Plan:
    """The plan of a replay of everything, unless something else is asked for."""
    wanted = {"to": None, "jurisdiction": "", "rulebook": None, "from_records": False, **asked}
    return planned(world.hub, **wanted)


def quiet(_done: int, _total: int) -> None:
    """No progress is shown."""


def cancel(world: World) -> None:
    """Give the replay up that is there."""
    ask(world.hub, "cancel")


def told(world: World, recipient: str) -> list[dict[str, Any]]:
    """What a recipient has read, in its order."""
    return world.values(f"feed.{world.recipient(recipient)}")


@contextmanager
def services(world: World) -> Iterator[None]:
    """A live consolidator and a relay at work, which must both end well."""
    with world.another_hub() as consolidating, world.another_hub() as relaying, ThreadPoolExecutor(2) as pool:
        both = [
            pool.submit(consolidating.consolidate, until_caught_up=False),
            pool.submit(Feeds(relaying).relay, until_caught_up=False),
        ]
        try:
            yield
        finally:
            consolidating.stopping.set()
            relaying.stopping.set()
        for one in both:
            one.result(timeout=30)


def test_the_view_is_the_same_by_hash_and_takes_the_place_of_the_live_one_under_load(world: World) -> None:
    world.say(story(world, 40))
    world.consolidate(batch_records_max=50)
    world.relay()
    found = []
    for workers, batch in ((2, 37), (1, 1)):
        assert begin(world.hub, plan_of(world), "one", Pace(workers, batch), quiet) == "rebuilt"
        done = verify(world.hub, Pace(1), quiet)
        assert done.holds, done.differing
        found.append(done.as_json())
        assert list(differences(world.hub)) == []
        if workers == 2:
            cancel(world)
    assert found[0]["rebuilt"] == found[1]["rebuilt"] == found[1]["fold"] == found[1]["live"]
    assert found[1]["rebuilt_told"] == found[1]["fold_told"]

    before = told(world, "inspection")
    with services(world), ThreadPoolExecutor(1) as pool:
        load = pool.submit(lambda: [world.say([one]) for one in story(world, 60)])
        done = promote(world.hub, "one", "another", quiet)
        load.result(timeout=60)
        wanted = world.counts()["records"] and 60
        until(lambda: world.counts()["entities"] == wanted and world.rows(UNSENT) == [(0,)], 60)
    assert (done.still_differing, done.entities) == (0, 0)
    after = told(world, "inspection")
    assert after[: len(before)] == before
    assert gap_free([one["feed_position"] for one in after])
    assert len({one["event_id"] for one in after}) == len(after)
    assert world.rows("SELECT count(*) FROM events") == [(len(world.values("events.sanction")),)]
    assert begin(world.hub, plan_of(world), "one", Pace(1, 500), quiet) == "rebuilt"
    assert verify(world.hub, Pace(1), quiet).holds


UNSENT = """
SELECT count(*) FROM outbox LEFT JOIN feed_entries entry USING (event_id)
WHERE position IS NULL OR (event_id IS NOT NULL AND entry.payload IS NULL)
"""
