"""The shipped rulebooks in words: who, on which ground, on what basis, until when, and what can be done."""

from collections.abc import Sequence

from sharehub.core import rule_words as words
from sharehub.core.catalogue import Catalogue
from sharehub.core.entry import Entry
from sharehub.core.rulebook import Rulebook
from sharehub.reference.markdown import code, paragraphs, table
from sharehub.shipped import shipped
from sharehub.wire.rulebooks import load_catalogue

_TRANSITIONS = {
    "apply": "Its text also counts for the measures that run when it is published.",
    "keep": "Measures of grounds decided before it was published keep the text of their time.",
}


def page() -> str:
    """The page of all entries."""
    catalogue = load_catalogue(shipped("rulebooks"))
    parts = [
        paragraphs(_book(book, catalogue), *(_entry(book, entry, catalogue) for entry in book.entries))
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


def _book(book: Rulebook, catalogue: Catalogue) -> str:
    parent = f" It adds to `{book.parent}`." if book.parent else ""
    revised = any(
        other.jurisdiction == book.jurisdiction and other.published_on < book.published_on
        for other in catalogue.rulebooks
    )
    transition = f" {_TRANSITIONS[book.transition]}" if revised else ""
    classes = [
        (code(name), f"{found.months_min} months", f"{found.months_max} months", str(found.basis))
        for name, found in book.publication_classes.items()
    ]
    bounds = [table(("class of publication", "repair after", "public at most", "basis"), classes)] if classes else []
    return paragraphs(
        f"## {book.jurisdiction}, version {book.version}",
        f"{book.title}. Published on {book.published_on}; it counts from that day.{parent}{transition}",
        *bounds,
    )


def _entry(book: Rulebook, entry: Entry, catalogue: Catalogue) -> str:
    return paragraphs(
        f"### {book.jurisdiction}/{entry.id}",
        f"**{entry.title}.** {words.head(entry)}",
        table(("", ""), words.rows(book, entry, catalogue)),
    )
