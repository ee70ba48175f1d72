"""Describes a part of the stack as the supervisor needs to know it: commands and signals only."""

import signal
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from sharehub.embedded.state import Stack


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """How to prepare, serve and stop one part.

    Args:
        name: The word used in messages and in the state file.
        prepare: The command that makes the storage; empty when the storage exists.
        keep: Two paths: what `prepare` made is renamed from the first to the second once it is whole.
        serve: The command that serves until it is told to stop.
        account: The operating system account to run as; empty for the current one.
        stop_signals: Sent one after the other, each when the one before did not end the process in time.
        death_signal: Sent by the kernel when the supervisor itself is killed.
    """

    name: str
    serve: tuple[str, ...]
    cwd: str
    log: str
    prepare: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    account: str = ""
    stop_signals: tuple[int, ...] = (signal.SIGTERM, signal.SIGKILL)
    death_signal: int = signal.SIGKILL


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Everything one supervisor is told at its start."""

    home: Path
    stack: Stack
    parts: tuple[Part, ...] = ()

    def to_document(self) -> dict[str, Any]:
        """This plan as plain JSON values."""
        return {
            "home": str(self.home),
            "stack": asdict(self.stack),
            "parts": [asdict(part) for part in self.parts],
        }

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> Self:
        """The plan that `to_document` described."""
        parts = tuple(_part(part) for part in document["parts"])
        return cls(home=Path(document["home"]), stack=Stack(**document["stack"]), parts=parts)


def _part(document: dict[str, Any]) -> Part:
    values: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in document.items()
    }
    return Part(**values)
