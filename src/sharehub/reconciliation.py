"""Reconciliation of a spreadsheet's rows with entities, and the answers of checks as further columns."""

import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from psycopg import Connection

from sharehub.checks import Checks
from sharehub.core.check import Answer, Ask
from sharehub.core.entity import KINDS
from sharehub.core.identifier import Identifier, strong
from sharehub.core.linking import identifier_key
from sharehub.core.reader import INDIVIDUAL, Note, Reader
from sharehub.core.reconcile import COLUMNS, EXACT, Query, candidate, text_score
from sharehub.naming.index import Index
from sharehub.naming.likeness import likeness
from sharehub.naming.normal import normalised
from sharehub.store import checks as store
from sharehub.store.matching import NameStore

NAMES_MAX = 200_000
"""With more names than that in the view none are proposed: their index would not fit beside a server."""
_KEPT_S = 600.0


class _Proposed(NamedTuple):
    """An entity whose name is alike: its name, and the relation of both texts with its words."""

    entity_id: UUID
    name: str
    relation: int
    words: str


class Reconciliation:
    """Answers batches of queries over the hub of some checks."""

    def __init__(self, checks: Checks) -> None:
        self._hub = checks.hub
        self._checks = checks
        self._lock = threading.Lock()
        self._index: Index | None = None
        self._made_at = float("-inf")

    def results(self, reader: Reader, queries: Sequence[Query]) -> dict[str, Any]:
        """Candidates for each query: the one with the identifier matches, those with a like name are proposed.

        Individuals are never candidates. Raises as `Checks.answers`.
        """
        lawful = [one for one in queries if not one.of_person]
        by_number, _ = self._checks.answers(reader, [one.ask for one in lawful if one.identifiers], act="reconcile")
        found = {answer.question.id: list(_matched(answer)) for answer in by_number}
        proposed = self._proposed(reader, [one for one in lawful if not one.identifiers])
        return {one.id: {"result": found.get(one.id) or proposed.get(one.id, [])} for one in queries}

    def extended(self, reader: Reader, ids: Sequence[str], wanted: Sequence[str]) -> dict[str, Any]:
        """The wanted properties of each id, from a check of it. Raises as `Checks.answers`."""
        known = [name for name in wanted if name in COLUMNS]
        answers = self._checks.check(reader, [Ask(one, [one]) for one in dict.fromkeys(ids)])["answers"]
        rows = {one["id"]: {name: [{"str": text} for text in _texts(one, name)] for name in known} for one in answers}
        return {"meta": [{"id": name, "name": COLUMNS[name]} for name in known], "rows": rows}

    def _proposed(self, reader: Reader, queries: Sequence[Query]) -> dict[str, list[dict[str, Any]]]:
        index = self._names() if queries else None
        if index is None:
            return {}
        alike = [_alike(index, one) for one in queries]
        with self._hub.snapshot() as connection:
            shown = _referred(connection, {one.entity_id for some in alike for one in some})
        about = [identifier_key(reference) for reference, _ in shown.values()]
        self._checks.noted([Note(reader, "reconcile", about, len(queries))])
        return {
            query.id: [
                candidate(
                    str(shown[one.entity_id][0]),
                    one.name,
                    shown[one.entity_id][1],
                    score=text_score(one.relation),
                    match=False,
                    words=f"proposed: {one.words}",
                )
                for one in some
                if one.entity_id in shown
            ]
            for query, some in zip(queries, alike, strict=True)
        }

    def _names(self) -> Index | None:
        """The names of all entities but individuals, made anew every ten minutes; None where there are too many."""
        with self._lock:
            if time.monotonic() - self._made_at > _KEPT_S:
                with self._hub.snapshot() as connection:
                    few = store.names_up_to(connection, NAMES_MAX)
                    names = NameStore(connection).all_names() if few else None
                self._index = Index.stored(names.rename({"entity_id": "reference"})) if names is not None else None
                self._made_at = time.monotonic()
            return self._index


def _matched(answer: Answer) -> Iterable[dict[str, Any]]:
    lead = answer.lead
    if lead is None or lead.kind == INDIVIDUAL:
        return
    reference = str(answer.question.stated[0])
    name = lead.names[0] if lead.names else reference
    yield candidate(reference, name, lead.kind, score=EXACT, match=True, words="has this identifier")


def _alike(index: Index, query: Query) -> list[_Proposed]:
    """The likest names, each entity once."""
    ours = normalised(query.name)
    best: dict[str, _Proposed] = {}
    for one in index.candidates([query.name]) if query.name else ():
        like = likeness(ours, normalised(one.name))
        before = best.get(one.reference)
        if like and (before is None or like.relation < before.relation):
            best[one.reference] = _Proposed(UUID(hex=one.reference), one.name, int(like.relation), like.words)
    return sorted(best.values(), key=lambda one: (one.relation, one.name, one.entity_id))[: query.limit]


def _referred(connection: Connection[Any], entity_ids: Iterable[UUID]) -> Mapping[UUID, tuple[Identifier, str]]:
    """An identifier and the kind of each entity; none of individuals and of those without an identifier."""
    codes = store.codes_of(connection, {*entity_ids})
    first = {
        one: min(stated)
        for one, its in codes.items()
        if (stated := [each for each in its if strong(each) and each.scheme != "RECORD"])
    }
    led = store.led(connection, map(identifier_key, first.values()))()
    kinds = {UUID(bytes=one.entity_id): KINDS[one.kind_rank] for one in led.values()}
    return {one: (first[one], kinds[one]) for one in first if kinds.get(one, INDIVIDUAL) != INDIVIDUAL}


def _texts(answer: Mapping[str, Any], name: str) -> list[str]:
    if name == "answer":
        return [answer["answer"]]
    if name == "measures":
        return [f"{one['title']} ({one['kind']})" for one in answer["measures"]]
    if name == "until":
        return [one["effective_to"] or "open" for one in answer["measures"]]
    if name == "missing":
        return [one["words"] for one in answer["missing"]]
    as_of = answer["as_of"]
    return [f"{answer['on']}, as the hub knew it at {as_of['at']} (event {as_of['event']})"]
