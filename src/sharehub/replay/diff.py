"""The rebuilt view against the live one: what a promotion would change, for whom, and why."""

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

import psycopg

from sharehub.core.divergence import Divergence
from sharehub.core.entity import KINDS, masked
from sharehub.core.identifier import main_identifier
from sharehub.core.privacy import masked_identifier
from sharehub.errors import SharehubError
from sharehub.hub import Hub
from sharehub.replay.plan import Plan
from sharehub.replay.run import left, plan_of
from sharehub.store.divergences import divergences, fact_payloads
from sharehub.store.names import UNNAMED, Named, named
from sharehub.store.replays import Replays
from sharehub.wire.rows import decode

COLUMNS = (
    "outcome",
    "recipient",
    "entity_id",
    "name",
    "identifier",
    "measure",
    "title",
    "live",
    "rebuilt",
    "effective_from",
    "effective_to",
    "record",
    "revision",
    "rulebook_version",
    "why",
    "measure_id",
)
Row = Mapping[str, str]


def differences(hub: Hub) -> Iterator[Row]:
    """A row for each measure and recipient for whom the two views differ, by measure; nothing is written.

    Raises:
        UsageError: there is no replay.
    """
    with hub.session() as live:
        plan = plan_of(left(Replays(live)))
        with live.transaction():
            live.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            for fact_id, one in divergences(live, plan.schema_name):
                if one.outcome and _looked_at(hub, live, plan, fact_id, one):
                    yield from _rows(one, _name_of(live, one.one.entity_id, plan.schema_name))


def _rows(one: Divergence, about: Named) -> Iterator[Row]:
    measure = one.one.state.measure
    kind = KINDS[about.kind_rank]
    stated = main_identifier(about.identifiers[0]) if about.identifiers else None
    shared = {
        "entity_id": str(one.one.entity_id),
        "name": masked(kind, about.name) or "",
        "identifier": str(masked_identifier(kind, stated)) if stated else "",
        "measure": measure.entry,
        "title": measure.title,
        "live": one.live.state.status if one.live else "",
        "rebuilt": one.rebuilt.state.status if one.rebuilt else "",
        "effective_from": str(measure.effective_from),
        "effective_to": str(measure.effective_to or ""),
        "record": f"{measure.ground.agency}/{measure.ground.record_key}",
        "revision": str(measure.ground.revision),
        "rulebook_version": measure.rulebook_version,
        "why": "; ".join(one.reasons()),
        "measure_id": str(measure.id),
    }
    for recipient, outcome in one.for_recipients():
        yield {"outcome": outcome, "recipient": recipient, **shared}


def _name_of(live: psycopg.Connection[Any], entity_id: UUID, schema: str) -> Named:
    found = named(live, [entity_id]).get(entity_id)
    return found or named(live, [entity_id], schema).get(entity_id, UNNAMED)


def _looked_at(hub: Hub, live: psycopg.Connection[Any], plan: Plan, fact_id: UUID, one: Divergence) -> bool:
    """False where the replay has left the measure's ground out, so that it cannot be there."""
    if not plan.jurisdiction or one.rebuilt is not None:
        return True
    payload = fact_payloads(live, [fact_id]).get(fact_id)
    if payload is None:
        return False
    try:
        place = decode(hub.registry, payload)[1]["jurisdiction"]
    except SharehubError:
        return True
    return plan.jurisdiction in hub.in_force().lineage(place)
