"""What somebody typed to look up: the identifier that it is, or what is missing to know. Nothing is guessed."""

from typing import Literal, NamedTuple

from sharehub.core.identifier import SCHEMES, Identifier, read

_OF_RECORDS = "RECORD"

Missing = Literal["", "number", "kind", "known-kind", "form"]
"""Nothing, the number, what kind of number it is, a kind that is known, the form of its kind."""


class Asked(NamedTuple):
    """`reason` says what is wrong with the form; `perhaps` are the kinds of number that the text might be."""

    identifier: Identifier | None
    missing: Missing = ""
    reason: str = ""
    perhaps: tuple[str, ...] = ()
    scheme: str = ""


def askable(scheme: str) -> bool:
    """True for the known schemes by which anybody may ask: those of persons and of records are none (law 5)."""
    return scheme in SCHEMES and not SCHEMES[scheme].persons and scheme != _OF_RECORDS


def asked(scheme: str, text: str) -> Asked:
    """The identifier of a number, with the scheme in front of it or beside it."""
    before, colon, after = text.partition(":")
    if colon and before.strip().upper() in SCHEMES:
        scheme, text = before.strip().upper(), after
    if not text.strip():
        return Asked(None, "number", scheme=scheme)
    if not scheme:
        return Asked(None, "kind", perhaps=tuple(one for one in SCHEMES if askable(one) and _proves(one, text)))
    if not askable(scheme):
        return Asked(None, "known-kind", scheme=scheme)
    verdict = read(scheme, text)
    if verdict.status == "reject":
        return Asked(None, "form", verdict.reason, scheme=scheme)
    return Asked(verdict.identifiers[0], scheme=scheme)


def _proves(scheme: str, text: str) -> bool:
    """True where the text could be such a number; one without any digit is a name."""
    numbered = any(map(str.isdigit, text)) and SCHEMES[scheme].check != "none"
    return numbered and read(scheme, text).status == "ok"
