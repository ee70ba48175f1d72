"""Bring the database to the newest revision; safe to repeat and to run twice at once.

A database that a later version has migrated is left as it is: code runs on the next schema, so that a roll-back can.
"""

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import structlog
from sqlalchemy import Connection, text

from sharehub.store.engine import LIVE, opened

if TYPE_CHECKING:
    from alembic.config import Config

log = structlog.get_logger()

SCRIPTS = Path(__file__).parent / "migrations"
_LOCK = 7_301_001


class Found(NamedTuple):
    """The revision of a database, None for an empty one, whether this version knows it, and its own newest."""

    revision: str | None
    known: bool
    head: str


def migrate(url: str, schema: str = LIVE) -> None:
    """Run what is missing in that schema.

    Raises:
        UnreachableError: the database does not answer.
    """
    from alembic import command  # noqa: PLC0415 - a second of every command's start, which hardly any needs

    with opened(url, schema) as engine, engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        found = revision_of(connection)
        if found.revision is None or found.known:
            command.upgrade(_config(connection), "head")
        else:
            log.warning("database_is_newer", revision=found.revision)


def revision_of(connection: Connection) -> Found:
    """Where the database stands among all revisions."""
    from alembic.migration import MigrationContext  # noqa: PLC0415
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    scripts = ScriptDirectory.from_config(_config(connection))
    revision = MigrationContext.configure(connection).get_current_revision()
    known = revision in {one.revision for one in scripts.walk_revisions()}
    return Found(revision, known, str(scripts.get_current_head()))


def _config(connection: Connection) -> "Config":
    """All revisions, to be run on this connection."""
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
