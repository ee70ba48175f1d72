"""A name taken apart: what it is called, its legal form, what stands in brackets, in one script and another.

`normalised` decides nothing; two different companies may well have the same normalised name.
"""

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Literal

from sharehub.naming.folding import WORDS, folded, squeezed
from sharehub.naming.forms import HONORIFIC, WORDS_MAX, forms
from sharehub.naming.scripts import Script, latin_of, script_of

AsideKind = Literal["part", "alias", "note"]
_BRACKETS = re.compile(r"\( ([^()]*) \)")
_ALSO = re.compile(
    r"\b(?:(?:(?:also|currently|previously|formerly|now|doing) )?"
    r"(?:known as|operating as|doing business (?:as|under)|called)"
    r"|formerly|previously|trading as|a k a|aka|f k a|fka|d b a|dba|t a|n k a|nka|antes|anteriormente)\b"
    r"|^(?:原名|曾用名|旧名|原|旧)"
)
_NOTE = re.compile(
    r"\b(?:tin|reg|registration|license|lic|tax|cnpj|ruc|nit|rfc|vat|id|inn|no|number|but only)\b.*|^[0-9 ]{5,}$"
)
_UNSPACED: tuple[Script, ...] = ("han", "kana", "hangul")
_LINKS = frozenset({"and", "und", "et", "the"})
_LETTERS = re.compile(r"(?<![^ ])[a-z](?: [a-z](?![^ ]))+")
_WRAPPED = re.compile(r"(?<=[^\x00-\x7f]) (?=[^\x00-\x7f])")
"""A space between two characters that need none: a wrapped cell, or a site set off by a space."""
NOTE_WORDS = 9


@dataclass(frozen=True)
class Aside:
    """What stood in brackets: `part` of the name (a place, a branch), an `alias`, or a `note` about it."""

    kind: AsideKind
    text: str


@dataclass(frozen=True)
class Name:
    """One name, folded; `core` is it without legal forms, aliases and notes, `legal_forms` are codes, sorted."""

    original: str
    folded: str
    core: str
    legal_forms: tuple[str, ...]
    aside: tuple[Aside, ...]
    script: Script

    @cached_property
    def tokens(self) -> tuple[str, ...]:
        """The words of the core, without brackets."""
        return tuple(WORDS.findall(self.core))

    @cached_property
    def squeezed(self) -> str:
        """The core without spaces and brackets, and without `and` and `the`: equal for the same name."""
        if self.script in _UNSPACED:
            return squeezed(self.core)
        return "".join(word for word in self.tokens if word not in _LINKS) or squeezed(self.core)

    @cached_property
    def latin(self) -> str:
        """The core in Latin letters, without spaces where its script has none."""
        return latin_of(self.core, self.script)

    @cached_property
    def aliases(self) -> tuple[str, ...]:
        """Other names that stood in brackets or behind words such as `formerly`."""
        return tuple(one.text for one in self.aside if one.kind == "alias")

    @cached_property
    def parts(self) -> tuple[str, ...]:
        """What stood in brackets and belongs to the name."""
        return tuple(one.text for one in self.aside if one.kind == "part")


@lru_cache(maxsize=1 << 16)
def normalised(name: str) -> Name:
    """The name taken apart; never without a core where there is a letter or digit.

    Normalising the folded text gives the same name again.
    """
    text = folded(name)
    script = script_of(text)
    unmarked, aside = _apart(text)
    core, codes = (_glued if script in _UNSPACED else _worded)(unmarked, [])
    if not squeezed(core):
        core, codes = unmarked if squeezed(unmarked) else text, []
    return Name(name, text, core, tuple(sorted(set(codes) - {HONORIFIC})), aside, script)


