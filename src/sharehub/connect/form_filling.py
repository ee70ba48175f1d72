"""A record back in the row of its kind's form, so that people can mend it there."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from sharehub.connect.form import FormColumn


def filled(columns: Sequence[FormColumn], value: Mapping[str, Any]) -> dict[str, str]:
    """The row's texts by title; what the form has no place for is left out."""
    subject = value["subject"]
    stated = iter(_identifiers(subject))
    names = iter(subject["names"])
    basis = (value.get("legal_basis") or [{}])[0]
    row: dict[str, str] = {}
    for column in columns:
        if column.target == "key.number":
            row[column.title] = _number(value)
        elif column.target == "subject.names":
            row[column.title] = next(names, "")
        elif column.target.startswith("subject."):
            row[column.title] = _text(subject[column.target.removeprefix("subject.")])
        elif not column.target:
            row[column.title] = next(stated, "")
        elif column.target.startswith("legal_basis."):
            row[column.title] = _text(basis.get(column.target.removeprefix("legal_basis.")))
        else:
            row[column.title] = _text(value.get(column.target))
    return row


def left_out(columns: Sequence[FormColumn], value: Mapping[str, Any]) -> list[str]:
    """What of the record the form has no place for, in words."""
    pairs = sum(not column.target for column in columns) // 2
    names = sum(column.target == "subject.names" for column in columns)
    more = {
        "identifiers": len(value["subject"]["identifiers"]) - pairs,
        "names": len(value["subject"]["names"]) - names,
        "legal bases": len(value.get("legal_basis") or ()) - 1,
    }
    return [f"{count} {what} more" for what, count in more.items() if count > 0]


def _number(value: Mapping[str, Any]) -> str:
    """The number within its form where it came from one, else the record's whole key."""
    own = f"form-{value['agency']}-"
    key = str(value["record_key"])
    return key.partition("/")[2] if key.startswith(own) else key


def _identifiers(subject: Mapping[str, Any]) -> Iterator[str]:
    for one in subject["identifiers"]:
        yield from (one["scheme"], one["value"])


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        return f"{value:f}"
    return "" if value is None else str(value)
