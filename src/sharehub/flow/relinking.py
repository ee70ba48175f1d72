"""Resolve identity anew where links were taken back or people have decided; everything follows.

Gather all that was ever linked; decide with `core.resolution`; apply: references, records, measures, names.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

import structlog

from sharehub.core.entity import best_shown
from sharehub.core.identifier import Identifier
from sharehub.core.judgement import CASEWORK_KINDS
from sharehub.core.linking import Key, identifier_key
from sharehub.core.record import Record, fact_key
from sharehub.core.resolution import Resolution, homes, nodes_of, resolve
from sharehub.errors import SharehubError
from sharehub.ports.identity import Assigned, EntityCandidate, IdentityTransaction, Neighbourhood, StoredRecord

log = structlog.get_logger()

Kept = tuple[Record, StoredRecord]
DecodeRecord = Callable[[bytes, date], Record]


class Relinked(NamedTuple):
    """Entities to decide on again, and those former ones of which several entities have become."""

    touched: frozenset[UUID]
    divided: frozenset[UUID]


def relink(identity: IdentityTransaction, seeds: Iterable[Key], decode: DecodeRecord) -> Relinked:
    """Let every reference around the seeds lead to its entity; nobody else may be writing."""
    around = identity.neighbourhood(seeds)
    kept = tuple(readable(around, decode))
    resolution = resolved(around, kept)
    key_of = {one: identifier_key(one) for one in resolution.entity_of}
    before = {one.identifier_key: one.entity_key for one in around.references}
    after = {key_of[one]: entity for one, entity in resolution.entity_of.items()}
    identity.ensure(Assigned(key_of[one], *one, entity) for one, entity in sorted(resolution.entity_of.items()))
    moved = _move(identity, kept, around)
    identity.lead({key: entity for key, entity in after.items() if before.get(key) != entity}, after)
    subjects = _subjects(kept, around, resolution)
    changed = _changed(before, after) | {after[key] for key in moved} | _left(kept, around, resolution)
    identity.replace(
        changed - subjects.keys(), [_candidate(key, subjects[key]) for key in sorted(changed & subjects.keys())]
    )
    identity.contest(after, resolution.open, key_of)
    touched = frozenset(UUID(bytes=key) for key in set(after.values()) | set(before.values()))
    return Relinked(touched, frozenset(UUID(bytes=key) for key in _divided(before, after)))


def readable(around: Neighbourhood, decode: DecodeRecord) -> Iterable[Kept]:
    """The records about entities that decode; what is no longer readable links nothing, and is told."""
    for stored in around.records:
        try:
            record = decode(stored.payload, stored.received_at.date())
        except SharehubError as error:
            log.warning("record_unreadable", reason=str(error))
            continue
        if record.kind not in CASEWORK_KINDS:
            yield record, stored


def resolved(around: Neighbourhood, kept: Iterable[Kept]) -> Resolution:
    """The entities of all that was ever linked; a reference that nothing states any more stands alone."""
    found = resolve((record for record, _ in kept), (one.judgement for one in around.judgements))
    alone = {Identifier(one.scheme, one.value): one.identifier_key for one in around.references}
    return Resolution({**alone, **found.entity_of}, found.joined, found.open)


def _cited(around: Neighbourhood) -> frozenset[Identifier]:
    return frozenset(side for one in around.judgements for side in (one.judgement.left, one.judgement.right))


def _move(identity: IdentityTransaction, kept: Iterable[Kept], around: Neighbourhood) -> set[Key]:
    """Keep a record that somebody pointed at under its own reference; returns references that gained or lost one."""
    cited = _cited(around)
    moved: dict[tuple[Key, Key], Key] = {}
    facts: dict[Key, Key] = {}
    for record, stored in kept:
        own = identifier_key(record.reference)
        if record.reference in cited and stored.subject_key != own:
            moved[(stored.subject_key, stored.record_key)] = own
            facts[fact_key(record.agency, record.record_key)] = own
    if moved:
        identity.move_records(moved, facts)
    return {subject for subject, _ in moved} | set(moved.values())


def _subjects(kept: Sequence[Kept], around: Neighbourhood, found: Resolution) -> Mapping[Key, list[Record]]:
    """The records on each entity, all revisions of them."""
    home = homes((record for record, _ in kept), found, _cited(around))
    subjects: dict[Key, list[Record]] = {}
    for record, _ in kept:
        subjects.setdefault(home[record.agency, record.record_key], []).append(record)
    return subjects


def _left(kept: Sequence[Kept], around: Neighbourhood, found: Resolution) -> set[Key]:
    """Entities of which a record spoke before it was corrected to speak of another one."""
    cited = _cited(around)
    home = homes((record for record, _ in kept), found, cited)
    spoken_of = ((record, found.entity_of[nodes_of(record, record.reference in cited)[0]]) for record, _ in kept)
    return {entity for record, entity in spoken_of if entity != home[record.agency, record.record_key]}


def _changed(before: Mapping[Key, Key], after: Mapping[Key, Key]) -> set[Key]:
    """Entities of which the references are not those from before."""

    def members(entity_of: Mapping[Key, Key]) -> dict[Key, set[Key]]:
        found: dict[Key, set[Key]] = {}
        for key, entity in entity_of.items():
            found.setdefault(entity, set()).add(key)
        return found

    was, now = members(before), members(after)
    return {entity for entity in was.keys() | now.keys() if was.get(entity) != now.get(entity)}


def _divided(before: Mapping[Key, Key], after: Mapping[Key, Key]) -> set[Key]:
    became: dict[Key, set[Key]] = {}
    for key, entity in before.items():
        became.setdefault(entity, set()).add(after[key])
    return {entity for entity, entities in became.items() if len(entities) > 1}


def _candidate(entity: Key, records: Iterable[Record]) -> EntityCandidate:
    return EntityCandidate(entity, *best_shown(records))


def reshow(identity: IdentityTransaction, entities: Iterable[Key], decode: DecodeRecord) -> None:
    """Show entities by what their records say now, after a correction of the record that gave the name."""
    for entity in sorted(entities):
        around = identity.neighbourhood([entity])
        kept = tuple(readable(around, decode))
        subjects = _subjects(kept, around, resolved(around, kept))
        if entity in subjects:
            identity.replace((), [_candidate(entity, subjects[entity])])
        else:
            identity.replace([entity], ())
