"""Which references are one entity's, given what records state and what people decided.

A link is a reason to join two references: a judgement, what a record states, or what an identifier implies.
Joining goes in this order and, within it, by content, and never brings together what a judgement keeps apart
(must-link and cannot-link constraints). The result is a function of the newest revisions and judgements alone:
the order in which they arrived, merges and splits in between leave no trace.
"""

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

from sharehub.core.identifier import Identifier, derived, strong, strong_identifiers
from sharehub.core.judgement import RECORD, Judgement, standing_judgements
from sharehub.core.linking import Key, identifier_key
from sharehub.core.record import Record, latest

Because = Literal["judged", "stated", "derived"]
_ORDER: Mapping[Because, int] = {"judged": 0, "stated": 1, "derived": 2}


class Link(NamedTuple):
    """One reason to join two references; `source` is the record or the decision that gives it."""

    because: Because
    left: Identifier
    right: Identifier
    source: str


@dataclass(frozen=True, slots=True)
class Resolution:
    """The entity of every reference, the links that joined, and those that a judgement stands against.

    An open link says "one" where a judgement between others says "two": a case for a person (law 11). It is
    settled by a judgement on its own two ends.
    """

    entity_of: Mapping[Identifier, Key]
    joined: tuple[Link, ...]
    open: tuple[Link, ...]


def resolve(records: Iterable[Record], judgements: Iterable[Judgement]) -> Resolution:
    """The entities of everything that these records and judgements mention, in any order."""
    every, decided = tuple(records), tuple(judgements)
    cited = {one for said in decided for one in (said.left, said.right)}
    counting = standing_judgements(decided)
    links = [Link("judged", said.left, said.right, said.record_key) for said in counting if said.verdict == "same"]
    links += [link for record in latest(every) for link in stated_links(record, record.reference in cited)]
    nodes = cited.union(*(nodes_of(record, record.reference in cited) for record in every))
    nodes.update(strong_identifiers(nodes))
    links += [Link("derived", node, one, str(node)) for node in nodes for one in derived(node) if strong(one)]
    apart = {frozenset((said.left, said.right)) for said in counting if said.verdict == "different"}
    return _joined(nodes, links, apart)


def nodes_of(record: Record, cited: bool) -> tuple[Identifier, ...]:
    """The references that a record puts forward: itself where somebody pointed at it, and its strong identifiers."""
    certain = strong_identifiers(record.identifiers)
    return (record.reference, *certain) if cited or not certain else certain


def homes(records: Iterable[Record], found: Resolution, cited: Container[Identifier]) -> Mapping[tuple[str, str], Key]:
    """The entity of every record, by agency and record key: that of its newest revision, all earlier ones with it."""
    return {
        (one.agency, one.record_key): found.entity_of[nodes_of(one, one.reference in cited)[0]]
        for one in latest(records)
    }


def stated_links(record: Record, cited: bool) -> Iterator[Link]:
    """What one revision joins: its subject with every other strong identifier that it states."""
    first, *others = nodes_of(record, cited)
    implied = {one for node in (first, *others) for one in derived(node)}
    for other in others:
        if other not in implied:
            yield Link("stated", first, other, str(record.reference))


def _joined(nodes: set[Identifier], links: list[Link], apart: set[frozenset[Identifier]]) -> Resolution:
    members = {node: {node} for node in nodes}
    foes: dict[Identifier, set[Identifier]] = {node: set() for node in nodes}
    for left, right in map(tuple, apart):
        foes[left].add(right)
        foes[right].add(left)
    root = {node: node for node in nodes}
    joined, refused = [], []
    for link in sorted(set(links), key=lambda link: (_ORDER[link.because], link)):
        one, other = root[link.left], root[link.right]
        if one != other and foes[one] & members[other]:
            refused.append(link)
        elif one != other:
            members[one] |= members.pop(other)
            foes[one] |= foes.pop(other)
            root.update(dict.fromkeys(members[one], one))
            joined.append(link)
    entity = {one: canonical(found) for one, found in members.items()}
    still_open = tuple(link for link in refused if frozenset((link.left, link.right)) not in apart)
    return Resolution({node: entity[root[node]] for node in nodes}, tuple(joined), still_open)


def canonical(references: Iterable[Identifier]) -> Key:
    """The smallest key of the identifiers; of records, where there is no identifier: pointing at one changes no id."""
    return min((one.scheme == RECORD, identifier_key(one)) for one in references)[1]
