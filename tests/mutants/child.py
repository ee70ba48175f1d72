"""Run by `test_mutants.py` in a process of its own: the named tests once as they are, then once for each mutant.

The tests are imported once; each run is a fork of that, so nothing that a mutant leaves behind meets another.
"""

import json
import multiprocessing
import os
import sys
from pathlib import Path

import pytest

from tests.mutants.breaking import break_guard
from tests.mutants.table import MUTANTS

TESTS = Path(__file__).parents[1]


def paths(tests: tuple[str, ...]) -> list[str]:
    return [str(TESTS / test) for test in tests]


class Skips:
    """Notices tests that were skipped: they prove nothing."""

    seen = False

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.seen |= report.skipped


def ran(tests: tuple[str, ...]) -> int:
    """The exit code of pytest, silent; a skipped test counts as none at all."""
    sys.stdout = sys.stderr = Path(os.devnull).open("w")  # noqa: SIM115 - until the process ends
    skips = Skips()
    quick = ["-q", "-x", "--no-header", "--tb=no", "-p", "no:terminalreporter"]
    code = int(pytest.main([*quick, *paths(tests)], plugins=[skips]))
    return int(pytest.ExitCode.NO_TESTS_COLLECTED) if skips.seen else code


def outcome(number: int | None) -> int:
    """The exit code with the mutant of that number, or with none, where all the named tests run."""
    if number is None:
        return ran(tuple(dict.fromkeys(test for mutant in MUTANTS for test in mutant.tests)))
    try:
        break_guard(MUTANTS[number])
    except (AssertionError, SyntaxError):
        return int(pytest.ExitCode.INTERNAL_ERROR)
    return ran(MUTANTS[number].tests)


def main() -> None:
    named = {test.partition("::")[0] for mutant in MUTANTS for test in mutant.tests}
    told, sys.stdout = sys.stdout, Path(os.devnull).open("w")  # noqa: SIM115
    pytest.main(["--collect-only", "-q", *paths(tuple(sorted(named)))])
    with multiprocessing.get_context("fork").Pool(2, maxtasksperchild=1) as pool:
        unbroken = pool.apply_async(outcome, (None,))
        broken = pool.map(outcome, range(len(MUTANTS)), chunksize=1)
        json.dump({"unbroken": unbroken.get(), "broken": broken}, told)


if __name__ == "__main__":
    main()
