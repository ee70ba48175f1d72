"""Shared identifiers make one entity, whatever the order and the batches; its id follows from content."""

from collections.abc import Iterable, Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sharehub.core.identifier import Identifier
from sharehub.core.linking import Key, clusters, identifier_key
from sharehub.core.record import content_id, content_key, record_id
from sharehub.flow.linking import Members, NeedsExclusiveError, link
from sharehub.ports.batch import RacedError
from sharehub.ports.identity import Assigned

KEYS = [identifier_key(Identifier("CN-REGNO", str(number))) for number in range(12)]
SETS = st.lists(st.lists(st.sampled_from(KEYS), min_size=1, max_size=4, unique=True), max_size=12)


def components(sets: Iterable[Iterable[Key]]) -> dict[Key, Key]:
    """The definition: repeat until nothing joins."""
    groups: list[set[Key]] = []
    for members in sets:
        joined = set(members)
        apart = []
        for group in groups:
            if group & joined:
                joined |= group
            else:
                apart.append(group)
        groups = [*apart, joined]
    return {key: min(group) for group in groups for key in group}


@given(SETS)
def test_clusters_are_connected_components_with_their_smallest_id(sets: list[list[Key]]) -> None:
    assert clusters(sets) == components(sets)


@given(SETS, st.data())
def test_clusters_do_not_depend_on_order_or_repetition(sets: list[list[Key]], data: st.DataObject) -> None:
    again = data.draw(st.permutations([*sets, *sets[:3]]))
    assert clusters([data.draw(st.permutations(members)) for members in again]) == clusters(sets)


class Register:
    """The part of the view that linking needs, over two dictionaries."""

    def __init__(self) -> None:
        self.entities: dict[Key, Key] = {}
        self.merges = 0

    def merge_count(self) -> int:
        """How often entities were merged."""
        return self.merges

    def entities_of(self, identifier_keys: Sequence[Key]) -> dict[Key, Key]:
        """The entities of those that are known."""
        return {key: self.entities[key] for key in identifier_keys if key in self.entities}

    def assign(self, assigned: Sequence[Assigned]) -> None:
        """Refused where one of them was taken."""
        if any(one[0] in self.entities for one in assigned):
            raise RacedError
        self.entities |= {one[0]: one[3] for one in assigned}

    def guarded(self, entity_keys: Sequence[Key]) -> set[Key]:
        """Nobody has decided anything."""
        return set()

    def merge(self, merges: Mapping[Key, Key]) -> None:
        """Lead all identifiers of entities that are gone to others."""
        self.merges += 1
        self.entities = {key: merges.get(entity, entity) for key, entity in self.entities.items()}


def members(keys: Iterable[Key]) -> Members:
    return tuple((key, Identifier("CN-REGNO", str(KEYS.index(key)))) for key in keys)


def linked(register: Register, sets: list[list[Key]]) -> None:
    batch = [members(keys) for keys in sets]
    try:
        found = link(register, batch, exclusive=False)
    except NeedsExclusiveError:
        found = link(register, batch, exclusive=True)
        assert found.merges
    for keys in sets:
        assert len({register.entities[key] for key in keys}) == 1
        assert all(found.entities[key] == register.entities[key] for key in keys)
    assert all(into in register.entities.values() for into in found.merges.values())
    assert not set(found.merges) & set(register.entities.values())


@given(SETS, st.data())
def test_linking_in_any_order_and_any_batches_gives_the_components(sets: list[list[Key]], data: st.DataObject) -> None:
    register = Register()
    line = data.draw(st.permutations(sets))
    while line:
        size = data.draw(st.integers(1, len(line)))
        linked(register, line[:size])
        line = line[size:]
    assert register.entities == components(sets)


@given(SETS)
def test_linking_again_merges_and_assigns_nothing(sets: list[list[Key]]) -> None:
    register = Register()
    linked(register, sets)
    before, merges = dict(register.entities), register.merges
    found = link(register, [members(keys) for keys in sets], exclusive=False)
    assert (register.entities, register.merges) == (before, merges)
    assert not found.created
    assert not found.merges


@given(SETS)
def test_entities_are_new_once(sets: list[list[Key]]) -> None:
    register = Register()
    found = link(register, [members(keys) for keys in sets], exclusive=False)
    assert found.created == set(components(sets).values())


def test_nothing_is_written_where_a_merge_needs_to_be_alone() -> None:
    register = Register()
    linked(register, [[KEYS[0]], [KEYS[1]]])
    before = dict(register.entities)
    with pytest.raises(NeedsExclusiveError):
        link(register, [members([KEYS[0], KEYS[1], KEYS[2]])], exclusive=False)
    assert register.entities == before


def test_an_identifier_that_somebody_took_meanwhile_is_noticed() -> None:
    class Raced(Register):
        def entities_of(self, identifier_keys: Sequence[Key]) -> dict[Key, Key]:
            return {}

    register = Raced()
    register.entities[KEYS[0]] = KEYS[0]
    with pytest.raises(RacedError):
        link(register, [members([KEYS[0]])], exclusive=False)


TEXT = st.text(max_size=6)
PARTS = st.lists(st.one_of(TEXT, st.integers()), min_size=1, max_size=4)


@given(PARTS, PARTS)
def test_content_ids_are_equal_for_equal_parts_only(first: list[str | int], second: list[str | int]) -> None:
    same = list(map(str, first)) == list(map(str, second))
    assert (content_id(*first) == content_id(*second)) is same


@pytest.mark.parametrize("separator", ["\x1f", "\x1e", "\x00", "|", ":", "/"])
def test_content_ids_separate_their_parts_whatever_they_hold(separator: str) -> None:
    assert content_id("a", "b") != content_id(f"a{separator}b")
    assert content_id(f"a{separator}", "b") != content_id("a", f"{separator}b")
    assert content_id("a", "", "b") != content_id(f"a{separator}", "b")


@given(st.tuples(TEXT, TEXT, st.integers(1)), st.tuples(TEXT, TEXT, st.integers(1)))
def test_record_ids_separate_agency_key_and_revision(first: tuple[str, str, int], second: tuple[str, str, int]) -> None:
    assert (record_id(*first) == record_id(*second)) is (first == second)


@given(st.tuples(TEXT, TEXT), st.tuples(TEXT, TEXT))
def test_identifier_ids_separate_scheme_and_value(first: tuple[str, str], second: tuple[str, str]) -> None:
    assert (identifier_key(Identifier(*first)) == identifier_key(Identifier(*second))) is (first == second)


@given(PARTS)
def test_an_id_and_a_key_are_the_same_bytes(parts: list[str | int]) -> None:
    assert content_id(*parts).bytes == content_key(*parts)
