"""The optional `connector.py` of a connector: one class, for what a mapping cannot say.

    class Licences(Connector):
        def read(self, since): ...      # rows of a source that no type of source reads
        def prepare(self, row): ...     # a row before the mapping

Bookmark, hashes, validation, quarantine, retries, transactions and counts are the framework's.
"""

import importlib.util
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from sharehub.errors import UsageError

Cells = Mapping[str, str]
Prepare = Callable[[Cells], Cells | Sequence[Cells]]
Read = Callable[[str | None], Iterable[Mapping[str, Any]]]


class RowError(Exception):
    """What `prepare` raises of one row; the run goes on."""


class RejectRow(RowError):
    """The row can be no record: it is quarantined with this reason."""

    def __init__(self, reason: str, field: str = "", code: str = "prepare") -> None:
        super().__init__(reason)
        self.reason, self.field, self.code = reason, field, code


class SkipRow(RowError):
    """The row is no record and is not meant to be one: it is counted and told."""


class RetryLater(Exception):
    """The source is busy or away: `read` is called anew after a pause, a few times."""


class StopRun(Exception):
    """The source is not what it should be: the run is refused, and nothing of it was sent."""


class Connector:
    """What a `connector.py` defines one subclass of."""

    def read(self, since: str | None) -> Iterable[Mapping[str, Any]]:
        """The rows of the source, as texts, numbers and dates by column title; of `source.type = "python"`.

        `since` is the greatest value of the column `source.bookmark` that was ever published, as text (a day or an
        instant in ISO 8601), else `source.since`, else None: everything. What was read before and comes again is
        recognised. Nothing is sent before the last row was read.

        Raises:
            RetryLater: call again after a pause.
            StopRun: send nothing.
        """
        raise NotImplementedError

    def prepare(self, row: Cells) -> Cells | Sequence[Cells]:
        """The row as the mapping wants it, or several rows where it states several records.

        Raises:
            RejectRow: it can be no record.
            SkipRow: it is none and is not meant to be one.
        """
        return row


def load_hook(folder: Path) -> Connector | None:
    """What the connector.py of a folder defines, or None where there is none.

    Raises:
        UsageError: connector.py cannot be loaded, or does not define exactly one Connector.
    """
    path = folder / "connector.py"
    if not path.is_file():
        return None
    module = _loaded(path)
    found = [
        made
        for made in vars(module).values()
        if isinstance(made, type) and issubclass(made, Connector) and made.__module__ == module.__name__
    ]
    if len(found) != 1:
        raise UsageError(
            f"{path}: defines {len(found)} connectors, not one",
            hint="class MyList(Connector): with read(self, since) or prepare(self, row)",
        )
    return found[0]()


def prepares(hook: Connector) -> Prepare | None:
    """Its `prepare`, or None where it has none of its own."""
    return hook.prepare if type(hook).prepare is not Connector.prepare else None


def reads(hook: Connector) -> Read | None:
    """Its `read`, or None where it has none of its own."""
    return hook.read if type(hook).read is not Connector.read else None


def _loaded(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"connector_{path.parent.name.replace('-', '_')}", path)
    if spec is None or spec.loader is None:
        raise UsageError(f"{path}: cannot be loaded")
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except (ImportError, SyntaxError, NameError, AttributeError, TypeError, ValueError) as error:
        raise UsageError(f"{path}: cannot be loaded: {error}") from error
    return module
