"""Where each setting comes from, and what was meant as one but names none."""

import os
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import BaseModel

from sharehub.settings import Settings, secret_files, variables

DEFAULT = "default"
_FILES = ("secrets.toml", "sharehub.toml")
_NO_SETTINGS = ("SHAREHUB_CACHE", "SHAREHUB_TOKEN", "SHAREHUB_HYPOTHESIS", "SHAREHUB_TEST_")
"""Variables with other readers: the cache of the embedded parts, the token of `feed verify`, the tests."""


class Setting(NamedTuple):
    """A setting in force: its path in the model, its value, and what set it."""

    path: tuple[str, ...]
    value: Any
    origin: str

    @property
    def name(self) -> str:
        """As it is written in documents."""
        return ".".join(self.path)


def in_force(settings: Settings) -> Iterator[Setting]:
    """Every setting, in the order of the model."""
    files = _tables()
    for path, value in _leaves(settings, ()):
        yield Setting(path, value, _origin(path, settings, files))


def unknown_names() -> list[str]:
    """Variables, and tables or lines of the files here, that name no setting and so have no effect."""
    groups = {f"SHAREHUB_{name.upper()}" for name in Settings.model_fields}
    known = groups | {name for _, one in variables() for name in (one, f"{one}_FILE")}
    stated = [name for name in sorted(os.environ) if name.startswith("SHAREHUB_") and name.upper() not in known]
    found = [name for name in stated if not name.startswith(_NO_SETTINGS)]
    top = {"profile", *Settings.model_fields}
    return found + [f"{name} in {file}" for file, table in _tables() for name in sorted(table.keys() - top)]


def _tables() -> list[tuple[str, Mapping[str, Any]]]:
    return [(name, tomllib.loads(Path(name).read_text(encoding="utf-8"))) for name in _FILES if Path(name).is_file()]


def _leaves(model: BaseModel, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name in type(model).model_fields:
        value = getattr(model, name)
        if isinstance(value, BaseModel):
            yield from _leaves(value, (*path, name))
        else:
            yield (*path, name), value


def _origin(path: tuple[str, ...], settings: BaseModel, files: Sequence[tuple[str, Mapping[str, Any]]]) -> str:
    variable = "SHAREHUB_" + "__".join(path).upper()
    if variable in os.environ:
        return f"environment {variable}"
    if (path, f"{variable}_FILE") in secret_files():
        return f"file named by {variable}_FILE"
    for name, table in files:
        if _stated(table, path):
            return name
    part: Any = settings
    for step in path[:-1]:
        part = getattr(part, step)
    return "flag or file given by --config" if path[-1] in part.model_fields_set else DEFAULT


def _stated(table: Any, path: tuple[str, ...]) -> bool:
    for step in path:
        if not isinstance(table, Mapping) or step not in table:
            return False
        table = table[step]
    return True
