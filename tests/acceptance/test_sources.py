"""Real lists without an identifier: every row becomes a record of its own, with what matching by name needs."""

from collections import Counter

import pytest

from tests.acceptance.commands import Commands

pytestmark = [pytest.mark.integration, pytest.mark.real_data, pytest.mark.timeout(600)]

WORLD_BANK = "mdb_debarment/world_bank_2025-01-07.xlsx"
IADB = "mdb_debarment/iadb_2025-01.xlsx"


def test_both_development_banks_are_taken_in_without_losing_a_row(commands: Commands) -> None:
    # 984 rows with one title and two header rows; 845 with one header row; neither has footnotes or blank rows
    assert commands.publish("mdb-world-bank", WORLD_BANK) == (981, 981, 0, 0, 0)
    assert commands.publish("mdb-iadb", IADB) == (844, 844, 0, 0, 0)
    status = commands.consolidate()
    assert (status["records"], status["rejections"]) == (981 + 844, 0)
    assert commands.publish("mdb-world-bank", WORLD_BANK) == (981, 0, 981, 0, 0)
    assert commands.publish("mdb-iadb", IADB) == (844, 0, 844, 0, 0)

    records = commands.records("mdb-world-bank", WORLD_BANK)
    assert Counter(record["status"].partition("-")[0] for record in records) == {"debarred": 566, "cross": 415}
    assert sum(record["effective_to"] is None for record in records) == 460
    assert sum(len(record["subject"]["names"][0]) == 80 for record in records) == 10
    assert all(record["subject"]["address"] and record["effective_from"] for record in records)
    assert sum(bool(record["subject"]["identifiers"]) for record in records) == 33

    records = commands.records("mdb-iadb", IADB)
    assert Counter(record["status"] for record in records)["debarred"] == 111
    assert sum(record["effective_to"] is None for record in records) == 316
    assert sum(record["subject"]["address"] is None for record in records) == 2
