"""`doctor` and `status` on the real Kafka and PostgreSQL: every finding is caused, and told with what mends it."""

import json
import shutil
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from kafka import KafkaAdminClient, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType, NewPartitions
from kafka.structs import OffsetAndMetadata

from sharehub import cli
from sharehub.doctor.gathering import grown, look
from sharehub.doctor.judging import exit_code, judged
from sharehub.doctor.kinds import KINDS
from sharehub.doctor.seen import Seen
from sharehub.errors import RefusedError
from sharehub.feeds import RELAY_ID
from sharehub.gauges import Gauges
from sharehub.hub import open_hub, owner
from sharehub.settings import DatabaseSettings, DoctorSettings, KafkaSettings, Settings
from sharehub.shipped import shipped
from sharehub.status import status_of
from sharehub.store.claims import claim_partitions
from sharehub.stream.admin import identities
from sharehub.topics import PROBE, SANCTION_EVENTS, Place
from tests.conftest import RunningStack
from tests.integration.publishing import World, by_hand, fresh_world
from tests.integration.saying import Company, Message, Speaker, subject

ALONE = {"consolidator-absent", "relay-absent", "timers-absent"}
FILES = {"schema-changed", "rules-broken"}
MACHINE = {"setting-unknown", "home-unusable", "disk-low", "crc32c-missing", "stack-down"}
AWAY = {"kafka-away", "database-away"}
CLOCKS = {"clock-kafka", "clock-database"}
TOPICS = {"topic-missing", "topic-partitions", "topic-retention", "topic-timestamps", "kafka-takes-nothing"}
TABLES = {"migration-missing", "migration-newer"}
OLD = {"kafka-old", "database-old"}
LOG = {"log-other", "log-short", "log-lost", "outbox-behind"}
WAITING = {"records-waiting", "partition-stuck", "outbox-waiting", "timers-behind"}
HALTED = {"partition-halted"}
LATE = {"dead-letters", "acks-overdue", "clocks-overdue"}


def test_every_finding_has_a_test_that_causes_it() -> None:
    assert set.union(ALONE, FILES, MACHINE, AWAY, CLOCKS, TOPICS, TABLES, OLD, LOG, WAITING, HALTED, LATE) == set(KINDS)


