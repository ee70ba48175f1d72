"""Starts and ends processes so that none outlives its supervisor and no recycled pid is ever trusted.

A process is known by pid and birth. On Linux the birth is the start tick within one boot, which no change of
the clock moves.
"""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

_LINUX = sys.platform == "linux"
_PR_SET_PDEATHSIG = 1
_LOG_BYTES_MAX = 10_000_000
_libc = ctypes.CDLL(None, use_errno=True) if _LINUX else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """One process that was seen alive, told apart from any later one with its pid."""

    name: str
    pid: int
    birth: str

    @property
    def alive(self) -> bool:
        """Whether this very process, not a successor of its pid, still runs."""
        return birth_of(self.pid) == self.birth != ""

    def send(self, signal_number: int) -> None:
        """Signals this process if it still is the one that was seen."""
        if self.alive:
            try:
                os.kill(self.pid, signal_number)
            except ProcessLookupError:
                return


def seen(name: str, pid: int) -> Process:
    """The process that has this pid now."""
    return Process(name=name, pid=pid, birth=birth_of(pid))


def birth_of(pid: int) -> str:
    """A token of when and in which boot a live process began, empty when there is none or only a zombie."""
    try:
        if not _LINUX:
            return repr(psutil.Process(pid).create_time())
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except (OSError, psutil.Error):
        return ""
    state, start_tick = fields[0], fields[19]
    return "" if state in "ZX" else f"{_boot()}/{start_tick}"


def wait_gone(processes: Iterable[Process], timeout_s: float) -> tuple[Process, ...]:
    """The processes that still run when all have ended or time is up."""
    left = tuple(processes)
    deadline = time.monotonic() + timeout_s
    while (left := tuple(process for process in left if process.alive)) and time.monotonic() < deadline:
        time.sleep(0.02)
    return left


def spawn(
    command: Sequence[str], *, cwd: Path, log: Path, account: str = "", death_signal: int = signal.SIGKILL
) -> subprocess.Popen[bytes]:
    """Starts a child that writes to a log and that the kernel signals when this process dies.

    Must be called from the main thread: the kernel watches the thread that made the child.
    """
    parent = os.getpid()

    def die_with_parent() -> None:
        # Runs after the account was changed, which would have cleared the request.
        if _libc is not None:
            _libc.prctl(_PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    with log.open("ab" if _size(log) < _LOG_BYTES_MAX else "wb") as output:
        return subprocess.Popen(
            command,
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            preexec_fn=die_with_parent,  # noqa: PLW1509 -- the supervisor has one thread
            user=account or None,
            group=account or None,
            extra_groups=[] if account else None,
        )


def last_lines(log: Path, lines_max: int = 6) -> str:
    """The end of a log file, empty when it cannot be read."""
    try:
        with log.open("rb") as stream:
            stream.seek(max(0, _size(log) - 8192))
            return "\n".join(stream.read().decode("utf-8", "replace").splitlines()[-lines_max:])
    except OSError:
        return ""


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _boot() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return "boot"
