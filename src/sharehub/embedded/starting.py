"""Starts one stack under a supervisor and waits until every part answers, or says why it does not."""

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sharehub.embedded.errors import StartError
from sharehub.embedded.jars import Progress, locked_classpath
from sharehub.embedded.java import find_java
from sharehub.embedded.kafka import NAME as KAFKA
from sharehub.embedded.kafka import kafka_answers, kafka_part
from sharehub.embedded.parts import Plan
from sharehub.embedded.postgres import NAME as POSTGRES
from sharehub.embedded.postgres import postgres_answers, postgres_part
from sharehub.embedded.processes import last_lines
from sharehub.embedded.state import Stack, end_processes, failure_file, load_failure, load_state

READY_TIMEOUT_S = 90.0
STOP_TIMEOUT_S = 30.0
_SAVE_TIMEOUT_S = 5.0
_POLL_S = 0.05


@dataclass(slots=True)
class Started:
    """A supervisor this process started and can still talk to."""

    plan: Plan
    supervisor: subprocess.Popen[bytes]

    def tell(self, word: str) -> None:
        """Says one word of the supervisor's protocol; a supervisor that is gone hears nothing."""
        if self.supervisor.stdin is not None:
            with contextlib.suppress(OSError):
                self.supervisor.stdin.write(f"{word}\n".encode("ascii"))
                self.supervisor.stdin.flush()

    def stop(self) -> None:
        """Ends the stack and returns when nothing of it is left."""
        state = load_state(self.plan.home)
        self.tell("stop")
        try:
            self.supervisor.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self.supervisor.kill()
            self.supervisor.wait()
        if self.supervisor.stdin is not None:
            with contextlib.suppress(OSError):
                self.supervisor.stdin.close()
        if state is not None:
            end_processes(state, timeout_s=0)

    def let_go(self) -> None:
        """Lets the supervisor live on without this process."""
        if self.supervisor.stdin is not None:
            self.supervisor.stdin.close()
        self.supervisor.returncode = 0  # else its destructor would complain that it still runs, which is the point


def start(plan: Plan, on_progress: Progress, *, owned: bool) -> Started:
    """A stack that answers and that this process owns, or that will outlive it once let go.

    Raises:
        StartError: A part ended or did not answer in time; then nothing is left running.
    """
    failure_file(plan.home).unlink(missing_ok=True)
    started = _launched(plan)
    try:
        _await_ready(started, on_progress)
        started.tell("own" if owned else "detach")
        _await_state(started)
    except BaseException:
        started.stop()
        raise
    return started


def make_plan(home: Path, *, kafka: bool, postgres: bool, on_progress: Progress) -> Plan:
    """What to run in a home directory, with everything it needs fetched and written.

    Raises:
        EmbeddedError: A program or a jar cannot be had.
    """
    parts, addresses = [], {KAFKA: "", POSTGRES: ""}
    if postgres:
        part, addresses[POSTGRES] = postgres_part(home)
        parts.append(part)
    if kafka:
        part, addresses[KAFKA] = kafka_part(home, find_java(), locked_classpath(on_progress))
        parts.append(part)
    stack = Stack(bootstrap_servers=addresses[KAFKA], database_url=addresses[POSTGRES])
    return Plan(home=home, stack=stack, parts=tuple(parts))


def _launched(plan: Plan) -> Started:
    command = [sys.executable, "-P", "-m", "sharehub.embedded.supervisor", str(plan.home), str(os.getpid())]
    with (plan.home / "supervisor.log").open("wb") as log:
        supervisor = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=log, stderr=log, env=_environment(), start_new_session=True
        )
    started = Started(plan, supervisor)
    started.tell(json.dumps(plan.to_document()))
    return started


def _environment() -> dict[str, str]:
    """This environment, in which a child finds every module that this process finds."""
    return os.environ | {"PYTHONPATH": os.pathsep.join(str(Path(entry).absolute()) for entry in sys.path if entry)}


def _await_ready(started: Started, on_progress: Progress) -> None:
    plan = started.plan
    probes: dict[str, Callable[[], bool]] = {
        KAFKA: lambda: kafka_answers(plan.stack.bootstrap_servers),
        POSTGRES: lambda: postgres_answers(plan.stack.database_url),
    }
    waiting = {part.name: probes[part.name] for part in plan.parts}
    total, deadline = len(waiting), time.monotonic() + READY_TIMEOUT_S
    while waiting := {name: probe for name, probe in waiting.items() if not probe()}:
        on_progress(f"start {' and '.join(waiting)}", total - len(waiting), total)
        if started.supervisor.poll() is not None:
            raise _ended_early(plan.home)
        if time.monotonic() > deadline:
            raise _too_slow(plan.home, tuple(waiting))
        time.sleep(_POLL_S)
    on_progress("start", total, total)


def _await_state(started: Started) -> None:
    deadline = time.monotonic() + _SAVE_TIMEOUT_S
    while (state := load_state(started.plan.home)) is None or not state.ready:
        if started.supervisor.poll() is not None or time.monotonic() > deadline:
            raise _ended_early(started.plan.home)
        time.sleep(0.01)


def _ended_early(home: Path) -> StartError:
    log = home / "supervisor.log"
    return StartError(
        "the embedded stack ended while it was starting",
        detail=load_failure(home) or f"log: {log}\n{last_lines(log)}",
        hint="the log says why; a full disk and too little memory are the usual causes",
    )


def _too_slow(home: Path, silent: tuple[str, ...]) -> StartError:
    return StartError(
        f"{' and '.join(silent)} did not answer within {READY_TIMEOUT_S:.0f} s",
        detail=f"logs: {home / 'kafka' / 'logs'}, {home / 'postgres.log'}",
        hint="try again when the machine is less busy",
    )
