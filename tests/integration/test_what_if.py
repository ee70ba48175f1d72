"""A trial on the real database: exactly what the rulebook would do, and nothing is changed or sent."""

import csv
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from tests.integration.publishing import World, by_hand
from tests.integration.saying import Company, Speaker, subject

pytestmark = pytest.mark.integration

_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"


def contents(world: World) -> dict[str, object]:
    """Every table, row by row, as one hash each."""
    query = "SELECT md5(string_agg(one::text, ' ' ORDER BY one::text)) FROM {} one"
    return {name: world.rows(query.format(name)) for (name,) in world.rows(_TABLES)}


def tried(world: World, folder: Path) -> Path:
    """A next version: smaller fines count, licences of another category do, halls are told of arrears too."""
    text = (world.config.parent / "rulebooks" / "cn" / "2026-1.toml").read_text(encoding="utf-8")
    lenders, halls = world.recipient("lenders"), world.recipient("halls")
    for old, new in (
        ('version = "2026-1"', 'version = "tried"'),
        ('at_least = "2000000.00"', 'at_least = "400000.00"'),
        ('field = "category", is = "discharge"', 'field = "category", is = "emission"'),
        (f'recipients = ["{lenders}"]', f'recipients = ["{lenders}", "{halls}"]'),
    ):
        assert old in text
        text = text.replace(old, new)
    path = folder / "tried.toml"
    path.write_text(text, encoding="utf-8")
    return path


def without_kafka(world: World, folder: Path) -> Path:
    """The world's settings with no Kafka behind them: nothing can be sent."""
    path = folder / "sharehub.toml"
    text = world.config.read_text(encoding="utf-8").replace(world.bootstrap_servers, "127.0.0.1:1")
    path.write_text(text, encoding="utf-8")
    return path


def test_it_tells_what_would_happen_and_changes_nothing(emptied: World, tmp_path: Path) -> None:
    world = emptied
    environment, tax = Speaker(world.agency("environment")), Speaker(world.agency("tax"))
    heavy, light, plain, owing, *licensed = (subject(Company(n).uscc, name=f"Company {n}") for n in range(1, 7))
    expired = {"valid_to": date(2026, 3, 1), "decided_on": date(2024, 1, 1)}
    with by_hand(world) as worker:
        worker.take(
            environment.says("penalty", "heavy", heavy),
            environment.says("penalty", "light", light, fine=Decimal("500000.00")),
            environment.says("penalty", "plain", plain, fine=Decimal("10.00")),
            environment.says("licence", "discharge", licensed[0], category="discharge", **expired),
            environment.says("licence", "emission", licensed[1], category="emission", **expired),
            tax.says("arrears", "owing", owing),
        )
    assert world.rows("SELECT count(*) FROM facts") == [(5,)]  # no rulebook in use asks for the licence of emissions
    before = contents(world)
    config, file = without_kafka(world, tmp_path), tmp_path / "found.csv"
    options = ("rulebook", "what-if", "--rulebook", str(tried(world, tmp_path)), "-o", str(file))
    found = world.told("--config", str(config), *options)
    assert contents(world) == before
    told = {"issued": 2, "lifted": 1, "changed": 1, "restated": 1, "unchanged": 0, "held back": 0}
    assert found["totals"] == told
    assert found["decided"] == 6
    assert found["by"]["entry"] == {
        "cn/arrears-notice": {"changed": 1},
        "cn/licence-expired": {"issued": 1, "lifted": 1},
        "cn/major-penalty": {"issued": 1, "restated": 1},
    }
    assert found["by"]["recipient"][world.recipient("halls")] == {"issued": 1}
    with file.open(encoding="utf-8-sig", newline="") as stream:
        rows = {row["record_key"]: row for row in csv.DictReader(stream)}
    assert {key: row["outcome"] for key, row in rows.items()} == {
        "light": "issued",
        "discharge": "lifted",
        "emission": "issued",
        "owing": "changed",
    }
    assert rows["light"]["differs"] == "unmet in the rulebook in use: fine is at least 2000000.00 (500000.00)"
    assert rows["light"]["name"] == "Company 2"
    assert {row["outcome"] for row in found["samples"]} == {"issued", "lifted", "changed"}
