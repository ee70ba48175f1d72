"""Time passing is an input: entities whose day has come are decided again."""

from datetime import UTC, date, datetime, time

import structlog

from sharehub.core.catalogue import Catalogue
from sharehub.flow.deciding import Moment, decide_entities
from sharehub.flow.relinking import DecodeRecord
from sharehub.ports.batch import RacedError
from sharehub.ports.view import View
from sharehub.telemetry import metrics

log = structlog.get_logger()

_ENTITIES_MAX = 1_000


def timers(view: View, decode: DecodeRecord, catalogue: Catalogue, on: date) -> int:
    """Issue what falls due by `on`, exactly once, in business order; returns how many events were issued.

    After days without it, the days are made up one by one: what was due on Monday is issued before Tuesday's.
    """
    issued = 0
    known_at = datetime.combine(on, time.min, UTC)
    while (found := _day(view, decode, catalogue, on, known_at)) is not None:
        issued += found
        metrics.timed.inc(found)
    log.info("timers_done", on=str(on), events=issued)
    return issued


def _day(view: View, decode: DecodeRecord, catalogue: Catalogue, on: date, known_at: datetime) -> int | None:
    """Decide what is due on the earliest day, some entities at a time; None where nothing is."""
    try:
        with view.transaction() as txn:
            day, due = txn.due_entities(on, _ENTITIES_MAX)
            return None if day is None else decide_entities(txn, due, decode, Moment(day, known_at, catalogue))
    except RacedError:
        return 0  # a worker was quicker: what is still due is found again
