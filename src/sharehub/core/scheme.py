"""What an identifier scheme is, and how the text of a cell becomes a bare value.

A recovery is made only where it is certain, that is, where no other number can have been meant:
- blanks, line ends, zero-width and direction marks: no number holds any;
- full-width letters and digits: the same characters for another line width. Superscripts and circled digits stay
  as they are (and are then refused by form): a `²` may be a footnote mark, so Unicode's NFKC would guess;
- an apostrophe in front: a spreadsheet's mark for text; brackets or quotes around the whole value;
- lower case; hyphens and points where a scheme prints them; `.0` after at most 15 digits, which a number cell keeps.
What a number cell has destroyed is refused, never rounded back: it keeps 15 digits (ECMA-376, IEEE 754 binary64).
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, NamedTuple

DESTROYED = "the spreadsheet has destroyed the number; format the column as text"
NO_NUMBER = "this stands for no number"

_WIDTHS = {0xFEE0 + code: code for code in range(0x21, 0x7F)}
_BLANKS = re.compile(r"[\s\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
_HYPHENS = re.compile(r"[\u2010-\u2015\u2043\u2212\ufe58\ufe63]")
_APOSTROPHES = "'`´‘’"
_ENCLOSED = re.compile(
    r"""[(\[{【〔〖「『《〈<"“]([^()\[\]{}【】〔〕〖〗「」『』《》〈〉<>"“”'`´‘’]*)[)\]}】〕〗」』》〉>"”]"""
)
_FLOAT = re.compile(r"([0-9]{1,15})\.0+")
_DESTROYED = re.compile(r"[0-9]+([.,][0-9]+E\+?|E\+)[0-9]+|[0-9]{16,}\.0+")
_NO_NUMBER = frozenset(("无", "暂无", "空", "不详", "未知", "NULL", "NONE", "NAN", "N/A", "NA", "S/N"))

Status = Literal["ok", "warn", "reject"]
Strength = Literal["strong", "weak"]


class Identifier(NamedTuple):
    """One (scheme, value), normalised; its text form `SCHEME:VALUE` is a message key."""

    scheme: str
    value: str

    def __str__(self) -> str:
        return f"{self.scheme}:{self.value}"


class Verdict(NamedTuple):
    """What `read` made of a text: the identifiers it certainly states, and how sure the form is."""

    status: Status
    identifiers: tuple[Identifier, ...] = ()
    reason: str = ""


Read = Callable[[str], Verdict]
Derive = Callable[[str], tuple[Identifier, ...]]


@dataclass(frozen=True, slots=True)
class Scheme:
    """A scheme is data: how its values are read, what they imply, and how far they can be trusted.

    `read` normalises and checks; `derive` gives what a normalised value implies. `strength`: strong where a
    register gives a value to one entity only, so that two records that share it speak of one entity; weak where
    several may have it, so that it can support a proposal and never merge. `single`: an entity has only one, so two
    are a conflict. `persons`: only individuals have one. `form`, `check`, `implies` and `source` say it to readers.
    """

    title: str
    read: Read
    form: str
    check: str
    source: str
    implies: str = ""
    derive: Derive = lambda value: ()
    strength: Strength = "strong"
    single: bool = False
    persons: bool = False


def folded(text: str) -> str:
    """The text in upper case, in ASCII width, without blanks and without the apostrophes in front."""
    if text.isascii():
        if text.isalnum():
            return text.upper()
    else:
        text = unicodedata.normalize("NFC", text).translate(_WIDTHS)
    return unicodedata.normalize("NFC", _BLANKS.sub("", text).upper()).lstrip(_APOSTROPHES)


def bare(text: str) -> str:
    """The folded text without brackets or quotes around it, and without the `.0` of a number cell."""
    if text.isascii() and text.isalnum():
        return text.upper()
    value = folded(text)
    if enclosed := _ENCLOSED.fullmatch(value):
        value = enclosed[1]
    kept = _FLOAT.fullmatch(value)
    return kept[1] if kept else value


def without(separators: str, value: str) -> str:
    """The bare value without what the scheme prints between its parts; all kinds of hyphens are one."""
    if value.isalnum():
        return value
    return _HYPHENS.sub("-", value).translate(str.maketrans("", "", separators))


def states_nothing(value: str) -> bool:
    """True for zeros, marks and words that stand for a missing number: many entities would share them."""
    return value in _NO_NUMBER or not value.strip("0") or not any(map(str.isalnum, value))


def rounded(value: str) -> bool:
    """True where only zeros follow the 15 digits that a number cell keeps, and there are at least three."""
    return len(value) >= 18 and value.endswith("000") and value.isdigit() and not value[15:].strip("0")


def refused(value: str, reason: str) -> Verdict:
    """The refusal of a value of wrong form, which says so where a spreadsheet has destroyed it."""
    return Verdict("reject", reason=DESTROYED if _DESTROYED.fullmatch(value) else reason)


def plain(scheme: str) -> Read:
    """The reading of a scheme without a form of its own: anything that states something."""

    def read_plain(text: str) -> Verdict:
        value = folded(text)
        if states_nothing(value):
            return Verdict("reject", reason=NO_NUMBER if value else "the identifier is empty")
        if "|" in value or _DESTROYED.fullmatch(value):
            return refused(value, "an identifier cannot hold a vertical bar")
        return Verdict("ok", (Identifier(scheme, value),))

    return read_plain


def read_record(text: str) -> Verdict:
    """`<agency>/<record key>`, letter by letter: a record key is its agency's."""
    agency, _, key = text.partition("/")
    if not agency or not key:
        return Verdict("reject", reason="a record is pointed at as RECORD:<agency>/<record key>")
    return Verdict("ok", (Identifier("RECORD", text),))


def numbered(scheme: str, form: str, words: str, holds: Callable[[str], bool], separators: str = "") -> Read:
    """The reading of a scheme whose issuer never gives a number with a wrong check digit.

    `form`: the pattern of the value without its `separators`; `words` say it; `holds` tests the check digits.
    """
    wanted = re.compile(form)

    def read_numbered(text: str) -> Verdict:
        value = without(separators, bare(text))
        if not wanted.fullmatch(value):
            return refused(value, words)
        if states_nothing(value):
            return Verdict("reject", reason=NO_NUMBER)
        if not holds(value):
            return Verdict("reject", reason="the check digit fails: the number is mistyped")
        return Verdict("ok", (Identifier(scheme, value),))

    return read_numbered
