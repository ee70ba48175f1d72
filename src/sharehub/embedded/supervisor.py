"""Runs the parts of one stack as its direct children and ends all of them when it ends, however it ends.

Started as `python -m sharehub.embedded.supervisor HOME OWNER_PID`. Its standard input is a pipe from the
owner. The first line is the plan. Then `detach` lets the stack live on, `own` ties it to its owner, `stop`
ends it; so do SIGTERM, SIGINT and, unless detached, the owner's death.

It imports neither Kafka nor database code and has one thread.
"""

import json
import os
import select
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from sharehub.embedded.parts import Part, Plan
from sharehub.embedded.processes import last_lines, seen, spawn
from sharehub.embedded.state import State, failure_file, save_document, save_state, state_file

_TICK_STARTING_S = 0.02
_TICK_READY_S = 0.2
_GRACE_S = 8.0
_STDIN = 0


@dataclass(slots=True)
class _Child:
    part: Part
    process: subprocess.Popen[bytes]
    preparing: bool


@dataclass(slots=True)
class Supervisor:
    """The children of one plan, and what their owner last said about them."""

    plan: Plan
    owner: int
    children: list[_Child] = field(default_factory=list)
    ready: bool = False
    owned: bool = True
    stopping: bool = False
    failure: str = ""

    def run(self) -> None:
        """Serves until told to stop, until the owner dies or until a child ends."""
        os.chdir(self.plan.home)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)
        try:
            for part in self.plan.parts:
                self.children.append(_Child(part, _spawned(part, part.prepare or part.serve), bool(part.prepare)))
                self._save()
            while not self.stopping:
                self._listen(_TICK_READY_S if self.ready else _TICK_STARTING_S)
                self._watch()
        finally:
            self._stop()

    def _on_signal(self, _number: int, _frame: object) -> None:
        self.stopping = True

    def _listen(self, timeout_s: float) -> None:
        if not self.owned:
            time.sleep(timeout_s)
            return
        if select.select([_STDIN], [], [], timeout_s)[0]:
            self._obey(os.read(_STDIN, 4096).decode("ascii").split())
        elif os.getppid() != self.owner:  # a fork of the owner may still hold the pipe open
            self.stopping = True

    def _obey(self, words: list[str]) -> None:
        if not words or "stop" in words:  # no words: the pipe was closed
            self.stopping = True
            return
        self.ready = True
        self.owned = "detach" not in words
        self._save()

    def _watch(self) -> None:
        for child in self.children:
            code = child.process.poll()
            if code is None:
                continue
            if code == 0 and child.preparing:
                self._serve(child)
            else:
                self._fail(child.part, code)

    def _serve(self, child: _Child) -> None:
        if child.part.keep:
            made, kept = child.part.keep
            Path(made).rename(kept)
        child.process, child.preparing = _spawned(child.part, child.part.serve), False
        self._save()

    def _fail(self, part: Part, code: int) -> None:
        self.stopping = True
        how = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
        self.failure = self.failure or f"{part.name} {how}"
        log = Path(part.log)
        save_document(
            failure_file(self.plan.home),
            {"failure": self.failure, "log": part.log, "last_lines": last_lines(log)},
        )

    def _save(self) -> None:
        processes = [seen("supervisor", os.getpid())]
        processes += [seen(child.part.name, child.process.pid) for child in self.children]
        state = State(stack=self.plan.stack, ready=self.ready, owned=self.owned, processes=tuple(processes))
        save_state(self.plan.home, state)

    def _stop(self) -> None:
        for step in range(max((len(child.part.stop_signals) for child in self.children), default=0)):
            for child in self.children:
                if child.process.poll() is None and step < len(child.part.stop_signals):
                    child.process.send_signal(child.part.stop_signals[step])
            self._await_children(_GRACE_S)
        state_file(self.plan.home).unlink(missing_ok=True)

    def _await_children(self, timeout_s: float) -> None:
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline and any(child.process.poll() is None for child in self.children):
            time.sleep(0.02)


def _spawned(part: Part, command: tuple[str, ...]) -> subprocess.Popen[bytes]:
    return spawn(command, cwd=Path(part.cwd), log=Path(part.log), account=part.account, death_signal=part.death_signal)


def _read_plan() -> Plan:
    line = b""
    while not line.endswith(b"\n"):
        piece = os.read(_STDIN, 1)
        if not piece:
            sys.exit("the owner ended before it told the plan")
        line += piece
    return Plan.from_document(json.loads(line))


if __name__ == "__main__":
    Supervisor(plan=_read_plan(), owner=int(sys.argv[2])).run()
