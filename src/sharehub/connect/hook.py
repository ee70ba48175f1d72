"""The optional `connector.py` of a connector: `prepare(row)` runs before the mapping, for what a mapping cannot say."""

import importlib.util
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from sharehub.errors import UsageError


@dataclass(frozen=True, slots=True)
class Reject:
    """What `prepare` returns instead of a row that can be no record."""

    reason: str
    field: str = ""
    code: str = "prepare"


@dataclass(frozen=True, slots=True)
class Skip:
    """What `prepare` returns instead of a row that is no record and is not meant to be one; it is counted and told."""

    reason: str


Prepare = Callable[[Mapping[str, str]], Mapping[str, str] | Reject | Skip]


def load_hook(folder: Path) -> Prepare | None:
    """The `prepare` of a connector's folder, or None where there is no connector.py.

    Raises:
        UsageError: connector.py cannot be loaded or has no `prepare`.
    """
    path = folder / "connector.py"
    if not path.is_file():
        return None
    spec = importlib.util.spec_from_file_location(f"connector_{folder.name.replace('-', '_')}", path)
    if spec is None or spec.loader is None:
        raise UsageError(f"{path}: cannot be loaded")
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except (ImportError, SyntaxError, NameError, AttributeError, TypeError, ValueError) as error:
        raise UsageError(f"{path}: cannot be loaded: {error}") from error
    prepare = getattr(module, "prepare", None)
    if not callable(prepare):
        raise UsageError(f"{path}: has no function prepare(row)")
    return prepare  # type: ignore[no-any-return]
