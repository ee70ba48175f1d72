"""How far a connector's run is: a bar on a terminal, a line now and then elsewhere."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, ProgressColumn, Task, TaskID, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bars
from rich.text import Text

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


@contextmanager
def timed(cli: Cli, what: str) -> Iterator[Callable[[int, int], None]]:
    """Done of how many, with the rate and the time that is left: a bar, a line every ten seconds elsewhere."""
    if cli.quiet:
        yield lambda _done, _total: None
    elif sys.stderr.isatty():
        columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), _Rate(), TimeRemainingColumn())
        with Bars(*columns, console=Console(stderr=True, no_color=not cli.color), transient=True) as bars:
            task = bars.add_task(what, total=None)
            yield lambda done, total: bars.update(task, completed=done, total=total)
    else:
        yield _timed_line(cli, what)


def _timed_line(cli: Cli, what: str) -> Callable[[int, int], None]:
    begun = told = time.monotonic()

    def show(done: int, total: int) -> None:
        nonlocal told
        now = time.monotonic()
        if done and now - told >= _LINE_EVERY_S:
            told = now
            left = (total - done) * (now - begun) / done
            cli.say(f"{what}: {done:,} of {total:,}, {done / (now - begun):,.0f} per second, {left:.0f} s left")

    return show


class _Rate(ProgressColumn):
    """So many per second."""

    def render(self, task: Task) -> Text:
        return Text(f"{task.speed or 0:,.0f}/s")
