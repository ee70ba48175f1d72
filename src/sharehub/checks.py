"""Checks and look-ups: questions of the outside about one entity or ten thousand, each written down before its answer.

An answer is put together from one snapshot of the view, then the call is committed to the log of reads (law 12), and
only then the answer leaves. Where the log cannot be written there is no answer.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from psycopg import Connection

from sharehub.core.agreement import in_force
from sharehub.core.change import appeal_state
from sharehub.core.check import Answer, Ask, Lead, Question, answer_words, answered, question
from sharehub.core.entity import KINDS
from sharehub.core.identifier import Identifier
from sharehub.core.linking import Key, identifier_key
from sharehub.core.reader import INDIVIDUAL, AsOf, Note, Reader, Sight, Subject
from sharehub.core.standing import MeasureState
from sharehub.entities import entity_of, reference_of
from sharehub.errors import RefusedError, UsageError
from sharehub.flow.deciding import SINGLE_SCHEMES
from sharehub.hub import Hub, open_hub
from sharehub.naming.likeness import likeness
from sharehub.naming.normal import normalised
from sharehub.settings import Settings
from sharehub.store import checks as store
from sharehub.store import read_log
from sharehub.store.checks import Led
from sharehub.store.identity import known_as, reference_with_id
from sharehub.store.read_log import Read
from sharehub.store.standing import in_conflict

QUESTIONS_MAX = 10_000
_TOGETHER = 2_500
"""The database looks for these many while others are read."""
_READS_MAX = 1_000


class Checks:
    """Answers checks and look-ups over one hub."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self._group = hub.settings.consolidator.group

    def check(self, reader: Reader, asks: Sequence[Ask], on: date | None = None) -> dict[str, Any]:
        """Yes, no or not enough about each, in their order, all from one snapshot. Raises as `answers`."""
        day = on or self.hub.today()
        found, at = self.answers(reader, asks, day)
        as_of = at.shown()
        told = [_shown(one, day, as_of, reader.sight) for one in found]
        return {"on": day.isoformat(), "as_of": as_of, "answers": told}

    def answers(
        self, reader: Reader, asks: Sequence[Ask], on: date | None = None, act: str = "check"
    ) -> tuple[list[Answer], AsOf]:
        """The answers, in the order of the questions, and as of when; the call stands in the log by then.

        Raises:
            UsageError: there are more than `QUESTIONS_MAX`.
            RefusedError: there is no agreement with the recipient, or it is over.
            UnreachableError: the database does not answer; nothing was told.
        """
        self._agreed(reader)
        if len(asks) > QUESTIONS_MAX:
            raise UsageError(f"a call may ask about {QUESTIONS_MAX}, this asks about {len(asks)}")
        day = on or self.hub.today()
        with self._reading() as connection, connection.pipeline():
            parts = [
                _gathered(connection, asks[first : first + _TOGETHER], day)
                for first in range(0, len(asks) or 1, _TOGETHER)
            ]
            *_, found = zip(*parts, strict=True)
            at = store.as_of(connection, self._group)
            connection.commit()
            about = [key for part in found for key in part.about]
            read_log.write(connection, [_read(Note(reader, act, about, len(asks)))])
            answers = [
                answered(one, leads, part.standing(leads), reader, day, _same_name)
                for part in found
                for one, leads in zip(part.questions, part.leads, strict=True)
            ]
            connection.commit()
        return answers, at

    def _agreed(self, reader: Reader) -> None:
        """Return where a recipient still has an agreement; others need none."""
        if reader.sight.role != "recipient":
            return
        agreement = self.hub.in_force().recipients.get(reader.sight.holder)
        if not in_force(agreement, self.hub.today()):
            raise RefusedError(f"there is no agreement with {reader.sight.holder}, or it is over")

    def subject(self, text: str) -> Subject:
        """Whom `SCHEME:VALUE`, or an entity's id, means.

        Raises:
            UsageError: the text is neither.
        """
        with self._reading() as connection:
            reference = _with_id(connection, text) or reference_of(text)
            known = known_as(connection, reference) or reference
            key = identifier_key(known)
            led = store.led(connection, [key])().get(key)
        return Subject(known, key, KINDS[led.kind_rank] if led else None)

    def noted(self, notes: Iterable[Note]) -> AsOf:
        """Write these calls to the log, all in one commit; returns where the view then stands, and on which day."""
        with self._reading() as connection:
            read_log.write(connection, map(_read, notes))
            at = store.as_of(connection, self._group)
            connection.commit()
        return at._replace(version=(*at.version, self.hub.today().toordinal()))

    def shown(
        self, reader: Reader, text: str, part: str, on: date | None = None, known_at: datetime | None = None
    ) -> dict[str, Any] | None:
        """What `Hub.entity` answers, `how` with the steps; written down before. None: nobody was known.

        Raises:
            UsageError: as `subject` and `view`.
            RefusedError: as `lawful`.
        """
        subject = self.subject(text)
        self.lawful(reader, subject)
        self.noted([Note(reader, part, [subject.key])])
        return entity_of(self.hub, text, on=on, known_at=known_at, how=part == "how")

    def view(
        self, subject: Subject, part: str, on: date | None = None, known_at: datetime | None = None
    ) -> dict[str, Any] | None:
        """The entity as `entity show` answers: all (`entity`), its `timeline`, or `how` it came to be; None: unknown.

        To be called when the read stands in the log.

        Raises:
            UsageError: the instant has no zone or lies in the future.
        """
        found = entity_of(self.hub, str(subject.reference), on=on, known_at=known_at, how=part == "how")
        if found is None or part == "entity":
            return found
        return {name: found[name] for name in ("entity_id", "kind", "on", "known_at", "complete", part)}

    def lawful(self, reader: Reader, subject: Subject) -> None:
        """Return where this reader may see the whole record of the subject.

        Raises:
            RefusedError: recipients never; an individual's only who has said something of it, for a stated reason.
        """
        if reader.sight.role == "recipient":
            raise RefusedError(
                "the shared view is for agencies; a recipient reads its feed, and asks about others with POST /checks"
            )
        if not subject.in_person:
            return
        if not reader.reasoned:
            raise RefusedError("an individual's record is read for a stated case only: state user and reason")
        if reader.sight.role == "agency" and not self._has_said(reader.sight.holder, subject):
            raise RefusedError("an individual's record is read by the agencies that have said something of it")

    def _has_said(self, agency: str, subject: Subject) -> bool:
        with self._reading() as connection:
            return store.said_by(connection, subject.key, agency)

    def reads(self, subject: Subject) -> list[dict[str, Any]]:
        """Who read the record of the entity, the newest first; the officials' own names stay in the log."""
        titles = self.hub.in_force()
        with self._reading() as connection:
            found = read_log.reads_of(connection, subject.key, _READS_MAX)

        def title(holder: str, role: str) -> str:
            known: Mapping[str, Any] = titles.agencies if role == "agency" else titles.recipients
            return known[holder].title if holder in known else holder

        return [
            {
                "read_at": one.read_at.astimezone(UTC).isoformat(),
                "act": one.act,
                "reader": title(one.holder, one.role),
                "holder": one.holder,
                "role": one.role,
                "on_behalf_of": one.on_behalf_of,
                "reason": one.reason,
            }
            for one in found
        ]

    @contextmanager
    def _reading(self) -> Iterator[Connection[Any]]:
        with self.hub.snapshot() as connection:
            yield connection


