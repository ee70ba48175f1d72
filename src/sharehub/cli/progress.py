"""How far a connector's run is: a bar on a terminal, a line now and then elsewhere."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, ProgressColumn, Task, TaskID, TextColumn
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
        with Bars(*_columns("{task.description}"), console=_console(cli), transient=True) as bars:
            yield _bar(bars)
    else:
        yield _line(cli)


def _bar(bars: Bars) -> Callable[[str, int, int], None]:
    tasks: dict[str, TaskID] = {}

    def show(step: str, done: int, total: int) -> None:
        if step not in tasks:
            tasks[step] = bars.add_task(step, total=total or None)
        bars.update(tasks[step], completed=done, total=total or None)

    return show


def _line(cli: Cli) -> Callable[[str, int, int], None]:
    lines: dict[str, Callable[[int, int], None]] = {}

    def show(step: str, done: int, total: int) -> None:
        if step not in lines:
            lines[step] = _timed_line(cli, step)
        lines[step](done, total)

    return show


@contextmanager
def timed(cli: Cli, what: str) -> Iterator[Callable[[int, int], None]]:
    """Done of how many, with the rate and the time that is left: a bar, a line every ten seconds elsewhere."""
    if cli.quiet:
        yield lambda _done, _total: None
    elif sys.stderr.isatty():
        with Bars(*_columns(what), console=_console(cli), transient=True) as bars:
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
            rate = done / (now - begun)
            of, left = (f" of {total:,}", f", {max(0, total - done) / rate:.0f} s left") if total else ("", "")
            cli.say(f"{what}: {done:,}{of}, {rate:,.0f} per second{left}")

    return show


def _columns(what: str) -> tuple[ProgressColumn, ...]:
    return TextColumn(what), BarColumn(), MofNCompleteColumn(), _Rate(), _Left()


def _console(cli: Cli) -> Console:
    return Console(stderr=True, no_color=not cli.color)


def _rate(task: Task) -> float:
    """So many per second, since it began: `Task.speed` forgets all with every new estimate of the total."""
    return task.completed / task.elapsed if task.elapsed else 0.0


class _Rate(ProgressColumn):
    """So many per second."""

    def render(self, task: Task) -> Text:
        return Text(f"{_rate(task):,.0f}/s")


class _Left(ProgressColumn):
    """How long it takes still."""

    def render(self, task: Task) -> Text:
        rate = _rate(task)
        known = rate and task.total is not None
        return Text(str(timedelta(seconds=round(max(0, task.remaining or 0) / rate))) if known else "-:--:--")
