"""Intake: what parties and anybody else bring before the hub becomes records on `casework.hub`, each with a number.

Nothing here writes the shared view. The agencies answer with records of their own; the desk records what an agency
answers to a complaint. Texts and authors are never logged.
"""

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from typing import Any

import structlog

from sharehub.core.answers import answering, outcome_of
from sharehub.core.competence import INTAKE_KINDS, Agency
from sharehub.core.identifier import Identifier, strong_identifiers
from sharehub.core.intake import (
    Answer,
    Complaint,
    Concerned,
    NotKnownError,
    Objection,
    Repair,
    Representation,
    Taken,
    text_faults,
)
from sharehub.core.linking import identifier_key
from sharehub.core.matter import (
    about,
    complained_kind,
    for_agency,
    is_about,
    kept_number,
    key_of,
    keys_of,
    lodged,
    party_identifier,
    revised,
    source,
)
from sharehub.core.record import Received, Record, latest, record_id
from sharehub.core.reference_number import BITS, normal, written
from sharehub.core.routing import Route, route
from sharehub.entities import reference_of
from sharehub.errors import RefusedError, UsageError
from sharehub.flow.relinking import readable
from sharehub.hub import Hub, open_hub
from sharehub.settings import Settings
from sharehub.store.identity import neighbourhood
from sharehub.store.intake import DeskRecord, all_desk_records, desk_records
from sharehub.stream.publisher import Publisher
from sharehub.topics import CASEWORK, DESK
from sharehub.wire.rows import encode
from sharehub.wire.sealing import fingerprint, seal

log = structlog.get_logger()

_REVISIONS_MAX = 50
"""How many answers to one complaint are looked for."""
_NO_RECORD = "the hub knows no such record about this party"
_NO_NUMBER = "the hub knows no matter under this number; one just lodged is known when the consolidator has read it"


