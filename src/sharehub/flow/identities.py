"""Identifier sets as records state them: judged once, remembered within a bound.

A set is one text, `SCHEME:VALUE` as stated by the record, the strongest first, with `SEPARATOR` between.
"""

from collections.abc import Iterable
from typing import NamedTuple

import polars as pl

from sharehub.core.admission import normal_identifier
from sharehub.core.identifier import Identifier, main_identifier, strong_identifiers
from sharehub.core.linking import Key, identifier_key

SEPARATOR = "\0"
"""Between the identifiers of a set: the one character that no decoded record holds, so that no value can split."""

_REMEMBERED_MAX = 2_000_000


class IdentifierSet(NamedTuple):
    """The strong identifiers stated and what they imply, with their ids.

    `fault` says why the set is refused, `several` that it joins what nothing else joins.
    """

    identifiers: tuple[tuple[Key, Identifier], ...]
    fault: str | None = None
    several: bool = False


class Identities:
    """Judges identifier sets by the schemes' rules (`core.identifier`)."""

    def __init__(self) -> None:
        self._known: dict[str, IdentifierSet] = {}

    def judged(self, texts: pl.Series) -> pl.DataFrame:
        """Each set's fault, or the key of its first strong one: columns identifiers, fault, subject_id, several."""
        if len(self._known) > _REMEMBERED_MAX:
            self._known.clear()
        stated = texts.to_list()
        sets = [self.of(text) for text in stated]
        columns = {
            "identifiers": stated,
            "fault": [found.fault for found in sets],
            "subject_id": [found.identifiers[0][0] if found.identifiers else None for found in sets],
            "several": [found.several for found in sets],
        }
        types = {"identifiers": pl.String, "fault": pl.String, "subject_id": pl.Binary, "several": pl.Boolean}
        return pl.DataFrame(columns, schema=types)

    def of(self, text: str) -> IdentifierSet:
        """The set of this text; the empty text is a set without identifiers."""
        found = self._known.get(text)
        if found is None:
            found = self._known[text] = judge(text.split(SEPARATOR) if text else ())
        return found


def judge(stated: Iterable[str]) -> IdentifierSet:
    """The strong identifiers with all that they imply, or the first fault in plain words."""
    certain = []
    for text in stated:
        try:
            identifier = normal_identifier(text)
        except ValueError as error:
            return IdentifierSet((), str(error))
        certain.append(identifier)
    found = strong_identifiers(certain)
    several = len(certain) > 1 and len(found) > len(strong_identifiers(certain[:1]))
    return IdentifierSet(tuple((identifier_key(one), one) for one in found), several=several)


def record_identity(main: str) -> IdentifierSet:
    """The set of a record that states no identifier: the record itself."""
    identifier = main_identifier(main)
    return IdentifierSet(((identifier_key(identifier), identifier),))
