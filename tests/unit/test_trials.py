"""How the entities of a trial are dealt out: all of them, each whole, to one process."""

from datetime import UTC, datetime
from itertools import chain, pairwise
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sharehub.flow.what_if import pieces
from sharehub.ports.rules import KeptRecord
from sharehub.store.what_if import ranges


@given(st.lists(st.integers(0, 9), max_size=60), st.integers(1, 20))
def test_pieces_hold_every_record_once_and_every_entity_whole(entities: list[int], records_min: int) -> None:
    records = [KeptRecord(bytes([one]), b"", datetime(2026, 1, 1, tzinfo=UTC)) for one in sorted(entities)]
    found = list(pieces(records, records_min))
    assert list(chain(*found)) == records
    assert all(before[-1].entity_key != after[0].entity_key for before, after in pairwise(found))
    assert all(len(one) >= records_min for one in found[:-1])


@pytest.mark.parametrize("count", [1, 2, 3, 16])
def test_ranges_hold_every_id_once(count: int) -> None:
    found = ranges(count)
    assert (found[0].first, found[-1].after) == (UUID(int=0), None)
    assert all(before.after == after.first for before, after in pairwise(found))
    assert len(found) == count
