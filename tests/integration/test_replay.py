"""A replay rebuilds the same view beside the live one, however it is cut, stopped and resumed, and takes its place."""

import csv
import json
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from signal import SIGINT
from typing import Any

import openpyxl
import pytest
from kafka import KafkaAdminClient, TopicPartition

from sharehub.cli import main as sharehub
from sharehub.errors import RefusedError, UsageError
from sharehub.feeds import Feeds
from sharehub.replay.diff import differences
from sharehub.replay.plan import Plan, planned
from sharehub.replay.promote import promote
from sharehub.replay.run import Pace, begin, resume
from sharehub.replay.status import ask, every
from sharehub.replay.verify import verify
from sharehub.store.shadows import STAYING, VIEW
from tests.integration.casework import judged
from tests.integration.installation import PARTITIONS
from tests.integration.publishing import World, gap_free, until
from tests.integration.saying import Company, Message, Speaker, subject
from tests.integration.test_activation import approval, message, proposal, second

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
    world.say(story(world, 24))
    world.consolidate(batch_records_max=50)
    world.relay()
    assert begin(world.hub, plan_of(world), "one", Pace(2, 37), quiet) == "rebuilt"
    found = verify(world.hub, Pace(1), quiet)
    assert found.holds, found.differing
    assert found.as_json()["rebuilt"] == found.as_json()["fold"] == found.as_json()["live"]
    assert list(differences(world.hub)) == []

    before = told(world, "inspection")
    with services(world), ThreadPoolExecutor(1) as pool:
        load = pool.submit(lambda: [world.say([one]) for one in story(world, 30)])
        done = promote(world.hub, "one", "another", quiet)
        load.result(timeout=60)
        until(lambda: world.counts()["entities"] == 30 and world.rows(UNSENT) == [(0,)], 60)
    assert (done.still_differing, done.entities) == (0, 0)
    after = told(world, "inspection")
    assert after[: len(before)] == before
    assert gap_free([one["feed_position"] for one in after])
    assert len({one["event_id"] for one in after}) == len(after)
    assert world.rows("SELECT count(*) FROM events") == [(len(world.values("events.sanction")),)]


UNSENT = """
SELECT count(*) FROM outbox LEFT JOIN feed_entries entry USING (event_id)
WHERE position IS NULL OR (event_id IS NOT NULL AND entry.payload IS NULL)
"""


def test_one_at_a_time_paused_interrupted_and_resumed_it_ends_the_same(world: World) -> None:
    world.say(story(world, 20))
    world.consolidate()
    plan = plan_of(world)
    with world.another_hub() as hub, ThreadPoolExecutor(1) as pool:
        first = pool.submit(begin, hub, plan, "the first operator", Pace(1, 1, rate=20), quiet)
        until(lambda: done_of(world) > 0, 60)
        with pytest.raises(RefusedError, match=r"the first operator has replay-.* at work on .* since 20"):
            begin(world.hub, plan, "the second operator", Pace(), quiet)
        ask(world.hub, "pause")
        assert first.result(timeout=30) == "paused"
    with pytest.raises(RefusedError, match=r"is there since .* \(paused\)"):
        begin(world.hub, plan, "the second operator", Pace(), quiet)

    paused_at = done_of(world)
    assert 0 < paused_at < plan.records
    resumed = world.command("replay", "resume", "--workers", "1", "--batch", "1", "--rate", "50")
    until(lambda: done_of(world) > paused_at + 5, 60)
    resumed.send_signal(SIGINT)
    answer = json.loads(resumed.communicate(timeout=30)[0])
    assert (resumed.returncode, answer["state"]) == (130, "interrupted")
    assert "to go on: sharehub replay resume" in answer["next"]
    assert every(world.hub)[0]["state"] == "interrupted"
    assert paused_at < done_of(world) < plan.records
    assert resume(world.hub, Pace(1, 37), quiet) == "rebuilt"
    found = verify(world.hub, Pace(1), quiet)
    assert found.holds, found.differing
    assert world.rows("SELECT sum(records) FROM partition_claims") == world.rows(
        f"SELECT sum(records) FROM {plan.schema_name}.partition_claims"
    )
    cancel(world)
    assert [one["state"] for one in every(world.hub)] == ["cancelled"]
    assert world.rows("SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'replay%%'") == [(0,)]


