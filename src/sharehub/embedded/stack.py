"""Starts, finds and stops the embedded stack of a home directory: the surface the rest of the system uses."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from sharehub.embedded.errors import HomeBusyError
from sharehub.embedded.jars import Progress
from sharehub.embedded.starting import STOP_TIMEOUT_S, make_plan, start
from sharehub.embedded.state import Stack, State, end_processes, load_failure, load_state, locked, state_file


def up(home: Path, *, kafka: bool = True, postgres: bool = True, on_progress: Progress | None = None) -> Stack:
    """Returns a stack that answers and lives on after this process; the running one when there is one.

    Raises:
        EmbeddedError: A part could not be fetched or did not become ready; then nothing is left running.
    """
    home = _prepared(home)
    with locked(home):
        found = _usable(home, kafka=kafka, postgres=postgres)
        if found is not None:
            return found.stack
        plan = make_plan(home, kafka=kafka, postgres=postgres, on_progress=on_progress or _silent)
        start(plan, on_progress or _silent, owned=False).let_go()
        return plan.stack


def down(home: Path) -> bool:
    """Stops the stack of a home directory; false when none was running."""
    home = home.expanduser().absolute()
    if not home.is_dir():
        return False
    with locked(home):
        state = load_state(home)
        was_running = state is not None and any(process.alive for process in state.processes)
        _sweep(home)
        return was_running


def running(home: Path) -> Stack | None:
    """The stack that runs in a home directory and became ready, if there is one."""
    state = load_state(home.expanduser().absolute())
    return state.stack if state is not None and state.ready and state.alive else None


def last_failure(home: Path) -> str:
    """Why the last stack of a home directory ended by itself, empty when it did not."""
    return load_failure(home.expanduser().absolute())


@contextlib.contextmanager
def owned(
    home: Path, *, kafka: bool = True, postgres: bool = True, on_progress: Progress | None = None
) -> Iterator[Stack]:
    """A stack that lives exactly as long as the block, or as this process when that is shorter.

    A detached stack that already runs there is used as it is and left running.

    Raises:
        EmbeddedError: A part could not be fetched or did not become ready; then nothing is left running.
        HomeBusyError: The stack that runs there belongs to another process.
    """
    home = _prepared(home)
    with locked(home):
        found = _usable(home, kafka=kafka, postgres=postgres)
        if found is not None and found.owned:
            raise _belongs_to_another(home)
        if found is not None:
            stack, stop = found.stack, _leave
        else:
            plan = make_plan(home, kafka=kafka, postgres=postgres, on_progress=on_progress or _silent)
            stack, stop = plan.stack, start(plan, on_progress or _silent, owned=True).stop
    try:
        yield stack
    finally:
        stop()


def _leave() -> None:
    return


def _prepared(home: Path) -> Path:
    home = home.expanduser().absolute()
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    return home


def _silent(_step: str, _done: int, _total: int) -> None:
    return


def _usable(home: Path, *, kafka: bool, postgres: bool) -> State | None:
    """The running stack when it has the wanted parts; whatever else is left of an older one is ended."""
    state = load_state(home)
    if state is None or not state.ready or not state.alive:
        _sweep(home)
        return None
    if (kafka and not state.stack.bootstrap_servers) or (postgres and not state.stack.database_url):
        raise HomeBusyError(
            "the running stack lacks a part that is wanted now",
            detail=f"home: {home}",
            hint="stop it (sharehub down), then start again",
        )
    return state


def _belongs_to_another(home: Path) -> HomeBusyError:
    return HomeBusyError(
        "an embedded stack that belongs to another process already runs here",
        detail=f"home: {home}",
        hint="end that process, or choose another SHAREHUB_HOME",
    )


def _sweep(home: Path) -> None:
    state = load_state(home)
    if state is not None:
        end_processes(state, timeout_s=STOP_TIMEOUT_S)
    state_file(home).unlink(missing_ok=True)
