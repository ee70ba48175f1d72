"""What was said, read one message at a time and admitted or refused by the laws as they are written, for the fold.

Nothing here is shared with the consolidator's admission, which works by columns: the two are compared.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import md5
from typing import Any, NamedTuple
from uuid import UUID

from sharehub.core.activation import MESSAGE_KEY, RULEBOOK_VERSION
from sharehub.core.admission import message_key, refusal
from sharehub.core.competence import DESK, Agency
from sharehub.core.dead_letter import Headers, mark_of
from sharehub.core.judgement import CASEWORK_KINDS
from sharehub.core.linking import identifier_key
from sharehub.core.record import record_id
from sharehub.core.refold import Broken, Calendar, Place, Retold, Said, retell
from sharehub.core.safeguard import COURT
from sharehub.errors import SharehubError
from sharehub.flow.casework import faults
from sharehub.store.canon import Row
from sharehub.store.documents import event_document, measure_document
from sharehub.topics import CASEWORK, agency_of
from sharehub.wire.facts import judgements_of, record_of
from sharehub.wire.registry import Registry
from sharehub.wire.rows import decode


class Heard(NamedTuple):
    """One message as it lies on the log."""

    place: Place
    at: datetime
    key: bytes | None
    value: bytes | None
    headers: Headers = ()


class _RefusedError(Exception):
    """Code and field of a message that is not admitted."""


@dataclass(frozen=True)
class Fold:
    """The independent fold of messages.

    `versions` are the revisions of rule versions that were kept, `wanted` says whether a jurisdiction is looked at.
    """

    registry: Registry
    calendar: Calendar
    versions: frozenset[tuple[str, int]]
    wanted: Callable[[str], bool]
    received_on: Callable[[datetime], date]

    def parts(self, heard: Iterable[Heard]) -> dict[str, list[Row]]:
        """The rows of every part of the view, in the order of `store.canon`."""
        said: list[Said] = []
        kept: dict[Place, Row] = {}
        refused: list[Broken] = []
        letters: set[tuple[str, bytes | None, bytes | None]] = set()
        for one in sorted(heard, key=lambda one: (one.at, one.place)):
            mark = mark_of(one.headers)
            if mark is not None and mark.act == "discard" and one.place[0] == CASEWORK:
                continue
            try:
                found = self._admitted(one)
            except _RefusedError as broken:
                letter = (one.place[0], one.key, one.value)
                if mark is None or mark.act != "retry" or letter not in letters:
                    refused.append((one.place, *broken.args))
                letters.add(letter)
                continue
            if found is not None:
                kind, value = found
                kept[one.place] = _record_row(value, one)
                if kind != RULEBOOK_VERSION:
                    said.append(self._said(kind, value, one))
        told = retell(said, self.calendar)
        for place, _, _ in told.refused:
            del kept[place]
        return _rows(told, kept.values(), [*refused, *told.refused])

    def _said(self, kind: str, value: Mapping[str, Any], one: Heard) -> Said:
        if kind in CASEWORK_KINDS:
            return Said(one.at, one.place, judgements=judgements_of(kind, value))
        return Said(one.at, one.place, record_of(kind, value, self.received_on(one.at)))

    def _admitted(self, one: Heard) -> tuple[str, Mapping[str, Any]] | None:
        """Kind and value of what was said; None where it is of a jurisdiction that is not looked at."""
        try:
            schema, value = decode(self.registry, one.value or b"")
        except SharehubError as error:
            raise _RefusedError(getattr(error, "code", "bad-value"), "") from error
        kind = schema.name
        if kind not in (*CASEWORK_KINDS, RULEBOOK_VERSION) and not self.wanted(value["jurisdiction"]):
            return None
        nul = refusal(value, value["agency"])
        if nul is not None and nul.code == "bad-value":
            raise _RefusedError("bad-value", "")
        self._lawful(kind, value, one)
        self._readable(kind, value, one)
        return kind, value

    def _lawful(self, kind: str, value: Mapping[str, Any], one: Heard) -> None:
        """The laws of admission, in the order in which they are reported."""
        speaker = agency_of(one.place[0])
        catalogue = self.calendar.rules(self.calendar.day(one.at))
        agency = DESK if speaker == DESK.id else catalogue.agencies.get(speaker or "")
        if agency is None:
            raise _RefusedError("unknown-agency", "agency")
        broken = refusal(value, agency.id)
        found = (broken.code, broken.field) if broken else ("", "")
        wanted = message_key(agency.id, value["record_key"], value["subject"])
        tests = (
            (found[0] == "wrong-agency", found),
            (not _may_say(agency, kind), ("incompetent", "kind")),
            (not catalogue.covers(agency, value["jurisdiction"]), ("incompetent", "jurisdiction")),
            (
                not agency.rests_within(kind, (basis["instrument"] for basis in value["legal_basis"])),
                ("incompetent", "legal_basis"),
            ),
            (_of_person(agency, kind, value["subject"]["kind"]), ("individual", "subject.kind")),
            (value["record_key"] == "", ("no-record-key", "record_key")),
            (value["revision"] < 1, ("bad-revision", "revision")),
            (found[0] == "bad-identifier", found),
            (one.key != (MESSAGE_KEY.encode() if kind == RULEBOOK_VERSION else wanted), ("wrong-key", "key")),
            (broken is not None, found),
        )
        if wrong := next((said for failing, said in tests if failing), None):
            raise _RefusedError(*wrong)

    def _readable(self, kind: str, value: Mapping[str, Any], one: Heard) -> None:
        """What only a second look shows: rules that were refused, decisions that say nothing."""
        if kind == RULEBOOK_VERSION:
            if (value["record_key"], value["revision"]) not in self.versions:
                raise _RefusedError("refused", "")
        elif kind in CASEWORK_KINDS:
            try:
                wrong = faults(judgements_of(kind, value))
            except SharehubError as error:
                raise _RefusedError("bad-value", "") from error
            if wrong:
                raise _RefusedError(wrong[0], wrong[1])


def _may_say(agency: Agency, kind: str) -> bool:
    return kind in agency.record_kinds or (kind == "withdrawal" and agency is not DESK)


def _of_person(agency: Agency, kind: str, subject_kind: str) -> bool:
    """Law 5: only a court may say something of an individual."""
    court = agency is DESK or agency.authority == COURT
    return subject_kind == "individual" and not court and kind != "withdrawal"


def _record_row(value: Mapping[str, Any], one: Heard) -> Row:
    own = record_id(value["agency"], value["record_key"], value["revision"])
    digest = md5(one.value or b"", usedforsecurity=False).hexdigest()
    return (str(own), value["agency"], digest, round(one.at.timestamp() * 1000))


def _rows(told: Retold, records: Iterable[Row], refused: Iterable[Broken]) -> dict[str, list[Row]]:
    first: dict[str, Row] = {}
    for row in records:
        first.setdefault(row[0], row)
    return {
        "identifiers": sorted((*one, _id(key)) for one, key in told.entity_of.items()),
        "entities": sorted((_id(one.entity), *one[1:]) for one in told.entities),
        "records": [first[key] for key in sorted(first)],
        "measures": sorted(_measure_rows(told), key=lambda row: row[0]),
        "clocks": sorted(_clock_rows(told), key=lambda row: row[:4]),
        "judgements": sorted(_judgement_rows(told)),
        "conflicts": sorted(
            (_id(identifier_key(left)), _id(identifier_key(right)), because, source)
            for left, right, because, source in told.open
        ),
        "rejections": sorted((*place, code, field) for place, code, field in refused),
        "told": sorted(_event_rows(told), key=lambda row: (row[1], row[2])),
    }


def _measure_rows(told: Retold) -> Iterable[Row]:
    for home, state in (found for found in told.measures if found[1].in_place):
        one = state.measure
        dates = (one.effective_from, one.effective_to)
        marks = (state.disputed, *(state.excepted or (None, None)))
        body = json.loads(measure_document(one))
        del body["entity_id"], body["rulebook_version"]  # of whom, by what it was when it was last told
        yield (str(one.id), _id(home), one.entry, one.kind.value, state.status, *dates, *marks, body)


def _clock_rows(told: Retold) -> Iterable[Row]:
    for entity, one in told.clocks:
        places = (*one.started_by, *one.concerns)
        yield (_id(entity), one.rule, *places, one.responsible, one.jurisdiction, one.started_on, one.due_on, one.sure)


def _judgement_rows(told: Retold) -> Iterable[Row]:
    for fact, number, one in told.judgements:
        sides = (_id(identifier_key(side)) for side in (one.left, one.right))
        yield (_id(fact), one.revision, number, one.verdict, one.effective, *sides)


def _event_rows(told: Retold) -> Iterable[Row]:
    for event in told.events:
        said = (event.event, event.business_on, event.reason, json.loads(event_document(event)))
        yield (str(event.id), str(event.measure.id), event.number, *said)


def _id(key: bytes) -> str:
    return str(UUID(bytes=key))