def done_of(world: World) -> int:
    """How many records the newest replay has done."""
    rows = every(world.hub)
    return int(rows[0]["done"] or 0) if rows else 0


def test_a_rule_that_was_wrong_is_corrected_for_all_that_it_ever_decided(world: World, tmp_path: Path) -> None:
    world.say(story(world, 12))
    world.consolidate()
    world.relay()
    in_use = world.config.parent / "rulebooks" / "cn" / "2026-1.toml"
    corrected = tmp_path / "corrected.toml"
    text = in_use.read_text(encoding="utf-8").replace('version = "2026-1"', 'version = "2026-1b"')
    corrected.write_text(text.replace('at_least = "2000000.00"', 'at_least = "2200000.00"'), encoding="utf-8")

    assert begin(world.hub, plan_of(world, rulebook=corrected), "one", Pace(1), quiet) == "rebuilt"
    done = verify(world.hub, Pace(1), quiet)
    assert done.holds
    assert done.live is None
    rows = list(differences(world.hub))
    counted = Counter((row["outcome"], row["recipient"]) for row in rows)
    both = [world.recipient(feed) for feed in ("inspection", "procurement")]
    assert counted == {(outcome, feed): many for outcome, many in (("lifted", 6), ("changed", 4)) for feed in both}
    lifted = [row["why"] for row in rows if row["outcome"] == "lifted"]
    assert all("live it is standing" in why and "rebuilt it is lifted" in why for why in lifted), lifted
    assert all("rules: version 2026-1 → 2026-1b" in row["why"] for row in rows)
    cli = ["-q", "--config", str(world.config), "replay"]
    for name in ("differences.csv", "differences.xlsx"):
        assert sharehub([*cli, "diff", "-o", str(tmp_path / name)]) == 0
        assert sorted(written(tmp_path / name), key=str) == sorted((dict(row) for row in rows), key=str)
    assert sharehub([*cli, "promote", "--approved-by", "another"]) == 5
    with pytest.raises(RefusedError, match="other rules than those in use"):
        promote(world.hub, "one", "another", quiet)
    with pytest.raises(RefusedError, match="two people"):
        promote(world.hub, "one", "One", quiet)

    in_use.unlink()
    corrected.rename(in_use.with_name("2026-1b.toml"))
    before = told(world, "procurement")
    with world.another_hub() as hub:
        promoted = promote(hub, "one", "another", quiet)
        again = planned(hub, to=None, jurisdiction="", rulebook=None, from_records=False)
        assert begin(hub, again, "one", Pace(1), quiet) == "rebuilt"
        found = verify(hub, Pace(1), quiet, fold=False)
        assert found.holds, "a measure that reads as before keeps the name of its version"
    assert sharehub([*cli, "cancel"]) == 5
    assert every(world.hub)[0]["state"] == "rebuilt"
    assert sharehub([*cli, "cancel", "--execute"]) == 0
    assert every(world.hub)[0]["state"] == "cancelled"
    assert (promoted.entities, promoted.events, promoted.still_differing) == (10, 10, 0)
    with pytest.raises(RefusedError, match="other rule files"):
        world.hub.timers(world.hub.today())
    world.relay()
    after = told(world, "procurement")
    assert after[: len(before)] == before
    assert Counter(one["event"] for one in after[len(before) :]) == {"lifted": 6, "amended": 4}
    assert {(one["reason"], one["origin"]) for one in after[len(before) :]} == {("rulebook-changed", "rule")}
    assert gap_free([one["feed_position"] for one in after])
    assert sharehub([*cli, "drop", promoted.replay_id]) == 5
    assert world.rows("SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'replay_%%'") == [(2,)]
    assert sharehub([*cli, "drop", promoted.replay_id, "--execute"]) == 0
    assert world.rows("SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'replay_%%'") == [(0,)]


