"""The shipped clocks and calendars in words: who must do what, within which time, on what basis."""

from collections.abc import Iterable, Sequence

from sharehub.core.calendar import Calendar
from sharehub.core.clock import RECEIPT, ClockRule, Sign, Stop
from sharehub.core.condition import Condition
from sharehub.reference.markdown import code, paragraphs, table
from sharehub.shipped import shipped
from sharehub.wire.calendars import CalendarText
from sharehub.wire.clocks import ClockText, StartText, StopText
from sharehub.wire.rulebooks import load_catalogue
from sharehub.wire.tables import read_tables

_WHO = {
    "concerned": "the agency of the concerned record",
    "speaker": "who published the record that started it",
    "hub": "the hub's desk",
}
_RELATIONS = {
    "answers": "that answers it",
    "concerns": "about the same record",
    "revises": "that revises the concerned record",
    "continues": "that is the next revision of what started it",
}
_FIELDS = {
    "id": "lower case, digits, hyphens; a province's clock counts instead of the national one of the same id",
    "jurisdiction": "where it counts, and in all places below",
    "title": "what must be done, in words",
    "starts": "the record that starts it, see below",
    "stops": "the records that stop it, each as a start and with a `relation`; the earliest counts",
    "working_days": "how long, in days on which offices are open; the day of the start does not count",
    "days": "how long, in calendar days; a last day on which offices are closed moves to the next working day",
    "months": "how long, in calendar months, likewise",
    "responsible": "who must act: " + "; ".join(f"`{name}`, {words}" for name, words in _WHO.items()),
    "legal_basis": "one or more of `instrument`, `article`, `rank`",
    "effective_from": "the first day on which such a clock can start",
    "effective_to": "the last day, where there is one",
    "kinds": "only where the concerned record is of one of these kinds, and kept as a fact",
    "authorities": "only where the agency of the concerned record has one of these authorities",
    "other_than": "only where it has none of these",
    "note": "what a reader must know beside it",
}
_SIGN_FIELDS = {
    "record_kind": "kind of the record; a revision that stops a clock may be of any kind, without it",
    "where": "conditions, as in a rulebook",
    "dated_by": "field that holds the day; else the business date. "
    f"`{RECEIPT}` is the day of receipt; no day lies after that",
    "relation": "; ".join(f"`{name}`: a record {words}" for name, words in _RELATIONS.items()),
    "key_field": "field of an answer that holds the key of what it answers; where it states none, it answers all",
}
_CALENDAR_FIELDS = {
    "country": "two letters: public holidays and days worked for them come from the library `holidays`",
    "subdivision": "part of the country, as that library names it",
    "years": "first and last year for which the days are known to be right",
    "weekly_off": "weekly days off, `saturday` and `sunday` unless it says otherwise",
    "closed": "more days off",
    "working": "days on which offices are open all the same",
    "note": "where the days come from",
}
_WEEK = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def page() -> str:
    """The page of all clocks and calendars."""
    catalogue = load_catalogue(shipped("rulebooks"))
    notes = read_tables(shipped("rulebooks") / "calendars.toml")
    calendars = (_calendar(one, notes[name]["note"]) for name, one in catalogue.calendars.items())
    return paragraphs(
        "# Clocks",
        "A clock says who must do what within which time: answer an objection, decide on repair, take back what was "
        "annulled. It follows from the records of an entity alone and is looked at again with each of its decisions; "
        "whether it is overdue, and by how many working days, is computed for the day on which somebody asks.",
        "    sharehub casework clocks --overdue",
        "An answer counts when the agency that must act, or another of its authority, gives it. What is withdrawn "
        "starts nothing. A clock whose last day lies in a year that the calendar does not know is told as a guess.",
        "## The shipped clocks",
        table(("clock", "what must be done", "within", "from", "until", "by", "basis"), map(_row, catalogue.clocks)),
        "Notes:",
        "\n".join(f"- `{rule.name}`: {rule.note}" for rule in catalogue.clocks if rule.note),
        "## Calendars",
        "A place without a calendar has its parent's.",
        table(("jurisdiction", "years", "weekly off", "days off", "days worked for them", "note"), calendars),
        "## Writing them",
        "`clocks.toml` in the folder of rulebooks holds `[[clock]]` with these fields:",
        table(("field", "means"), _fields(ClockText.model_fields, _FIELDS)),
        "A start, and a stop:",
        table(("field", "means"), _fields({**StartText.model_fields, **StopText.model_fields}, _SIGN_FIELDS)),
        "`calendars.toml` beside it holds one table for each jurisdiction:",
        table(("field", "means"), _fields(CalendarText.model_fields, _CALENDAR_FIELDS)),
    )


def _fields(names: Iterable[str], words: dict[str, str]) -> list[Sequence[str]]:
    return [(code(name), words[name]) for name in names]


def _row(rule: ClockRule) -> Sequence[str]:
    basis = "; ".join(f"{one} ({one.rank.word.replace('_', ' ')})" for one in rule.legal_basis)
    stops = "; or ".join(map(_stop, rule.stops))
    return code(rule.name), rule.title, str(rule.length), _start(rule), stops, _WHO[rule.responsible], basis


def _start(rule: ClockRule) -> str:
    about = [f"a record of kind {_or(rule.kinds)}"] if rule.kinds else []
    about += [f"a record of a {_or(rule.authorities)} authority"] if rule.authorities else []
    about += [f"a record of no {_or(rule.other_than)} authority"] if rule.other_than else []
    return _sign(rule.starts) + (f", about {' and '.join(about)}" if about else "")


def _stop(stop: Stop) -> str:
    return _sign(stop, f" {_RELATIONS[stop.relation]}")


def _sign(sign: Sign, relation: str = "") -> str:
    kind = sign.record_kind.replace("-", " ") or "any record"
    where = f" ({'; '.join(map(_test, sign.where))})" if sign.where else ""
    dated = "its receipt" if sign.dated_by == RECEIPT else sign.dated_by.replace("_", " ")
    return kind + relation + where + (f", dated by {dated}" if dated else "")


def _test(test: Condition) -> str:
    operand = test.operand if isinstance(test.operand, tuple) else (str(test.operand),)
    operator = "is" if test.operator == "one_of" else test.operator.replace("_", " ")
    return f"{test.field.replace('_', ' ')} {operator} {_or(operand)}"


def _or(words: Iterable[str]) -> str:
    return " or ".join(word.replace("_", " ") for word in words)


def _calendar(one: Calendar, note: str) -> Sequence[str]:
    weekly = " and ".join(_WEEK[number] for number in sorted(one.weekly_off))
    years = f"{one.first_year} to {one.last_year}"
    return code(one.jurisdiction), years, weekly, str(len(one.closed)), str(len(one.working)), note
