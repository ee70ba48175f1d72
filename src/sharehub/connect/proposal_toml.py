"""Writes a proposal as a connector.toml: certain lines as they are, the others as comments to be completed."""

import json
from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any, NamedTuple

from sharehub.connect.proposal import Line, Proposal
from sharehub.connect.source_table import SourceTable
from sharehub.connect.survey import Survey
from sharehub.connect.targets import LISTS

_STATED = ("encoding", "delimiter", "sheet", "header_row", "header_rows", "ragged", "footnotes")
_REMARKS = {"encoding": "   # detected: look whether the letters of the records are right"}
_DEFAULTS = SourceTable(type="csv", mode="append")


_HEAD = (
    "# Proposed from the titles and the first rows of a file. What is marked `complete` is not certain: complete the",
    "# line and take away its `#`. A column that is not wanted goes into source.unused. Keys: docs/connector.md",
)


class Owner(NamedTuple):
    """Who publishes; what is empty is left to be completed."""

    id: str
    agency: str
    jurisdiction: str


def toml_of(found: Survey, proposal: Proposal, owner: Owner) -> str:
    """The text of the proposed connector.toml; it loads once every line marked `complete` is completed."""
    parts = (
        _HEAD,
        _connector(proposal, owner),
        _source(found, proposal),
        _key(proposal),
        _fields(proposal),
        _sample(found),
    )
    return "\n".join(line for part in parts for line in (*part, ""))


def _connector(proposal: Proposal, owner: Owner) -> Iterator[str]:
    yield "[connector]"
    yield f"id = {_value(owner.id)}"
    yield _stated("agency", owner.agency, "the agency that publishes")
    yield f"record = {_value(proposal.record)}"
    yield _stated("jurisdiction", owner.jurisdiction, "whose law the records rest on, such as cn")
    yield 'title = ""'


def _stated(name: str, value: str, what: str) -> str:
    return f"{name} = {_value(value)}" if value else f'# {name} = "?"   # complete: {what}'


def _source(found: Survey, proposal: Proposal) -> Iterator[str]:
    yield "[source]"
    yield f"type = {_value(found.source.type)}"
    yield '# mode = "?"   # complete: "snapshot" for a whole list (what leaves it is withdrawn), else "append"'
    for name in _STATED:
        value = getattr(found.source, name)
        if value != getattr(_DEFAULTS, name):
            yield f"{name} = {_value(value[0] if name == 'encoding' else value)}{_REMARKS.get(name, '')}"
    if proposal.unused:
        yield f"unused = {_value(proposal.unused)}   # row numbers, and persons behind the entity, who are not read"


def _key(proposal: Proposal) -> Iterator[str]:
    yield "[key]"
    if proposal.key:
        yield f"fields = [{_value(proposal.key)}]   # in every row, and never twice in this file; does it ever change?"
    else:
        yield '# fields = ["?"]   # complete: the fields that tell one record from another and never change'


def _fields(proposal: Proposal) -> Iterator[str]:
    yield "[fields]"
    certain = sorted((line for line in proposal.lines if not line.doubt), key=lambda line: line.target in LISTS)
    for target, group in groupby(sorted(certain, key=_order(certain)), key=lambda line: line.target):
        sources = [_value(line.keys) for line in group]
        yield f"{_name(target)} = {sources[0] if len(sources) == 1 else '[' + ', '.join(sources) + ']'}"
    for line in proposal.lines:
        if line.doubt:
            yield f"# {_name(line.target) if line.target else '?'} = {_value(line.keys)}   # complete: {line.doubt}"
    for target in proposal.missing:
        shown = '{ value = "company" }' if target == "subject.kind" else '{ column = "?", required = true }'
        yield f"# {_name(target)} = {shown}   # complete: every record needs it, and no column looks like it"
    if proposal.others:
        yield f"# What else a {proposal.record} may have, to be put in place of a `?`:"
    for target, doc in proposal.others:
        yield f"#   {_name(target)}: {doc}"


def _order(lines: list[Line]) -> Any:
    places = {line.target: number for number, line in reversed(list(enumerate(lines)))}
    return lambda line: places[line.target]


def _sample(found: Survey) -> Iterator[str]:
    yield "[sample]"
    suffix = found.path.suffix.lower() if found.path.suffix.lower() != ".gz" else ".csv"
    yield f"file = {_value(f'sample{suffix}')}   # a few invented rows in the form of the real file; never real ones"


def _name(target: str) -> str:
    return _value(target) if "." in target else target


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_bare(key)} = {_value(item)}" for key, item in value.items()) + " }"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(_value, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def _bare(key: str) -> str:
    return key if key.isascii() and key.replace("_", "").isalnum() else _value(key)
