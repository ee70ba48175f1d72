"""A played story held against what its table expects: each difference with the reason in words.

On a day for which a table expects anything to stand, it must name everything that stands in the story.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import TypeVar

from sharehub.core.catalogue import Catalogue
from sharehub.core.explanation import why_not
from sharehub.core.measure import Measure
from sharehub.core.playing import HeldBack, Issued, Played, play
from sharehub.core.record import Record
from sharehub.core.scenario import STATES, Expectation, Saying, Scenario, Surprise
from sharehub.core.standing import MeasureState

_WORD_OF = {status: word for word, status in STATES.items()}
_ON_A_DAY = ("state", "nothing")

_Seen = TypeVar("_Seen", MeasureState, Issued, HeldBack)


def surprises(scenario: Scenario, catalogue: Catalogue) -> tuple[Surprise, ...]:
    """Where the story comes out differently from its table, in the order of the days; empty where it does not."""
    played = play(scenario, catalogue)
    found = [one for said in scenario.sayings for one in _of_saying(said, played)]
    found += _unseen(scenario, played, catalogue)
    subjects = dict.fromkeys(said.subject for said in scenario.sayings)
    subjects |= dict.fromkeys(one.subject for one in scenario.expectations)
    for on in dict.fromkeys(one.on for one in scenario.expectations if one.kind in _ON_A_DAY):
        rows = [one for one in scenario.expectations if one.on == on and one.kind in _ON_A_DAY]
        for subject in subjects:
            mine = [one for one in rows if one.subject == subject]
            found += _of_day(mine, rows[-1].place, subject, on, played, catalogue)
    return tuple(sorted(found, key=lambda one: one.on))


def _of_saying(said: Saying, played: Played) -> Iterator[Surprise]:
    refused = played.rejections.get(said.place)
    got = f"rejected ({refused.code}): {refused.reason}" if refused else "admitted"
    wanted = f"rejected{f' ({said.code})' if said.code else ''}" if said.rejected else "admitted"
    other_code = refused is not None and said.code not in ("", refused.code)
    if said.rejected != (refused is not None) or other_code:
        yield Surprise(said.place, said.on, f"the {said.record.kind} is {wanted}", got, _because(said.why))


def _unseen(scenario: Scenario, played: Played, catalogue: Catalogue) -> Iterator[Surprise]:
    """Events, and things held back, that were expected and did not come."""
    events = [one for one in scenario.expectations if one.kind == "event"]
    for one in _matched(events, played.events, _is_event)[0]:
        same = [
            f"{issued.event.event} on {issued.on}, counting from {issued.event.business_on} ({issued.event.reason})"
            for issued in played.events
            if (issued.subject, issued.event.measure.entry) == (one.subject, one.entry)
        ]
        why = () if same else why_not(one.entry, _known(one, played), catalogue, one.on)
        yield _surprise(one, "; ".join(same) or "no event of this entry", why)
    held = [one for one in scenario.expectations if one.kind == "held back"]
    for one in _matched(held, played.held_back, _is_held_back)[0]:
        laws = [str(back.violation) for back in played.held_back if (back.on, back.subject) == (one.on, one.subject)]
        yield _surprise(one, "; ".join(laws) or "nothing was held back that day", ())


def _of_day(
    rows: list[Expectation], place: str, subject: str, on: date, played: Played, catalogue: Catalogue
) -> Iterator[Surprise]:
    states = list(played.standing(subject, on).values())
    missing, rest = _matched([one for one in rows if one.kind == "state"], states, _is_state)
    for one in missing:
        same = [_state_words(state) for state in states if state.measure.entry == one.entry]
        why = () if same else why_not(one.entry, _known(one, played), catalogue, on)
        yield _surprise(one, "; ".join(same) or "no measure of this entry", why)
    absent = {one.entry: one for one in rows if one.kind == "nothing"}
    failed = {one.entry for one in missing}
    for state in rest:
        if state.in_place and state.measure.entry not in failed:
            told = absent.get(state.measure.entry, absent.get(""))
            wanted = _expected_words(told) if told else f"nothing else stands for {subject}"
            why = (*_because(told.why if told else ""), *_ground_words(state.measure))
            yield Surprise(told.place if told else place, on, wanted, _state_words(state), why)


def _matched(
    rows: list[Expectation], seen: Iterable[_Seen], fits: Callable[[Expectation, _Seen], bool]
) -> tuple[list[Expectation], list[_Seen]]:
    """The expectations that nothing fits, and what none of them took; the most exact expectation chooses first."""
    rest = list(seen)
    unmet: list[Expectation] = []
    for row in sorted(rows, key=lambda one: -one.details):
        found = next((one for one in rest if fits(row, one)), None)
        if found is None:
            unmet.append(row)
        else:
            rest.remove(found)
    return unmet, rest


def _is_state(row: Expectation, state: MeasureState) -> bool:
    return state.status == STATES[row.what] and _is_measure(row, state.measure) and row.reason in ("", state.reason)


def _is_event(row: Expectation, issued: Issued) -> bool:
    event = issued.event
    dated = row.business_on in (None, event.business_on) and row.reason in ("", event.reason)
    same = (issued.on, issued.subject, event.event) == (row.on, row.subject, row.what)
    return same and dated and _is_measure(row, event.measure)


def _is_held_back(row: Expectation, back: HeldBack) -> bool:
    same = (back.on, back.subject, back.violation.entry) == (row.on, row.subject, row.entry.rpartition("/")[2])
    return same and row.reason in ("", f"law {back.violation.law}")


def _is_measure(row: Expectation, measure: Measure) -> bool:
    return (
        measure.entry == row.entry
        and row.ground in ("", measure.ground.record_key)
        and row.since in (None, measure.effective_from)
        and (row.until is None or row.until == (measure.effective_to or ""))
    )


def _known(row: Expectation, played: Played) -> tuple[Record, ...]:
    """What was said of the subject by the day of the row."""
    return tuple(one for one in played.records.get(row.subject, ()) if (one.received_on or row.on) <= row.on)


def _surprise(row: Expectation, got: str, why: tuple[str, ...]) -> Surprise:
    return Surprise(row.place, row.on, _expected_words(row), got, (*_because(row.why), *why))


def _expected_words(row: Expectation) -> str:
    if row.kind == "nothing":
        return f"no measure of {row.entry} stands" if row.entry else f"nothing stands for {row.subject}"
    details = (
        f"from {row.since}" if row.since else "",
        f"until {row.until or 'an open end'}" if row.until is not None else "",
        f"counting from {row.business_on}" if row.business_on else "",
        f"on {row.ground}" if row.ground else "",
        f"({row.reason})" if row.reason else "",
    )
    return " ".join(filter(None, (row.entry, row.what or row.kind, *details)))


def _state_words(state: MeasureState) -> str:
    measure = state.measure
    until = measure.effective_to or "an open end"
    word = _WORD_OF[state.status]
    return f"{measure.entry} {word} from {measure.effective_from} until {until} ({state.reason})"


def _ground_words(measure: Measure) -> tuple[str, ...]:
    ground = measure.ground
    return (f"it follows from {ground.record_kind} {ground.record_key}: {'; '.join(ground.why)}",)


def _because(why: str) -> tuple[str, ...]:
    return (f"the table says why: {why}",) if why else ()
