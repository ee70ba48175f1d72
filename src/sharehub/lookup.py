"""The public look-up: what anybody may see of a company, another organisation or a public body. Needs the extra `hub`.

Allowed are registrations, the measures that their rulebooks publish, and the records that those follow from; the rest
is left out, and of individuals everything (law 5). What nobody may see looks like what the hub has never heard of.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sharehub.core import rule_words
from sharehub.core.asking import askable
from sharehub.core.catalogue import Catalogue
from sharehub.core.identifier import SCHEMES, Identifier
from sharehub.core.record import REGISTRATION
from sharehub.core.rulebook import Rulebook
from sharehub.hub import Hub

Answer = dict[str, Any]
RecordKey = tuple[str, str]

_KEPT_PRIVATE = frozenset(("representative",))
"""Properties that name a person."""


class Lookup:
    """Answers of one hub to the public."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    def today(self) -> date:
        """The day of the answers, unless another is asked for."""
        return self._hub.today()

    def entity(self, identifier: Identifier, on: date | None = None, known_at: datetime | None = None) -> Answer | None:
        """What may be seen of the entity; None where that is nothing, whether or not the hub knows it.

        What may be seen is decided by what is known today, whatever day is asked for.

        Raises:
            UsageError: the instant has no zone or lies in the future.
        """
        if not askable(identifier.scheme):
            return None
        now = self._hub.entity(str(identifier))
        if now is None or now["individual"]:
            return None
        open_to_all = Disclosure.of(now)
        if not open_to_all.records:
            return None
        if on is None and known_at is None:
            return open_to_all.seen(now)
        then = self._hub.entity(str(identifier), on=on, known_at=known_at)
        return open_to_all.seen(then) if then else None

    def rules(self) -> list[Answer]:
        """The rulebooks in force today, in words, those of the widest jurisdictions first."""
        catalogue, today = self._hub.in_force(), self.today()
        places = sorted({book.jurisdiction for book in catalogue.rulebooks}, key=lambda one: (one.count("-"), one))
        found = (catalogue.rulebook(place, today) for place in places)
        return [_book(book, catalogue) for book in found if book is not None]

    def agencies(self) -> dict[str, str]:
        """The title of every agency."""
        return {one.id: one.title for one in self._hub.in_force().agencies.values()}


class Disclosure(NamedTuple):
    """What may be seen of one entity: measures by their ids, and records by agency and key."""

    measures: frozenset[str]
    records: frozenset[RecordKey]

    @classmethod
    def of(cls, now: Mapping[str, Any]) -> "Disclosure":
        """What today's full answer lets anybody see. An end is told for as long as a recipient has not applied it."""
        shown = [one for one in now["measures"] if one["disclosed"] or _lingers(one)]
        grounds = {(one["ground"]["agency"], one["ground"]["record_key"]) for one in shown}
        registered = {_key(one) for one in now["records"] if one["kind"] == REGISTRATION}
        return cls(frozenset(one["measure_id"] for one in shown), frozenset(grounds | registered))

    def seen(self, answer: Mapping[str, Any]) -> Answer:
        """The answer without all else."""
        statements = [one for one in answer["statements"] if self._tells(one)]
        title = {one["agency"]: one["said_by"] for one in answer["records"]}
        measures = [
            one | {"said_by": title.get(one["ground"]["agency"], one["ground"]["agency"])} for one in answer["measures"]
        ]
        names = [one["value"] for one in statements if one["property"] == "name" and one["current"]]
        shown_name = [one["value"] for one in statements if one["property"] == "name" and one["displayed"]]
        return {
            **{name: answer[name] for name in ("kind", "on", "known_at", "complete")},
            "name": next(iter([*shown_name, *names]), ""),
            "identifiers": list(self._identifiers(answer["identifiers"])),
            "statements": statements,
            "measures": [one for one in measures if one["measure_id"] in self.measures],
            "timeline": [one for one in answer["timeline"] if self._happened(one)],
        }

    def _tells(self, statement: Mapping[str, Any]) -> bool:
        return _key(statement) in self.records and statement["property"] not in _KEPT_PRIVATE

    def _happened(self, line: Mapping[str, Any]) -> bool:
        return line["measure_id"] in self.measures if line["event"] else _key(line) in self.records

    def _identifiers(self, identifiers: Sequence[Mapping[str, Any]]) -> Iterator[Answer]:
        for one in identifiers:
            assigned = [each for each in one["assignments"] if _key(each) in self.records]
            if assigned and askable(one["scheme"]):
                yield {**one, "title": SCHEMES[one["scheme"]].title, "assignments": assigned}


def _key(one: Mapping[str, Any]) -> RecordKey:
    return one["agency"], one["record_key"]


def _lingers(measure: Mapping[str, Any]) -> bool:
    return measure["publication"] == "public" and bool(measure.get("pending"))


def _book(book: Rulebook, catalogue: Catalogue) -> Answer:
    words: Callable[..., Iterator[tuple[str, str]]] = rule_words.rows
    return {
        "jurisdiction": book.jurisdiction,
        "version": book.version,
        "title": book.title,
        "published_on": book.published_on.isoformat(),
        "parent": book.parent,
        "entries": [
            {
                "id": entry.id,
                "title": entry.title,
                "head": rule_words.head(entry),
                "rows": [row for row in words(book, entry, catalogue) if row[0] not in ("legal basis", "remedies")],
                "legal_basis": [str(one) for one in entry.legal_basis],
                "remedies": list(entry.remedies),
            }
            for entry in book.entries
        ],
    }
