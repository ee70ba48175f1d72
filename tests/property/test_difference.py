"""What changes between two rulebooks is told field by field: nothing is missed, and nothing is invented."""

from dataclasses import fields, replace

from hypothesis import given, settings
from hypothesis import strategies as st

from sharehub.core.condition import Condition
from sharehub.core.difference import rulebook_changes
from sharehub.core.entry import Entry
from sharehub.core.rulebook import PublicationClass, Rulebook
from tests.property.worlds import TODAY
from tests.unit.core.said import catalogue

ENTRIES = st.one_of(st.sampled_from(catalogue().all_entries()), st.from_type(Entry))
BOOKS = st.one_of(
    st.sampled_from(catalogue().rulebooks),
    st.builds(
        Rulebook,
        version=st.sampled_from(["1", "2"]),
        parent=st.sampled_from([None, "cn"]),
        transition=st.sampled_from(["apply", "keep", "milder"]),
        publication_classes=st.dictionaries(st.sampled_from("ab"), st.from_type(PublicationClass)),
        entries=st.lists(st.sampled_from(catalogue().all_entries()), max_size=4, unique_by=lambda entry: entry.id).map(
            tuple
        ),
    ),
)
FEW = settings(max_examples=settings().max_examples // 2)


def book(*entries: Entry) -> Rulebook:
    return Rulebook(jurisdiction="cn", version="1", title="t", published_on=TODAY, entries=entries)


@FEW
@given(BOOKS)
def test_a_rulebook_does_not_differ_from_itself(one: Rulebook) -> None:
    assert rulebook_changes(one, replace(one)) == ()


@FEW
@given(ENTRIES, ENTRIES)
def test_exactly_the_fields_that_differ_are_told(one: Entry, other: Entry) -> None:
    other = replace(other, id=one.id)
    told = {change.field for change in rulebook_changes(book(one), book(other))}
    pairs = {part.name: (getattr(one, part.name), getattr(other, part.name)) for part in fields(Entry)}
    assert {name for name, (before, after) in pairs.items() if before != after} <= told
    assert told <= {name for name, (before, after) in pairs.items() if repr(before) != repr(after)}


@FEW
@given(st.sampled_from(catalogue().all_entries()), ENTRIES, st.sampled_from([part.name for part in fields(Entry)]))
def test_one_edit_of_a_shipped_entry_is_told_alone(entry: Entry, other: Entry, name: str) -> None:
    edited = replace(entry, **{name: getattr(other, name)})
    changes = rulebook_changes(book(entry), book(edited))
    if name == "id":
        assert len(changes) == (0 if entry.id == edited.id else 2)
    else:
        assert {change.field for change in changes} == ({name} if edited != entry else set())
    assert all(change.words for change in changes)


@FEW
@given(BOOKS, BOOKS)
def test_every_field_and_entry_of_a_rulebook_is_told(one: Rulebook, other: Rulebook) -> None:
    changes = rulebook_changes(one, other)
    told = {change.field for change in changes if not change.entry}
    for part in fields(Rulebook):
        if part.name != "entries" and getattr(one, part.name) != getattr(other, part.name):
            assert part.name in told
    before, after = ({entry.id: entry for entry in each.entries} for each in (one, other))
    edited = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    assert {change.entry for change in changes if change.entry} >= edited


@FEW
@given(st.lists(st.from_type(Condition), max_size=5), st.lists(st.from_type(Condition), max_size=5))
def test_tests_on_the_ground_are_never_lost(before: list[Condition], after: list[Condition]) -> None:
    entry = catalogue().all_entries()[0]
    one, other = (replace(entry, unless=tuple(tests)) for tests in (before, after))
    said = [sorted(map(repr, tests)) for tests in (before, after)]  # all must hold: their order says nothing
    assert bool(rulebook_changes(book(one), book(other))) == (said[0] != said[1])
