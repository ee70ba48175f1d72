"""Identifier schemes: how each is normalised and checked, and what it implies.

A scheme is data: `read` never guesses. A verdict is `ok`, `warn` (kept, but doubtful, as lawful early codes whose
check digit fails) or `reject` with the reason in plain words. What was read reads the same again.
"""

from collections.abc import Iterable

from sharehub.core.scheme import Identifier, Scheme, Status, Strength, Verdict
from sharehub.core.scheme_cn import USCC_ALPHABET, orgcode_check_digit, uscc_check_digit
from sharehub.core.schemes import SCHEMES

__all__ = (
    "SCHEMES",
    "USCC_ALPHABET",
    "Identifier",
    "Scheme",
    "Status",
    "Strength",
    "Verdict",
    "derived",
    "main_identifier",
    "orgcode_check_digit",
    "read",
    "strong",
    "strong_identifiers",
    "uscc_check_digit",
)


def read(scheme: str, text: str) -> Verdict:
    """The verdict of a known scheme on a text as a spreadsheet holds it; unknown schemes reject."""
    found = SCHEMES.get(scheme)
    if found is None:
        return Verdict("reject", reason=f"identifier scheme {scheme!r} is not known")
    return found.read(text)


def derived(identifier: Identifier) -> tuple[Identifier, ...]:
    """All that the identifier implies: a USCC its organisation code, a permit number both."""
    found = SCHEMES.get(identifier.scheme)
    return found.derive(identifier.value) if found else ()


def strong(identifier: Identifier) -> bool:
    """True where two records that share the identifier speak of one entity; unknown schemes are weak."""
    found = SCHEMES.get(identifier.scheme)
    return found is not None and found.strength == "strong"


def strong_identifiers(stated: Iterable[Identifier]) -> tuple[Identifier, ...]:
    """Those by which entities are one: the strong ones stated, each followed by all that it implies."""
    found: dict[Identifier, None] = {}
    waiting = list(stated)[::-1]
    while waiting:
        one = waiting.pop()
        if one not in found:
            found[one] = None
            waiting += derived(one)[::-1]
    return tuple(one for one in found if strong(one))


def main_identifier(text: str) -> Identifier:
    """The inverse of `str(identifier)`.

    Raises:
        ValueError: there is no scheme in the text.
    """
    scheme, colon, value = text.partition(":")
    if not colon:
        raise ValueError(f"{text!r} is not SCHEME:VALUE")
    return Identifier(scheme, value)
