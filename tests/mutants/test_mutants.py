"""Whoever breaks the guard of a law is found out: of each broken variant at least one named test fails."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.mutants.breaking import broken_source, function_of
from tests.mutants.table import MUTANTS, Mutant

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "laws.md"
UNGUARDED = {1}
"""Law 1 has no guard: the tests on every field are all there is."""


@pytest.fixture(scope="module")
def outcomes() -> Any:
    """The exit codes of pytest for the unbroken code and for each mutant."""
    known = {"SHAREHUB_HYPOTHESIS": "mutants", "PYTHONPATH": os.pathsep.join([str(ROOT), *filter(None, sys.path)])}
    command = [sys.executable, "-m", "tests.mutants.child"]
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, **known}, capture_output=True, timeout=230, check=False)
    assert done.returncode == 0, done.stderr.decode()[-4000:]
    return json.loads(done.stdout)


def named(mutant: Mutant) -> str:
    return f"{mutant.law} {mutant.guard} {mutant.before}"


def test_unbroken_all_the_named_tests_pass(outcomes: Any) -> None:
    assert outcomes["unbroken"] == pytest.ExitCode.OK


@pytest.mark.parametrize("mutant", MUTANTS, ids=named)
def test_a_broken_guard_is_found_out(outcomes: Any, mutant: Mutant) -> None:
    assert outcomes["broken"][MUTANTS.index(mutant)] == pytest.ExitCode.TESTS_FAILED


def test_every_law_that_has_a_guard_has_a_mutant() -> None:
    assert {mutant.law for mutant in MUTANTS} == set(range(1, 15)) - UNGUARDED


@pytest.mark.parametrize("mutant", MUTANTS, ids=named)
def test_a_mutant_changes_the_code_of_its_guard(mutant: Mutant) -> None:
    assert compile(broken_source(mutant), "broken", "exec")
    assert function_of(mutant.guard).__module__ == f"sharehub.{mutant.guard.partition(':')[0]}"


def cell(text: str) -> str:
    return f"`{text}`".replace("|", "\\|") if text else "nothing"


def row(mutant: Mutant) -> str:
    tests = ", ".join(f"`{test}`" for test in mutant.tests)
    return f"| {mutant.law} | `{mutant.guard}` | {cell(mutant.before)} becomes {cell(mutant.after)} | {tests} |"


def test_the_page_of_the_laws_lists_every_mutant() -> None:
    rows = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if " becomes " in line]
    wanted = [row(mutant) for mutant in MUTANTS]
    assert rows == wanted, "\n".join(wanted)
