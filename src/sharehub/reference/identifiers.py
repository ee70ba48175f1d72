"""Every identifier scheme, as `core.identifier` has it."""

from collections.abc import Iterator

from sharehub.core.identifier import SCHEMES, Scheme
from sharehub.core.scheme import DESTROYED
from sharehub.reference.markdown import bullets, code, paragraphs, table

_RECOVERED = (
    "Blanks, line ends, zero-width and direction marks go; no number holds any.",
    "Full-width letters and digits become the usual ones, small letters capitals. Superscripts and circled digits "
    "do not become digits: they may be marks of a footnote.",
    "An apostrophe in front goes, and brackets or quotes around the whole value.",
    "Hyphens of all kinds, points and slashes go where the scheme prints them.",
    "`.0` goes after at most 15 digits: a number cell keeps these.",
    "In a unified social credit code, one look-alike character (I for 1, Cyrillic А for A) is replaced where this "
    "alone makes both check digits hold. It warns, and says what was replaced.",
)
_REFUSED = (
    f"A number in scientific notation, or with decimals after more than 15 digits: {code(DESTROYED)}.",
    "18 or more digits of which only zeros follow the 15th, unless both check digits of a unified code hold (then "
    "it warns).",
    "Zeros, marks and words that stand for a missing number: many would share them.",
)


def page() -> str:
    """The page of all schemes."""
    return paragraphs(
        "# Identifiers",
        "An identifier is `SCHEME:VALUE`, the value in its normal form; a connector normalises, and the consolidator "
        "refuses what is not in normal form. Reading gives **ok**, **warn** (kept, but verify it) or **reject** with "
        "the reason. A connector keeps what it rejects, with its text.",
        "**Strong**: two records that share the identifier speak of one entity. **Weak**: several may share it, so "
        "that sharing it proves nothing. **Single**: an entity has only one; two are a conflict (law 11).",
        table(("scheme", "is", "strength", "single", "implies"), map(_row, SCHEMES)),
        "## What is recovered",
        "Only what is certain, in every scheme that has a form of its own:",
        bullets(_RECOVERED),
        "## What is refused",
        bullets(_REFUSED),
        *_described(),
    )


def _row(name: str) -> tuple[str, ...]:
    scheme = SCHEMES[name]
    return f"[{name}](#{name.lower()})", scheme.title, scheme.strength, "yes" if scheme.single else "", scheme.implies


def _described() -> Iterator[str]:
    for name, scheme in SCHEMES.items():
        yield paragraphs(f"## {name}", f"{scheme.title[0].upper()}{scheme.title[1:]}.", bullets(_words(scheme)))


def _words(scheme: Scheme) -> Iterator[str]:
    yield f"Normal form: {scheme.form}."
    yield f"Check digit: {scheme.check}."
    yield f"Source: {scheme.source}."
