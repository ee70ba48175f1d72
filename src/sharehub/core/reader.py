"""Who asks about whom, for whom and why, and as of when an answer speaks (law 12)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, NamedTuple

from sharehub.core.identifier import Identifier
from sharehub.core.linking import Key
from sharehub.core.measure import Measure
from sharehub.core.privacy import of_person

INDIVIDUAL = "individual"
Role = Literal["agency", "recipient", "operator"]


@dataclass(frozen=True, slots=True)
class Sight:
    """Whose answer it is, and so which measures it may hold.

    A recipient sees the measures of its agreement. An agency shares the view of companies, organisations and public
    bodies, and of individuals sees only what follows from its own decisions. An operator, for the hub, sees all.
    """

    holder: str
    role: Role

    def sees(self, kind: str, measure: Measure) -> bool:
        """True where the measure, on an entity of this kind, belongs to the holder's purpose."""
        if self.role == "recipient":
            return self.holder in measure.recipients
        return self.role == "operator" or kind != INDIVIDUAL or measure.ground.agency == self.holder


@dataclass(frozen=True, slots=True)
class Reader:
    """Who asks: the holder of the token with its sight, the official by name, for whom (itself if empty), and why."""

    sight: Sight
    user: str = ""
    on_behalf_of: str = ""
    reason: str = ""

    @property
    def reasoned(self) -> bool:
        """True where both the official and the reason are stated."""
        return bool(self.user.strip() and self.reason.strip())


class Note(NamedTuple):
    """A reading call as the log keeps it: who, what was done, about whom by the hash of a reference, how many asked."""

    reader: Reader
    act: str
    about: Sequence[Key]
    asked: int = 1


class Subject(NamedTuple):
    """Whom a look-up is about: the reference under which the view has it; `kind` is None where nobody is known."""

    reference: Identifier
    key: Key
    kind: str | None

    @property
    def in_person(self) -> bool:
        """True where it is an individual, known as one or by the number: nothing about it stands in an address."""
        return self.kind == INDIVIDUAL or of_person(self.reference)


class AsOf(NamedTuple):
    """As of when a snapshot answers: its instant, the last event of the whole log in it, messages processed.

    `version` differs whenever anything in the view may differ.
    """

    at: datetime
    event: int
    messages: int
    version: tuple[int, ...]

    def shown(self) -> dict[str, str | int]:
        """As answers state it."""
        return {"at": self.at.astimezone(UTC).isoformat(), "event": self.event, "messages": self.messages}
