"""The columns of a scenario table: those of every table, and one for each field of a record."""

import difflib
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from sharehub.connect.targets import LEGAL_BASIS, LISTS, target_types
from sharehub.core.scenario import EVENTS, HELD_BACK, NOTHING, REJECTED, STATES
from sharehub.wire.registry import Registry, Schema

EXPECT, EVENT = "expect", "event"
SCENARIO, ON, SAYS, SUBJECT, AGENCY, KEY, JURISDICTION = (
    "scenario",
    "on",
    "says",
    "subject",
    "agency",
    "key",
    "jurisdiction",
)
SUBJECT_KIND, IDENTIFIER, WHY, EXPECTED = "subject kind", "identifier", "why", "expected"
ENTRY, GROUND, REASON = "expected entry", "expected ground", "expected reason"
FROM, UNTIL, BUSINESS = "expected from", "expected until", "expected business date"
OPEN, CLEARED = "open", "-"

NEEDED = (SCENARIO, ON, SAYS)
OF_RECORD = (AGENCY, JURISDICTION, SUBJECT_KIND, IDENTIFIER)
OF_EXPECTATION = (ENTRY, GROUND, FROM, UNTIL, BUSINESS, REASON)


class Column(NamedTuple):
    """One column: its title and what it means."""

    title: str
    doc: str


BEFORE = (
    Column(SCENARIO, "Title of the story, in its first row. A row without a title goes on with the story above."),
    Column(ON, "The day, for example 2026-01-31. Empty: the day of the row above."),
    Column(SAYS, "The kind of record that arrives; or expect: what stands that day; or event: what was issued."),
    Column(SUBJECT, "About whom, in your words. Empty: the company. The same words are the same entity."),
    Column(SUBJECT_KIND, "company, organisation, public_body or individual. Empty: company, or what it was before."),
    Column(AGENCY, "Id of the agency. Empty: the only one that is competent, or the one that said this key before."),
    Column(KEY, "The agency's number of the record. The same key again is its next revision: state what changes."),
)
AFTER = (
    Column(JURISDICTION, "Of the record. Empty: that of the rulebook beside which the table lies."),
    Column(IDENTIFIER, "SCHEME:VALUE, where the identifier itself matters."),
    Column(EXPECTED, "expect: stands, suspended, lifted … or nothing; event: issued …; a record: rejected, or empty."),
    Column(ENTRY, "The entry of the rulebook. On a day with a row expect, name all that stands."),
    Column(GROUND, "The key of the record from which it follows, where there are several."),
    Column(FROM, "First day of the measure. Empty: not looked at."),
    Column(UNTIL, "Last day of the measure, or open. Empty: not looked at."),
    Column(BUSINESS, "The date in law of an event. Empty: not looked at."),
    Column(REASON, "The coded reason of the event, the law (law 5), or the code of the rejection."),
    Column(WHY, "Why it must be so, in your words: shown where it comes out differently."),
)
OWN = tuple(column.title for column in (*BEFORE, *AFTER))
STATES_EXPECTED = (*STATES, NOTHING, HELD_BACK)
EVENTS_EXPECTED = EVENTS
WORDS = tuple(dict.fromkeys((*STATES_EXPECTED, *EVENTS_EXPECTED, REJECTED)))


def plain_title(title: str) -> str:
    """A title as tables are compared by: case, spaces and underscores make no difference."""
    return " ".join(title.replace("_", " ").replace(".", " ").casefold().split())


def kinds(registry: Registry) -> dict[str, Schema]:
    """The records that a story can tell of: what agencies say, and parties through the hub's desk."""
    return {schema.name: registry.latest(schema.name) for schema in registry.all() if schema.says_record}


def fields_of(schema: Schema) -> Mapping[str, tuple[str, str, int]]:
    """Column title to field, type and scale, for each field of a kind that a table can state."""
    types = {name: of for name, of in target_types(schema).items() if name not in LISTS and name != LEGAL_BASIS}
    types.pop("subject.kind", None)
    return {plain_title(name): (name, *of) for name, of in types.items()}


def closest(word: str, known: Iterable[str]) -> str:
    """What to do about a word that is not known: the one that was probably meant, else all of them."""
    words = sorted(known)
    near = difflib.get_close_matches(word, words, 1)
    return f"did you mean {near[0]!r}?" if near else f"use one of: {', '.join(words)}"
