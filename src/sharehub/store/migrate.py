"""Bring the database to the newest revision; safe to repeat and to run twice at once."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

from sharehub.store.engine import opened

_LOCK = 7_301_001


def migrate(url: str) -> None:
    """Run what is missing.

    Raises:
        UnreachableError: the database does not answer.
    """
    with opened(url) as engine, engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        command.upgrade(migrations(connection), "head")


def migrations(connection: Connection) -> Config:
    """All revisions, to be run on this connection."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
