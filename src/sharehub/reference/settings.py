"""The settings: name, environment variable, default and meaning, taken from the model."""

from collections.abc import Iterator
from typing import Any, Literal, NamedTuple, get_args, get_origin

from pydantic import BaseModel

from sharehub.reference.markdown import code, paragraphs, table
from sharehub.settings import Settings

_ORDER = """
Highest first: a flag, the environment, a file, the profile chosen with `--profile`, `secrets.toml`, `sharehub.toml` (or
the file of `--config`), the default. Both TOML files are read in the folder in which the command runs. An empty address
means the embedded stack under `home`.

Each variable has a twin that ends in `_FILE` and names a file with the value, as containers are given secrets:
`SHAREHUB_DATABASE__URL_FILE=/run/secrets/database-url`.
"""
_EXAMPLE = """
```toml
# sharehub.toml
[kafka]
bootstrap_servers = "kafka-1.example:9092,kafka-2.example:9092"
replication_factor = 3

[profile.trial]
home = "/srv/sharehub-trial"
```
"""


class Setting(NamedTuple):
    """One setting as it can be written."""

    name: str
    variable: str
    default: str
    words: str


def page() -> str:
    """The page of all settings."""
    rows = [(code(one.name), code(one.variable), one.default, one.words) for one in settings()]
    return paragraphs(
        "# Settings",
        _ORDER.strip(),
        table(("setting", "environment", "default", "means"), rows),
        "## A file",
        _EXAMPLE.strip(),
    )


def settings() -> Iterator[Setting]:
    """Every setting, in the order of the model."""
    yield from _fields(Settings, ())


def _fields(model: type[BaseModel], path: tuple[str, ...]) -> Iterator[Setting]:
    for name, field in model.model_fields.items():
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            yield from _fields(inner, (*path, name))
        else:
            parts = (*path, name)
            variable = "SHAREHUB_" + "__".join(part.upper() for part in parts)
            default = "empty" if field.default in (None, "") else code(field.default)
            yield Setting(".".join(parts), variable, default, f"{field.description}{_allowed(inner)}")


def _allowed(annotation: Any) -> str:
    if get_origin(annotation) is not Literal:
        return ""
    return f" One of {', '.join(map(code, get_args(annotation)))}."
