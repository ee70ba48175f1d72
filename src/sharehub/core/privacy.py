"""What outputs hide of an individual (law 5): names, addresses and identifiers, wherever a text holds them."""

import re
from collections.abc import Callable, Iterable, Iterator

from sharehub.core.entity import masked
from sharehub.core.identifier import Identifier
from sharehub.core.record import Record

_LEFT = 2
_PERSONAL_FIELDS = ("name", "representative")
_PERSONAL_ORIGINALS = ("subject.", *_PERSONAL_FIELDS)
_MASKED_AT_SOURCE = frozenset(("CN-PERSON", "RECORD"))
"""Schemes whose values are masked references already, or name no person."""


_OF_PERSONS = frozenset(("CN-PERSON", "BR-CPF"))
_RFC_OF_PERSON = 13
"""Characters of the tax number of a natural person; a legal person's has one less (Código Fiscal, art. 27)."""


def of_person(identifier: Identifier) -> bool:
    """True where the scheme, or the form of the value, says that it is an individual's: it stands in no address."""
    scheme, value = identifier
    return scheme in _OF_PERSONS or (scheme == "MX-RFC" and len(value) == _RFC_OF_PERSON)


def can_be_two(identifier: Identifier) -> bool:
    """True where a mask hides digits, so that two persons can share the value."""
    return identifier.scheme in _OF_PERSONS


def masked_identifier(kind: str, identifier: Identifier) -> Identifier:
    """The identifier as outputs show it: of an individual's only the last two characters."""
    if kind != "individual" or identifier.scheme in _MASKED_AT_SOURCE:
        return identifier
    hidden = max(len(identifier.value) - _LEFT, 0)
    return Identifier(identifier.scheme, "*" * hidden + identifier.value[hidden:])


def redaction(kind: str, records: Iterable[Record]) -> Callable[[str], str]:
    """What to do with every text that leaves: nothing, or for an individual hide all that the records say of one.

    A free text, such as a court's obligation, may repeat the name; so texts are searched, not only fields.
    """
    hidden = dict(pair for record in records for pair in _personal(record) if pair[0]) if kind == "individual" else {}
    if not hidden:
        return lambda text: text
    pattern = re.compile("|".join(_whole(text) for text in sorted(hidden, key=lambda text: (-len(text), text))))
    return lambda text: pattern.sub(lambda found: hidden[found[0]], text)


def _personal(record: Record) -> Iterator[tuple[str, str]]:
    """Each text that says who it is, and what is shown instead."""
    texts = [*record.names, record.address, *(record.value(field) for field in _PERSONAL_FIELDS)]
    texts += [text for field, text in record.originals.items() if field.startswith(_PERSONAL_ORIGINALS)]
    yield from ((str(text), str(masked("individual", str(text)))) for text in texts if text)
    for identifier in record.identifiers:
        yield identifier.value, masked_identifier("individual", identifier).value


def _whole(text: str) -> str:
    """The text where it stands alone: `Ann` is not a part of `Annulled`, while Chinese knows no word boundaries."""
    before = r"(?<![^\W_])" if text[0].isascii() and text[0].isalnum() else ""
    after = r"(?![^\W_])" if text[-1].isascii() and text[-1].isalnum() else ""
    return f"{before}{re.escape(text)}{after}"
