"""What a column's title may mean, from the titles that offices use; only for proposing a mapping.

Titles are compared by their words. A unit in brackets is read apart. Of the numbered code columns of the
double-publicity tables only the words in brackets count, for the numbers changed over the years.
"""

import re
import tomllib
from functools import cache
from importlib import resources
from typing import Any, NamedTuple

from sharehub.connect.folding import title_words as folded

IDENTIFIER = "subject.identifiers"
_BRACKETED = re.compile(r"^(.*?)\(([^()]*)\)$")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_UNIT_WORD = re.compile(r"^(?:单位:?|unit:?|in)")
_NUMBERED = re.compile(r"\d|代码|编码|号码|code|number")
_CONTAINED_MIN = 2


class Meaning(NamedTuple):
    """What a title may mean: `targets` in the order of likeliness, `certain` where the title says just that.

    `alias` is what a mapping calls the column; `scheme` that of an identifier; `factor` the unit of an amount.
    """

    targets: tuple[str, ...]
    certain: bool
    alias: str
    scheme: str = ""
    factor: int = 1


def meaning(title: str) -> Meaning:
    """What a column of this title holds; no targets where nothing is known."""
    plain = squeezed(title)
    if exact := _exact(plain, title):
        return exact
    if bracketed := _BRACKETED.match(folded(title)):
        before, inside = bracketed.groups()
        unit = _units().get(squeezed(_UNIT_WORD.sub("", inside)))
        if unit is not None:
            found = meaning(before) if before else Meaning((), False, title)
            return found._replace(alias=title, factor=unit)
        coded = _exact(squeezed(inside), f"({inside})")
        if coded and (coded.scheme or _NUMBERED.search(before)):
            return coded
    return _contained(plain, title)


def squeezed(title: str) -> str:
    """A title's words without anything between them; `companyName` and `Company_name` are the same."""
    return re.sub(r"[\s_\-./:]+", "", folded(_CAMEL.sub(" ", title)))


def names_person(title: str) -> bool:
    """Whether the column is about a natural person behind the entity: such columns are not read (law 5)."""
    plain, persons = squeezed(title), _known("unsaid", "person")
    return plain in persons or (not meaning(title).certain and any(_within(word, plain) for word in persons))


def names_row(title: str) -> bool:
    """Whether the column only numbers the rows of the file."""
    return squeezed(title) in _known("unsaid", "serial")


def says_identifier(title: str) -> bool:
    """Whether the column holds an identifier, of a scheme that its title does not say."""
    return squeezed(title) in _known("unsaid", "identifier")


def known_words(name: str) -> dict[str, Any]:
    """The words that offices use for the choices of a field (or `yes_no`), folded, and ours."""
    return {folded(word): ours for word, ours in _table()["words"].get(name, {}).items()}


def cell_units() -> dict[str, int]:
    """Units that may stand in a cell behind an amount."""
    return {word: factor for word, factor in _table()["units"].items() if not word.isascii()}


def footnote_words() -> tuple[str, ...]:
    """Words with which rows begin that are no records."""
    return tuple(_table()["rows"]["footnotes"])


def _exact(plain: str, alias: str) -> Meaning | None:
    if scheme := _schemes().get(plain):
        return Meaning((IDENTIFIER,), True, alias, scheme)
    targets = _fields().get(plain)
    return Meaning(targets, True, alias) if targets else None


def _contained(plain: str, title: str) -> Meaning:
    """The longest known title within this one: a hint for a person, nothing certain."""
    schemes = [(len(known), (IDENTIFIER,), scheme) for known, scheme in _schemes().items() if _within(known, plain)]
    fields = [(len(known), targets, "") for known, targets in _fields().items() if _within(known, plain)]
    if not schemes and not fields:
        return Meaning((), False, title)
    _, targets, scheme = max((*schemes, *fields), key=lambda one: one[0])
    return Meaning(targets, False, title, scheme)


def _within(known: str, plain: str) -> bool:
    least = 4 if known.isascii() else _CONTAINED_MIN
    return len(known) >= least and known in plain


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(resources.files("sharehub.connect").joinpath("aliases.toml").read_text(encoding="utf-8"))


@cache
def _known(table: str, name: str) -> frozenset[str]:
    return frozenset(map(squeezed, _table()[table][name]))


@cache
def _fields() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for target, titles in _table()["fields"].items():
        for title in titles:
            found[squeezed(title)] = (*found.get(squeezed(title), ()), target)
    return found


@cache
def _schemes() -> dict[str, str]:
    return {squeezed(title): scheme for scheme, titles in _table()["schemes"].items() for title in titles}


@cache
def _units() -> dict[str, int]:
    return {squeezed(word): factor for word, factor in _table()["units"].items()}
