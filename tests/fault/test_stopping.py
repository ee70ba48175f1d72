"""A command is told to stop before its work has begun: it ends in good order, in a container too.

The kernel shields process 1, which a container's command is, from every signal that it has no handler for: a service
that was told to stop while it was starting went on, and was killed at the end of the grace period.
"""

import os
import subprocess
import sys
from pathlib import Path

from tests.integration.publishing import until

STARTS_S = 30

# Stands in the way of a module that the command imports: takes its time, tells when it is there, lets no exception out.
SLOW = """
import contextlib, pathlib, time
for _ in range(60):
    with contextlib.suppress(BaseException):
        pathlib.Path(__file__).with_name("importing").touch()
        time.sleep(1)
"""


def test_a_service_that_is_starting_is_told_to_stop(tmp_path: Path) -> None:
    (tmp_path / "typer.py").write_text(SLOW)
    command = [sys.executable, "-m", "sharehub", "--home", str(tmp_path), "consolidate"]
    env = os.environ | {"PYTHONPATH": str(tmp_path)}
    starting = subprocess.Popen(command, env=env, stderr=subprocess.PIPE, text=True)
    until((tmp_path / "importing").exists, STARTS_S)
    starting.terminate()
    _, told = starting.communicate(timeout=STARTS_S)
    assert (starting.returncode, told) == (130, "")
