"""What a record must be to be admitted, said of one record: for whoever sends it, before it is sent.

The consolidator applies the same laws by column (`flow.admission`); a property test holds the two together.
Who is competent for what is not known here: that stands in the hub's catalogue.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from sharehub.core.identifier import Identifier, main_identifier, read
from sharehub.core.record import Rejection

EARLIEST_ON, LATEST_ON = date(1850, 1, 1), date(2200, 1, 1)
DATES = ("occurred_on", "decided_on", "effective_from", "effective_to")

Value = Mapping[str, object]


def refusal(value: Value, agency: str) -> Rejection | None:
    """The first law of admission that a valid record of this agency breaks, or None."""
    for law in (_nul, _speaker, _identifiers, _dates, _interval):
        if found := law(value, agency):
            code, field, reason = found
            return Rejection(code, field, "", reason)
    return None


def normal_identifier(text: str) -> Identifier:
    """The identifier that a record states as `SCHEME:VALUE`.

    Raises:
        ValueError: it is malformed, of an unknown scheme, or not in its normal form; the message is the reason.
    """
    identifier = main_identifier(text)
    verdict = read(identifier.scheme, identifier.value)
    if verdict.status == "reject":
        raise ValueError(f"{text}: {verdict.reason}")
    if verdict.identifiers[:1] != (identifier,):
        raise ValueError(f"{text}: must be published as {verdict.identifiers[0]}")
    return identifier


def message_key(agency: str, record_key: str, subject: Value) -> bytes:
    """The main identifier `SCHEME:VALUE`, or the record itself where it states none: what orders its messages."""
    for text in _stated(subject):
        return text.encode()
    return f"RECORD:{agency}/{record_key}".encode()


_Broken = tuple[str, str, str] | None


def _nul(value: Value, _agency: str) -> _Broken:
    if any("\0" in text for text in _texts(value)):
        return "bad-value", "", "a text holds a NUL character, which no database keeps"
    return None


def _speaker(value: Value, agency: str) -> _Broken:
    if value["agency"] != agency:
        return "wrong-agency", "agency", f"the record says agency {value['agency']} on the topic of {agency}"
    return None


def _identifiers(value: Value, _agency: str) -> _Broken:
    try:
        for text in _stated(_group(value["subject"])):
            normal_identifier(text)
    except ValueError as error:
        return "bad-identifier", "subject.identifiers", str(error)
    return None


def _dates(value: Value, _agency: str) -> _Broken:
    days = [value.get(name) for name in DATES]
    if all(EARLIEST_ON <= day <= LATEST_ON for day in days if isinstance(day, date)):
        return None
    return "bad-date", "dates", f"a date lies outside the years {EARLIEST_ON.year} to {LATEST_ON.year}"


def _interval(value: Value, _agency: str) -> _Broken:
    begin, end = value.get("effective_from"), value.get("effective_to")
    if isinstance(begin, date) and isinstance(end, date) and end < begin:
        return "bad-date", "effective_to", f"ends on {end} before it begins on {begin}"
    return None


def _stated(subject: Value) -> Iterator[str]:
    identifiers = subject["identifiers"]
    if isinstance(identifiers, Sequence):
        for one in identifiers:
            yield f"{one['scheme']}:{one['value']}"


def _group(found: object) -> Value:
    return found if isinstance(found, Mapping) else {}


def _texts(found: object) -> Iterator[str]:
    if isinstance(found, str):
        yield found
    elif isinstance(found, Mapping):
        for part in found.values():
            yield from _texts(part)
    elif isinstance(found, Sequence):
        for part in found:
            yield from _texts(part)
