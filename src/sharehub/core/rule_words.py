"""What a rulebook entry says, in words: its tests, its term, its ways out, its publication.

Words of machines stand between backticks, as pages in Markdown have them.
"""

from collections.abc import Iterable, Iterator

from sharehub.core.catalogue import Catalogue
from sharehub.core.condition import Condition
from sharehub.core.entry import Aggravation, Bar, Entry, Exit, Requirement
from sharehub.core.rulebook import PublicationClass, Rulebook
from sharehub.core.wording import TESTS

_KINDS = {
    "restriction": "A restriction",
    "management": "A management measure",
    "informative": "An informative measure",
    "reward": "A reward",
}


def head(entry: Entry) -> str:
    """What the measure is, on what, and for whom it binds."""
    pilot = " A pilot." if entry.pilot else ""
    binding = "binding" if entry.binding else "not binding: the recipient may take note"
    return f"{_KINDS[entry.kind]} on {code(entry.target_service)}, {binding}.{pilot}"


def rows(book: Rulebook, entry: Entry, catalogue: Catalogue) -> Iterator[tuple[str, str]]:
    """All that an entry says, each part with its name, in the order in which a reader asks."""
    until = f" to {entry.effective_to}" if entry.effective_to else ""
    yield "who", any_of(kind.replace("_", " ") for kind in entry.entity_kinds)
    yield "ground", ground(entry)
    yield from (("beside it", beside(need)) for need in entry.requires)
    if entry.unless:
        yield "not where", unless(entry)
    yield from (("not for", barred(bar)) for bar in entry.barred_by)
    if entry.same_ground_by:
        yield "witnesses", witnesses(entry)
    yield "grounds dated", f"from {entry.effective_from}{until}"
    yield "legal basis", "; ".join(f"{one} ({one.rank.word.replace('_', ' ')})" for one in entry.legal_basis)
    yield "authority", entry.authority
    yield "begins", begins(entry)
    yield "term", term(entry)
    yield "ends", ends(entry)
    yield "remedies", "; ".join(entry.remedies)
    yield "recipients", ", ".join(catalogue.recipients[name].title for name in entry.recipients)
    yield "relates because", entry.relatedness
    yield "publication", published(entry, catalogue.publication_class(book, entry))


def ground(entry: Entry) -> str:
    """Which record is a ground, and what rules it out."""
    tests = [condition(test) for test in entry.ground.where]
    if entry.latest_by:
        tests.append(f"no such record of a later {plain(entry.latest_by)} stands")
    return f"{entry.ground.record_kind} record of an agency whose authority is {code(entry.ground.authority)}" + _where(
        tests
    )


def beside(need: Requirement) -> str:
    """Which other records must stand beside the ground."""
    kind = f"{need.count} {need.record_kind} records of the same case, each with another {plain(need.distinct)}"
    return kind + _where([condition(test) for test in need.where])


def unless(entry: Entry) -> str:
    """Where there is no measure all the same."""
    return any_of(condition(test) for test in entry.unless)


def barred(bar: Bar) -> str:
    """What keeps a new measure of the same case away, and for how long."""
    tests = _where([condition(test) for test in bar.where])
    return f"a ground dated less than {_months(bar.months)} after a {bar.record_kind} record of the same case{tests}"


def witnesses(entry: Entry) -> str:
    """When several records report one and the same ground."""
    fields = all_of(map(plain, entry.same_ground_by))
    return f"records of other agencies with the same {fields} are witnesses of one ground, not further grounds"


def begins(entry: Entry) -> str:
    """The first day."""
    days = ["the ground's business date"]
    days += ["the last date of the records beside it"] if entry.requires else []
    days += [f"the day after the ground's {plain(entry.starts_after_field)}"] if entry.starts_after_field else []
    return days[0] if len(days) == 1 else f"the latest of {all_of(days)}"


def term(entry: Entry) -> str:
    """How long, and what makes it longer."""
    if entry.term_months is None:
        return "open, see the next row"
    own = "" if entry.starts_after_field else ", or the decision's own end where that is earlier"
    longer = "".join(f"; {_longer(one)}" for one in entry.aggravation)
    least = f"; {_months(entry.term_months_min)} at least" if entry.term_months_min else ""
    most = f"; {_months(entry.term_months_max)} at most" if entry.term_months_max else ""
    return f"{_months(entry.term_months)}{own}{longer}{least}{most}"


def ends(entry: Entry) -> str:
    """All ways out."""
    return " ".join((entry.exit, *map(_way_out, entry.exits), *_process(entry)))


def published(entry: Entry, bounds: PublicationClass | None) -> str:
    """Whether it is public, and for how long."""
    words = entry.publication.replace("-", " ")
    if bounds is None or entry.publication == "none":
        return words
    shortest = "at any time" if bounds.months_min == 0 else f"after {_months(bounds.months_min)}"
    return (
        f"{words}; class {code(str(entry.publication_class))}: for {_months(bounds.months_max)} at most, "
        f"can be repaired {shortest} ({bounds.basis})"
    )


def condition(test: Condition) -> str:
    """One test."""
    name = plain(test.field)
    if test.operator == "present":
        return f"{name} is {'' if test.operand else 'not '}stated"
    if test.since is not None and isinstance(test.operand, int):
        return f"{name} {TESTS[test.operator]} {_months(test.operand)} after {plain(test.since)}"
    operand = test.operand if isinstance(test.operand, tuple) else (test.operand,)
    return f"{name} {TESTS[test.operator]} {any_of(code(_value(one)) for one in operand)}"


def code(text: object) -> str:
    """A word of machines."""
    return f"`{text}`"


def plain(name: str) -> str:
    """A name for machines as words."""
    return name.replace("_", " ")


def any_of(parts: Iterable[str]) -> str:
    """One, another or a third."""
    return _joined(parts, "or")


def all_of(parts: Iterable[str]) -> str:
    """One, another and a third."""
    return _joined(parts, "and")


def _process(entry: Entry) -> Iterator[str]:
    if entry.ends_when_performed:
        yield f"When a performance record says that all is done: lifted, reason {code('performed')}."
    if not entry.repairable:
        yield "A granted repair does not end it."
    if entry.excluded_by:
        yield f"While a measure of kind {any_of(entry.excluded_by)} is in force: lifted; afterwards issued again."
    if entry.opt_out:
        yield "It does not reach a recipient that has opted out."
    if entry.pilot and entry.when_pilot_ends == "lift":
        yield f"It ends with the pilot on {entry.effective_to}."
    elif entry.pilot:
        yield "Measures that run when the pilot ends keep their own end."


def _way_out(one: Exit) -> str:
    where = all_of([condition(test) for test in one.where])
    return f"When {where}: {one.event}, reason {code(one.reason)}."


def _longer(one: Aggravation) -> str:
    return f"{_months(one.months)} more where {all_of(condition(test) for test in one.where)}"


def _where(tests: list[str]) -> str:
    return f", where {all_of(tests)}" if tests else ""


def _months(number: int) -> str:
    return "1 month" if number == 1 else f"{number} months"


def _value(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _joined(parts: Iterable[str], word: str) -> str:
    named = list(parts)
    return named[0] if len(named) == 1 else f"{', '.join(named[:-1])} {word} {named[-1]}"
