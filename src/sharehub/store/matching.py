"""Names to compare, proposals and decisions, as the review queue needs them."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple
from uuid import UUID

import polars as pl
from psycopg import Connection

from sharehub.core.entity import KINDS
from sharehub.ports.identity import Comparable, Found, NameKeys
from sharehub.store.arrow import copy_rows
from sharehub.store.identity import SEVERAL_CODES

_INDIVIDUAL = KINDS.index("individual")

_UNCOMPARED = """
SELECT entity_id FROM entities WHERE uncompared AND name IS NOT NULL AND kind_rank < %s
ORDER BY entity_id LIMIT %s
"""

_PERSONS = "SELECT entity_id FROM entities WHERE uncompared AND kind_rank >= %s"

_RECORDS = """
SELECT identifier.entity_id, record.payload, record.received_at
FROM identifiers identifier JOIN records record ON record.subject_id = identifier.identifier_id
WHERE identifier.entity_id = ANY(%s::uuid[])
"""

_DECIDED = """
SELECT DISTINCT least(one.entity_id, other.entity_id), greatest(one.entity_id, other.entity_id)
FROM judgements
JOIN identifiers one ON one.identifier_id = left_id
JOIN identifiers other ON other.identifier_id = right_id
WHERE one.entity_id = ANY(%(ids)s::uuid[]) OR other.entity_id = ANY(%(ids)s::uuid[])
"""

_FORGET = """
WITH former AS (SELECT identifier_id FROM identifiers WHERE entity_id = ANY(%(ids)s::uuid[]))
DELETE FROM proposals WHERE left_id IN (SELECT * FROM former) OR right_id IN (SELECT * FROM former)
"""
"""What was proposed about an entity, also under an id that it had before a merge."""

_PROPOSE = """
INSERT INTO proposals (left_id, right_id, place, body) VALUES (%s, %s, %s, %s)
ON CONFLICT (left_id, right_id) DO UPDATE SET place = excluded.place, body = excluded.body
"""


class NameStore:
    """The names of all entities with their block keys, and which entities wait to be compared."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def uncompared(self, entities_max: int) -> list[UUID]:
        """Entities that are new or changed since they were last compared; individuals never are."""
        return [row[0] for row in self._connection.execute(_UNCOMPARED, [_INDIVIDUAL, entities_max])]

    def forget_individuals(self) -> None:
        """Keep no name and no proposal of those who turned out to be individuals (law 5)."""
        persons = [row[0] for row in self._connection.execute(_PERSONS, [_INDIVIDUAL])]
        self.remember(persons, ())
        self.compared(persons, ())

    def described(self, entity_ids: Iterable[UUID]) -> list[Comparable]:
        """All that is said of these entities: records in their own bytes, and their identifiers."""
        ids = sorted(entity_ids)
        records: dict[UUID, list[tuple[bytes, Any]]] = {one: [] for one in ids}
        for entity_id, payload, received_at in self._connection.execute(_RECORDS, [ids]):
            records[entity_id].append((bytes(payload), received_at))
        return [Comparable(one, tuple(records[one])) for one in ids]

    def remember(self, entity_ids: Iterable[UUID], names: Iterable[NameKeys]) -> None:
        """Keep the names of these entities instead of those kept before."""
        with self._connection.transaction():
            self._connection.execute("DELETE FROM names WHERE entity_id = ANY(%s::uuid[])", [sorted(entity_ids)])
            columns = ("entity_id", "name", "schemes", "keys")
            rows = ((one.entity_id, one.name, list(one.schemes), one.keys) for one in names)
            copy_rows(self._connection, "names", columns, rows)

    def all_names(self) -> pl.DataFrame:
        """Every name that is kept, in a fixed order: entity_id (hexadecimal), name, schemes (with spaces), keys."""
        query = """
            SELECT encode(uuid_send(entity_id), 'hex'), name, array_to_string(schemes, ' '), keys
            FROM names ORDER BY entity_id, name
        """
        columns = {"entity_id": pl.String, "name": pl.String, "schemes": pl.String, "keys": pl.Binary}
        with self._connection.cursor(binary=True) as cursor:
            return pl.DataFrame(cursor.execute(query).fetchall(), schema=columns, orient="row")

    def decided(self, entity_ids: Iterable[UUID]) -> set[tuple[UUID, UUID]]:
        """Pairs with one of these entities about which people have decided, the smaller id first."""
        rows = self._connection.execute(_DECIDED, {"ids": sorted(entity_ids)})
        return {(row[0], row[1]) for row in rows}

    def compared(self, entity_ids: Sequence[UUID], found: Sequence[Found]) -> None:
        """Replace the proposals of these entities by what was found, and let them wait no longer."""
        ids = sorted(entity_ids)
        with self._connection.transaction():
            self._connection.execute(_FORGET, {"ids": ids})
            with self._connection.cursor() as cursor:
                cursor.executemany(_PROPOSE, [tuple(one) for one in found])
            query = "UPDATE entities SET uncompared = false WHERE entity_id = ANY(%s::uuid[])"
            self._connection.execute(query, [ids])


