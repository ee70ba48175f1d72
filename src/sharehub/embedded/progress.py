"""Shows on stderr how a start goes: a bar on a terminal, a line per ten seconds elsewhere."""

import contextlib
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars

from sharehub.embedded.jars import Progress

_LINE_EVERY_S = 10.0


@contextlib.contextmanager
def shown_progress(*, quiet: bool = False) -> Iterator[Progress]:
    """A callback to give to `up` or `owned`, and the display that follows it while the block lasts."""
    if quiet:
        yield _Nowhere()
    elif sys.stderr.isatty():
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
        )
        with Bars(*columns, console=Console(stderr=True), transient=True) as bars:
            yield _Bar(bars)
    else:
        yield _Lines()


@dataclass(slots=True)
class _Nowhere:
    def __call__(self, step: str, done: int, total: int) -> None:
        """Shows nothing."""


@dataclass(slots=True)
class _Bar:
    bars: Bars
    task: TaskID | None = None

    def __call__(self, step: str, done: int, total: int) -> None:
        """Moves the one bar."""
        if self.task is None:
            self.task = self.bars.add_task(step)
        self.bars.update(self.task, description=step, completed=done, total=total)


@dataclass(slots=True)
class _Lines:
    last_at: float = field(default_factory=time.monotonic)

    def __call__(self, step: str, done: int, total: int) -> None:
        """Writes a line when the last one is ten seconds old."""
        now = time.monotonic()
        if now - self.last_at >= _LINE_EVERY_S:
            self.last_at = now
            sys.stderr.write(f"{step}: {done} of {total}\n")