class Intake:
    """Takes matters in, tells their outcome, and shows agencies what waits for them, over one hub."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    def object(self, stated: Objection, lodged_on: date | None = None) -> Taken:
        """Publish an objection to a record.

        Raises:
            NotKnownError: there is no such record about this party.
            UsageError: a text is empty or too long, or the record has no such field.
        """
        record = self._concerned(stated)
        fields = self._hub.registry.latest(record.kind).fields
        if stated.field and stated.field.partition(".")[0] not in fields:
            raise UsageError(
                f"a {record.kind} has no field {stated.field!r}", hint=f"sharehub schema show {record.kind}"
            )
        said = {"field": stated.field, "claim": stated.claim, "proposed": stated.proposed}
        return self._about(record, "objection", said | {"statement": stated.statement}, lodged_on)

    def represent(self, stated: Representation, lodged_on: date | None = None) -> Taken:
        """Publish the party's own statement on a record; it stays attached. Raises as `object`."""
        return self._about(self._concerned(stated), "representation", {"said": stated.said}, lodged_on)

    def repair(self, stated: Repair, lodged_on: date | None = None) -> Taken:
        """Publish an application for repair of a record. Raises as `object`."""
        record = self._concerned(stated)
        return self._about(record, "repair-application", {"commitment": stated.commitment}, lodged_on)

    def complain(self, stated: Complaint, lodged_on: date | None = None) -> Taken:
        """Publish a complaint to the competent agency, its author sealed for that agency alone.

        Raises:
            UsageError: a text, the matter, the jurisdiction or the identifier cannot be used.
            RefusedError: an author is named and the agency has no sealing key; nothing was sent.
        """
        _refuse_faults(stated)
        found = self.routed(stated.matter, stated.jurisdiction)
        identifier = reference_of(stated.identifier) if stated.identifier else None
        kind = complained_kind(stated.kind, identifier)
        number, key = _numbered("complaint")
        on = lodged_on or self._hub.today()
        value = {
            **lodged(key, stated.jurisdiction, kind, identifier, on),
            "about": stated.about.strip(),
            "matter": f"{found.matter.title}: {stated.said.strip()}",
            "competent_agency": found.agency.id,
            "reference_number": kept_number(number),
            "lodged_on": on,
            "status": "routed",
            **_sealed(stated.author, found.agency, key),
        }
        self._publish("complaint", value)
        return Taken(number, key, found.agency.id, found.words, on)

    def routed(self, matter: str, jurisdiction: str) -> Route:
        """Where a complaint would go; asked before an author writes a name.

        Raises:
            UsageError: the matter is none, or no agency there takes complaints.
        """
        rules = self._hub.in_force()
        if matter not in rules.matters:
            raise UsageError(
                f"there is no matter {matter!r}", hint=f"one of: {', '.join(rules.matters) or 'none here'}"
            )
        found = route(matter, jurisdiction, rules)
        if found is None:
            raise UsageError(f"no agency takes complaints in jurisdiction {jurisdiction!r}; nothing was sent")
        return found

    def answer(self, stated: Answer, agency: str | None = None) -> dict[str, Any]:
        """Publish what the competent agency answers to a complaint, as its next revision; `agency` is who says it.

        Raises:
            NotKnownError: there is no such complaint, or it is another agency's.
            UsageError: a text cannot be used, or an end has no outcome to tell.
        """
        _refuse_faults(stated)
        if stated.status != "accepted" and not stated.outcome:
            raise UsageError("the author must be told what came of it", hint="--outcome TEXT")
        named = stated.number.startswith("complaint/")
        before = self._matter([stated.number] if named else _keys(stated.number))
        if before.kind != "complaint" or (agency and answering(before) != agency):
            raise NotKnownError(_NO_NUMBER)
        came = stated.record.partition("/") if stated.record else (None, "", None)
        value = {
            **revised(before),
            "status": stated.status,
            "outcome": stated.outcome,
            "outcome_on": self._hub.today(),
            "record_agency": came[0],
            "record_key_decided": came[2],
            "source": source(f"answer of {answering(before)}, by {stated.by.strip()}"),
        }
        self._publish("complaint", value)
        return {"record_key": before.record_key, "revision": before.revision + 1, "status": stated.status}

    def outcome(self, number: str) -> dict[str, Any]:
        """What became of the matter with this reference number.

        Raises:
            NotKnownError: no matter has it.
        """
        return self._shown(self._matter(_keys(number)), self._hub.in_force().agencies)

    def waiting(self, agency: str, matters_max: int, *, all_of_them: bool = False) -> list[dict[str, Any]]:
        """Matters that this agency must answer, the newest first, complaints with their sealed author."""
        with self._hub.snapshot() as connection:
            held = [self._read(one) for one in all_desk_records(connection)]
        own = [one for one in latest(held) if one.kind in INTAKE_KINDS and answering(one) == agency]
        own.sort(key=lambda one: (one.counts_from or date.min, one.record_key), reverse=True)
        found: list[dict[str, Any]] = []
        agencies = self._hub.in_force().agencies
        for one in own:
            shown = self._shown(one, agencies) | for_agency(one)
            if all_of_them or shown["status"] in ("waiting", "routed", "accepted"):
                found.append(shown)
            if len(found) == matters_max:
                break
        return found

    def _shown(self, record: Record, agencies: Mapping[str, Agency]) -> dict[str, Any]:
        found = outcome_of(record, self._beside(record))
        agency = answering(record)
        concerned = record.value("concerns_key")
        registered = agencies.get(agency)
        return {
            "kind": record.kind,
            "record_key": record.record_key,
            "lodged_on": record.value("lodged_on"),
            "agency": agency,
            "agency_title": registered.title if registered else agency,
            "concerns": f"{agency}/{concerned}" if concerned else None,
            "status": found.status,
            "outcome": found.told,
            "answered_on": found.answered_on,
        }

    def _beside(self, record: Record) -> list[Record]:
        """All records of the entity; a complaint carries its own answer."""
        if record.kind == "complaint":
            return []
        seeds = strong_identifiers(record.identifiers) or (record.reference,)
        return [one.record for one in self._around(map(identifier_key, seeds))[0]]

    def _around(self, seeds: Any) -> tuple[list[Received], dict[Identifier, bytes], dict[tuple[str, str], bytes]]:
        """Records around the seeds, the entity of each reference, and the entity of each record."""
        with self._hub.snapshot() as connection:
            around = neighbourhood(connection, seeds)
        entity = {one.identifier_key: one.entity_key for one in around.references}
        kept = list(readable(around, self._hub.read_record))
        homes = {(one.agency, one.record_key): entity[stored.subject_key] for one, stored in kept}
        references = {Identifier(one.scheme, one.value): one.entity_key for one in around.references}
        return [Received(one, stored.received_at) for one, stored in kept], references, homes

    def _concerned(self, stated: Concerned) -> Record:
        """The newest revision of the record, where it is about this party."""
        _refuse_faults(stated)
        pointed = Identifier("RECORD", f"{stated.agency}/{stated.record_key}")
        party = party_identifier(stated.party)
        seeds = {identifier_key(one) for one in (party, pointed) if one}
        received, references, homes = self._around(sorted(seeds))
        own = [one.record for one in received if one.record.reference == pointed]
        if not own or stated.agency not in self._hub.in_force().agencies:
            raise NotKnownError(_NO_RECORD)
        newest = max(own, key=lambda one: one.revision)
        same = party is not None and references.get(party) == homes[newest.agency, newest.record_key]
        if not same and not any(is_about(one, party, stated.party) for one in own):
            raise NotKnownError(_NO_RECORD)
        return newest

    def _about(self, record: Record, kind: str, said: Mapping[str, Any], lodged_on: date | None) -> Taken:
        """Publish a matter about a record, linked with the record's entity by one identifier and nothing else of it."""
        number, key = _numbered(kind)
        on = lodged_on or self._hub.today()
        value = {**about(record, key, on), **said}
        self._publish(kind, value if kind == "representation" else value | {"reference_number": kept_number(number)})
        return Taken(number, key, record.agency, _ANSWERED[kind], on)

    def _matter(self, record_keys: list[str]) -> Record:
        ids = [record_id(DESK, key, number) for key in record_keys for number in range(1, _REVISIONS_MAX + 1)]
        with self._hub.snapshot() as connection:
            held = [self._read(one) for one in desk_records(connection, ids)]
        if not held:
            raise NotKnownError(_NO_NUMBER)
        return latest(held)[0]

    def _read(self, stored: DeskRecord) -> Record:
        return self._hub.read_record(bytes(stored[0]), stored[1].date())

    def _publish(self, kind: str, value: dict[str, Any]) -> None:
        """Put it on the log, acknowledged by Kafka, before anybody is told a number."""
        identifiers = value["subject"]["identifiers"]
        own = f"RECORD:{DESK}/{value['record_key']}"
        key = f"{identifiers[0]['scheme']}:{identifiers[0]['value']}" if identifiers else own
        with Publisher(self._hub.addresses.bootstrap_servers, "sharehub-intake") as publisher:
            publisher.send(CASEWORK, key.encode(), encode(self._hub.registry.latest(kind), value))
            publisher.flush()
        log.info("matter_taken", kind=kind)


