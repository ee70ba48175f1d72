"""International identifiers and those of Brazil, Mexico, the United States, Japan and Costa Rica.

The check digits are python-stdnum's. An issuer that never gives a wrong one leaves a mistyped number: refused.
Sources: ISO 17442-1 (LEI), ISO/IEC 7064 (mod 97,10); Receita Federal, IN RFB 2119/2022 and 2229/2024 (CNPJ), IN RFB
2172/2024 (CPF); SAT, Código Fiscal de la Federación art. 27 (RFC); 45 CFR 162.406 (NPI); 26 CFR 301.6109-1 (EIN);
国税庁, 法人番号; Registro Nacional de Costa Rica, list of classes and types (cédula jurídica).
"""

import re

from stdnum import luhn
from stdnum.br import cnpj, cpf
from stdnum.cr import cpj
from stdnum.exceptions import InvalidChecksum, ValidationError
from stdnum.iso7064 import mod_97_10
from stdnum.jp import cn as corporate
from stdnum.mx import rfc

from sharehub.core.scheme import NO_NUMBER, Identifier, Verdict, bare, numbered, refused, states_nothing, without

_RFC = re.compile(r"[A-ZÑ&]{3,4}[0-9]{6}[0-9A-Z]{3}")
_RFC_SUPPRESSED = re.compile(r"X{12,13}")
_RFC_SHARED = {"XAXX010101000": "the general public", "XEXX010101000": "foreign residents"}
_EIN = re.compile(r"([0-9]{2})-?([0-9]{7})")
_CPF = re.compile(r"[0-9]{11}")
_CPF_MASKED = re.compile(r"[*X]{3}([0-9]{6})[*X]{2}")
_CPJ = re.compile(r"[1-9][0-9]{9}")


def read_rfc(text: str) -> Verdict:
    """An RFC: real ones fail the check digit, so that is a warning; suppressed and shared ones name nobody."""
    value = without("-", bare(text))
    if _RFC_SUPPRESSED.fullmatch(value):
        return Verdict("reject", reason="the identity is suppressed by order of a court")
    if value in _RFC_SHARED:
        return Verdict("reject", reason=f"this RFC stands for {_RFC_SHARED[value]}, for nobody in particular")
    if not _RFC.fullmatch(value):
        return refused(value, "an RFC has 3 or 4 letters, a date of 6 digits and 3 characters")
    reason = _rfc_doubt(value)
    return Verdict("warn" if reason else "ok", (Identifier("MX-RFC", value),), reason)


def cnpj_root(value: str) -> tuple[Identifier, ...]:
    """The legal person whose establishment the CNPJ names: its first 8 characters."""
    return (Identifier("BR-CNPJ-ROOT", value[:8]),)


def read_cpf(text: str) -> Verdict:
    """A CPF, kept as Brazil's administration prints a person's: the six digits in the middle, the others masked."""
    value = without("-.", bare(text))
    if masked := _CPF_MASKED.fullmatch(value):
        return Verdict("ok", (Identifier("BR-CPF", f"***{masked[1]}**"),))
    if not _CPF.fullmatch(value):
        return refused(value, "a CPF has 11 digits, or 6 between masks of 3 and 2 characters")
    if len(set(value)) == 1:
        return Verdict("reject", reason=NO_NUMBER)
    if not cpf.is_valid(value):
        return Verdict("reject", reason="the check digit fails: the number is mistyped")
    return Verdict("ok", (Identifier("BR-CPF", f"***{value[3:9]}**"),))


def read_ein(text: str) -> Verdict:
    """An EIN. Its hyphen is after the second digit only: elsewhere it would be a person's number."""
    value = without("", bare(text))
    found = _EIN.fullmatch(value)
    if not found:
        return refused(value, "an EIN has 9 digits, with a hyphen after the second or none")
    if states_nothing("".join(found.groups())):
        return Verdict("reject", reason=NO_NUMBER)
    return Verdict("ok", (Identifier("US-EIN", "".join(found.groups())),))


def read_cpj(text: str) -> Verdict:
    """A cédula jurídica. It has no check digit; its first digits are a class, and lists print classes of their own."""
    value = without("-", bare(text))
    if not _CPJ.fullmatch(value):
        return refused(value, "a cédula jurídica has 10 digits and does not begin with 0")
    found = (Identifier("CR-CPJ", value),)
    if cpj.is_valid(value):
        return Verdict("ok", found)
    return Verdict("warn", found, "no known class of legal persons has these first digits; verify against the register")


def _rfc_doubt(value: str) -> str:
    try:
        rfc.validate(value, validate_check_digits=True)
    except InvalidChecksum:
        return "the check digit fails; verify against the register"
    except ValidationError:
        return "the date or the last three characters are none that the rules give; verify against the register"
    return ""


read_lei = numbered(
    "LEI",
    r"[0-9A-Z]{18}[0-9]{2}",
    "an LEI has 18 letters and digits and 2 check digits",
    lambda value: bool(mod_97_10.calc_check_digits(value[:18]) == value[18:]),
)
read_cnpj = numbered(
    "BR-CNPJ",
    r"[0-9A-Z]{12}[0-9]{2}",
    "a CNPJ has 12 letters and digits and 2 check digits",
    lambda value: bool(cnpj.is_valid(value)),
    separators="-./",
)
read_cnpj_root = numbered(
    "BR-CNPJ-ROOT",
    r"[0-9A-Z]{8}",
    "the root of a CNPJ has 8 letters and digits",
    lambda value: True,
    separators=".",
)
read_npi = numbered(
    "US-NPI",
    r"[0-9]{10}",
    "an NPI has 10 digits",
    lambda value: value[0] in "12" and bool(luhn.is_valid("80840" + value)),
)
read_corporate_number = numbered(
    "JP-CORPNO",
    r"[0-9]{13}",
    "a corporate number has 13 digits",
    lambda value: bool(corporate.is_valid(value)),
    separators="-",
)
