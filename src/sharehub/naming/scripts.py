"""Which script a name is written in, and the name in Latin letters for comparison across scripts."""

import re
from typing import Literal

Script = Literal["latin", "han", "kana", "hangul", "cyrillic", "greek", "arabic", "other", "none"]

_BLOCKS: tuple[tuple[Script, re.Pattern[str]], ...] = (
    ("kana", re.compile("[\u3041-\u30ff]")),
    ("han", re.compile("[\u3400-\u9fff\uf900-\ufaff]")),
    ("hangul", re.compile("[\u1100-\u11ff\u3130-\u318f\uac00-\ud7af]")),
    ("cyrillic", re.compile("[\u0400-\u052f]")),
    ("greek", re.compile("[\u0370-\u03ff]")),
    ("arabic", re.compile("[\u0600-\u06ff\u0750-\u077f]")),
    ("latin", re.compile("[a-z]")),
)


def script_of(text: str) -> Script:
    """The script of a folded name: the most telling one present, kana before Han before all others."""
    if text.isascii():
        return "latin" if any(map(str.isalpha, text)) else "none"
    for script, pattern in _BLOCKS:
        if pattern.search(text):
            return script
    return "other" if any(map(str.isalpha, text)) else "none"


def latin_of(text: str, script: Script) -> str:
    """The text in lower Latin letters and digits: Mandarin pinyin without tones, Hepburn for kana, common
    romanisations for others (AnyAscii); without spaces for scripts that have none.

    Without AnyAscii installed only text that is Latin already is kept.
    """
    if text.isascii():
        return text
    try:
        from anyascii import anyascii  # noqa: PLC0415  only names in other scripts need it
    except ImportError:
        return " ".join(re.sub(r"[^a-z0-9 ]+", "", text).split())
    kept = re.sub(r"[^a-z0-9 ]+", "", anyascii(text).lower())
    return kept.replace(" ", "") if script in ("han", "kana", "hangul") else " ".join(kept.split())