def written(file: Path) -> list[dict[str, str]]:
    """The rows of a table in a file, by the names in its first line."""
    if file.suffix == ".csv":
        return list(csv.DictReader(file.read_text(encoding="utf-8-sig").splitlines()))
    head, *rows = openpyxl.load_workbook(file).worksheets[0].iter_rows(values_only=True)
    return [dict(zip(map(str, head), (str(cell or "") for cell in row), strict=True)) for row in rows]


def test_a_live_view_that_is_wrong_is_told_from_the_right_one_and_replaced(world: World) -> None:
    world.say(story(world, 6))
    world.consolidate()
    world.rows("UPDATE entities SET name = 'Wrong'")
    assert begin(world.hub, plan_of(world), "one", Pace(1), quiet) == "rebuilt"
    assert not verify(world.hub, Pace(1), quiet, fold=False).proven
    with pytest.raises(RefusedError, match="not been verified"):
        promote(world.hub, "one", "another", quiet)
    found = verify(world.hub, Pace(1), quiet)
    assert (found.holds, found.proven, [*found.differing]) == (False, True, ["live: entities"])
    world.rows("UPDATE replays SET verified = verified - 'proven'")
    with pytest.raises(RefusedError, match="not been verified"):
        promote(world.hub, "one", "another", quiet)  # verified by a version that did not ask who is right
    assert verify(world.hub, Pace(1), quiet).proven
    promote(world.hub, "one", "another", quiet)
    assert world.rows("SELECT count(*) FROM entities WHERE name = 'Wrong'") == [(0,)]


def test_records_that_the_log_has_let_go_are_replayed_from_what_is_kept(world: World) -> None:
    world.say(story(world, 12))
    world.consolidate()
    gone = {TopicPartition(world.topic("environment"), number): 2 for number in range(PARTITIONS)}
    client = KafkaAdminClient(bootstrap_servers=world.bootstrap_servers)
    client.delete_records(gone)
    client.close()
    with pytest.raises(RefusedError, match="begins at offset 2") as refused:
        plan_of(world)
    assert "--from-records" in refused.value.hint

    plan = plan_of(world, from_records=True)
    assert begin(world.hub, plan, "one", Pace(2, 37), quiet) == "rebuilt"
    world.say([Message(world.topic("tax"), b"", b"rubbish"), *list(story(world, 13))[-5:]])
    world.consolidate()
    done = verify(world.hub, Pace(1), quiet)
    assert done.live is not None
    assert not [part for part in done.differing if part.startswith("live") and not part.endswith("told")], (
        done.differing
    )
    assert done.holds, done.differing
    assert promote(world.hub, "one", "another", quiet).still_differing == 0


def test_a_replay_to_an_instant_leaves_the_rest_out(world: World) -> None:
    world.say(story(world, 6))
    world.consolidate()
    until_then = datetime.now(UTC)
    entities = world.counts()["entities"]
    time.sleep(0.01)
    world.say(list(story(world, 12)))
    world.consolidate()
    plan = plan_of(world, to=until_then)
    assert begin(world.hub, plan, "one", Pace(1), quiet) == "rebuilt"
    assert verify(world.hub, Pace(1), quiet).holds
    assert world.rows(f"SELECT count(*) FROM {plan.schema_name}.entities") == [(entities,)]
    with pytest.raises(RefusedError, match="leaves something out"):
        promote(world.hub, "one", "another", quiet)
    world.rows(f"UPDATE {plan.schema_name}.measures SET status = 'lifted' WHERE entry = 'cn/licence-expired'")
    found = verify(world.hub, Pace(1), quiet)
    assert not found.holds
    assert "fold: measures" in found.differing


