"""The shipped rulebooks in words: who, on which ground, on what basis, until when, and what can be done."""

from collections.abc import Iterable, Sequence

from sharehub.core.catalogue import Catalogue
from sharehub.core.condition import Condition
from sharehub.core.entry import Entry, Exit, Requirement
from sharehub.core.rulebook import Rulebook
from sharehub.reference.markdown import code, paragraphs, table
from sharehub.shipped import shipped
from sharehub.wire.rulebooks import load_catalogue

_KINDS = {
    "restriction": "restriction",
    "management": "management measure",
    "informative": "informative measure",
    "reward": "reward",
}
_WORDS = {
    "is": "is",
    "is_not": "is stated and is not",
    "one_of": "is one of",
    "at_least": "is at least",
    "at_most": "is at most",
    "more_than": "is more than",
}


def page() -> str:
    """The page of all entries."""
    catalogue = load_catalogue(shipped("rulebooks"))
    parts = [
        paragraphs(_book(book), *(_entry(book, entry, catalogue) for entry in book.entries))
        for book in _sorted(catalogue)
    ]
    return paragraphs(
        "# Rules",
        "What the shipped rulebooks say. How to write one: [rulebooks](../rulebooks.md).",
        *parts,
        "## Agencies",
        table(("agency", "title", "authority", "jurisdiction", "may publish"), _agencies(catalogue)),
        "## Matters of complaints",
        "Where no agency has the authority in a jurisdiction, or several have, who takes complaints there gets it.",
        table(("matter", "title", "authority"), _matters(catalogue)),
        "## Recipients",
        table(("recipient", "title", "jurisdiction", "purpose"), _recipients(catalogue)),
    )


def _sorted(catalogue: Catalogue) -> list[Rulebook]:
    return sorted(catalogue.rulebooks, key=lambda book: (book.jurisdiction, book.published_on, book.version))


def _agencies(catalogue: Catalogue) -> list[Sequence[str]]:
    return [
        (code(one.id), one.title, code(one.authority), code(one.jurisdiction), ", ".join(one.record_kinds))
        for one in catalogue.agencies.values()
    ]


def _matters(catalogue: Catalogue) -> list[Sequence[str]]:
    return [(code(one.id), one.title, code(one.authority)) for one in catalogue.matters.values()]


def _recipients(catalogue: Catalogue) -> list[Sequence[str]]:
    return [(code(one.id), one.title, code(one.jurisdiction), one.purpose) for one in catalogue.recipients.values()]


def _book(book: Rulebook) -> str:
    parent = f" It adds to `{book.parent}`." if book.parent else ""
    return paragraphs(
        f"## {book.jurisdiction}, version {book.version}",
        f"{book.title}. Published on {book.published_on}; it counts from that day.{parent}",
    )


def _entry(book: Rulebook, entry: Entry, catalogue: Catalogue) -> str:
    pilot = " A pilot." if entry.pilot else ""
    until = f" to {entry.effective_to}" if entry.effective_to else ""
    binding = "binding" if entry.binding else "not binding: the recipient may take note"
    return paragraphs(
        f"### {book.jurisdiction}/{entry.id}",
        f"**{entry.title}.** {_kind(entry)} on {code(entry.target_service)}, {binding}.{pilot}",
        table(
            ("", ""),
            (
                ("who", _or(kind.replace("_", " ") for kind in entry.entity_kinds)),
                ("ground", _ground(entry)),
                *(("beside it", _beside(need)) for need in entry.requires),
                ("grounds dated", f"from {entry.effective_from}{until}"),
                ("legal basis", "; ".join(f"{one} ({one.rank.word.replace('_', ' ')})" for one in entry.legal_basis)),
                ("authority", entry.authority),
                ("begins", _begins(entry)),
                ("term", _term(entry)),
                ("ends", " ".join((entry.exit, *(_way_out(one) for one in entry.exits)))),
                ("remedies", "; ".join(entry.remedies)),
                ("recipients", ", ".join(catalogue.recipients[name].title for name in entry.recipients)),
                ("relates because", entry.relatedness),
                ("publication", entry.publication.replace("-", " ")),
            ),
        ),
    )


def _kind(entry: Entry) -> str:
    words = _KINDS[entry.kind]
    return f"{'An' if words[0] in 'aeiou' else 'A'} {words}"


def _ground(entry: Entry) -> str:
    kind = f"{entry.ground.record_kind} record of an agency whose authority is {code(entry.ground.authority)}"
    latest = f"no such record of a later {entry.latest_by} stands" if entry.latest_by else ""
    return kind + _where([*map(_condition, entry.ground.where), *([latest] if latest else [])])


def _beside(need: Requirement) -> str:
    kind = f"{need.count} {need.record_kind} records of the same case, each with another {need.distinct}"
    return kind + _where(list(map(_condition, need.where)))


def _where(tests: list[str]) -> str:
    return f", where {_and(tests)}" if tests else ""


def _condition(test: Condition) -> str:
    name = test.field.replace("_", " ")
    if test.operator == "present":
        return f"{name} is {'' if test.operand else 'not '}stated"
    operand = test.operand if isinstance(test.operand, tuple) else (test.operand,)
    return f"{name} {_WORDS[test.operator]} {_or(code(_plain(one)) for one in operand)}"


def _plain(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _begins(entry: Entry) -> str:
    days = ["the ground's business date"]
    days += ["the last date of the records beside it"] if entry.requires else []
    days += (
        [f"the day after the ground's {entry.starts_after_field.replace('_', ' ')}"] if entry.starts_after_field else []
    )
    return days[0] if len(days) == 1 else f"the latest of {_and(days)}"


def _term(entry: Entry) -> str:
    if entry.term_months is None:
        return "open, see the next row"
    return f"{entry.term_months} months, or the decision's own end where that is earlier"


def _way_out(one: Exit) -> str:
    where = _and([_condition(test) for test in one.where])
    return f"When {where}: {one.event}, reason {code(one.reason)}."


def _or(parts: Iterable[str]) -> str:
    return _joined(parts, "or")


def _and(parts: Iterable[str]) -> str:
    return _joined(parts, "and")


def _joined(parts: Iterable[str], word: str) -> str:
    named = list(parts)
    return named[0] if len(named) == 1 else f"{', '.join(named[:-1])} {word} {named[-1]}"