@pytest.fixture(scope="module")
def ill(stack: RunningStack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One hub for all causes."""
    with fresh_world(stack, tmp_path_factory.mktemp("ill")) as world:
        yield world


@pytest.fixture
def admin(ill: World) -> Iterator[Any]:
    client = KafkaAdminClient(bootstrap_servers=ill.bootstrap_servers)
    yield client
    client.close()


def codes(seen: Seen) -> set[str]:
    """What is wrong, each with the command that mends it."""
    wrong = [one for one in judged(seen) if one.level != "ok"]
    assert all(one.mend and "{" not in one.mend and one.words for one in wrong)
    return {one.code for one in wrong}


def changed(world: World, **settings: Any) -> Settings:
    return world.settings.model_copy(update=settings)


def test_a_hub_at_rest_is_told_that_nobody_is_at_work(ill: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--config", str(ill.config), "--json", "doctor"]) == 0, "warnings are no failure"
    told = json.loads(capsys.readouterr().out)
    assert {one["code"] for one in told["findings"] if one["level"] == "warn"} == ALONE
    assert told["fail"] == 0 and told["ok"] == len(told["findings"]) - told["warn"]
    assert cli.main(["--config", str(ill.config), "--no-color", "doctor"]) == 0
    shown = capsys.readouterr().out
    assert "warn relay             no relay is connected\n" in shown and "try: sharehub relay\n" in shown


def test_what_is_wrong_with_the_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "home"
    home.write_text("no folder")
    monkeypatch.setenv("SHAREHUB_KAFAK__BOOTSTRAP_SERVERS", "a slip")
    monkeypatch.setitem(sys.modules, "crc32c", None)
    monkeypatch.chdir(tmp_path)
    settings = Settings.read(None, None, {"home": home, "doctor": DoctorSettings(disk_free_bytes_min=2**60)})
    seen = look(settings)
    assert codes(seen) == MACHINE
    assert exit_code(judged(seen)) == 3, "a part could not be reached"


def test_files_without_which_there_is_no_hub(ill: World, tmp_path: Path) -> None:
    schemas, rulebooks = tmp_path / "schemas", tmp_path / "rulebooks"
    shutil.copytree(shipped("schemas"), schemas)
    changed_file = next(schemas.rglob("penalty.avsc"))
    changed_file.write_text(changed_file.read_text().replace('"facts"', '"fact"'))
    shutil.copytree(ill.settings.rulebooks or "", rulebooks)
    (rulebooks / "cn" / "2026-1.toml").write_text("jurisdiction = 1")
    seen = look(changed(ill, rulebooks=rulebooks), schemas)
    assert codes(seen) == FILES
    assert exit_code(judged(seen)) == 1


def test_a_part_that_does_not_answer(ill: World) -> None:
    nowhere = "127.0.0.1:1"
    database = DatabaseSettings(url=f"postgresql+psycopg://nobody@{nowhere}/nothing")
    seen = look(changed(ill, kafka=KafkaSettings(bootstrap_servers=nowhere), database=database))
    assert codes(seen) == AWAY
    assert exit_code(judged(seen)) == 3
    with open_hub(changed(ill, kafka=KafkaSettings(bootstrap_servers=nowhere))) as hub:
        told = status_of(hub)
        assert told["lag"] is None and not told["services"]["kafka_answers"] and told["records"] == 0
    with open_hub(changed(ill, database=database)) as hub:
        assert Gauges(hub).read() == {"sharehub_part_up": {("kafka",): 1.0, ("database",): 0.0}}


def test_clocks_that_differ(ill: World) -> None:
    exact = DoctorSettings(clock_skew_seconds_max=1e-9)
    assert codes(look(changed(ill, doctor=exact))) == CLOCKS | ALONE


def test_parts_that_are_too_old(ill: World) -> None:
    """Older servers are not to be had here, so the judgement is given what they would answer."""
    seen = look(ill.settings)
    assert seen.kafka is not None and seen.database is not None
    old = replace(seen, kafka=replace(seen.kafka, version=(3, 6)), database=seen.database._replace(version=140_011))
    assert codes(old) == OLD | ALONE


def test_tables_of_another_version(ill: World, stack: RunningStack) -> None:
    bare = f"{ill.names}bare"
    server = stack.database_url.replace("+psycopg", "")
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {bare}")
        url = stack.database_url.replace("/sharehub?", f"/{bare}?")
        assert codes(look(changed(ill, database=DatabaseSettings(url=url)))) == {"migration-missing"}
        connection.execute(f"DROP DATABASE {bare} WITH (FORCE)")
    at = ill.rows("SELECT version_num FROM alembic_version")[0][0]
    ill.rows("UPDATE alembic_version SET version_num = '9999'")
    assert codes(look(ill.settings)) == {"migration-newer"} | ALONE
    ill.rows("UPDATE alembic_version SET version_num = '0001'")
    assert codes(look(ill.settings)) == {"migration-missing"}
    ill.rows("UPDATE alembic_version SET version_num = %s", at)


def test_a_log_that_is_not_whole(ill: World, admin: Any) -> None:
    topic = ill.topic("register")
    ill.say(Message(topic, b"key", b"value", number) for number in (0, 1))
    ids = identities(ill.bootstrap_servers, [topic])
    group = ill.settings.consolidator.group
    with ill.hub.session() as connection:
        claim_partitions(connection, group, "gone/1", [Place(topic, number) for number in (0, 1, 2)], *ids)
    ill.rows("UPDATE partition_claims SET topic_id = 'another' WHERE partition = 0")
    admin.delete_records({TopicPartition(topic, 1): 1})
    ill.rows("UPDATE partition_claims SET next_offset = 7 WHERE partition = 2")
    admin.alter_group_offsets(RELAY_ID, {TopicPartition(SANCTION_EVENTS, 0): OffsetAndMetadata(10**6, "", -1)})
    assert codes(look(ill.settings)) == LOG | {"records-waiting", "timers-absent", "relay-absent"}
    admin.alter_group_offsets(RELAY_ID, {TopicPartition(SANCTION_EVENTS, 0): OffsetAndMetadata(0, "", -1)})
    ill.rows("TRUNCATE partition_claims")


def test_work_that_waits_and_work_that_is_late(ill: World, capsys: pytest.CaptureFixture[str]) -> None:
    environment, register, mill = ill.agency("environment"), ill.agency("register"), subject(Company(7).uscc)
    with by_hand(ill) as worker:
        worker.take(Speaker(environment).says("penalty", "p/1", mill))
        ill.relay()
        worker.take(Message(f"records.{register}", b"key", b"no record"))
    ill.rows("UPDATE feed_entries SET published_at = '2020-01-01'")
    ill.rows("UPDATE entities SET next_due_on = '2026-05-01'")
    ill.rows(
        "INSERT INTO running_clocks SELECT entity_id, 'rule', 'a', 'k', 'a', 'k', 'a', 'cn', '2020-01-01', "
        "'2020-01-02', true FROM entities"
    )
    ill.rows("TRUNCATE partition_claims")
    ids = identities(ill.bootstrap_servers, [ill.topic("tax")])
    ill.say(Message(ill.topic("tax"), b"key", b"value", number) for number in (0, 1))
    impatient = changed(ill, doctor=DoctorSettings(waiting_seconds_max=0))
    with ill.hub.session("consolidator"), ill.hub.session() as connection:
        places = [Place(ill.topic("tax"), 0)]
        claim_partitions(connection, ill.settings.consolidator.group, owner(), places, *ids)
        seen = look(impatient)
        assert codes(seen) == WAITING | LATE
        overdue = [one.words for one in judged(seen) if one.code == "acks-overdue"]
        assert any(words.startswith(ill.recipient("procurement")) for words in overdue)
        assert cli.main(["--config", str(ill.config), "--json", "status"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [(one["service"], one["partitions"]) for one in told["services"]["running"]] == [("consolidator", 1)]
    assert told["lag"][ill.topic("tax")] == 2
    assert told["outbox_unsent"] == 1
    assert told["positions"][ill.topic("tax")] == {"0": 0}


def test_topics_that_are_not_as_they_must_be(ill: World, admin: Any) -> None:
    """The last one: it leaves the topics broken."""

    def alter(topic: str, **configs: str) -> None:
        named = {name.replace("_", "."): value for name, value in configs.items()}
        admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, named)])

    alter(ill.topic("tax"), retention_ms="604800000")
    alter(ill.topic("register"), message_timestamp_type="CreateTime")
    alter(PROBE, max_message_bytes="1")
    admin.create_partitions({ill.topic("environment"): NewPartitions(5)})
    admin.delete_topics([f"feed.{ill.recipient('halls')}"])
    seen = look(ill.settings)
    found = [one for one in judged(seen) if one.area in ("topics", "kafka")]
    assert {one.code for one in found} == TOPICS
    retention = next(one for one in found if one.code == "topic-retention")
    assert retention.mend.endswith(f"configs alter -r topic -n {ill.topic('tax')} -c retention.ms=-1")
    assert exit_code(judged(seen)) == 1


def test_a_log_that_grew_while_it_was_looked_at_is_whole(stack: RunningStack, tmp_path: Path) -> None:
    with fresh_world(stack, tmp_path) as world:
        before = look(world.settings)
        said = Speaker(world.agency("environment"))
        world.say([said.says("penalty", f"p{n}", subject(Company(n).uscc)) for n in range(5)])
        world.consolidate()
        between = replace(look(world.settings), kafka=before.kafka)
        assert "log-short" in codes(between)
        assert "log-short" not in codes(grown(between))


def test_a_partition_that_was_stopped(stack: RunningStack, tmp_path: Path) -> None:
    with fresh_world(stack, tmp_path) as world:
        topic = world.topic("environment")
        world.say([Message(topic, b"wrong", b"rubbish", number) for number in (0, 1) for _ in range(10)])
        with pytest.raises(RefusedError):
            world.consolidate(rejected_records_min=20)
        seen = look(world.settings)
    assert codes(seen) >= HALTED
    assert "records-waiting" not in codes(seen), "what is halted waits for a person, not for a consolidator"
    (told,) = (one for one in judged(seen) if one.code in HALTED)
    assert told.words.startswith(f"{topic}:0,1: ") and told.mend.endswith(f"sharehub topic accept {topic}")
