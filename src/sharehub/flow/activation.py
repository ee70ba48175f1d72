"""Versions of the rules: taken from the log, and everything that a change touches decided again.

A change counts for all workers from one transaction on, in which it is alone. What it touches is then looked for in
the records, page by page, and decided again, page by page: whoever goes on after a crash goes on where it stopped.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta

import polars as pl
import structlog

from sharehub.core.activation import RULEBOOK_VERSION, Proposal, counts_from, refusal
from sharehub.core.versions import Change
from sharehub.errors import RefusedError
from sharehub.flow.agreements import agreement_notices
from sharehub.flow.deciding import Moment, decide_entities
from sharehub.flow.linking import NeedsExclusiveError
from sharehub.flow.rules import Rules
from sharehub.flow.timers import timers
from sharehub.flow.touched import Reading, Search, entities_of
from sharehub.ports.rules import Activations, Held
from sharehub.ports.view import View

log = structlog.get_logger()

Refused = list[tuple[int, str, str, str]]
_RECORDS_MAX = 10_000
_ENTITIES_MAX = 1_000


def take_versions(
    records: pl.DataFrame, rules: Rules, reading: Reading, day: Callable[[datetime], date], *, exclusive: bool
) -> Refused:
    """Keep what was said about versions, and say what was refused; a change is taken by a worker that is alone.

    Raises:
        NeedsExclusiveError: something counts, and other workers may be at work.
    """
    refused: Refused = []
    for row, payload, received_at in records.select("row", "payload", "received_at").rows() if records.height else ():
        said = reading.proposal(payload)
        if wrong := _taken(said, received_at, rules, day(received_at), exclusive):
            refused.append((row, *wrong))
    return refused


def is_version() -> pl.Expr:
    """True for records about versions of the rules."""
    return pl.col("kind") == RULEBOOK_VERSION


def _taken(
    said: Proposal, received_at: datetime, rules: Rules, received_on: date, exclusive: bool
) -> tuple[str, str, str] | None:
    """What is wrong with one revision, or None where it was kept, or was there."""
    store = rules.activations
    there = store.revision(said.record_key, said.revision)
    if there is not None and there.said == said:
        return None
    since = counts_from(said, received_on)
    wrong = check(said, rules, since)
    if wrong:
        return wrong
    if said.approved_by is not None and not exclusive:
        raise NeedsExclusiveError
    approved = said.approved_by is not None
    store.keep(said, received_at, since if approved else None, begun=approved and since <= received_on)
    rules.current()
    return None


def check(said: Proposal, rules: Rules, since: date) -> tuple[str, str, str] | None:
    """Code, field and reason for which this revision is refused, at the desk and from the log; None: it is lawful."""
    held = rules.activations.newest(said.record_key)
    superseded = held is not None and rules.activations.approved_since(said.content, said.place, held.number)
    wrong = refusal(said, held.said if held else None, in_place=_in_place(held, rules), superseded=superseded)
    if wrong:
        return wrong.code, wrong.field, wrong.reason
    if said.takes_back and said.approved_by is None:
        return None
    try:
        rules.planned(said, since)
    except RefusedError as error:
        return "unlawful", "text", str(error)
    return None


def _in_place(held: Held | None, rules: Rules) -> bool:
    """True where some revision of the version was approved."""
    return held is not None and any(one.said.record_key == held.said.record_key for one in rules.activations.approved())


def pass_days(view: View, rules: Rules, reading: Reading, on: date) -> int:
    """Let time pass up to that day, changes of the rules in their place; returns how many events were issued."""
    issued = settle(view, rules.current(), reading)
    for change in rules.waiting(on):
        eve = change.counts_from - timedelta(days=1)
        issued += timers(view, reading.record, rules.on(rules.day(eve)), eve)
        with view.transaction(exclusive=True):
            rules.activations.begin(change.number)
        issued += settle(view, rules.current(), reading)
    return issued + timers(view, reading.record, rules.on(rules.day(on)), on)


def settle(view: View, rules: Rules, reading: Reading) -> int:
    """Decide again what the changes that have begun touch; returns how many events were issued."""
    issued = 0
    for held, change in rules.unsettled():
        issued += _settle(view, rules, reading, held, change)
        rules.current()
    return issued


def _settle(view: View, rules: Rules, reading: Reading, held: Held, change: Change) -> int:
    store, number = rules.activations, change.number
    search = Search(rules.reach_of(change), rules.on(rules.day(change.counts_from)), reading)
    known_at = max(held.received_at, datetime.combine(change.counts_from, time.min, UTC))
    with view.transaction() as txn:
        if store.progress(number).after is None:
            store.touch(number, store.with_measures_of(sorted(search.reach.measures)), None)
            agreed = (rules.before(change).recipients, rules.after(change).recipients)
            txn.notify(agreement_notices(change, *agreed, known_at))
    while _search(view, store, number, search):
        pass
    issued = 0
    while (events := _decide(view, rules, reading, number, known_at, change.counts_from)) is not None:
        issued += events
    log.info("activation_settled", version=held.said.record_key, counts_from=str(change.counts_from), events=issued)
    return issued


def _search(view: View, store: Activations, number: int, search: Search) -> bool:
    """Look through one page of records; False where all have been looked through."""
    with view.transaction() as txn:
        done = store.progress(number)
        if done.searched:
            return False
        rows = search.page(store, done.after)
        if not rows:
            store.searched(number)
            return False
        facts = search.facts(rows)
        if facts.height:
            txn.add_facts(facts)
        store.touch(number, entities_of(txn, search.touched(facts)), rows[-1][:2])
        return True


def _decide(view: View, rules: Rules, reading: Reading, number: int, known_at: datetime, on: date) -> int | None:
    """Decide one page of the touched again; None where there is none left."""
    with view.transaction() as txn:
        if rules.activations.progress(number).settled:
            return None
        entities = rules.activations.take_touched(number, _ENTITIES_MAX)
        day = rules.day(on)
        issued = decide_entities(txn, entities, reading.record, Moment(day, known_at, rules.on(day)))
        rules.activations.settled(number, issued, done=not entities)
        return issued if entities else None
