"""An empty shared view for each measurement: a database of its own in the same PostgreSQL."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import psycopg
from sqlalchemy import URL, make_url

from sharehub.embedded import Stack
from sharehub.hub import open_hub
from sharehub.settings import ConsolidatorSettings, DatabaseSettings, KafkaSettings, Settings


def conninfo(database_url: str) -> str:
    """The address of a database as psycopg itself takes it."""
    return _plain(make_url(database_url).set(drivername="postgresql"))


def _plain(url: URL) -> str:
    return url.render_as_string(hide_password=False)


def settings_for(stack: Stack, home: Path, name: str, decide_on: date) -> Settings:
    """Settings of a hub with its own database and consumer group."""
    database_url = _plain(make_url(stack.database_url).set(database=name))
    return Settings(
        home=home,
        kafka=KafkaSettings(bootstrap_servers=stack.bootstrap_servers),
        database=DatabaseSettings(url=database_url),
        consolidator=ConsolidatorSettings(group=f"sharehub-{name}", decide_on=decide_on),
        log="json",
    )


@contextmanager
def fresh_view(stack: Stack, settings: Settings) -> Iterator[str]:
    """The address of an empty, migrated database, which is gone after the block."""
    name = make_url(settings.database.url).database
    with psycopg.connect(conninfo(stack.database_url), autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}"')
        try:
            with open_hub(settings) as hub:
                hub.init()
            server.execute("CHECKPOINT")
            yield conninfo(settings.database.url)
        finally:
            server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
