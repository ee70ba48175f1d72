"""Chinese identifiers.

A unified social credit code holds two check digits, its own (mod 31, over all) and that of the organisation code in
characters 9–17 (mod 11). Their failure is a warning, as lawful early codes fail the first; what is not certain is
refused. Certain here:
- one look-alike character (I for 1, a Cyrillic А for A …), where one replacement alone makes both check digits hold:
  mod 31 leaves one right character for the place, and it must be the one that looks the same;
- the code, or the organisation code, in a permit or an old tax number, where its own check digit holds.
Sources: GB 32100-2015 (unified code), GB 11714 (organisation code), GB/T 17710 (mod 31; mod 11,10),
GS 15-2006 (registration number), HJ 608-2017 (permit: code of the holder, number of the site, mark).
"""

import re
from operator import mul

from stdnum.iso7064 import mod_11_10

from sharehub.core.scheme import (
    DESTROYED,
    NO_NUMBER,
    Identifier,
    Verdict,
    bare,
    plain,
    refused,
    rounded,
    states_nothing,
    without,
)

USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
USCC_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
ORGCODE_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)

_USCC_VALUES = {char: value for value, char in enumerate(USCC_ALPHABET)}
_USCC_TABLE = bytes(_USCC_VALUES.get(chr(code), 0) for code in range(256))
_NO_USCC = re.compile(f"[^{USCC_ALPHABET}]")
_ORGCODE_VALUES = {char: value for value, char in enumerate("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")}
_LOOK_ALIKE = dict(zip("IOSZАВСЕНКМОРТУХΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "1052ABCEHKM0PTYXABE2H1KMN0PTYX", strict=True))
"""Latin letters that the code does not use, Cyrillic and Greek capitals: each with the one character it looks like."""

_read_any_regno = plain("CN-REGNO")
_OLD_TAXNO = re.compile(r"[0-9]{6}[0-9A-Z]{8}[0-9X]")
_TAXPAYER = re.compile(r"[0-9A-Z]{9,20}")
_ORGCODE = re.compile(r"[0-9A-Z]{8}[0-9X]")
_REGNO = re.compile(r"[0-9]{15}")
_PERMIT = re.compile(r"(.{18})([0-9]{3}[A-Z])")
_PERMIT_TAIL = re.compile(r"([0-9A-Z]{8}[0-9X])[0-9A-Z][0-9]{3}[A-Z]")


def uscc_check_digit(body: str) -> str:
    """The 18th character for the first 17 (GB 32100-2015; the outer mod 31 matters)."""
    total = sum(map(mul, body.encode().translate(_USCC_TABLE), USCC_WEIGHTS))
    return USCC_ALPHABET[(31 - total % 31) % 31]


def orgcode_check_digit(body: str) -> str:
    """The 9th character for the first 8 (GB 11714)."""
    total = sum(map(mul, map(_ORGCODE_VALUES.__getitem__, body), ORGCODE_WEIGHTS))
    return "0123456789X0"[11 - total % 11]


def read_uscc(text: str) -> Verdict:
    """A unified social credit code, or a permit number that carries a proven one."""
    value = bare(text)
    if len(value) != 18:
        return _carried(value)
    if _NO_USCC.search(value):
        return _look_alike(value)
    if value.endswith("000") and rounded(value):
        return _rounded(value)
    found = (Identifier("CN-USCC", value),)
    if uscc_check_digit(value[:17]) == value[17]:
        return Verdict("ok", found)
    return Verdict("warn", found, _failed(value))


def uscc_orgcode(value: str) -> tuple[Identifier, ...]:
    """The organisation code in a unified code, where its own check digit proves it."""
    return _orgcode(value[8:17])


def read_orgcode(text: str) -> Verdict:
    """An organisation code, printed with or without a hyphen before its check digit."""
    value = without("-", bare(text))
    if not _ORGCODE.fullmatch(value):
        return refused(value, "an organisation code has 8 characters and a check digit")
    if states_nothing(value):
        return Verdict("reject", reason=NO_NUMBER)
    if orgcode_check_digit(value[:8]) != value[8]:
        return Verdict("reject", reason="the check digit of the organisation code fails")
    return Verdict("ok", (Identifier("CN-ORGCODE", value),))


def read_taxpayer(text: str) -> Verdict:
    """A taxpayer number as bureaus print it: a USCC, an old 15-character number, or one of these with a
    leading `L` and a trailing two-digit branch mark, which are taken off only where the rest is proven."""
    value = bare(text)
    unmarked = value.removeprefix("L")
    for candidate in dict.fromkeys((unmarked, unmarked.removesuffix("01"))):
        uscc = read_uscc(candidate)
        if uscc.status == "ok" or (uscc.identifiers and _holds(uscc.identifiers[0].value)):
            return uscc
        if _OLD_TAXNO.fullmatch(candidate) and taxno_orgcode(candidate):
            return Verdict("ok", (Identifier("CN-TAXNO", candidate),))
    if not _TAXPAYER.fullmatch(value) or states_nothing(value):
        return refused(value, "a taxpayer number has 9 to 20 letters and digits")
    if rounded(value):
        return Verdict("reject", reason=DESTROYED)
    return Verdict("warn", (Identifier("CN-TAXNO", value),), "neither a unified code nor an old tax number")


def taxno_orgcode(value: str) -> tuple[Identifier, ...]:
    """The organisation code in an old tax number, after the 6 digits of the area."""
    return _orgcode(value[6:15]) if len(value) == 15 else ()


def read_regno(text: str) -> Verdict:
    """A business registration number: 15 digits with a check digit, or an older one of any form."""
    value = bare(text)
    if rounded(value):
        return Verdict("reject", reason=DESTROYED)
    verdict = _read_any_regno(value)
    if _REGNO.fullmatch(value) and not mod_11_10.is_valid(value):
        return verdict._replace(status="warn", reason="the check digit fails; verify against the register")
    return verdict


def read_permit(text: str) -> Verdict:
    """A pollutant discharge permit; of one that lost its beginning, the organisation code where it is proven."""
    value = bare(text)
    if whole := _PERMIT.fullmatch(value):
        uscc = read_uscc(whole[1])
        return uscc._replace(
            identifiers=tuple(Identifier("CN-PERMIT", one.value + whole[2]) for one in uscc.identifiers)
        )
    if (tail := _PERMIT_TAIL.fullmatch(value)) and (found := _orgcode(tail[1])):
        return Verdict("warn", found, "the permit number lost its beginning; only its organisation code is proven")
    return refused(value, "a permit number is a unified code, 3 digits and a letter, 22 characters")


def permit_holder(value: str) -> tuple[Identifier, ...]:
    """The unified code in a permit number where it is proven, and its organisation code."""
    uscc = read_uscc(value[:18])
    return (*(uscc.identifiers if uscc.status == "ok" else ()), *uscc_orgcode(value))


def _carried(value: str) -> Verdict:
    """A permit number in the place of the code that it carries; else the wrong length."""
    if permit := _PERMIT.fullmatch(value):
        uscc = read_uscc(permit[1])
        if uscc.status == "ok":
            return Verdict("warn", uscc.identifiers, "taken from the permit number that carries it")
    return refused(value, f"a unified social credit code has 18 characters, this has {len(value)}")


def _look_alike(value: str) -> Verdict:
    """The code that one look-alike character hides, where both check digits prove it; else a refusal."""
    strange = [place for place, char in enumerate(value) if char not in _USCC_VALUES]
    found = value[strange[0]]
    right = value.replace(found, _LOOK_ALIKE.get(found, found))
    if len(strange) == 1 and right != value and _holds(right) and uscc_orgcode(right):
        reason = f"{found!r} in place {strange[0] + 1} was read as {_LOOK_ALIKE[found]}; both check digits prove it"
        return Verdict("warn", (Identifier("CN-USCC", right),), reason)
    return refused(value, "characters outside the code's alphabet (no I, O, S, V, Z)")


def _rounded(value: str) -> Verdict:
    """A code of digits that ends like a rounded number: lawful ones exist, and both their check digits hold."""
    if states_nothing(value):
        return Verdict("reject", reason=NO_NUMBER)
    if not (_holds(value) and uscc_orgcode(value)):
        return Verdict("reject", reason=DESTROYED)
    return Verdict(
        "warn", (Identifier("CN-USCC", value),), "it ends in zeros like a rounded number; verify against the register"
    )


def _orgcode(value: str) -> tuple[Identifier, ...]:
    return read_orgcode(value).identifiers


def _holds(uscc: str) -> bool:
    return uscc_check_digit(uscc[:17]) == uscc[17]


def _failed(uscc: str) -> str:
    if uscc_orgcode(uscc):
        return "the check digit fails; verify against the register"
    return "the check digit and that of the organisation code in it fail; verify against the register"
