"""What the view costs must not grow with it: keys are looked up, whatever the planner knows of the tables."""

from typing import Any
from uuid import UUID

import psycopg
import pytest

from sharehub.store.identity import BESIDE, REVISED
from tests.integration.publishing import World

pytestmark = pytest.mark.integration

_LARGE = """
ALTER TABLE identifiers SET (autovacuum_enabled = false);
ALTER TABLE links SET (autovacuum_enabled = false);
INSERT INTO identifiers SELECT md5('a' || n)::uuid, 'CN-REGNO', n::text, md5('a' || n)::uuid
FROM generate_series(1, 60000) AS n;
INSERT INTO links SELECT md5('a' || n)::uuid, md5('f' || n / 2)::uuid, 1 FROM generate_series(1, 60000) AS n;
"""
_AS_BEFORE = """
ALTER TABLE identifiers RESET (autovacuum_enabled);
ALTER TABLE links RESET (autovacuum_enabled);
"""


def scanned(plan: dict[str, Any]) -> set[str]:
    """The tables that a plan reads from one end to the other."""
    found = {plan["Relation Name"]} if plan["Node Type"] == "Seq Scan" else set()
    return found.union(*map(scanned, plan.get("Plans", ())))


@pytest.mark.parametrize("known", [False, True], ids=["never analysed", "analysed"])
def test_what_is_linked_is_found_by_key(emptied: World, known: bool) -> None:
    seeds = [UUID(int=number) for number in range(20)]
    with psycopg.connect(emptied.dsn, autocommit=True) as connection:
        connection.execute(_LARGE)
        if known:
            connection.execute("ANALYZE")
        for query, values in ((BESIDE, {"ids": seeds}), (REVISED, [seeds])):
            (row,) = connection.execute(f"EXPLAIN (FORMAT JSON) {query}", values).fetchall()  # type: ignore[arg-type]
            assert scanned(row[0][0]["Plan"]).isdisjoint({"identifiers", "links"})
        connection.execute(_AS_BEFORE)
