"""What changes from one rulebook to another, in words, entry by entry; no field is ever passed over.

Fields are compared as the classes have them, so a new field is told without any code here; `_ABOUT` only says
under which heading and with which words.
"""

from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from sharehub.core.condition import Condition
from sharehub.core.entry import Entry
from sharehub.core.rulebook import Rulebook
from sharehub.core.wording import becomes, condition_words, plain, value_words

GROUPS = (
    "entry",
    "what",
    "who",
    "ground",
    "dates",
    "term",
    "basis",
    "exits",
    "remedies",
    "publication",
    "recipients",
    "other",
)
"""The headings, in the order of telling."""


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that differs: the entry (empty: the rulebook itself), the heading, the field, and what changes."""

    entry: str
    group: str
    field: str
    words: str


_ABOUT: Mapping[str, tuple[str, str]] = {
    "jurisdiction": ("what", "the jurisdiction"),
    "version": ("what", "the version"),
    "parent": ("what", "the jurisdiction to which it adds"),
    "title": ("what", "the title"),
    "kind": ("what", "the kind of measure"),
    "target_service": ("what", "the service that it touches"),
    "binding": ("what", "binding"),
    "relatedness": ("what", "why it relates to the violation"),
    "entity_kinds": ("who", "kinds of entity"),
    "authority": ("who", "the competent authority"),
    "ground": ("ground", "the ground"),
    "requires": ("ground", "records beside the ground"),
    "unless": ("ground", "unless"),
    "barred_by": ("ground", "barred by"),
    "latest_by": ("ground", "the field whose later value replaces a ground"),
    "latest_among": ("ground", "fields shared by grounds that replace one another"),
    "same_ground_by": ("ground", "fields by which several agencies report one ground"),
    "opt_out": ("ground", "a body may opt out"),
    "effective_from": ("dates", "the first day of grounds for which it counts"),
    "effective_to": ("dates", "the last day of grounds for which it counts"),
    "pilot": ("dates", "pilot"),
    "when_pilot_ends": ("dates", "what happens when the pilot ends"),
    "published_on": ("dates", "the day of publication"),
    "transition": ("dates", "what happens to grounds decided before it was published"),
    "term_months": ("term", "the term in months"),
    "term_months_min": ("term", "the shortest term in months"),
    "term_months_max": ("term", "the longest term in months"),
    "aggravation": ("term", "what makes the term longer"),
    "starts_after_field": ("term", "the date after which it begins"),
    "legal_basis": ("basis", "legal basis"),
    "exit": ("exits", "what ends it, in words"),
    "exits": ("exits", "the way out"),
    "ends_when_performed": ("exits", "lifted when everything was performed"),
    "repairable": ("exits", "can be repaired"),
    "excluded_by": ("exits", "excluded by measures of kind"),
    "remedies": ("remedies", "remedies"),
    "publication": ("publication", "the publication"),
    "publication_class": ("publication", "the class of publication"),
    "publication_classes": ("publication", "class of publication"),
    "recipients": ("recipients", "recipients"),
}
_APPLIES: Mapping[str, str] = {
    "is": "the {} for which it applies",
    "is_not": "the {} for which it does not apply",
    "one_of": "the {} for which it applies",
    "at_least": "the {} from which it applies",
    "at_most": "the {} up to which it applies",
    "more_than": "the {} above which it applies",
    "present": "the {} must be stated",
    "at_least_months": "the months to {} from which it applies",
    "at_most_months": "the months to {} up to which it applies",
    "more_than_months": "the months to {} above which it applies",
}


def rulebook_changes(before: Rulebook, after: Rulebook) -> tuple[Change, ...]:
    """Everything that differs: what is of the rulebook, then its entries by id; empty for the same text."""
    old, new = ({entry.id: entry for entry in book.entries} for book in (before, after))
    found = list(_told("", before, after, skip="entries"))
    for name in sorted(old.keys() | new.keys()):
        if name not in new:
            found.append(Change(name, "entry", "", f"is removed: {_entry_words(old[name])}"))
        elif name not in old:
            found.append(Change(name, "entry", "", f"is added: {_entry_words(new[name])}"))
        else:
            found += _told(name, old[name], new[name])
    orders = [[name for name in book if name in old and name in new] for book in (old, new)]
    if orders[0] != orders[1]:
        found.append(Change("", "other", "entries", "the entries stand in another order"))
    return tuple(found)


def _entry_words(entry: Entry) -> str:
    return f"{entry.title} ({entry.kind} on {entry.target_service})"


def _told(entry: str, before: Any, after: Any, skip: str = "") -> Iterator[Change]:
    names = [part.name for part in fields(before) if part.name != skip]
    changes = [
        Change(entry, group, name, words)
        for name in names
        for group, label in [_ABOUT.get(name, ("other", plain(name)))]
        for words in _differ(label, getattr(before, name), getattr(after, name))
    ]
    yield from sorted(changes, key=lambda change: GROUPS.index(change.group))


def _differ(label: str, before: Any, after: Any) -> Iterator[str]:
    """How two values differ, in words; nothing where they say the same."""
    if isinstance(before, tuple) and isinstance(after, tuple):
        yield from _lists_differ(label, before, after)
    elif isinstance(before, Mapping) and isinstance(after, Mapping):
        yield from _keyed(label, dict(before), dict(after), value_words)
    elif isinstance(before, Condition) and isinstance(after, Condition):
        named = _APPLIES[before.operator].format(plain(before.field))
        of = named if label == _ABOUT["ground"][1] else f"{label}: {named}"
        yield from _differ(of, before.operand, after.operand)
    elif is_dataclass(before) and type(before) is type(after):
        for part in fields(before):
            named = f"{label}: {plain(part.name)}" if part.name != "where" else label
            yield from _differ(named, getattr(before, part.name), getattr(after, part.name))
    elif before != after or type(before) is not type(after):
        yield becomes(label, before, after)


def _lists_differ(label: str, before: tuple[Any, ...], after: tuple[Any, ...]) -> Iterator[str]:
    old, new = ({_key(one): one for one in side} for side in (before, after))
    if len(old) == len(before) and len(new) == len(after):
        yield from _keyed(label, old, new, _key_words)
    elif (left := _counted(before)) != (right := _counted(after)):
        yield from (f"{label}: drops {words}" for words, _ in (left - right).elements())
        yield from (f"{label}: adds {words}" for words, _ in (right - left).elements())
    shared = [[key for key in map(_key, side) if key in old and key in new] for side in (before, after)]
    if shared[0] != shared[1]:
        yield f"{label}: another order: {', '.join(_key_words(key) for key in shared[1])}"


def _counted(side: tuple[Any, ...]) -> Counter[tuple[str, str]]:
    return Counter((value_words(one), repr(one)) for one in side)


def _keyed(label: str, old: dict[Any, Any], new: dict[Any, Any], named: Callable[[Any], str]) -> Iterator[str]:
    for key in [*old, *(key for key in new if key not in old)]:
        if key not in new:
            yield f"{label}: drops {_item_words(key, old[key], named)}"
        elif key not in old:
            yield f"{label}: adds {_item_words(key, new[key], named)}"
        elif is_dataclass(old[key]):
            of = label if isinstance(old[key], Condition) else f"{label}: {named(key)}"
            yield from _differ(of, old[key], new[key])


def _item_words(key: Any, item: Any, named: Callable[[Any], str]) -> str:
    if isinstance(item, Condition):
        return f"the test that {condition_words(item)}"
    words = value_words(item)
    return words if named(key) in words else f"{named(key)}: {words}"


def _key(item: Any) -> Hashable:
    """By what an item of a list is the same one before and after: a test by its field, others by their first part."""
    if isinstance(item, Condition):
        return (type(item), item.field, item.operator, item.since)
    first = getattr(item, fields(item)[0].name) if is_dataclass(item) else item
    return (type(item), type(first), first)


def _key_words(key: Any) -> str:
    return value_words(key[-1]) if key[0] is not Condition else plain(key[1])
