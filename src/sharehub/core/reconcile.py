"""Queries of the W3C Reconciliation API 0.2 as questions of a check: identifiers match, names only propose.

The protocol demands a `score`. It is about the text of a query and the text of a name, never about an entity.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sharehub.core.check import Ask
from sharehub.core.identifier import SCHEMES, Identifier, read
from sharehub.core.privacy import of_person

BY_NAME = "name"
"""The type under which a query is a name and nothing else."""
EXACT = 100
_PROPOSED, _STEP = 90, 10


@dataclass(frozen=True, slots=True)
class Query:
    """One query: the identifiers that it states, and the text that may be a name."""

    id: str
    identifiers: tuple[str, ...]
    name: str
    limit: int

    @property
    def ask(self) -> Ask:
        """The question of a check; a name beside an identifier is its second factor."""
        return Ask(self.id, self.identifiers, self.name)

    @property
    def of_person(self) -> bool:
        """True where an identifier is an individual's: such queries are not answered here."""
        return any(map(person_stated, self.identifiers))


def person_stated(text: str) -> bool:
    """True where `SCHEME:VALUE` is an individual's."""
    scheme, _, value = text.partition(":")
    return any(map(of_person, read(scheme, value).identifiers or (Identifier(scheme, value),)))


def types() -> list[dict[str, str]]:
    """What the text of a query can be: a name, or a number of one of the schemes that belong to no individual."""
    schemes = {name: one.title for name, one in SCHEMES.items() if one.strength == "strong" and name != "RECORD"}
    offered = {name: title for name, title in schemes.items() if not of_person(Identifier(name, ""))}
    return [{"id": BY_NAME, "name": "name (proposals only)"}, *({"id": one, "name": offered[one]} for one in offered)]


def query(given_id: str, text: str, kinds: Iterable[str], properties: Mapping[str, str], limit: int) -> Query:
    """The query: a type or a property that is a scheme says which number it is; so does SCHEME:VALUE. None is guessed.

    `kinds` are the types asked for, `properties` what the columns beside say.
    """
    stated = [f"{scheme}:{value}" for scheme, value in properties.items() if scheme in SCHEMES and value.strip()]
    scheme = next((one for one in kinds if one in SCHEMES), text.partition(":")[0])
    if scheme in SCHEMES and text.strip():
        own = text if text.startswith(f"{scheme}:") else f"{scheme}:{text}"
        return Query(given_id, (own, *stated), properties.get(BY_NAME, "").strip(), limit)
    return Query(given_id, tuple(stated), text.strip(), limit)


def text_score(relation: int) -> int:
    """How alike two texts are, by the place of their relation in `naming.likeness.Relation`, from 80 downward."""
    return _PROPOSED - _STEP * relation


def candidate(reference: str, name: str, kind: str, *, score: int, match: bool, words: str) -> dict[str, Any]:
    """A candidate as the protocol has it; `words` say why it is one."""
    feature = {"id": "identifier" if match else "name", "value": score}
    return {
        "id": reference,
        "name": name,
        "description": words,
        "score": score,
        "match": match,
        "type": [{"id": kind, "name": kind.replace("_", " ")}],
        "features": [feature],
    }
