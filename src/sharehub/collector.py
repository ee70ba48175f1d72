"""The garbage collector, told that objects by the million make no cycles: looking for some took up to half of the time.

Rows, remembered identifiers and answers end by their last reference; what little is cyclic can wait.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_SELDOM: Final = (100_000, 50, 100)
"""New objects before the youngest are looked at; then how many looks at one generation before the next older."""


@contextmanager
def seldom_collected() -> Iterator[None]:
    """Look for cycles seldom, and never among what there is by now. Also a decorator; within another: nothing."""
    if gc.get_freeze_count():
        yield
        return
    before = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_SELDOM)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
