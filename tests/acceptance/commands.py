"""The command line on a stack of its own, for the tests that go the whole way."""

import json
from pathlib import Path
from typing import Any

import psycopg
import pytest

from sharehub.cli import main
from sharehub.connect.assembly import Assembler, Draft
from sharehub.connect.columns import resolve
from sharehub.connect.mapping import find_connector
from sharehub.connect.readers import open_table
from sharehub.shipped import shipped
from sharehub.wire.registry import load_registry


class Commands:
    """The command line as an operator types it, on a stack of its own."""

    def __init__(self, home: Path, database_url: str, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.home, self.database_url, self.data, self.capsys = home, database_url, data, capsys

    def json(self, *words: str, codes: tuple[int, ...] = (0,)) -> Any:
        """Run a command and return its JSON answer."""
        code = main(["--home", str(self.home), "--json", "-q", *words])
        printed = self.capsys.readouterr()
        assert code in codes, printed.err
        return json.loads(printed.out)

    def publish(self, connector: str, file: str) -> tuple[int, int, int, int, int]:
        """Read, published, unchanged, withdrawn, rejected of one run."""
        answer = self.json("connector", "run", connector, str(self.data / file), codes=(0, 1))
        return tuple(answer[name] for name in ("read", "published", "unchanged", "withdrawn", "rejected"))  # type: ignore[return-value]

    def consolidate(self) -> dict[str, Any]:
        """Take everything in and return the hub's figures."""
        self.json("consolidate", "--until-caught-up")
        status: dict[str, Any] = self.json("status")
        return status

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Rows of the view itself, to compare with what the commands say."""
        with psycopg.connect(self.database_url.replace("+psycopg", "")) as connection:
            return connection.execute(query).fetchall()

    def records(self, connector: str, file: str) -> list[dict[str, Any]]:
        """The records that a connector makes of a file, in the file's order; nothing is sent."""
        found = find_connector(connector, shipped("connectors"))
        table = open_table(self.data / file, found.mapping.source)
        schema = load_registry().latest(found.mapping.connector.record)
        assembler = Assembler(found, schema, resolve(found.mapping, table.header, table.name), "run")
        drafts = [one for row in table.rows for one in assembler.assemble(row)]
        return [draft.value for draft in drafts if isinstance(draft, Draft)]

    def restricted(self) -> set[Any]:
        """Entities under a restriction."""
        query = "SELECT DISTINCT entity_id FROM measures WHERE kind = 'restriction' AND status = 'standing'"
        return {row[0] for row in self.rows(query)}
