"""Break one function in this process: its source is changed in one place, for whoever holds the function already."""

import functools
import inspect
import textwrap
from importlib import import_module
from types import FunctionType
from typing import Any

from tests.mutants.table import Mutant


def function_of(guard: str) -> FunctionType:
    """The function `module:name` or `module:Class.name` behind properties and caches."""
    module, _, name = guard.partition(":")
    owner: Any = import_module(f"sharehub.{module}")
    for part in name.split("."):
        owner = inspect.getattr_static(owner, part)
    if isinstance(owner, property):
        owner = owner.fget
    if isinstance(owner, functools.cached_property):
        owner = owner.func
    found = inspect.unwrap(getattr(owner, "__func__", owner))
    assert isinstance(found, FunctionType)
    return found


def broken_source(mutant: Mutant) -> str:
    """The source of the guard with its one place changed; the place must be there, and only once."""
    source = textwrap.dedent(inspect.getsource(function_of(mutant.guard)))
    assert source.count(mutant.before) == 1, f"{mutant.guard} has not once: {mutant.before}"
    return source.replace(mutant.before, mutant.after)


def break_guard(mutant: Mutant) -> None:
    """Give the guard the broken code; the function stays the same object."""
    function = function_of(mutant.guard)
    lines = broken_source(mutant).splitlines()
    first = next(number for number, line in enumerate(lines) if line.startswith("def "))
    made: dict[str, Any] = {}
    code = compile(
        "from __future__ import annotations\n" + "\n".join(lines[first:]), function.__code__.co_filename, "exec"
    )
    exec(code, function.__globals__, made)  # noqa: S102 - our own source, changed by our own table
    function.__code__ = made[function.__name__].__code__
