"""Rows by the million make no cycles: looking for some after every 700 new objects would cost a tenth of the time."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_NEW_OBJECTS: Final = 100_000


@contextmanager
def seldom_collected() -> Iterator[None]:
    """Look for cycles seldom."""
    before = gc.get_threshold()
    gc.set_threshold(_NEW_OBJECTS, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
