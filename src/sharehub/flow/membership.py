"""Which records were one entity's at an instant, and how that came about."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sharehub.core.entity import KINDS
from sharehub.core.how import Decided, at_instant, conflict_words, judgement_words, link_words, steps, together
from sharehub.core.identifier import Identifier, strong_identifiers
from sharehub.core.record import Received, latest
from sharehub.core.resolution import homes, nodes_of
from sharehub.flow.relinking import Kept
from sharehub.ports.identity import Neighbourhood


class Belonging(NamedTuple):
    """An entity at an instant: its references, its records, whose keys are `keys`, and its most protected kind."""

    entity_id: UUID
    kind: str
    identifiers: tuple[Identifier, ...]
    records: tuple[Received, ...]
    keys: frozenset[tuple[str, str]]


def belonging(
    around: Neighbourhood, kept: Iterable[Kept], about: Identifier, known_at: datetime | None
) -> Belonging | None:
    """The entity of a reference as far as the hub knew at the instant (None: now), or None where it knew of none."""
    received = [Received(record, stored.received_at) for record, stored in kept]
    found, cited = at_instant(received, _decided(around), known_at)
    entity = found.entity_of.get(about)
    if entity is None:
        return None
    kind = max((KINDS.index(one.record.subject_kind) for one in received), default=0)
    known = [one for one in received if known_at is None or one.received_at <= known_at]
    home = homes((one.record for one in known), found, cited)
    own = tuple(one for one in known if home[one.record.agency, one.record.record_key] == entity)
    if not own:
        return None
    identifiers = tuple(sorted(one for one in together(found, about) if one.scheme != "RECORD"))
    keys = frozenset((one.record.agency, one.record.record_key) for one in own)
    return Belonging(UUID(bytes=entity), KINDS[kind], identifiers, own, keys)


def succeeding(kept: Iterable[Kept], about: Identifier) -> Identifier:
    """The reference to follow from a former entity's id: where nothing states it any more, what took its place."""
    records = [record for record, _ in kept]
    newest = latest(records)
    if any(about in (one.reference, *strong_identifiers(one.identifiers)) for one in newest):
        return about
    moved = {(one.agency, one.record_key) for one in records if about in strong_identifiers(one.identifiers)}
    now = (nodes_of(one, False)[0] for one in newest if (one.agency, one.record_key) in moved)
    return next(now, about)


def how_shown(
    around: Neighbourhood, kept: Iterable[Kept], about: Identifier, known_at: datetime | None
) -> dict[str, Any]:
    """The steps, what holds the entity together, decisions, and what is contested, in words that JSON has."""
    received = [Received(record, stored.received_at) for record, stored in kept]
    received = [one for one in received if known_at is None or one.received_at <= known_at]
    decided = [one for one in _decided(around) if known_at is None or one.received_at <= known_at]
    found, _ = at_instant(received, decided, None)
    now = together(found, about)
    said = [one.judgement for one in decided]
    return {
        "steps": [
            {
                "at": step.at.isoformat(),
                "gained": list(map(str, step.gained)),
                "lost": list(map(str, step.lost)),
                "because": list(step.because),
            }
            for step in steps(received, decided, about)
        ],
        "links": [link_words(link, said) for link in found.joined if link.left in now],
        "decisions": [_decision(one) for one in _touching(decided, now)],
        "conflicts": list(conflict_words(found, said, about)),
    }


def _touching(decided: Sequence[Decided], references: frozenset[Identifier]) -> list[Decided]:
    return [one for one in decided if {one.judgement.left, one.judgement.right} & references]


def _decision(one: Decided) -> dict[str, Any]:
    said = one.judgement
    return {
        "at": one.received_at.isoformat(),
        "record_key": said.record_key,
        "revision": said.revision,
        "verdict": said.verdict,
        "effective": said.effective,
        "words": judgement_words(said),
    }


def _decided(around: Neighbourhood) -> list[Decided]:
    return [Decided(one.judgement, one.received_at) for one in around.judgements]
