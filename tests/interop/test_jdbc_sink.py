"""Debezium's JDBC sink mirrors the measures into another database, and the tables are equal."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import psycopg
import pytest

from tests.integration.publishing import until
from tests.interop.connect import connect, tcp_to
from tests.interop.served import STATE, Served

LISTS_OF_RECORDS = {"identifiers", "witnesses", "legal_basis"}


@pytest.fixture
def mirror(hub: Served) -> Iterator[str]:
    """An empty database beside the hub's; yields how to reach it."""
    name = f"mirror_{uuid4().hex[:8]}"
    with psycopg.connect(hub.world.dsn, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")  # type: ignore[arg-type]
        yield hub.world.dsn.replace(f"/{hub.world.dsn.split('/')[3].split('?')[0]}?", f"/{name}?")
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")  # type: ignore[arg-type]


def test_the_mirror_equals_the_hubs_measures(hub: Served, mirror: str, tmp_path: Path) -> None:
    wanted = {key: flat(value) for key, value in hub.world.latest(STATE).items() if value is not None}
    assert len(wanted) == 4
    where = urlsplit(mirror)
    socket = Path(parse_qs(where.query)["host"][0]) / ".s.PGSQL.5432"
    with tcp_to(socket) as port:
        database, user = f"jdbc:postgresql://127.0.0.1:{port}{where.path}", f"connection.username={where.username}"
        server = {"kafka": hub.world.bootstrap_servers, "registry": hub.registry}
        with connect(tmp_path, database=database, user=user, **server) as said:
            until(lambda: mirrored(mirror) == wanted or " ERROR " in said.read_text(), timeout_s=150, pause_s=0.5)
            assert mirrored(mirror) == wanted, said.read_text()
    ours = hub.world.rows("SELECT measure_id, entity_id, status, effective_from FROM measures")
    theirs = [(key, *(row[name] for name in ("entity_id", "status", "effective_from"))) for key, row in wanted.items()]
    assert sorted(theirs) == sorted((str(measure), str(entity), *rest) for measure, entity, *rest in ours)


def flat(value: dict[str, Any]) -> dict[str, Any]:
    """The state as the sink's columns have it: one record within is flattened, lists of records are left out."""
    found: dict[str, Any] = {}
    for name, part in value.items():
        if isinstance(part, dict):
            found |= {f"{name}_{inner}": one for inner, one in part.items()}
        elif name not in LISTS_OF_RECORDS:
            found[name] = part
    return found


def mirrored(dsn: str) -> dict[str, dict[str, Any]]:
    """The rows of the mirror by measure; none before its table is there."""
    with psycopg.connect(dsn, row_factory=psycopg.rows.dict_row) as connection:
        if not connection.execute("SELECT to_regclass('measures') AS it").fetchall()[0]["it"]:
            return {}
        return {row["measure_id"]: row for row in connection.execute("SELECT * FROM measures")}