_ANSWERED = {
    "objection": "The agency of the record answers it.",
    "representation": "It stays attached to the record.",
    "repair-application": "The agency of the record decides on it.",
}


@contextmanager
def open_intake(settings: Settings) -> Iterator[Intake]:
    """The intake for these settings. Raises as `open_hub`."""
    with open_hub(settings) as hub:
        yield Intake(hub)


def _numbered(kind: str) -> tuple[str, str]:
    """A new number and the key of its record."""
    number = written(secrets.randbits(BITS))
    return number, key_of(kind, number)


def _keys(number: str) -> list[str]:
    found = normal(number)
    if found is None:
        raise NotKnownError("this is no reference number: it has 20 letters and digits, in groups of five")
    return keys_of(found)


def _refuse_faults(stated: Concerned | Complaint | Answer) -> None:
    if faults := list(text_faults(stated)):
        raise UsageError("; ".join(faults))


def _sealed(author: str | None, agency: Agency, about: str) -> dict[str, str | None]:
    if author is None:
        return {"sealed_author": None, "sealed_for": None}
    if not agency.sealing_key:
        raise RefusedError(
            f"{agency.title} has no sealing key, so a complaint to it can only be anonymous; nothing was sent",
            hint=f"complain without an author, or: sharehub agency key new {agency.id} -o FILE",
        )
    sealed = seal(author, agency.sealing_key, about)
    return {"sealed_author": sealed, "sealed_for": fingerprint(agency.sealing_key)}
