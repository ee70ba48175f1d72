"""Characters folded, so that the same name typed differently is the same text.

Width, case, accents, typographic quotes, hyphens and line-wrap junk are matters of typing; so are traditional and
simplified forms and the Japanese ones. Stdlib only, but for the two Han tables, which OpenCC gives where it is
installed; without it Han characters stay as they are, everything else is folded the same.
"""

import re
import unicodedata
from functools import cache

_LETTERS = {
    "ø": "o",
    "đ": "d",
    "ð": "d",
    "ł": "l",
    "æ": "ae",
    "œ": "oe",
    "þ": "th",
    "ı": "i",
    "ħ": "h",
    "ŧ": "t",
    "ə": "e",
}
_OPENING, _CLOSING = "([{〔【〈《", ")]}〕】〉》"
_DROPPED = "'’‘ʼʻ`´′\"“”„‟«»″〝〞「」『』‹›\u00ad\u200b\u200c\u200d\u2060\ufeff"
_SAME = {
    "髙": "高",
    "﨑": "崎",
    "濵": "滨",
    "邉": "边",
    "栁": "柳",
    "德": "德",
    "槗": "桥",
    "嶋": "岛",
    "嶌": "岛",
    "冨": "富",
    "眞": "真",
}
"""Variants in names of people and firms that OpenCC leaves as they are."""
_HAN = (range(0x3400, 0x4DC0), range(0x4E00, 0xA000), range(0xF900, 0xFB00))


def folded(text: str) -> str:
    """The text in one form: NFKC, lower case, no accents on Latin letters, simplified Han characters, round
    brackets, words parted by one space.

    Idempotent. Letters, digits and brackets are kept, quotes and apostrophes vanish, all else parts words.
    """
    if text.isascii():
        return _paired(" ".join(text.lower().translate(_TABLE).split()))
    once = _fold(text)
    while (again := _fold(once)) != once:
        once = again
    return once


def squeezed(text: str) -> str:
    """Only the letters, digits and marks on letters: what is compared when spaces and brackets are no difference."""
    return text.translate(_SQUEEZE)


def _fold(text: str) -> str:
    wide = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return _paired(" ".join(wide.translate(_TABLE).split()))


def _paired(text: str) -> str:
    """The text without brackets that nothing closes or opens, as a cut-off name has, and without empty ones."""
    if "(" not in text and ")" not in text:
        return text
    kept: list[str] = []
    opened: list[int] = []
    for word in text.split():
        if word == ")" and not opened:
            continue
        if word == "(":
            opened.append(len(kept))
        if word == ")" and opened.pop() == len(kept) - 1:
            kept.pop()
            continue
        kept.append(word)
    return " ".join(word for at, word in enumerate(kept) if at not in opened)


class _Table(dict[int, str]):
    """What each character becomes, worked out when it is first met."""

    def __missing__(self, code: int) -> str:
        self[code] = found = _become(chr(code))
        return found


_TABLE = _Table()
_SQUEEZE = str.maketrans("", "", " ()")


def _become(char: str) -> str:
    if char in _DROPPED or "\u0300" <= char <= "\u036f":
        return ""
    if char in _OPENING or char in _CLOSING:
        return " ( " if char in _OPENING else " ) "
    if any(ord(char) in block for block in _HAN):
        return _han().get(char, char)
    if unicodedata.category(char)[0] not in "LMN" and char != "ー":
        return " "
    return _LETTERS.get(char) or _bare(char)


def _bare(char: str) -> str:
    """A Latin or Greek letter without its accents, ё as е; other scripts' marks make other letters."""
    apart = unicodedata.normalize("NFKD", char)
    latin = apart[0] < "\u0400" or char == "ё"
    return "".join(one for one in apart if not unicodedata.combining(one)) if latin else char


@cache
def _han() -> dict[str, str]:
    """Traditional and Japanese characters to simplified ones, one by one, so that a part of a name folds as the whole.

    A Japanese form that is also a simplified character of its own (GB 2312 has it) is left alone.
    """
    try:
        from opencc import OpenCC  # noqa: PLC0415  only names in Han characters need it
    except ImportError:
        return {}
    characters = [chr(code) for block in _HAN for code in block]
    older = OpenCC("jp2t").convert("\n".join(characters)).split("\n")
    read = [char if _gb2312(char) else _SAME.get(char, old) for char, old in zip(characters, older, strict=True)]
    simplified = OpenCC("t2s").convert("\n".join(read)).split("\n")
    return _closed({char: short for char, short in zip(characters, simplified, strict=True) if char != short})


def _closed(table: dict[str, str]) -> dict[str, str]:
    """The table applied until nothing changes, so that folding twice is folding once."""
    closed = {}
    for char, to in table.items():
        seen = {char}
        while to in table and to not in seen:
            seen.add(to)
            to = table[to]  # noqa: PLW2901  follows the chain
        closed[char] = to
    return {char: to for char, to in closed.items() if char != to}


def _gb2312(char: str) -> bool:
    try:
        char.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


WORDS = re.compile(r"[^ ()]+")
