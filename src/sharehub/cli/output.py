"""Data in the format that was asked for, to a file or to stdout."""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from sharehub.errors import UsageError


def write_out(writers: Mapping[str, Callable[[Any], None]], format: str, output: Path | None) -> None:
    """Write in the format that was asked for, to the file or to stdout.

    Raises:
        UsageError: there is no such format, or stdout is a terminal and the format is not for people.
    """
    if format not in writers:
        raise UsageError(f"there is no format {format!r}", hint=f"there are: {', '.join(writers)}")
    if output is None and format in ("xlsx", "avro") and sys.stdout.isatty():
        raise UsageError(f"{format} is not for a terminal", hint="-o FILE")
    if output is None:
        sys.stdout.flush()
        writers[format](sys.stdout.buffer)
        return
    with output.open("wb") as stream:
        writers[format](stream)
