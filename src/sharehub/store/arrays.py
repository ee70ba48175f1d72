"""Ids by the thousand as one parameter: psycopg looks at every element of a list, twice as long as the query takes."""

from collections.abc import Iterable
from uuid import UUID

from sharehub.core.linking import Key


def key_array(keys: Iterable[Key]) -> str:
    """The text of a `uuid[]`."""
    return "{" + ",".join(map(bytes.hex, keys)) + "}"


def uuid_array(ids: Iterable[UUID]) -> str:
    """The text of a `uuid[]`."""
    return key_array(one.bytes for one in ids)
