"""The processes of a replay: each task in one of its own, told when to stop, and none left behind."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from multiprocessing import get_context
from multiprocessing.connection import Connection as Pipe
from multiprocessing.context import SpawnProcess
from threading import Thread, current_thread, main_thread
from typing import Any

from sharehub.replay.worker import Stopping, Task, work, work_apart
from sharehub.trials import deaf

_PATIENCE_S = 30


@contextmanager
def at_work(tasks: Sequence[Task]) -> Iterator[tuple[list[Any], Stopping]]:
    """Each task under way: the pipes on which they tell, and the mark that stops them; none is left behind.

    The first needs no process of its own, whose start takes seconds: it is at work while the others begin.
    """
    context = get_context("spawn")
    stopping: Stopping = context.Event()
    begun: list[tuple[Thread | SpawnProcess, Pipe]] = []
    with deaf() if current_thread() is main_thread() else nullcontext():
        for number, task in enumerate(tasks):
            receiver, sender = context.Pipe(duplex=False)
            if number == 0:
                worker: Thread | SpawnProcess = Thread(target=work, args=(task, sender, stopping), daemon=True)
            else:
                worker = context.Process(target=work_apart, args=(task, sender, stopping), daemon=True)
            begun.append((worker, receiver))
            worker.start()
            if not isinstance(worker, Thread):
                sender.close()
    try:
        yield [receiver for _, receiver in begun], stopping
    finally:
        stopping.set()
        for worker, receiver in begun:
            worker.join(_PATIENCE_S)
            receiver.close()
            if not isinstance(worker, Thread):
                worker.terminate()
                worker.join()
