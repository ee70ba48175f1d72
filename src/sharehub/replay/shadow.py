"""The hub of a replay: the same machine over another schema, and with the rules and the clock of the plan."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

import polars as pl

from sharehub.bootstrap import Endpoints, endpoints
from sharehub.core.activation import RULEBOOK_VERSION
from sharehub.core.catalogue import Catalogue
from sharehub.core.judgement import CASEWORK_KINDS
from sharehub.flow.consolidate import Codec
from sharehub.hub import Hub
from sharehub.ports.batch import Decoded, Fault
from sharehub.replay.plan import Plan
from sharehub.replay.rules import catalogue_of, in_use
from sharehub.settings import Settings
from sharehub.wire.registry import load_registry

GROUP = "replay"
"""Whose positions stand in the schema of a replay: no group of Kafka's has any part in it."""
_NEVER = 2**31
"""What was once taken in is no flood, however it is cut."""
TOGETHER = "replay-together"
"""Those of the process that hears all of those who are spoken of under several keys, while others go on beside it."""
BASE = "replay-base"
"""Those of a replay that begins with the kept records."""


@contextmanager
def shadow_hub(settings: Settings, plan: Plan, group: str = GROUP) -> Iterator[Hub]:
    """The hub that sees the plan's schema only.

    Raises:
        UnreachableError: Kafka or PostgreSQL is neither configured nor running.
    """
    live = endpoints(settings)
    unjudged = {"group": group, "rejected_records_min": _NEVER}
    consolidator = settings.consolidator.model_copy(update=unjudged)
    catalogue = catalogue_of(settings, None if in_use(settings, plan.rules_digest) else plan.rulebook)
    addresses = Endpoints(live.bootstrap_servers, live.database_url, plan.schema_name)
    hub = Hub(settings.model_copy(update={"consolidator": consolidator}), addresses, catalogue, load_registry())
    try:
        yield hub
    finally:
        hub.close()


def codec_of(hub: Hub, plan: Plan, catalogue: Catalogue) -> Codec:
    """How this replay reads: all records, or those of one jurisdiction and what people decided."""
    if not plan.jurisdiction:
        return hub.codec

    def columns(payloads: Sequence[bytes | None]) -> tuple[list[Decoded], list[Fault]]:
        decoded, faults = hub.codec.columns(payloads)
        return [within(one, plan.jurisdiction, catalogue) for one in decoded], faults

    return replace(hub.codec, columns=columns)


def within(found: Decoded, jurisdiction: str, catalogue: Catalogue) -> Decoded:
    """Those of the records that are said in the jurisdiction, or below it; what people decided counts everywhere."""
    if found.kind in (*CASEWORK_KINDS, RULEBOOK_VERSION):
        return found
    places = [one for one in found.frame["jurisdiction"].unique() if jurisdiction in catalogue.lineage(one)]
    return Decoded(found.kind, found.frame.filter(pl.col("jurisdiction").is_in(places)))
