"""Rows that left a snapshot and rows that came, which are one record whose name is spelled anew.

The decision depends on the file and on what stood before, never on how far an interrupted run had come: a rival is any
row of the file, whether it was sent already or not, and withdrawals are sent after everything else.
"""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from collections.abc import Mapping as Table
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, NamedTuple

from sharehub.connect.assembly import key_part
from sharehub.connect.folding import Folding, folded, letters
from sharehub.connect.mapping import FieldTable, Mapping
from sharehub.connect.readers import Place

Value = Table[str, Any]


class Spelling(NamedTuple):
    """What tells whether two records are one: the key without the name (`apart`), what else must agree, the name."""

    record_key: str
    place: Place
    apart: tuple[str, ...]
    same: tuple[Hashable, ...]
    name: str
    letters: str


class Doubt(NamedTuple):
    """A record that left and one that came, perhaps the same: for a person to look at."""

    gone: Spelling
    came: Spelling


@dataclass(frozen=True, slots=True)
class Verdict:
    """`kept`: key of a row -> key of the record that it goes on with; `respelled`: those that are so only now."""

    kept: Table[str, str]
    respelled: frozenset[str]
    doubts: tuple[Doubt, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """When two are one: `name_at` is the name's place among the `parts` of the key, `close` a likeness of 0 to 1."""

    parts: int
    name_at: int
    folding: Folding
    same: tuple[str, ...]
    close: float

    def spelling(self, record_key: str, value: Value) -> Spelling | None:
        """The spelling of a record; None where its key was made by another mapping, or it has no name."""
        parts = record_key.split("/")[1:]
        names = value["subject"]["names"]
        if len(parts) != self.parts or not names:
            return None
        apart = (*parts[: self.name_at], *parts[self.name_at + 1 :])
        source = value["source"]
        place = Place(source["name"], source["sheet"], source["row"])
        return Spelling(record_key, place, apart, self._same(value), names[0], letters(names[0]))

    def _same(self, value: Value) -> tuple[Hashable, ...]:
        return tuple(_of(value, target) for target in self.same)

    def key_now(self, spelling: Spelling) -> str:
        """The key that a row with this spelling gets, whatever its first spelling was."""
        connector, *parts = spelling.record_key.split("/")
        parts[self.name_at] = key_part(folded(spelling.name, self.folding))
        return "/".join((connector, *parts))

    def alike(self, one: Spelling, other: Spelling) -> bool:
        """Whether two names are close."""
        return SequenceMatcher(None, one.letters, other.letters, autojunk=False).ratio() >= self.close


def rule_of(mapping: Mapping) -> Rule | None:
    """The rule that a mapping declares, or None."""
    stated = mapping.snapshot.respelled
    if stated is None:
        return None
    name = mapping.fields[stated.name]
    folding = name.folded if isinstance(name, FieldTable) else None
    keys = mapping.key.fields
    return Rule(len(keys), keys.index(stated.name), folding or "letters", stated.same, stated.close)


def judge_spellings(rule: Rule, gone: Sequence[Spelling], rows: Table[str, Spelling], new: frozenset[str]) -> Verdict:
    """Which rows go on with a record that left, and which pairs are doubtful.

    `rows` are the good rows of the file by key; `new` all keys in it that were never published, also of bad rows.
    """
    known = {rule.key_now(one): one.record_key for one in gone}
    kept = {key: old for key, old in known.items() if key in new}
    left = [one for one in gone if one.record_key not in kept.values()]
    fresh = {came.record_key: one.record_key for one, came in _certain(rule, left, rows, new - kept.keys())}
    doubts = _doubts(
        rule,
        [one for one in left if one.record_key not in fresh.values()],
        [rows[key] for key in sorted((new & rows.keys()) - kept.keys() - fresh.keys())],
    )
    return Verdict({**kept, **fresh}, frozenset(fresh), tuple(doubts))


def _certain(
    rule: Rule, gone: list[Spelling], rows: Table[str, Spelling], new: frozenset[str]
) -> Iterator[tuple[Spelling, Spelling]]:
    """Pairs of a record and the one row that can be it, where the row can be no other record."""
    beside = _grouped(rows.values(), lambda row: row.apart)
    close = {
        one: [row for row in beside.get(one.apart, ()) if row.same == one.same and rule.alike(one, row)] for one in gone
    }
    wanted = Counter(row.record_key for found in close.values() for row in found)
    for one, found in close.items():
        if len(found) == 1 and found[0].record_key in new and wanted[found[0].record_key] == 1:
            yield one, found[0]


def _doubts(rule: Rule, gone: Iterable[Spelling], came: Sequence[Spelling]) -> Iterator[Doubt]:
    """Pairs that differ in the name and more, or not in the name at all but in another part of the key."""
    beside = _grouped(came, lambda row: row.apart)
    namesakes = _grouped(came, lambda row: row.letters)
    for one in gone:
        rivals = [row for row in beside.get(one.apart, ()) if row.same == one.same or rule.alike(one, row)]
        for row in dict.fromkeys((*rivals, *namesakes.get(one.letters, ()))):
            yield Doubt(one, row)


def _grouped(spellings: Iterable[Spelling], key: Callable[[Spelling], Hashable]) -> dict[Hashable, list[Spelling]]:
    found: dict[Hashable, list[Spelling]] = {}
    for one in spellings:
        found.setdefault(key(one), []).append(one)
    return found


def _of(value: Value, target: str) -> Hashable:
    """What a record states for a target, in a form that can be compared and counted."""
    group, dot, name = target.partition(".")
    return repr(value[group][name] if dot else value[group])
