"""Every error that leaves a layer, with its exit code.

    SharehubError
    ├── UsageError            2  the command or a file it names is wrong
    ├── UnreachableError      3  a dependency cannot be reached
    ├── RefusedError          4  a safeguard said no
    ├── FencedError           1  another worker has taken a partition over
    └── BrokenStateError      1  a law is violated in our own tables: stop and say what

Bad input is no error: it is a rejection, a value (`core.record.Rejection`).
"""

from typing import ClassVar


class SharehubError(Exception):
    """What failed, where, and what to do; `hint` is the next command or action."""

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class UsageError(SharehubError):
    """The command, or a file it names, cannot be used as it is."""

    exit_code = 2


class UnreachableError(SharehubError):
    """Kafka or PostgreSQL did not answer within its bound."""

    exit_code = 3


class RefusedError(SharehubError):
    """A safeguard refused; nothing was sent or changed."""

    exit_code = 4


class BrokenStateError(SharehubError):
    """Our own tables or topics contradict a law; going on would make it worse."""


class FencedError(SharehubError):
    """Another worker has taken a partition over; nothing of the batch was written."""
