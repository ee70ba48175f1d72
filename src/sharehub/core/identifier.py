"""Identifier schemes: how each is normalised and checked, and what it implies.

A scheme is data: `read` never guesses. A verdict is `ok`, `warn` (kept, but its check digit fails, as for
lawful early codes) or `reject` with the reason in plain words.
Sources: GB 32100-2015 (unified social credit code), GB 11714 (organisation code), GB/T 17710 (mod 31);
SAT: Registro Federal de Contribuyentes.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from operator import mul
from typing import Literal, NamedTuple

USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
USCC_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
ORGCODE_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)

_USCC_VALUES = {char: value for value, char in enumerate(USCC_ALPHABET)}
_ORGCODE_VALUES = {char: value for value, char in enumerate("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")}

_OLD_TAXNO = re.compile(r"[0-9]{6}[0-9A-Z]{8}[0-9X]")
_ORGCODE = re.compile(r"[0-9A-Z]{8}[0-9X]")

Status = Literal["ok", "warn", "reject"]


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


@dataclass(frozen=True, slots=True)
class Scheme:
    """`read` normalises and checks; `derive` gives what the value implies; `single`: one per entity."""

    title: str
    read: Callable[[str], Verdict]
    derive: Callable[[str], tuple[Identifier, ...]] = lambda value: ()
    single: bool = False


def read(scheme: str, text: str) -> Verdict:
    """The verdict of a known scheme on a text as a spreadsheet holds it; unknown schemes reject."""
    found = SCHEMES.get(scheme)
    if found is None:
        return Verdict("reject", reason=f"identifier scheme {scheme!r} is not known")
    return found.read(text)


def derived(identifier: Identifier) -> tuple[Identifier, ...]:
    """What the identifier implies: a USCC its organisation code, an old tax number too."""
    found = SCHEMES.get(identifier.scheme)
    return found.derive(identifier.value) if found else ()


def main_identifier(text: str) -> Identifier:
    """The inverse of `str(identifier)`.

    Raises:
        ValueError: there is no scheme in the text.
    """
    scheme, colon, value = text.partition(":")
    if not colon:
        raise ValueError(f"{text!r} is not SCHEME:VALUE")
    return Identifier(scheme, value)


def uscc_check_digit(body: str) -> str:
    """The 18th character for the first 17 (GB 32100-2015; the outer mod 31 matters)."""
    total = sum(map(mul, map(_USCC_VALUES.__getitem__, body), USCC_WEIGHTS))
    return USCC_ALPHABET[(31 - total % 31) % 31]


def orgcode_check_digit(body: str) -> str:
    """The 9th character for the first 8 (GB 11714)."""
    total = sum(map(mul, map(_ORGCODE_VALUES.__getitem__, body), ORGCODE_WEIGHTS))
    return "0123456789X0"[11 - total % 11]


def _clean(text: str) -> str:
    if text.isascii() and text.isalnum():
        return text.upper()
    return re.sub(r"[\s\u200b-\u200d\ufeff]", "", text).upper()


def _read_uscc(text: str) -> Verdict:
    value = _clean(text)
    # A valid code can hold one E among digits; only a point or a plus sign proves a spreadsheet's notation.
    if not value.isalnum() and re.fullmatch(r"\d+(\.\d+E\+?|E\+)\d+", value):
        return Verdict("reject", reason="the spreadsheet has destroyed the number; format the column as text")
    if len(value) != 18:
        return Verdict("reject", reason=f"a unified social credit code has 18 characters, this has {len(value)}")
    if not _USCC_VALUES.keys() >= set(value):
        return Verdict("reject", reason="characters outside the code's alphabet (no I, O, S, V, Z)")
    found = (Identifier("CN-USCC", value),)
    if uscc_check_digit(value[:17]) == value[17]:
        return Verdict("ok", found)
    return Verdict("warn", found, "the check digit fails; verify against the register")


def _read_orgcode(text: str) -> Verdict:
    value = _clean(text).replace("-", "")
    if not _ORGCODE.fullmatch(value):
        return Verdict("reject", reason="an organisation code has 8 characters and a check digit")
    if orgcode_check_digit(value[:8]) != value[8]:
        return Verdict("reject", reason="the check digit of the organisation code fails")
    return Verdict("ok", (Identifier("CN-ORGCODE", value),))


def _read_taxpayer(text: str) -> Verdict:
    """A taxpayer number as bureaus print it: a USCC, an old 15-character number, or one of these with a
    leading `L` and a trailing two-digit branch mark, which are taken off only where the rest is proven."""
    value = _clean(text)
    unmarked = value.removeprefix("L")
    for candidate in dict.fromkeys((unmarked, unmarked.removesuffix("01"))):
        uscc = _read_uscc(candidate)
        if uscc.status == "ok":
            return uscc
        if _OLD_TAXNO.fullmatch(candidate) and _taxno_orgcode(candidate):
            return Verdict("ok", (Identifier("CN-TAXNO", candidate),))
    if not re.fullmatch(r"[0-9A-Z]{9,20}", value):
        return Verdict("reject", reason="a taxpayer number has 9 to 20 letters and digits")
    return Verdict("warn", (Identifier("CN-TAXNO", value),), "neither a unified code nor an old tax number")


def _taxno_orgcode(value: str) -> tuple[Identifier, ...]:
    return _read_orgcode(value[6:15]).identifiers if len(value) == 15 else ()


def _read_rfc(text: str) -> Verdict:
    value = _clean(text)
    if re.fullmatch(r"X{12,13}", value):
        return Verdict("reject", reason="the identity is suppressed by order of a court")
    if not re.fullmatch(r"[A-ZÑ&]{3,4}[0-9]{6}[0-9A-Z]{3}", value):
        return Verdict("reject", reason="an RFC has 3 or 4 letters, a date of 6 digits and 3 characters")
    return Verdict("ok", (Identifier("MX-RFC", value),))


def _read_cnpj(text: str) -> Verdict:
    """A CNPJ: 12 digits and two check digits, mod 11 (Receita Federal, IN RFB 2119/2022)."""
    value = re.sub(r"[-./]", "", _clean(text))
    if not re.fullmatch(r"[0-9]{14}", value):
        return Verdict("reject", reason="a CNPJ has 14 digits")
    for length in (12, 13):
        weights = (*range(length - 7, 1, -1), *range(9, 1, -1))
        rest = sum(int(digit) * weight for digit, weight in zip(value, weights, strict=False)) % 11
        if int(value[length]) != (0 if rest < 2 else 11 - rest):
            return Verdict("reject", reason="the check digit fails: the number is mistyped")
    return Verdict("ok", (Identifier("BR-CNPJ", value),))


def _read_npi(text: str) -> Verdict:
    """A National Provider Identifier (45 CFR 162.406)."""
    value = _clean(text)
    if not re.fullmatch(r"[12][0-9]{9}", value):
        return Verdict("reject", reason="an NPI has 10 digits, the first 1 or 2")
    return Verdict("ok", (Identifier("US-NPI", value),))


def _read_plain(scheme: str) -> Callable[[str], Verdict]:
    def read_plain(text: str) -> Verdict:
        value = _clean(text)
        if not value:
            return Verdict("reject", reason="the identifier is empty")
        if "|" in value:
            return Verdict("reject", reason="an identifier cannot hold a vertical bar")
        return Verdict("ok", (Identifier(scheme, value),))

    return read_plain


SCHEMES: Mapping[str, Scheme] = {
    "CN-USCC": Scheme(
        "unified social credit code", _read_uscc, lambda value: _read_orgcode(value[8:17]).identifiers, single=True
    ),
    "CN-ORGCODE": Scheme("organisation code", _read_orgcode, single=True),
    "CN-TAXNO": Scheme("taxpayer number", _read_taxpayer, _taxno_orgcode),
    "CN-REGNO": Scheme("business registration number", _read_plain("CN-REGNO")),
    "CN-PERSON": Scheme("masked reference of an individual", _read_plain("CN-PERSON")),
    "CN-OFFICE": Scheme("office of a public body", _read_plain("CN-OFFICE")),
    "MX-RFC": Scheme("Registro Federal de Contribuyentes", _read_rfc, single=True),
    "BR-CNPJ": Scheme("Cadastro Nacional da Pessoa Jurídica", _read_cnpj),
    "US-NPI": Scheme("National Provider Identifier", _read_npi),
    "CR-CPJ": Scheme("cédula de persona jurídica", _read_plain("CR-CPJ"), single=True),
    "RECORD": Scheme("a record that states no identifier", _read_plain("RECORD")),
}
