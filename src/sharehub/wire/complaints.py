"""The file of the matters of complaints: `rulebooks/complaints.toml`."""

from pathlib import Path

from pydantic import Field

from sharehub.core.competence import Matter
from sharehub.wire.rulebook_text import Strict
from sharehub.wire.tables import checked, read_tables


class _Matter(Strict):
    title: str = Field(min_length=1)
    authority: str = Field(min_length=1)


def read_matters(path: Path) -> dict[str, Matter]:
    """Every matter with the authority that is competent for it; none where there is no such file.

    Raises:
        UsageError: the file is malformed; the message names matter and field.
    """
    tables = {name: checked(path, f"matter {name!r}", _Matter, raw) for name, raw in read_tables(path).items()}
    return {name: Matter(name, **one.model_dump()) for name, one in tables.items()}
