"""The outermost part that spares the collector counts; in a process of its own, for the tests spare it themselves."""

import subprocess
import sys

SCRIPT = """
import gc
from sharehub.collector import seldom_collected

before = gc.get_threshold()
assert gc.get_freeze_count() == 0
with seldom_collected():
    spared, frozen = gc.get_threshold(), gc.get_freeze_count()
    assert spared > before and frozen > 0
    with seldom_collected():
        assert gc.get_threshold() == spared
    assert gc.get_threshold() == spared, "the inner one ended for all"
    assert gc.get_freeze_count() == frozen
assert (gc.get_threshold(), gc.get_freeze_count()) == (before, 0)
"""


def test_an_inner_part_changes_nothing_and_the_outer_one_leaves_all_as_it_was() -> None:
    ran = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, timeout=60, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")
