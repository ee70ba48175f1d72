"""Bring the database to the newest revision; safe to repeat and to run twice at once.

A database that a later version has migrated is left as it is: code runs on the next schema, so that a roll-back can.
"""

from pathlib import Path

import structlog
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from sharehub.store.engine import LIVE, opened

log = structlog.get_logger()

SCRIPTS = Path(__file__).parent / "migrations"
_LOCK = 7_301_001


def migrate(url: str, schema: str = LIVE) -> None:
    """Run what is missing in that schema.

    Raises:
        UnreachableError: the database does not answer.
    """
    with opened(url, schema) as engine, engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        found = MigrationContext.configure(connection).get_current_revision()
        config = migrations(connection)
        if found in {None, *(one.revision for one in ScriptDirectory.from_config(config).walk_revisions())}:
            command.upgrade(config, "head")
        else:
            log.warning("database_is_newer", revision=found)


def migrations(connection: Connection) -> Config:
    """All revisions, to be run on this connection."""
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