def _apart(text: str) -> tuple[str, tuple[Aside, ...]]:
    """The text without aliases and notes, and what stood in brackets; forms in brackets stay for later."""
    if "(" not in text:
        return _behind(text)
    aside: list[Aside] = []
    outside = squeezed(_BRACKETS.sub(" ", text))

    def sort(found: re.Match[str]) -> str:
        inside = found[1].strip()
        if not inside:
            return " "
        if squeezed(inside) in forms().bracketed:
            return f" ({inside}) "
        kind, said = _kind(inside, outside)
        aside.append(Aside(kind, said))
        return f" {inside} " if kind == "part" else " "

    rest = " ".join(_BRACKETS.sub(sort, text).replace("(", " ( ").replace(")", " ) ").split())
    return (rest, tuple(aside)) if squeezed(rest) else (text, ())


def _behind(text: str) -> tuple[str, tuple[Aside, ...]]:
    """An alias without brackets, `Alfa Ltd trading as Beta`."""
    found = _ALSO.search(text) if " as " in text or " a " in text or " k a" in text or " dba" in text else None
    if found and found.start() > 0 and len(found[0].split()) > 1 and text[found.end() :].strip():
        return text[: found.start()].strip(), (Aside("alias", text[found.end() :].strip()),)
    return text, ()


def _kind(inside: str, outside: str) -> tuple[AsideKind, str]:
    """Whether a bracket holds another name, a note, or a part of this one."""
    if found := _ALSO.search(inside):
        said = inside[found.end() :].strip()
        return ("alias", said) if said else ("note", inside)
    if _NOTE.search(inside) or len(inside.split()) > NOTE_WORDS:
        return "note", inside
    return ("alias", inside) if _short_for(squeezed(inside), outside) else ("part", inside)


def _short_for(short: str, whole: str) -> bool:
    """Whether a bracket repeats the name or abbreviates it: its letters stand in the name in the same order."""
    if not short.isascii():
        return len(short) > 2 and short in whole
    if len(short) < 3 or (short[0] != whole[:1] and short not in whole):
        return False
    letters = iter(whole)
    return short in whole or (len(short) <= 8 and all(one in letters for one in short))


def _worded(text: str, codes: list[str]) -> tuple[str, list[str]]:
    """The name without legal forms at its end, its start and in brackets, for scripts with spaces."""
    table = forms()
    words = _bracketed(text, codes).split()
    while (count := _form_at_end(words)) and count < len(words):
        codes.append(table.end["".join(words[-count:])])
        del words[-count:]
    for count in range(min(WORDS_MAX, len(words) - 1), 0, -1):
        if code := table.start.get("".join(words[:count])):
            codes.append(code)
            del words[:count]
            break
    return _LETTERS.sub(lambda found: found[0].replace(" ", ""), " ".join(words)), codes


def _form_at_end(words: list[str]) -> int:
    """How many of the last words are a legal form; the longest spelling wins."""
    end = forms().end
    for count in range(min(WORDS_MAX, len(words)), 0, -1):
        if "".join(words[-count:]) in end:
            return count
    return 0


def _glued(text: str, codes: list[str]) -> tuple[str, list[str]]:
    """The name without legal forms wherever they stand, for scripts without spaces."""
    table = forms()
    text = _WRAPPED.sub("", _bracketed(text, codes))
    found = table.glued_pattern.findall(text)
    if found and squeezed(rest := table.glued_pattern.sub(" ", text)):
        codes.extend(table.glued[one] for one in found)
        text = _WRAPPED.sub("", " ".join(rest.split()))
    words = text.split()
    while (count := _form_at_end(words)) and count < len(words):
        codes.append(table.end["".join(words[-count:])])
        del words[-count:]
    return " ".join(words), codes


def _bracketed(text: str, codes: list[str]) -> str:
    """The text without the legal forms that stand in brackets, alone or as part of a longer one."""
    if "(" not in text:
        return text
    for inside in _BRACKETS.findall(text):
        if code := forms().bracketed.get(squeezed(inside)):
            # (Pvt) Ltd is one form of two words; (株) is a form by itself.
            alone = not inside.isascii()
            text = " ".join(text.replace(f"( {inside} )", " " if alone else f" {inside} ", 1).split())
            if alone:
                codes.append(code)
    return text
