"""How far a connector's run is: a bar on a terminal, a line now and then elsewhere."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import Progress as Bars
from rich.progress import TaskID

from sharehub.cli.context import Cli
from sharehub.connect.runner import Progress

_LINE_EVERY_S = 10


@contextmanager
def shown(cli: Cli) -> Iterator[Progress]:
    """A bar on a terminal, a line every ten seconds elsewhere, nothing with -q."""
    if cli.quiet:
        yield lambda _step, _done, _total: None
    elif sys.stderr.isatty():
        with Bars(console=Console(stderr=True, no_color=not cli.color), transient=True) as bars:
            yield _bar(bars)
    else:
        yield _line(cli)


def _bar(bars: Bars) -> Callable[[str, int, int], None]:
    tasks: dict[str, TaskID] = {}

    def show(step: str, done: int, total: int) -> None:
        if step not in tasks:
            tasks[step] = bars.add_task(step, total=total or None)
        bars.update(tasks[step], completed=done)

    return show


def _line(cli: Cli) -> Callable[[str, int, int], None]:
    told = time.monotonic()

    def show(step: str, done: int, total: int) -> None:
        nonlocal told
        if time.monotonic() - told >= _LINE_EVERY_S:
            told = time.monotonic()
            cli.say(f"{step}: {done:,}" + (f" of {total:,}" if total else ""))

    return show
