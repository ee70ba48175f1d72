"""Where two views differ in what stands: measure by measure, recipient by recipient, and why."""

from collections.abc import Iterator
from dataclasses import fields
from typing import Literal, NamedTuple
from uuid import UUID

from sharehub.core.measure import Ground, Measure
from sharehub.core.standing import MeasureState

Outcome = Literal["issued", "lifted", "changed"]
OUTCOMES: tuple[Outcome, ...] = ("issued", "lifted", "changed")
_APART = frozenset(("id", "entity_id", "ground"))
_COMPARED = tuple(field.name for field in fields(Measure) if field.name not in _APART)
_MARKS = ("status", "disputed", "excepted")


class Side(NamedTuple):
    """A measure in one of the views: of whom it is, and how it stands there."""

    entity_id: UUID
    state: MeasureState


class Divergence(NamedTuple):
    """A measure that does not stand alike: live, and in the rebuilt view (None: it is not there at all)."""

    live: Side | None
    rebuilt: Side | None

    @property
    def one(self) -> Side:
        """The side to name it by: the rebuilt one where there is one."""
        found = self.rebuilt or self.live
        assert found is not None  # noqa: S101 - it is on one side at least
        return found

    @property
    def outcome(self) -> Outcome | None:
        """What a promotion would do to it; None: it is in place on neither side."""
        before = self.live is not None and self.live.state.in_place
        after = self.rebuilt is not None and self.rebuilt.state.in_place
        if before and after:
            return "changed"
        return "lifted" if before else "issued" if after else None

    def for_recipients(self) -> Iterator[tuple[str, Outcome]]:
        """What each recipient would be told."""
        outcome = self.outcome
        if outcome is None:
            return
        before = self.live.state.measure.recipients if self.live and self.live.state.in_place else ()
        after = self.rebuilt.state.measure.recipients if self.rebuilt and self.rebuilt.state.in_place else ()
        for name in dict.fromkeys((*before, *after)):
            yield name, "issued" if name not in before else "lifted" if name not in after else outcome

    def reasons(self) -> Iterator[str]:
        """Why they differ: which revision of the facts, which version of the rules, and what follows from it."""
        if self.live is None:
            state = self.one.state
            why = "; ".join(state.measure.ground.why)
            yield f"no such measure live; by version {state.measure.rulebook_version} of the rules: {why}"
        elif self.rebuilt is None:
            ground = self.live.state.measure.ground
            yield f"no such measure follows from {_named(ground)} by the rules of the replay"
        else:
            yield from _standing(self.live.state, self.rebuilt.state)
            if self.live.entity_id != self.rebuilt.entity_id:
                yield f"entity: {self.live.entity_id} → {self.rebuilt.entity_id}"
            yield from _contents(self.live.state.measure, self.rebuilt.state.measure)


def _standing(old: MeasureState, new: MeasureState) -> Iterator[str]:
    if old.in_place != new.in_place:
        yield f"live it is {old.status} ({old.reason}), rebuilt it is {new.status} ({new.reason})"
        return
    for name in _MARKS:
        if getattr(old, name) != getattr(new, name):
            yield f"{name}: {_text(getattr(old, name))} → {_text(getattr(new, name))}"


def _contents(old: Measure, new: Measure) -> Iterator[str]:
    if old.ground.revision != new.ground.revision:
        yield f"facts: revision {old.ground.revision} → {new.ground.revision} of {_named(new.ground)}"
    elif old.ground.why != new.ground.why:
        yield f"ground: {_text(old.ground.why)} → {_text(new.ground.why)}"
    for name in _COMPARED:
        if getattr(old, name) != getattr(new, name):
            what = "rules: version" if name == "rulebook_version" else f"{name.replace('_', ' ')}:"
            yield f"{what} {_text(getattr(old, name))} → {_text(getattr(new, name))}"


def _named(ground: Ground) -> str:
    return f"{ground.record_kind} {ground.record_key} of {ground.agency}"


def _text(value: object) -> str:
    if value in (None, "", ()):
        return "nothing"
    if isinstance(value, tuple):
        return ", ".join(map(_text, value))
    return str(value)
