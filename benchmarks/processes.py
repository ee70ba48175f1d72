"""One measurement, one process: nothing that ran before is in the memory of what is measured."""

from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import get_context
from typing import ParamSpec, TypeVar

Params = ParamSpec("Params")
Result = TypeVar("Result")

BOUND_S = 300.0
"""No part of the benchmark takes longer than this; what does has failed."""


def pool(workers: int) -> ProcessPoolExecutor:
    """Fresh interpreters, of which each does one piece of work."""
    return ProcessPoolExecutor(workers, mp_context=get_context("spawn"), max_tasks_per_child=1)


def alone(work: Callable[Params, Result], *args: Params.args, **kwargs: Params.kwargs) -> Result:
    """The result of the work, done by a fresh process while this one waits."""
    with pool(1) as one:
        return bounded(one.submit(work, *args, **kwargs))


def bounded(future: Future[Result]) -> Result:
    """The result, or `TimeoutError` when it takes longer than anything here may."""
    return future.result(timeout=BOUND_S)
