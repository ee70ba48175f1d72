"""Opens PostgreSQL with bounds on everything, and says clearly when it does not answer."""

import select
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.exc import DisconnectionError, OperationalError

from sharehub.errors import UnreachableError

_OPTIONS = (
    "-c idle_in_transaction_session_timeout=60000 -c lock_timeout=90000 -c timezone=UTC "
    "-c tcp_keepalives_idle=30 -c tcp_keepalives_interval=10 -c tcp_keepalives_count=3 -c random_page_cost=1.1"
)
"""A session whose machine is gone ends within a minute, and with it its locks and its place among the services.

On a busy machine ten thousand decisions take longer than 15 seconds, while the database hears nothing.
A plan that was made for an almost empty table is kept until the table is next analyzed; with the price of a disk of
our days it goes by the index from the start, instead of through a table that grows by the second.
"""


_BESIDE = "-c synchronous_commit=off -c idle_in_transaction_session_timeout=600000 -c lock_timeout=600000"
"""Nobody waits for what is beside the live view, so a large batch may take long, and others may wait for it."""

LIVE = "public"
"""The schema of the view that everybody reads; a replay builds another one beside it."""


def connect_engine(url: str, name: str = "sharehub", schema: str = LIVE) -> Engine:
    """An engine whose sessions cannot hold locks for ever, and see the tables of one schema only.

    `name` is how the database lists them. What is beside the live view can be made again, so its commits need not
    wait for the disk.
    """
    beside = "" if schema == LIVE else f" -c search_path={schema} {_BESIDE}"
    arguments = {"options": _OPTIONS + beside, "connect_timeout": 10, "application_name": name}
    engine = create_engine(url, connect_args=arguments)
    event.listen(engine, "checkout", _still_there)
    return engine


def _still_there(session: "psycopg.Connection[Any]", *_: object) -> None:
    """Return where the session can be used; a session that the database has ended is replaced by a new one.

    From one that waits nothing is to be read but its end: to ask each of them would cost a tenth of a look-up.
    """
    try:
        ready = select.poll()
        ready.register(session.fileno(), select.POLLIN)
        if ready.poll(0):
            session.execute("SELECT")
            session.rollback()
    except psycopg.Error as error:
        raise DisconnectionError from error


@contextmanager
def opened(url: str, schema: str = LIVE) -> Iterator[Engine]:
    """An engine for the time of the block.

    Raises:
        UnreachableError: the database does not answer.
    """
    engine = connect_engine(url, schema=schema)
    try:
        yield engine
    except OperationalError as error:
        raise UnreachableError(
            f"PostgreSQL: {error.orig}", hint="sharehub up, or look at the setting database.url"
        ) from error
    finally:
        engine.dispose()
