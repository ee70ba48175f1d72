"""The file of the matters of complaints: `rulebooks/complaints.toml`."""

import tomllib
from pathlib import Path

from pydantic import Field, ValidationError

from sharehub.core.competence import Matter
from sharehub.errors import UsageError
from sharehub.wire.rulebook_text import Strict


class _Matter(Strict):
    title: str = Field(min_length=1)
    authority: str = Field(min_length=1)


def read_matters(path: Path) -> dict[str, Matter]:
    """Every matter with the authority that is competent for it; none where there is no such file.

    Raises:
        UsageError: the file is malformed; the message names matter and field.
    """
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{path}: {error}") from error
    matters = {}
    for name, table in raw.items():
        try:
            matters[name] = Matter(name, **_Matter.model_validate(table).model_dump())
        except ValidationError as error:
            first = error.errors()[0]
            raise UsageError(f"{path}: matter {name!r}, field {_place(first['loc'])!r}: {first['msg']}") from error
    return matters


def _place(parts: tuple[str | int, ...]) -> str:
    return ".".join(map(str, parts))
