"""Time passing is an input: entities whose day has come are decided again."""

from datetime import UTC, date, datetime, time

import structlog

from sharehub.core.catalogue import Catalogue
from sharehub.flow.deciding import decide_entities
from sharehub.flow.relinking import DecodeRecord
from sharehub.ports import View

log = structlog.get_logger()

_ENTITIES_MAX = 1_000


def timers(view: View, decode: DecodeRecord, catalogue: Catalogue, on: date) -> int:
    """Issue what falls due by `on`, exactly once, in business order; returns how many events were issued."""
    issued = 0
    while True:
        with view.transaction() as txn:
            due = txn.due_entities(on, _ENTITIES_MAX)
            if not due:
                break
            known_at = datetime.combine(on, time.min, UTC)
            issued += decide_entities(txn, due, decode, catalogue, on, known_at)
    log.info("timers_done", on=str(on), events=issued)
    return issued
