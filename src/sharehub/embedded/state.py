"""Remembers, in the home directory, which processes make up the running stack and why the last one failed."""

import contextlib
import fcntl
import json
import os
import signal
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sharehub.embedded.errors import HomeBusyError
from sharehub.embedded.processes import Process, wait_gone

LOCK_TIMEOUT_S = 180.0
_END_TIMEOUT_S = 5.0


@dataclass(frozen=True, slots=True)
class Stack:
    """Where the embedded parts answer; the address of an absent part is empty."""

    bootstrap_servers: str
    database_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What the supervisor last wrote about the stack it runs.

    Args:
        ready: All parts answered once.
        owned: The stack ends with the process that started it.
        processes: The supervisor first, then its children.
    """

    stack: Stack
    ready: bool
    owned: bool
    processes: tuple[Process, ...]

    @property
    def alive(self) -> bool:
        """Whether every process of the stack still runs."""
        return all(process.alive for process in self.processes)


def state_file(home: Path) -> Path:
    """The file that names the running processes."""
    return home / "stack.json"


def failure_file(home: Path) -> Path:
    """The file that keeps the reason when a stack ended by itself."""
    return home / "stack.failed.json"


def load_state(home: Path) -> State | None:
    """The state on disk, or nothing when there is none that can be read."""
    try:
        document = json.loads(state_file(home).read_text(encoding="utf-8"))
        return State(
            stack=Stack(**document["stack"]),
            ready=document["ready"],
            owned=document["owned"],
            processes=tuple(Process(**process) for process in document["processes"]),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def save_state(home: Path, state: State) -> None:
    """Replaces the state on disk in one step."""
    save_document(state_file(home), asdict(state))


def save_document(path: Path, document: dict[str, Any]) -> None:
    """Replaces a JSON file in one step; only this account can read it."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(json.dumps(document, indent=1), encoding="utf-8")
    draft.replace(path)


def load_failure(home: Path) -> str:
    """Why the last stack ended by itself, with its log; empty when it did not."""
    try:
        failure = json.loads(failure_file(home).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return ""
    return f"{failure['failure']}\nlog: {failure['log']}\n{failure['last_lines']}".rstrip()


def end_processes(state: State, *, timeout_s: float) -> None:
    """Asks the supervisor of a stack to stop, then ends whatever of the stack is still there."""
    supervisor = state.processes[0]
    supervisor.send(signal.SIGTERM)
    deadline = time.monotonic() + timeout_s
    with contextlib.suppress(ChildProcessError):  # when it is a child of this very process it must not stay as a zombie
        while os.waitpid(supervisor.pid, os.WNOHANG) == (0, 0) and time.monotonic() < deadline:
            time.sleep(0.02)
    left = wait_gone(state.processes, deadline - time.monotonic() if supervisor.alive else 0.5)
    for number in (signal.SIGINT, signal.SIGKILL):
        for process in left:
            process.send(number)
        left = wait_gone(left, _END_TIMEOUT_S)


@contextlib.contextmanager
def locked(home: Path, timeout_s: float = LOCK_TIMEOUT_S) -> Iterator[None]:
    """Holds the home directory so that two starts or stops at once take turns.

    Raises:
        HomeBusyError: Another process held it for the whole time.
    """
    with (home / "stack.lock").open("a") as stream:
        _acquire(stream.fileno(), home, time.monotonic() + timeout_s)
        yield  # closing the file gives the lock back


def _acquire(descriptor: int, home: Path, deadline: float) -> None:
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise HomeBusyError(
                    "another start or stop of the embedded stack does not finish",
                    detail=f"it holds {home / 'stack.lock'}",
                    hint="end that process, then try again",
                ) from None
            time.sleep(0.1)
        else:
            return
