"""The shipped rulebooks in words: who, on which ground, on what basis, until when, and what can be done."""

from collections.abc import Iterator, Sequence

from sharehub.core.catalogue import Catalogue
from sharehub.core.entry import Entry
from sharehub.core.rulebook import Rulebook
from sharehub.reference import rule_words as words
from sharehub.reference.markdown import code, paragraphs, table
from sharehub.shipped import shipped
from sharehub.wire.rulebooks import load_catalogue

_KINDS = {
    "restriction": "restriction",
    "management": "management measure",
    "informative": "informative measure",
    "reward": "reward",
}
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
    pilot = " A pilot." if entry.pilot else ""
    binding = "binding" if entry.binding else "not binding: the recipient may take note"
    return paragraphs(
        f"### {book.jurisdiction}/{entry.id}",
        f"**{entry.title}.** {_kind(entry)} on {code(entry.target_service)}, {binding}.{pilot}",
        table(("", ""), list(_rows(book, entry, catalogue))),
    )


def _rows(book: Rulebook, entry: Entry, catalogue: Catalogue) -> Iterator[tuple[str, str]]:
    until = f" to {entry.effective_to}" if entry.effective_to else ""
    yield "who", words.any_of(kind.replace("_", " ") for kind in entry.entity_kinds)
    yield "ground", words.ground(entry)
    yield from (("beside it", words.beside(need)) for need in entry.requires)
    if entry.unless:
        yield "not where", words.unless(entry)
    yield from (("not for", words.barred(bar)) for bar in entry.barred_by)
    if entry.same_ground_by:
        yield "witnesses", words.witnesses(entry)
    yield "grounds dated", f"from {entry.effective_from}{until}"
    yield "legal basis", "; ".join(f"{one} ({one.rank.word.replace('_', ' ')})" for one in entry.legal_basis)
    yield "authority", entry.authority
    yield "begins", words.begins(entry)
    yield "term", words.term(entry)
    yield "ends", words.ends(entry)
    yield "remedies", "; ".join(entry.remedies)
    yield "recipients", ", ".join(catalogue.recipients[name].title for name in entry.recipients)
    yield "relates because", entry.relatedness
    yield "publication", words.published(entry, catalogue.publication_class(book, entry))


def _kind(entry: Entry) -> str:
    said = _KINDS[entry.kind]
    return f"{'An' if said[0] in 'aeiou' else 'A'} {said}"
