"""TOML files of named tables, each checked by a model: a fault names file, table and field."""

import tomllib
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from sharehub.errors import UsageError

_Model = TypeVar("_Model", bound=BaseModel)


def read_tables(path: Path) -> dict[str, Any]:
    """What the file holds; nothing where there is no such file.

    Raises:
        UsageError: it is not TOML.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{path}: {error}") from error


def checked(path: Path, what: str, model: type[_Model], table: object) -> _Model:
    """The table as the model; `what` names it for people, such as `clock 'objection-answered'`.

    Raises:
        UsageError: it does not fit.
    """
    try:
        return model.model_validate(table)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        field = f", field {place!r}" if place else ""
        raise UsageError(f"{path}: {what}{field}: {first['msg'].removeprefix('Value error, ')}") from error
