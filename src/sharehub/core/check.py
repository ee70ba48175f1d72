"""The answer to a check: yes, no, or not enough to identify and what is missing. Never a maybe (`DOMAIN.md` §6).

A `no` is only given about a number that can be nobody else's; what a clerk could take for the wrong one is answered
with what is missing.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, NamedTuple
from uuid import UUID

from sharehub.core.identifier import SCHEMES, Identifier, main_identifier, read, strong, strong_identifiers
from sharehub.core.privacy import can_be_two
from sharehub.core.reader import INDIVIDUAL, Reader, Sight
from sharehub.core.standing import MeasureState

Word = Literal["yes", "no", "not-enough"]
MissingCode = Literal[
    "identifier", "scheme", "form", "strong-identifier", "check-digit", "one-entity", "name", "reason", "judgement"
]


class Missing(NamedTuple):
    """What is needed for an answer, and why, in plain words."""

    code: MissingCode
    words: str


class Ask(NamedTuple):
    """One line of a check: identifiers of one entity as somebody wrote them, and its name as a second factor."""

    id: str
    identifiers: Sequence[str]
    name: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """One entity asked about: what its identifiers certainly say, or why they say nothing.

    `stated` are as written by the caller, `references` those with all that they imply. `doubtful`: why a number that
    nobody knows is likelier a slip than an entity.
    """

    id: str
    stated: tuple[Identifier, ...] = ()
    references: tuple[Identifier, ...] = ()
    name: str = ""
    doubtful: str = ""
    missing: Missing | None = None


@dataclass(frozen=True, slots=True)
class Lead:
    """An entity to which identifiers lead; `names` as it is known; `contested`: law 11 holds new restrictions back.

    `codes` are its identifiers where only an implied one led to it: the one stated may be somebody else's.
    """

    entity_id: UUID
    kind: str
    names: tuple[str, ...] = ()
    contested: bool = False
    codes: tuple[Identifier, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What a check answers; `measures` are in force on the day, and there are some exactly where it is a yes."""

    question: Question
    word: Word
    lead: Lead | None = None
    measures: tuple[MeasureState, ...] = ()
    missing: Missing | None = None


SameName = Callable[[str, Lead], bool]
"""Whether the entity is known by this name."""


def question(ask: Ask) -> Question:
    """What the texts of a line, each `SCHEME:VALUE`, certainly say, or what is missing."""
    texts, name = [text for text in ask.identifiers if text.strip()], ask.name.strip()
    if not texts:
        words = "a name identifies nobody" if name else "nothing is stated"
        return Question(ask.id, missing=Missing("identifier", f"{words}: state an identifier as SCHEME:VALUE"))
    stated: list[Identifier] = []
    doubts: list[str] = []
    for text in texts:
        found = _read(text)
        if isinstance(found, Missing):
            return Question(ask.id, missing=found)
        stated += found[0]
        doubts += filter(None, found[1:])
    certain = [one for one in stated if strong(one)]
    if not certain:
        words = f"several may have one and the same {stated[0].scheme}: state another identifier"
        return Question(ask.id, missing=Missing("strong-identifier", words))
    if any(map(can_be_two, certain)) and not name:
        words = "two persons can share a masked reference: state the name too"
        return Question(ask.id, missing=Missing("name", words))
    return Question(ask.id, tuple(certain), strong_identifiers(certain), name, "; ".join(doubts))


def _read(text: str) -> tuple[tuple[Identifier, ...], str] | Missing:
    """The identifiers that a text states, and what is doubtful about them; or what is missing."""
    try:
        scheme, value = main_identifier(text.strip())
    except ValueError:
        return Missing("scheme", "state the scheme before the number: SCHEME:VALUE")
    if scheme not in SCHEMES or scheme == "RECORD":
        known = ", ".join(name for name in SCHEMES if name != "RECORD")
        return Missing("scheme", f"{scheme!r} is no scheme of identifiers; there are: {known}")
    verdict = read(scheme, value)
    if verdict.status == "reject":
        return Missing("form", f"{scheme}: {verdict.reason}")
    return verdict.identifiers, verdict.reason if verdict.status == "warn" else ""


def answered(
    asked: Question,
    leads: Sequence[Lead],
    standing: Iterable[MeasureState],
    reader: Reader,
    on: date,
    same_name: SameName,
) -> Answer:
    """The answer, from the entities to which the identifiers lead and the measures on the only one, as of the day.

    An individual on whom the reader sees no measure is answered as one whom nobody knows, so that nothing is told of
    somebody else's case (law 5).
    """
    if asked.missing:
        return _not_enough(asked, *asked.missing)
    if len(leads) > 1:
        return _not_enough(asked, "one-entity", f"these numbers are of {len(leads)} entities: state one of them")
    lead = leads[0] if leads else None
    seen = tuple(one for one in standing if reader.sight.sees(lead.kind, one.measure)) if lead else ()
    if lead is None or (lead.kind == INDIVIDUAL and not seen):
        return _unknown(asked)
    if lacking := _lacking(asked, lead, reader, same_name):
        return _not_enough(asked, *lacking)
    measures = tuple(one for one in seen if one.in_force(on))
    if not measures and lead.contested:
        words = "one number on two entities, or two on one: until a judgement nothing can be said for certain"
        return _not_enough(asked, "judgement", words)
    return Answer(asked, "yes" if measures else "no", lead, measures)


def _unknown(asked: Question) -> Answer:
    if asked.doubtful:
        return _not_enough(asked, "check-digit", f"{asked.doubtful}, and nobody is known by it: look for a slip")
    return Answer(asked, "no")


def _lacking(asked: Question, lead: Lead, reader: Reader, same_name: SameName) -> Missing | None:
    """What is missing although one entity was found."""
    if other := next(filter(None, (_other_code(one, lead) for one in asked.stated)), None):
        words = f"the number implies another one, and whoever has that has another {other.scheme}: look for a slip"
        return Missing("one-entity", words)
    if lead.kind == INDIVIDUAL and not reader.reasoned:
        return Missing("reason", "an individual's record is read for a stated case only: state user and reason")
    if asked.name and not same_name(asked.name, lead):
        return Missing("name", "whoever has this number is known by another name: look for a slip in either")
    return None


def _other_code(stated: Identifier, lead: Lead) -> Identifier | None:
    """The entity's own code where it has another one of a kind of which an entity has one."""
    others = [one for one in lead.codes if one.scheme == stated.scheme and SCHEMES[one.scheme].single]
    return None if stated in others else next(iter(others), None)


def _not_enough(asked: Question, code: MissingCode, words: str) -> Answer:
    return Answer(asked, "not-enough", missing=Missing(code, words))


def answer_words(answer: Answer, on: date, sight: Sight) -> str:
    """The answer as a sentence."""
    if answer.missing:
        return f"Not enough to answer: {answer.missing.words}."
    whose = " that you apply" if sight.role == "recipient" else ""
    if not answer.measures:
        return f"No measure{whose} is in force on {on}."
    counts: dict[str, int] = {}
    for one in answer.measures:
        kind = one.measure.kind.value
        counts[kind] = counts.get(kind, 0) + 1
    told = ", ".join(f"{count} {kind}" for kind, count in sorted(counts.items()))
    return f"In force on {on}: {told}."
