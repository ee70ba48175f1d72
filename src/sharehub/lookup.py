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
from sharehub.core.entry import MeasureKind
from sharehub.core.identifier import SCHEMES, Identifier
from sharehub.core.record import REGISTRATION
from sharehub.core.rulebook import Rulebook
from sharehub.core.standing import ENDINGS
from sharehub.entities import entity_of
from sharehub.hub import Hub

Answer = dict[str, Any]
RecordKey = tuple[str, str]

_VALUES = (
    *("name", "other_name", "kind", "status", "legal_form", "registered_on", "address", "region", "capital"),
    "successor",
)
"""Properties that anybody may see, in the order in which they are shown; a representative is a person."""
_KINDS = tuple(MeasureKind)


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
        now = entity_of(self._hub, str(identifier))
        if now is None or now["individual"]:
            return None
        open_to_all = Disclosure.of(now)
        if not (open_to_all.records or open_to_all.lingering):
            return None
        if on is None and known_at is None:
            return open_to_all.seen(now)
        then = entity_of(self._hub, str(identifier), on=on, known_at=known_at)
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
    """What may be seen of one entity: measures by their ids, and records by agency and key.

    `lingering` are measures whose publication has ended with them, while a recipient has not yet put the end into
    effect: that they have ended, and where that is pending, is told without their ground.
    """

    measures: frozenset[str]
    records: frozenset[RecordKey]
    lingering: tuple[Answer, ...]

    @classmethod
    def of(cls, now: Mapping[str, Any]) -> "Disclosure":
        """What today's full answer lets anybody see."""
        shown = [one for one in now["measures"] if one["disclosed"]]
        grounds = {(one["ground"]["agency"], one["ground"]["record_key"]) for one in shown}
        registered = {_key(one) for one in now["records"] if one["kind"] == REGISTRATION}
        lingering = tuple(_ended(one) for one in now["measures"] if _lingers(one))
        return cls(frozenset(one["measure_id"] for one in shown), frozenset(grounds | registered), lingering)

    def seen(self, answer: Mapping[str, Any]) -> Answer:
        """The answer without all else."""
        statements = [one for one in answer["statements"] if self._tells(one)]
        named = [one for one in statements if one["property"] == "name"]
        return {
            **{name: answer[name] for name in ("kind", "on", "known_at", "complete")},
            "name": next((one["value"] for one in sorted(named, key=lambda one: not one["displayed"])), ""),
            "values": list(_values(statements)),
            "identifiers": list(self._identifiers(answer["identifiers"])),
            "measures": list(self._measures(answer)),
            "lingering": self.lingering,
            "timeline": [one for one in answer["timeline"] if self._happened(one)],
        }

    def _measures(self, answer: Mapping[str, Any]) -> Iterator[Answer]:
        """Restrictions first, the newest first, each with who decided on its ground and the day of its end."""
        said_by = {one["agency"]: one["said_by"] for one in answer["records"]}
        ended = {one["measure_id"]: one["on"] for one in answer["timeline"] if one["event"] in ENDINGS}
        newest = sorted(answer["measures"], key=lambda one: str(one["effective_from"]), reverse=True)
        for one in sorted(newest, key=lambda one: _KINDS.index(one["kind"])):
            if one["measure_id"] in self.measures:
                said = said_by.get(one["ground"]["agency"], one["ground"]["agency"])
                yield {**one, "said_by": said, "ended_on": ended.get(one["measure_id"])}

    def _tells(self, statement: Mapping[str, Any]) -> bool:
        return _key(statement) in self.records and statement["property"] in _VALUES and statement["current"]

    def _happened(self, line: Mapping[str, Any]) -> bool:
        return line["measure_id"] in self.measures if line["event"] else _key(line) in self.records

    def _identifiers(self, identifiers: Sequence[Mapping[str, Any]]) -> Iterator[Answer]:
        for one in identifiers:
            assigned = [each for each in one["assignments"] if _key(each) in self.records]
            if assigned and askable(one["scheme"]):
                yield {**one, "title": SCHEMES[one["scheme"]].title, "assignments": assigned}


def _values(statements: Sequence[Answer]) -> Iterator[Answer]:
    """Each property with its values, the displayed one first, and each value with all who say so."""
    for name in _VALUES:
        claims = sorted((one for one in statements if one["property"] == name), key=_displayed_first)
        said: dict[str, dict[str, Answer]] = {}
        for one in claims:
            said.setdefault(str(one["value"]), {}).setdefault(one["agency"], one)
        if said:
            yield {"property": name, "said": [{"value": value, "by": list(by.values())} for value, by in said.items()]}


def _displayed_first(statement: Answer) -> tuple[bool, str]:
    return not statement["displayed"], str(statement["since"])


def _key(one: Mapping[str, Any]) -> RecordKey:
    return one["agency"], one["record_key"]


def _lingers(measure: Mapping[str, Any]) -> bool:
    public = measure["publication"] == "public" and not measure["disclosed"]
    return public and measure["status"] in ENDINGS and bool(measure["pending_at"])


def _ended(measure: Mapping[str, Any]) -> Answer:
    return {name: measure[name] for name in ("title", "status", "pending_at")}


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