def test_a_replay_of_one_jurisdiction_is_compared_where_it_looks(world: World) -> None:
    book = world.config.parent / "rulebooks" / "cn" / "2026-1.toml"
    local = book.read_text(encoding="utf-8").replace('jurisdiction = "cn"', 'jurisdiction = "cn-town"\nparent = "cn"')
    town = book.parent.with_name("cn-town")
    town.mkdir()
    (town / "2026-1.toml").write_text(local, encoding="utf-8")
    environment = Speaker(world.agency("environment"))
    world.say(story(world, 4))
    world.say(
        environment.says("penalty", f"town{n}", subject(Company(n + 100).uscc), jurisdiction="cn-town")
        for n in range(3)
    )
    with world.another_hub() as hub:
        hub.consolidate(until_caught_up=True)
        with pytest.raises(UsageError, match="no rules for 'cn-village'"):
            planned(hub, to=None, jurisdiction="cn-village", rulebook=None, from_records=False)
        plan = planned(hub, to=None, jurisdiction="cn-town", rulebook=None, from_records=False)
        assert begin(hub, plan, "one", Pace(1), quiet) == "rebuilt"
        assert verify(hub, Pace(1), quiet).holds
        assert world.rows(f"SELECT count(*) FROM {plan.schema_name}.records") == [(3,)]
        assert list(differences(hub)) == []
        world.rows("UPDATE measures SET status = 'lifted' WHERE entry LIKE 'cn-town/%%'")
        assert {(row["outcome"], row["record"][-5:]) for row in differences(hub)} == {
            ("issued", f"town{n}") for n in range(3)
        }


def test_every_table_is_part_of_the_view_or_stays_in_a_promotion(world_without_log: World) -> None:
    """A new table must be named in `store.shadows`: does it follow from the log, or does it tell what was done?"""
    tables = {name for (name,) in world_without_log.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")}
    assert tables == {*VIEW, *STAYING}


def joined(world: World, numbers: range) -> Iterator[Message]:
    """Companies that are first known by two codes on different partitions, and then found to be one each."""
    environment, tax = Speaker(world.agency("environment")), Speaker(world.agency("tax"))
    for n in numbers:
        company = Company(n + 1)
        first, second = (company.uscc, company.taxno)[:: 1 if n % 2 else -1]
        yield environment.says("penalty", f"p{n}", subject(first))
        yield tax.says("rating", f"g{n}", subject(second))
        yield environment.says("penalty", f"q{n}", subject(first))
        yield environment.says("penalty", f"s{n}", subject(first, name="First"), fine=Decimal("100.00"))
        yield environment.says("penalty", f"s{n}", subject(first, name="Other"))  # no further revision: it counts not


def test_events_are_the_same_for_any_workers_and_batch(world: World) -> None:
    world.say(joined(world, range(12)))
    world.say([judged(Company(1).uscc, Company(2).uscc, "same")])
    world.say(joined(world, range(10, 20)))
    world.consolidate()
    for workers, batch in ((1, 1_000), (3, 7)):
        assert differing(world, workers, batch) == {}
    said = proposal(second(world))
    world.say([message(said), message(approval(said))])
    world.say(joined(world, range(18, 24)))
    world.consolidate()
    # The fold knows the day of a version, not its instant: it decides by the new one what came earlier that day.
    assert differing(world, 2, 1_000).keys() <= {"fold: told"}


def differing(world: World, workers: int, batch: int) -> Mapping[str, Any]:
    """What a replay of everything has otherwise than the live view and the fold."""
    assert begin(world.hub, plan_of(world), "one", Pace(workers, batch), quiet) == "rebuilt"
    found = verify(world.hub, Pace(1), quiet)
    cancel(world)
    return found.differing
