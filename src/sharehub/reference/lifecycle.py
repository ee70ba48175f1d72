"""The life of a measure: a diagram found by asking `core.standing` which event may follow which state."""

from collections.abc import Iterator
from datetime import date
from itertools import groupby
from typing import NamedTuple, get_args
from uuid import UUID

from sharehub.core.entry import MeasureKind
from sharehub.core.measure import EventKind, Ground, Measure, SanctionEvent, UnlawfulError
from sharehub.core.rank import Basis, Rank
from sharehub.core.standing import MeasureState, Status, evolve
from sharehub.reference.markdown import code, paragraphs, table

_MEASURE = Measure(
    id=UUID(int=1),
    entity_id=UUID(int=2),
    entry="example/example",
    title="An example",
    kind=MeasureKind.INFORMATIVE,
    target_service="example",
    binding=False,
    rulebook_version="1",
    jurisdiction="example",
    ground=Ground("example", "penalty", "example/1", 1, None, None),
    legal_basis=(Basis("An example", "Art. 1", Rank.LAW),),
    authority="An example",
    recipients=(),
    relatedness="An example.",
    effective_from=date(2026, 1, 1),
    effective_to=None,
    exit="An example.",
    remedies=("An example",),
)


class Step(NamedTuple):
    """One event that may follow a state (None: nothing yet), and the state after it."""

    before: Status | None
    event: EventKind
    after: Status


def page() -> str:
    """The page of the diagram."""
    steps = list(transitions())
    states = get_args(Status)
    rows = [(code(event), *(_after(steps, before, event) for before in (None, *states))) for event in _accepted(steps)]
    unused = [event for event in get_args(EventKind) if event not in _accepted(steps)]
    return paragraphs(
        "# The life of a measure",
        _diagram(steps),
        "An event that has no arrow cannot follow: `evolve` raises `UnlawfulError` (law 8). The events of one measure "
        "are numbered from 1 without gaps.",
        "## Which event may follow which state",
        "Each cell is the state afterwards.",
        table(("event", "nothing yet", *states), rows),
        f"Words of the vocabulary that no state accepts yet: {', '.join(map(code, unused))}." if unused else "",
        "`standing` is not the same as in force: whether a measure is in force on a day is computed from its dates "
        "when asked. `standing` and `suspended` measures are held by their recipients.",
    )


def transitions() -> Iterator[Step]:
    """Every event that `evolve` accepts in every state."""
    for before in (None, *get_args(Status)):
        for event in get_args(EventKind):
            standing = {_MEASURE.id: MeasureState(_MEASURE, before, 1, "")} if before else {}
            following = SanctionEvent(
                event=event, number=2 if before else 1, business_on=_MEASURE.effective_from, reason="", measure=_MEASURE
            )
            try:
                after = evolve(standing, following)[_MEASURE.id].status
            except UnlawfulError:
                continue
            yield Step(before, event, after)


def _accepted(steps: list[Step]) -> list[str]:
    return list(dict.fromkeys(event for event in get_args(EventKind) if any(step.event == event for step in steps)))


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