class Side(NamedTuple):
    """One side of a pair as a list shows it."""

    entity_id: UUID
    kind: str
    name: str | None
    reference: str


_SIDE = """
{side}.entity_id, {side}_entity.kind_rank, {side}_entity.name,
(SELECT scheme || ':' || value FROM identifiers shown WHERE shown.entity_id = {side}.entity_id
  ORDER BY scheme = 'RECORD', scheme, value LIMIT 1)
"""
_SIDES = f"{_SIDE.format(side='one')}, {_SIDE.format(side='other')}"
_JOINED = """
JOIN identifiers one ON one.identifier_id = {table}.left_id
JOIN identifiers other ON other.identifier_id = {table}.right_id
LEFT JOIN entities one_entity ON one_entity.entity_id = one.entity_id
LEFT JOIN entities other_entity ON other_entity.entity_id = other.entity_id
"""

_WAITING = f"""
SELECT {_SIDES}, proposals.body FROM proposals {_JOINED.format(table="proposals")}
WHERE one.entity_id <> other.entity_id
AND coalesce(greatest(one_entity.kind_rank, other_entity.kind_rank), 0) < {_INDIVIDUAL} AND NOT EXISTS (
  SELECT FROM judgements said
  JOIN identifiers a ON a.identifier_id = said.left_id JOIN identifiers b ON b.identifier_id = said.right_id
  WHERE (a.entity_id, b.entity_id) IN ((one.entity_id, other.entity_id), (other.entity_id, one.entity_id))
)
ORDER BY place, proposals.left_id, proposals.right_id LIMIT %s
"""

_JUDGED = f"""
SELECT {_SIDES}, said.body, said.received_at, said.effective
FROM judgements said {_JOINED.format(table="said")}
WHERE NOT EXISTS (
  SELECT FROM judgements later WHERE later.fact_id = said.fact_id AND later.revision > said.revision
    AND (later.effective OR NOT said.effective)
)
ORDER BY said.received_at DESC, said.fact_id, said.ordinal LIMIT %s
"""

_OPEN = f"""
SELECT {_SIDES}, conflicts.because, conflicts.source,
  one.scheme || ':' || one.value, other.scheme || ':' || other.value
FROM conflicts {_JOINED.format(table="conflicts")} ORDER BY conflict_id LIMIT %s
"""

_CODES = f"{SEVERAL_CODES.format(which='')} ORDER BY entity_id, scheme LIMIT %(entities_max)s"


def _sides(row: Sequence[Any]) -> tuple[Side, Side]:
    left, right = row[0:4], row[4:8]
    return tuple(Side(one[0], KINDS[one[1] or 0], one[2], one[3]) for one in (left, right))  # type: ignore[return-value]


def _ends(sides: tuple[Side, Side], left: str, right: str) -> tuple[Side, Side]:
    """The sides under the references that were meant, not just any of the same entity."""
    return (sides[0]._replace(reference=left), sides[1]._replace(reference=right))


def _text(reference: Sequence[str]) -> str:
    return ":".join(reference)


def waiting(connection: Connection, pairs_max: int) -> list[tuple[Side, Side, dict[str, Any]]]:
    """Proposals that nobody has decided yet, in the order of the queue."""
    return [(*_sides(row), row[8]) for row in connection.execute(_WAITING, [pairs_max])]


def judged(connection: Connection, pairs_max: int) -> list[tuple[Side, Side, dict[str, Any], Any, bool]]:
    """Decisions that count or wait, newest first: both sides, what was decided, when received, whether it counts."""
    rows = connection.execute(_JUDGED, [pairs_max])
    return [(*_ends(_sides(row), *map(_text, (row[8]["left"], row[8]["right"]))), *row[8:11]) for row in rows]


def open_links(connection: Connection, pairs_max: int) -> list[tuple[Side, Side, str, str]]:
    """Links that a judgement stands against: both sides, why they would be one, and by which record."""
    rows = connection.execute(_OPEN, [pairs_max])
    return [(*_ends(_sides(row), row[10], row[11]), row[8], row[9]) for row in rows]


def several_codes(
    connection: Connection, schemes: Sequence[str], entities_max: int
) -> list[tuple[UUID, str, list[str]]]:
    """Entities with several values of an identifier of which an entity has one, unless people joined them."""
    values = {"schemes": list(schemes), "entities_max": entities_max}
    return [(row[0], row[1], row[2]) for row in connection.execute(_CODES, values)]
