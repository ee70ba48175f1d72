"""What is made column by column is what the long way makes, row by row; and what is sent in parcels lies where one by
one it would."""

from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kafka.partitioner.default import murmur2

from sharehub.connect.assembly import Assembler
from sharehub.connect.by_column import ByColumn, by_column
from sharehub.connect.columns import resolve
from sharehub.connect.gathered import Gathered, Window
from sharehub.connect.gathering import Gathering
from sharehub.connect.mapping import Connector, load_connector
from sharehub.connect.readers import Place, Row, open_table
from sharehub.shipped import shipped
from sharehub.stream.partitioning import partitions_of
from sharehub.stream.published import Remembered, Said
from sharehub.wire.registry import load_registry
from tests.property.test_mapping import COLUMNS, CONNECTOR, SCHEMA, after, files
from tests.property.test_mutated_rows import mutated

REGISTRY = load_registry()
SHIPPED = [load_connector(path.parent) for path in sorted(shipped("connectors").glob("*/connector.toml"))]
ROWS = 200
Rows = list[dict[str, str]]


def assembled(ways: tuple[Assembler, ByColumn | None], rows: list[Row], gathering: Gathering) -> Gathered:
    """The rows counted in, those by column that can be, and settled."""
    assembler, quick = ways
    ready = quick.ready(rows) if quick else [None] * len(rows)
    gathering.add_all(rows, ready, assembler.assemble)
    gathering.settle()
    return gathering.found


def outcome(found: Gathered) -> tuple[object, ...]:
    counts = (found.read, found.records, found.unchanged, found.skipped, found.new)
    return (*counts, list(found.pending), list(found.rejected), found.warnings)


@settings(deadline=None)
@given(files, files)
def test_rows_by_column_are_the_records_of_the_long_way(
    first: list[dict[str, str]], second: list[dict[str, str]]
) -> None:
    said: dict[str, Said] = {}
    assembler = Assembler(CONNECTOR, SCHEMA, COLUMNS, "run")
    for cells in (first, second):
        rows = [Row(Place("f", None, number), one) for number, one in enumerate(cells, 2)]
        both = [
            assembled((assembler, quick), rows, Gathering("cn-tax", SCHEMA, Remembered(said), REGISTRY, Window()))
            for quick in (ByColumn(CONNECTOR, SCHEMA, COLUMNS, "run"), None)
        ]
        assert outcome(both[0]) == outcome(both[1])
        said = after(said, (both[0], ()))


@pytest.mark.parametrize("connector", SHIPPED, ids=lambda one: one.id)
def test_spoilt_rows_of_every_source_are_the_same_both_ways(connector: Connector) -> None:
    random = Random(connector.id)  # noqa: S311 -- the same rows every time
    schema = REGISTRY.latest(connector.mapping.connector.record)
    table = open_table(connector.sample, connector.mapping.source)
    columns = resolve(connector.mapping, table.header, table.name)
    good = list(table.rows)
    rows = good + [mutated(random, random.choice(good), set()) for _ in range(ROWS)]
    assembler, agency = Assembler(connector, schema, columns, "run"), connector.mapping.connector.agency
    both = [
        assembled((assembler, quick), rows, Gathering(agency, schema, Remembered(), REGISTRY, Window()))
        for quick in (by_column(connector, schema, columns, "run"), None)
    ]
    assert outcome(both[0]) == outcome(both[1])


def test_the_rows_of_a_register_need_no_long_way() -> None:
    connector = next(one for one in SHIPPED if one.id == "cn-registry")
    schema = REGISTRY.latest("registration")
    table = open_table(Path(connector.sample), connector.mapping.source)
    quick = by_column(connector, schema, resolve(connector.mapping, table.header, table.name), "run")
    assert quick
    ready = quick.ready(list(table.rows))
    assert len(ready) - ready.count(None) >= len(ready) - connector.mapping.sample.rejected > 0


@given(st.lists(st.binary(max_size=40), max_size=50), st.integers(1, 64))
def test_many_keys_at_once_have_the_partitions_of_each(keys: list[bytes], count: int) -> None:
    assert partitions_of(keys, count) == [(murmur2(key) & 0x7FFFFFFF) % count for key in keys]


def test_a_file_whose_name_no_record_can_hold_is_left_to_the_long_way() -> None:
    row = Row(Place("list\udcff.csv", None, 2), {"no": "1", "balance": "1", "name": "A"})
    assert ByColumn(CONNECTOR, SCHEMA, COLUMNS, "run").ready([row]) == [None]
