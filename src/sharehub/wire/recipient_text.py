"""The register of recipients as its file has it: the inverse of `wire.rulebooks.recipients_of`."""

import json
from collections.abc import Iterable, Iterator
from datetime import date

from sharehub.core.competence import Recipient

_STATED = ("title", "jurisdiction", "purpose")
_AGREED = ("fields", "schemes", "acknowledge_within_days", "until")


def recipients_text(recipients: Iterable[Recipient]) -> str:
    """TOML of the whole register, by id; what is agreed is stated even where it is the default."""
    return "\n".join("\n".join(_table(one)) + "\n" for one in sorted(recipients, key=lambda one: one.id))


def _table(one: Recipient) -> Iterator[str]:
    yield f"[{one.id}]"
    values = {name: getattr(one, name) for name in (*_STATED, *_AGREED)}
    yield from (f"{name} = {_toml(value)}" for name, value in values.items() if value is not None)


def _toml(value: object) -> str:
    """Strings, numbers and lists of them are written in TOML as in JSON; a day is written bare."""
    if isinstance(value, date):
        return value.isoformat()
    return json.dumps(list(value) if isinstance(value, tuple) else value, ensure_ascii=False)
