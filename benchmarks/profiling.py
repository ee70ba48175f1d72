"""Where one worker's time goes: cProfile of its own thread, and how much of the processor other threads took."""

import cProfile
import io
import pstats
import sys
import time

from sharehub.hub import open_hub
from sharehub.settings import Settings
from sharehub.telemetry import configure_logs

_TOP = 25


def profiled(settings: Settings) -> str:
    """The lists of the top functions, by cumulative and by own time; the profiler itself slows the worker."""
    configure_logs("json", quiet=True)
    profile = cProfile.Profile()
    with open_hub(settings) as hub:
        wall, whole, own = time.perf_counter(), time.process_time(), time.thread_time()
        profile.enable()
        totals = hub.consolidate(until_caught_up=True)
        profile.disable()
        wall = time.perf_counter() - wall
        whole, own = time.process_time() - whole, time.thread_time() - own
    text = io.StringIO()
    text.write(
        f"{totals.records} records, {totals.events} events in {wall:.1f} s under the profiler: "
        f"{own:.1f} s of processor in the worker's thread, {whole - own:.1f} s in its other threads\n"
    )
    for order in ("cumulative", "tottime"):
        pstats.Stats(profile, stream=text).strip_dirs().sort_stats(order).print_stats(_TOP)
    return text.getvalue()


def show(settings: Settings) -> None:
    """Print the profile of one worker on the view of these settings."""
    sys.stdout.write(profiled(settings))