class _Gathered(NamedTuple):
    """What the answers follow from: the entities to which each question leads, and the measures as of the day."""

    questions: Sequence[Question]
    leads: Sequence[Sequence[Lead]]
    by_entity: Mapping[UUID, Sequence[MeasureState]]
    about: Sequence[Key]

    def standing(self, leads: Sequence[Lead]) -> Sequence[MeasureState]:
        """The measures on the only entity."""
        return self.by_entity.get(leads[0].entity_id, ()) if len(leads) == 1 else ()


_NOTHING = _Gathered((), (), {}, ())


def _gathered(connection: Connection[Any], asks: Sequence[Ask], on: date) -> Iterator[_Gathered]:
    """In three steps that other parts take too, while the database looks for what each has asked."""
    questions = [*map(question, asks)]
    keys = [[*map(identifier_key, asked.stated)] for asked in questions]
    asked_led = store.led(connection, {key for its in keys for key in its})
    yield _NOTHING
    led = asked_led()
    unknown = [place for place, its in enumerate(keys) if its and not any(key in led for key in its)]
    for place in unknown:
        keys[place] += [identifier_key(one) for one in questions[place].implied]
    by_implication = store.led(connection, {key for place in unknown for key in keys[place][1:]})() if unknown else {}
    led |= by_implication
    found = [{led[key].entity_id: led[key] for key in its if key in led} for its in keys]
    uuids = {key: UUID(bytes=key) for key in {one.entity_id for one in led.values()}}
    named = {uuids[one] for asked, its in zip(questions, found, strict=True) if asked.name for one in its}
    names = store.names_of(connection, named)
    codes = store.codes_of(connection, {uuids[one.entity_id] for one in by_implication.values()})
    asked_contested = in_conflict(connection, uuids.values(), SINGLE_SCHEMES)
    asked_standing = store.standing_on(connection, uuids.values(), on)
    yield _NOTHING
    contested = asked_contested()

    def lead(one: Led) -> Lead:
        entity = uuids[one.entity_id]
        known = (*([one.name] if one.name else []), *names.get(entity, ()))
        return Lead(entity, KINDS[one.kind_rank], known, entity in contested, tuple(codes.get(entity, ())))

    about = [key for its in keys for key in ([one for one in its if one in led] or its[:1])]
    leads = [[lead(one) for one in its.values()] for its in found]
    yield _Gathered(questions, leads, asked_standing(), about)


