"""Where a subscriber is: one small file with the cursor after the last entry that was done."""

import json
import os
from pathlib import Path

from sharehub.core.feed import position_of
from sharehub.errors import UsageError


class PlaceFile:
    """The place of one recipient's subscriber; written whole or not at all."""

    def __init__(self, path: Path, recipient: str) -> None:
        self._path = path
        self._recipient = recipient

    def load(self) -> str:
        """The cursor; empty before the first entry.

        Raises:
            UsageError: the file is another recipient's, or damaged.
        """
        if not self._path.is_file():
            return ""
        try:
            said = json.loads(self._path.read_text(encoding="utf-8"))
            recipient, cursor = said["recipient"], str(said["cursor"])
            position_of(cursor)
        except (ValueError, KeyError, TypeError) as error:
            told = "move it away to begin anew, or write the cursor of the last event that you kept"
            raise UsageError(f"{self._path}: is no place in a feed: {error}", hint=told) from error
        if recipient != self._recipient:
            raise UsageError(f"{self._path}: is the place of {recipient}, not of {self._recipient}")
        return cursor

    def save(self, cursor: str) -> None:
        """Keep the cursor, through a loss of power too."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        draft = self._path.with_name(f"{self._path.name}.{os.getpid()}.draft")
        with draft.open("w", encoding="utf-8") as stream:
            stream.write(json.dumps({"recipient": self._recipient, "cursor": cursor}) + "\n")
            stream.flush()
            os.fsync(stream.fileno())
        draft.replace(self._path)


class GivenPlace:
    """A place that the caller keeps: with its own data, in one transaction."""

    def __init__(self, cursor: str) -> None:
        self._cursor = cursor

    def load(self) -> str:
        """The cursor that was given."""
        return self._cursor

    def save(self, cursor: str) -> None:
        """Nothing: `event.cursor` is the caller's to keep."""
