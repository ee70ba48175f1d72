"""A command is told to stop before its work has begun: it ends in good order, in a container too.

The kernel shields process 1, which a container's command is, from every signal that it has no handler for: a service
that was told to stop while it was starting went on, and was killed at the end of the grace period.
"""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

STARTS_S = 30


def has_handler(process: int, number: signal.Signals) -> bool:
    """Whether the process handles the signal by itself, see proc(5)."""
    status = dict(line.split(":", 1) for line in Path(f"/proc/{process}/status").read_text().splitlines())
    return bool(int(status["SigCgt"], 16) >> (number - 1) & 1)


def test_a_service_that_is_starting_is_told_to_stop(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "sharehub", "--home", str(tmp_path), "consolidate"]
    starting = subprocess.Popen(command, env=os.environ, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + STARTS_S
    while not has_handler(starting.pid, signal.SIGTERM) and time.monotonic() < deadline:
        time.sleep(0.001)
    starting.send_signal(signal.SIGTERM)
    _, told = starting.communicate(timeout=STARTS_S)
    assert (starting.returncode, told) == (130, "")
