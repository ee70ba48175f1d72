"""Sessions with the database are used again, and replaced where the database has ended them meanwhile."""

import pytest

from tests.integration.publishing import World

pytestmark = pytest.mark.integration


def session_of(world: World) -> int:
    """The database's number of the session that answers a read."""
    with world.hub.snapshot() as connection:
        return int(connection.execute("SELECT pg_backend_pid()").fetchall()[0][0])


def test_a_session_is_used_again(emptied: World) -> None:
    assert session_of(emptied) == session_of(emptied)


def test_a_session_that_the_database_has_ended_is_replaced_before_anybody_notices(emptied: World) -> None:
    ended = session_of(emptied)
    assert emptied.rows(f"SELECT pg_terminate_backend({ended}, 10000)") == [(True,)]
    assert session_of(emptied) != ended
