"""A mapping proposed for an agency's file: what its titles and cells say for certain, and what a person must complete.

Nothing that is not certain becomes part of the mapping: it stands there as a comment.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from sharehub.connect.aliases import IDENTIFIER, Meaning, meaning, names_person, names_row, says_identifier
from sharehub.connect.evidence import evidence, scheme_fits, scheme_of
from sharehub.connect.form import form_columns, symbols
from sharehub.connect.survey import Survey
from sharehub.connect.targets import LEGAL_BASIS, LISTS, required_targets, target_types
from sharehub.wire.registry import Schema

_COMMON = ("occurred_on", "decided_on", "effective_from", "effective_to", "document_number", "case_reference")
_KEYS = ("document_number", "number", "instrument_number", "reference_number")
_KNOWN_MIN = 2
_TELLING_MIN = 3
"""Titles of a kind that tell it although none is of a field that it requires."""
_SHOWN = 3
_TOLD_BY_CELLS: Final = {"date": "a day", "money": "an amount"}


class Line(NamedTuple):
    """One column, or a field without one: what it becomes; `doubt` says what a person must decide first."""

    target: str
    title: str
    keys: dict[str, Any]
    doubt: str = ""
    samples: tuple[str, ...] = ()


class Proposal(NamedTuple):
    """Lines in the order of the file's columns, columns that are not wanted, and the key; `others` are the fields that
    no line names, each with what it means."""

    record: str
    lines: tuple[Line, ...]
    unused: tuple[str, ...]
    key: str
    missing: tuple[str, ...]
    others: tuple[tuple[str, str], ...]


def likely_kinds(header: Sequence[str], schemas: Sequence[Schema]) -> tuple[str, ...]:
    """The kinds of record of which a file may be, the likeliest first; one only where it is well ahead."""
    scores = {schema.name: _score(header, schema) for schema in schemas}
    ranked = sorted((name for name in scores if scores[name]), key=lambda name: -scores[name])
    second = scores[ranked[1]] if len(ranked) > 1 else 0
    ahead = bool(ranked) and scores[ranked[0]] >= _KNOWN_MIN and scores[ranked[0]] > second
    return tuple(ranked[:1]) if ahead else tuple(ranked)


def propose(found: Survey, schema: Schema) -> Proposal:
    """The proposal for a file as records of one kind."""
    taken: dict[str, str] = {}
    lines: list[Line] = []
    unused = [title for title in found.header if names_person(title) or names_row(title)]
    for title in found.header:
        if title in unused:
            continue
        line = _line(found, schema, title, taken)
        line = line._replace(doubt="; ".join(filter(None, (found.doubt, line.doubt))))
        lines.append(line)
        if line.target and not line.doubt:
            taken.setdefault(line.target, title)
    wanted = required_targets(schema)
    missing = tuple(sorted(wanted - {line.target for line in lines}))
    others = _others(schema, {*missing, *(line.target for line in lines)})
    return Proposal(schema.name, tuple(lines), tuple(unused), _key(found, lines), missing, others)


def _others(schema: Schema, named: Collection[str]) -> tuple[tuple[str, str], ...]:
    columns = [one for one in form_columns(schema) if one.target in target_types(schema)]
    return tuple({one.target: one.doc for one in columns if one.target not in named}.items())


def _score(header: Sequence[str], schema: Schema) -> int:
    particular = set(target_types(schema)) - set(_COMMON)
    certain = [one for one in map(meaning, header) if one.certain]
    own = [{target for target in one.targets if _own(target, particular)} for one in certain]
    known = sum(map(bool, own))
    required = any(targets & required_targets(schema) for targets in own)
    return known if required or known >= _TELLING_MIN else 0


def _own(target: str, particular: set[str]) -> bool:
    return target in particular and not target.startswith(("subject.", LEGAL_BASIS))


def _line(found: Survey, schema: Schema, title: str, taken: dict[str, str]) -> Line:
    cells = found.stated(title)
    samples = tuple(dict.fromkeys(cells))[:_SHOWN]
    meant = meaning(title)
    if says_identifier(title) or IDENTIFIER in meant.targets:
        return _identifier(title, meant, cells, samples)
    kinds = target_types(schema)
    targets = [target for target in meant.targets if target in kinds]
    if not targets:
        return _unknown(title, cells, samples, kinds)
    target = targets[0]
    tried = evidence(kinds[target][0], cells, _choices(schema, target), target)
    keys = {"column": meant.alias, **_required(schema, target), **_unit(meant, kinds[target][0]), **tried.keys}
    return Line(target, title, keys, "; ".join(filter(None, _doubts(meant, targets, taken, tried.doubt))), samples)


def _unknown(
    title: str, cells: tuple[str, ...], samples: tuple[str, ...], kinds: Mapping[str, tuple[str, int]]
) -> Line:
    """A column whose title says nothing: what its cells say."""
    column, told = {"column": title}, "no field is known by this title"
    if len(schemes := scheme_of(cells)) == 1:
        told = f"{told}, but every cell is a correct {schemes[0]}: is it the entity's?"
        return Line(IDENTIFIER, title, {**column, "scheme": schemes[0]}, told, samples)
    for kind, what in _TOLD_BY_CELLS.items():
        tried = evidence(kind, cells, (), "")
        if cells and (tried.keys.get("formats") or not tried.doubt):
            fields = " or ".join(target for target, (its_kind, _) in kinds.items() if its_kind == kind)
            told = "; ".join(filter(None, (f"{told}, but every cell is {what}: is it {fields}?", tried.doubt)))
            return Line("", title, {**column, **tried.keys}, told, samples)
    return Line("", title, column, told, samples)


def _doubts(meant: Meaning, targets: Sequence[str], taken: dict[str, str], read: str) -> Iterator[str]:
    if not meant.certain:
        yield "the title only contains words of this field"
    if len(targets) > 1:
        yield f"the title may also mean {' or '.join(targets[1:])}"
    if targets[0] in taken and targets[0] not in LISTS:
        yield f"{targets[0]} is already taken from {taken[targets[0]]}"
    if targets[0].startswith(LEGAL_BASIS):
        yield "a basis has an instrument, an article and a rank: complete all three, or state legal_basis as a value"
    yield read


def _identifier(title: str, meant: Meaning, cells: tuple[str, ...], samples: tuple[str, ...]) -> Line:
    guessed = scheme_of(cells)
    scheme = meant.scheme or (guessed[0] if len(guessed) == 1 else "")
    keys = {"column": meant.alias, "scheme": scheme or "?"}
    doubt = ""
    if not scheme:
        doubt = (
            f"which scheme? the cells fit {', '.join(guessed) or 'none for certain'}; see docs/reference/identifiers.md"
        )
    elif meant.scheme and not meant.certain:
        doubt = "the title only contains words of this scheme"
    elif cells and not scheme_fits(scheme, cells):
        doubt = f"most cells are no {scheme}"
    return Line(IDENTIFIER, title, keys, doubt, samples)


def _unit(meant: Meaning, kind: str) -> dict[str, Any]:
    return {"factor": meant.factor} if kind == "money" and meant.factor != 1 else {}


def _required(schema: Schema, target: str) -> dict[str, Any]:
    return {"required": True} if target in required_targets(schema) else {}


def _choices(schema: Schema, target: str) -> tuple[str, ...]:
    if target == "subject.kind":
        subject = next(field["type"] for field in schema.raw["fields"] if field["name"] == "subject")
        return symbols(next(field["type"] for field in subject["fields"] if field["name"] == "kind"))
    return next((symbols(field["type"]) for field in schema.raw["fields"] if field["name"] == target), ())


def _key(found: Survey, lines: Sequence[Line]) -> str:
    """A field that tells the file's records apart: stated in every row, and never twice."""
    for line in lines:
        if line.target in _KEYS and not line.doubt:
            cells = found.cells[line.title]
            if cells and all(cells) and len(set(cells)) == len(cells):
                return line.target
    return ""