def _with_id(connection: Connection[Any], text: str) -> Identifier | None:
    """The reference whose id the text is, if it is one."""
    try:
        return reference_with_id(connection, UUID(text).bytes)
    except ValueError:
        return None


def _same_name(name: str, lead: Lead) -> bool:
    """An individual by exactly this name, others by any likeness: the number is the first factor."""
    ours = normalised(name)
    if lead.kind == INDIVIDUAL:
        return any(ours.squeezed == normalised(one).squeezed for one in lead.names)
    return any(likeness(ours, normalised(one)) for one in lead.names)


def _shown(answer: Answer, on: date, as_of: Mapping[str, Any], sight: Sight) -> dict[str, Any]:
    lead = answer.lead
    return {
        "id": answer.question.id,
        "answer": answer.word,
        "words": answer_words(answer, on, sight),
        "known": lead is not None,
        "entity_id": str(lead.entity_id) if lead else None,
        "missing": [answer.missing._asdict()] if answer.missing else [],
        "measures": [measure_told(one) for one in answer.measures],
        "on": on.isoformat(),
        "as_of": as_of,
    }


def measure_told(state: MeasureState) -> dict[str, Any]:
    """A measure in force as a check tells it: what applies, on what basis, how long, and what can be done."""
    measure = state.measure
    return {
        "measure_id": str(measure.id),
        "measure": measure.entry,
        "title": measure.title,
        "kind": measure.kind.value,
        "target_service": measure.target_service,
        "binding": measure.binding,
        "legal_basis": [str(one) for one in measure.legal_basis],
        "authority": measure.authority,
        "effective_from": measure.effective_from.isoformat(),
        "effective_to": measure.effective_to.isoformat() if measure.effective_to else None,
        "exit": measure.exit,
        "appeal_state": appeal_state(state),
        "remedies": list(measure.remedies),
    }


def _read(note: Note) -> Read:
    reader = note.reader
    return Read(
        read_id=uuid4(),
        act=note.act,
        holder=reader.sight.holder,
        role=reader.sight.role,
        reader=reader.user.strip(),
        on_behalf_of=reader.on_behalf_of.strip() or reader.sight.holder,
        reason=reader.reason.strip(),
        asked=note.asked,
        about=note.about,
    )


@contextmanager
def open_checks(settings: Settings) -> Iterator[Checks]:
    """Checks for these settings. Raises as `open_hub`."""
    with open_hub(settings) as hub:
        yield Checks(hub)
