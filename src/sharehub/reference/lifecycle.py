"""The life of a measure: the diagram and the tables, drawn from the one table of `core.standing`."""

from collections.abc import Iterator
from itertools import groupby
from typing import NamedTuple, get_args

from sharehub.core.standing import TRANSITIONS, Status, status_after
from sharehub.reference.markdown import code, paragraphs, table


class Step(NamedTuple):
    """One event that may follow a state (None: nothing yet), and the state after it."""

    before: Status | None
    event: str
    after: Status


def page() -> str:
    """The page of the diagram."""
    steps = list(transitions())
    states = get_args(Status)
    rows = [(code(event), *(_after(steps, before, event) for before in (None, *states))) for event in TRANSITIONS]
    return paragraphs(
        "# The life of a measure",
        _diagram(steps),
        "An event that has no arrow cannot follow: `evolve` raises `UnlawfulError` (law 8). The events of one measure "
        "are numbered from 1 without gaps.",
        "## What each event means",
        table(("event", "means"), [(code(event), transition.meaning) for event, transition in TRANSITIONS.items()]),
        "## Which event may follow which state",
        "Each cell is the state afterwards.",
        table(("event", "nothing yet", *states), rows),
        "`disputed` and `dispute-closed` set and clear a mark, `excepted` has a first and a last day; none of them "
        "changes the state. A mark goes with the measure's end.",
        "`standing` is not the same as in force: whether a measure is in force on a day is computed from its dates "
        "when asked. `standing` and `suspended` measures are held by their recipients.",
    )


def transitions() -> Iterator[Step]:
    """Every event in every state that it may follow."""
    for before in (None, *get_args(Status)):
        for event, transition in TRANSITIONS.items():
            if before in transition.before:
                yield Step(before, event, status_after(before, event))


def _after(steps: list[Step], before: Status | None, event: str) -> str:
    return next((step.after for step in steps if (step.before, step.event) == (before, event)), "–")


def _diagram(steps: list[Step]) -> str:
    arrows = [
        f"    {before or '[*]'} --> {after}: {', '.join(step.event for step in same)}"
        for (before, after), same in groupby(sorted(steps, key=_ends), key=_ends)
    ]
    return "\n".join(("```mermaid", "stateDiagram-v2", *arrows, "```"))


def _ends(step: Step) -> tuple[str, str]:
    return step.before or "", step.after
