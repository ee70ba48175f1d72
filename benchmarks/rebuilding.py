"""A replay beside the live consolidator: the commands as an operator gives them, over the view that was just made."""

import subprocess
import sys
from typing import NamedTuple

import psycopg

from benchmarks.consolidator import environment
from benchmarks.processes import BOUND_S
from sharehub.settings import Settings


class Rebuilt(NamedTuple):
    """What a replay did: the schema that it made, its records, and the seconds for which it was at work."""

    schema: str
    records: int
    seconds: float

    @property
    def rate(self) -> float:
        """Records per second, as `replay status` tells it; the start of the command is no part of it."""
        return self.records / self.seconds


def rebuilt(settings: Settings, view: str, workers: int) -> Rebuilt:
    """Let a replay with so many workers build the view once more."""
    plan = str(settings.home / f"{settings.consolidator.group}-plan.json")
    command(settings, "replay", "plan", "-o", plan)
    command(settings, "replay", "run", plan, "--execute", "--workers", str(workers))
    with psycopg.connect(view) as connection:
        query = "SELECT replay_id, (plan->>'records')::int, worked_s FROM replays ORDER BY begun_at DESC LIMIT 1"
        replay_id, records, seconds = connection.execute(query).fetchall()[0]
    return Rebuilt(replay_id.replace("-", "_"), records, seconds)


def command(settings: Settings, *words: str) -> None:
    """Run a command with these settings; what it tells on standard error is shown."""
    program = [sys.executable, "-m", "sharehub", "-q", "--json", "--yes", *words]
    subprocess.run(
        program,
        cwd=settings.home,
        env=environment(settings),
        stdout=subprocess.DEVNULL,
        check=True,
        timeout=BOUND_S,
    )
