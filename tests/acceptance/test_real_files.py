"""Real agencies' files through the whole path, on a fresh stack: the figures that must come out exactly."""

import csv
import gzip
import io
import json
from collections.abc import Iterator
from typing import Any

import pytest

from sharehub.cli import main
from sharehub.core.identifier import read
from sharehub.core.linking import identifier_key
from tests.acceptance.commands import Commands

pytestmark = [pytest.mark.integration, pytest.mark.real_data, pytest.mark.timeout(600)]

REGISTRY = "cn_registry/heilongjiang.csv.gz"
RATINGS = "cn_tax_a_rated/heilongjiang.csv"
SNAPSHOT_2021 = "mx_sat_69b/Listado_Completo_69-B_2021-05-18.csv"
SNAPSHOT_2022 = "mx_sat_69b/Listado_Completo_69-B_2022-11-30.csv"


def test_the_mexican_list_restricts_exactly_the_definitive_ones_and_follows_the_next_snapshot(
    commands: Commands,
) -> None:
    assert commands.publish("mx-sat-69b", SNAPSHOT_2021) == (9_925, 9_838, 0, 0, 87)
    assert commands.consolidate()["entities_under_restriction"] == 8_131
    before = commands.restricted()

    read, published, unchanged, withdrawn, rejected = commands.publish("mx-sat-69b", SNAPSHOT_2022)
    assert (read, published + unchanged, withdrawn, rejected) == (10_049, 9_963, 1, 86)
    assert commands.consolidate()["entities_under_restriction"] == 8_424
    after = commands.restricted()
    assert (len(after - before), len(before - after)) == (580, 287)

    suppressed = commands.json("connector", "rejects", "mx-sat-69b")
    assert len(suppressed) == 86
    assert all("suppressed by order of a court" in row["wrong"][0]["reason"] for row in suppressed)

    status = commands.json("status")
    assert commands.publish("mx-sat-69b", SNAPSHOT_2022) == (10_049, 0, 9_963, 0, 86)
    assert commands.consolidate() == status

    commands.json("relay", "--until-caught-up")
    assert main(["--home", str(commands.home), "-q", "feed", "pull", "mx-procurement"]) == 0
    events = [json.loads(line)["data"] for line in commands.capsys.readouterr().out.splitlines()]
    assert [event["feed_position"] for event in events] == list(range(1, len(events) + 1))
    standing: set[str] = set()
    for event in events:
        (standing.discard if event["event"] in ("lifted", "annulled") else standing.add)(event["measure_id"])
    notices = commands.rows("SELECT count(*) FROM measures WHERE status = 'standing' AND kind = 'informative'")[0][0]
    assert len(standing) == notices == status["measures_in_force"] - notices


def test_chinese_ratings_find_the_registered_companies_and_reward_them(commands: Commands) -> None:
    assert commands.publish("cn-registry", REGISTRY) == (93_451, 93_451, 0, 0, 0)
    assert commands.consolidate()["records"] == 93_451
    assert commands.publish("cn-tax-rating", RATINGS) == (5_230, 5_230, 0, 0, 0)
    status = commands.consolidate()
    assert (status["records"], status["rejections"]) == (93_451 + 5_230, 0)

    registered = (
        "SELECT DISTINCT entity_id FROM records JOIN identifiers ON identifier_id = subject_id WHERE agency = 'cn-samr'"
    )
    companies = {row[0] for row in commands.rows(registered)}
    entities = _entities_of_ratings(commands)
    linked = [number for number, entity in entities if entity in companies]
    assert len(linked) == 2_079
    assert sum(len(number) == 18 and not number.startswith("L") for number in linked) == 2_067
    assert _wrong_links(commands, entities, companies) == (0, 66)
    rewarded = {row[0] for row in commands.rows("SELECT DISTINCT entity_id FROM measures WHERE kind = 'reward'")}
    assert status["measures_in_force"] == 5_230
    assert rewarded == {entity for _, entity in entities}

    assert commands.publish("cn-registry", REGISTRY) == (93_451, 0, 93_451, 0, 0)
    assert commands.publish("cn-tax-rating", RATINGS) == (5_230, 0, 5_230, 0, 0)
    assert commands.consolidate() == status


def _entities_of_ratings(commands: Commands) -> list[tuple[str, Any]]:
    """The printed number of every rating row, with the entity that it ended on."""
    text = (commands.data / RATINGS).read_bytes().decode("gb18030")
    numbers = [row[1] for row in list(csv.reader(io.StringIO(text)))[1:]]
    entities = dict(commands.rows("SELECT uuid_send(identifier_id), entity_id FROM identifiers"))
    return [(number, entities[identifier_key(read("CN-TAXNO", number).identifiers[0])]) for number in numbers]


def _wrong_links(commands: Commands, entities: list[tuple[str, Any]], companies: set[Any]) -> tuple[int, int]:
    """Rows that did not end where their own organisation code says, and linked rows under another name.

    The codes are cut out of the raw files here, by position and nothing else.
    """
    names = {row[1].strip()[8:17]: row[0] for row in _registry(commands) if len(row[1].strip()) == 18}
    query = "SELECT value, entity_id FROM identifiers WHERE scheme = 'CN-ORGCODE'"
    entity_of = dict(commands.rows(query))
    rated = list(csv.reader(io.StringIO((commands.data / RATINGS).read_bytes().decode("gb18030"))))[1:]
    wrong = renamed = 0
    for (number, entity), row in zip(entities, rated, strict=True):
        plain = number.strip().removeprefix("L")
        code = plain[8:17] if len(plain) in (18, 20) else plain[6:15]
        registered = len(plain) in (15, 17, 18, 20) and code in names
        wrong += registered is not (entity in companies) or (registered and entity_of[code] != entity)
        renamed += registered and names[code].strip() != row[2].strip()
    return wrong, renamed


def _registry(commands: Commands) -> Iterator[list[str]]:
    with gzip.open(commands.data / REGISTRY, "rt", encoding="utf-8") as lines:
        yield from (row for row in csv.reader(lines) if len(row) > 1)
