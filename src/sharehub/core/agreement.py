"""What a recipient may see: the projection of an event onto what was agreed for its purpose (data minimisation)."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Literal, TypeAlias

from sharehub.core.competence import Recipient

Value: TypeAlias = "str | int | bool | date | datetime | list[Value] | dict[str, Value] | None"
"""A value of an event, as its schema has it."""

AgreementEvent = Literal["agreed", "changed", "retired"]

WITHHELD_UNLESS_AGREED: Mapping[str, tuple[str, ...]] = {
    "names": ("names",),
    "document_number": ("ground.document_number",),
    "why": ("ground.why", "witnesses"),
    "relatedness": ("relatedness",),
    "publication": ("publication", "published_until"),
    "recipients": ("recipients",),
}
"""What an agreement may name, and the parts of an event that each stands for.

Everything else is always there: without measure, ground, basis, authority, term and remedies nobody can apply a
measure lawfully or tell the person how to object.
"""


def allowed(value: Mapping[str, Value], agreement: Recipient) -> dict[str, Value]:
    """The event as this recipient may see it; what is withheld is empty and named in `withheld`."""
    shown = dict(value)
    withheld = sorted(WITHHELD_UNLESS_AGREED.keys() - set(agreement.fields))
    paths = [path for name in withheld for path in WITHHELD_UNLESS_AGREED[name]]
    for path in paths:
        _withhold(shown, path, agreement.id)
    hidden = {path.rpartition(".")[2] for path in paths}
    shown["changes"] = [one for one in _list(value["changes"]) if _dict(one)["field"] not in hidden]
    shown["identifiers"] = [one for one in _list(value["identifiers"]) if _agreed_scheme(_dict(one), agreement)]
    shown["withheld"] = list(withheld)
    return shown


def in_force(agreement: Recipient | None, on: date) -> bool:
    """True where events of that day still go to the recipient."""
    return agreement is not None and (agreement.until is None or on <= agreement.until)


def agreement_event(before: Recipient | None, after: Recipient | None) -> AgreementEvent | None:
    """What both sides are told when the register of recipients changes; None: nothing changes for this one."""
    if before == after:
        return None
    if after is None or (after.until is not None and (before is None or before.until != after.until)):
        return "retired"
    return "changed" if before else "agreed"


def agreement_events(
    before: Mapping[str, Recipient], after: Mapping[str, Recipient]
) -> Iterator[tuple[AgreementEvent, Recipient]]:
    """Each recipient for whom the register says something else, and what was agreed with it, or was until now."""
    for name in sorted(before.keys() | after.keys()):
        old, new = before.get(name), after.get(name)
        event, agreement = agreement_event(old, new), new or old
        if event is not None and agreement is not None:
            yield event, agreement


def _withhold(shown: dict[str, Value], path: str, recipient: str) -> None:
    name, _, rest = path.partition(".")
    if rest:
        part = dict(_dict(shown[name]))
        _withhold(part, rest, recipient)
        shown[name] = part
    else:
        shown[name] = [recipient] if name == "recipients" else _empty(shown[name])


def _empty(value: Value) -> Value:
    if isinstance(value, list):
        return []
    return "" if isinstance(value, str) else None


def _agreed_scheme(identifier: Mapping[str, Value], agreement: Recipient) -> bool:
    return not agreement.schemes or identifier["scheme"] in agreement.schemes


def _dict(value: Value) -> dict[str, Value]:
    assert isinstance(value, dict)  # noqa: S101 - the schema has it so
    return value


def _list(value: Value) -> list[Value]:
    assert isinstance(value, list)  # noqa: S101 - the schema has it so
    return value
