"""What a bar tells while the total is only an estimate that changes with every step."""

from io import StringIO

from rich.console import Console
from rich.progress import Progress as Bars

from sharehub.cli.progress import _bar, _columns


def test_rate_and_time_left_are_told_although_the_total_is_estimated_anew() -> None:
    now = 0.0
    out = Console(file=StringIO(), width=120)
    with Bars(*_columns("{task.description}"), console=out, get_time=lambda: now, auto_refresh=False) as bars:
        show = _bar(bars)
        show("reading", 0, 0)
        for second in range(1, 11):
            now = float(second)
            show("reading", 1_000 * second, 40_000 + second)
        (task,) = bars.tasks
        told = [str(column(task)) for column in bars.columns if not isinstance(column, str)]
    assert "1,000/s" in told
    assert "0:00:30" in told
