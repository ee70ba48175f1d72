"""Recipients' answers from their topics: checked one by one, kept, and the one that counts marked, in one transaction.

A wrong answer is a rejection of its recipient and never more: no recipient can stop the hub by what it sends.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID

import structlog

from sharehub.core.acknowledgement import Acknowledgement, fault, standing
from sharehub.core.dead_letter import Headers, mark_of
from sharehub.core.record import Rejection
from sharehub.errors import SharehubError
from sharehub.flow.letters import Fate, keep
from sharehub.flow.positions import Claims, HashMessage, moved, moves_of
from sharehub.ports.answers import Acknowledgements, Answered, AnsweredEvent, EventInFeed
from sharehub.ports.batch import Polled, RacedError, Tally
from sharehub.ports.view import View
from sharehub.topics import Place, answering

log = structlog.get_logger()

_ATTEMPTS_MAX = 8


class _Said(NamedTuple):
    """One message: its place, its bytes, and the answer that it is, or what is wrong with it."""

    place: Place
    offset: int
    received_at: datetime
    key: bytes | None
    value: bytes | None
    headers: Headers
    answer: Acknowledgement | Rejection


@dataclass(frozen=True)
class Acknowledging:
    """What one worker does with answers; the claims are the worker's."""

    view: View
    store: Acknowledgements
    decode: Callable[[bytes], Acknowledgement]
    digest: HashMessage
    claims: Claims

    def process(self, polled: Polled) -> Tally:
        """Take one batch of answers, all or nothing.

        Raises:
            FencedError: another worker has one of the partitions.
        """
        said = [one for place in sorted(polled.messages) for one in self._read(place, polled)]
        for _ in range(_ATTEMPTS_MAX):
            try:
                return self._apply(polled, said)
            except RacedError:
                continue
        raise RuntimeError("a batch of answers was raced by other workers too often")

    def _read(self, place: Place, polled: Polled) -> Iterator[_Said]:
        recipient = answering(place.topic) or place.topic
        for offset, appended_ms, key, value in zip(*polled.messages[place], strict=True):
            received_at = datetime.fromtimestamp(appended_ms / 1000, UTC)
            answer = self._answer(key, value, recipient, received_at)
            yield _Said(place, offset, received_at, key, value, polled.headers_at(place, offset), answer)

    def _answer(
        self, key: bytes | None, value: bytes | None, recipient: str, received_at: datetime
    ) -> Acknowledgement | Rejection:
        try:
            said = self.decode(value or b"")
        except SharehubError as error:
            return Rejection(getattr(error, "code", "bad-value"), "", "", str(error))
        if key != str(said.event_id).encode():
            return Rejection("wrong-key", "key", "", f"the message key must be {said.event_id}")
        return fault(said, recipient, received_at) or said

    def _apply(self, polled: Polled, said: list[_Said]) -> Tally:
        moves = moves_of(self.claims, polled, self.digest)
        with self.view.transaction() as txn:
            txn.advance(moves)
            judged = self._judged(said)
            answers = [one for one in judged if isinstance(one, Answered)]
            fresh = self._keep(answers)
            keep(txn, _fates(said, judged))
            tallies = _tallies(said, judged, fresh)
            txn.count(tallies)
        moved(self.claims, moves)
        tally = Tally(*map(sum, zip(*tallies.values(), strict=True)))
        log.info("answers_taken", **tally._asdict())
        return tally

    def _judged(self, said: list[_Said]) -> list[Answered | Rejection]:
        """Each answer with the event that it answers, or what is wrong with it."""
        given = [one.answer for one in said if isinstance(one.answer, Acknowledgement)]
        sent = self.store.sent(map(_answered, given)) if given else {}
        return [_placed(one, sent) for one in said]

    def _keep(self, answers: list[Answered]) -> set[UUID]:
        """Add the answers and mark which one counts now; returns the ids of those that are new."""
        fresh = self.store.keep(answers) if answers else set()
        if fresh:
            events = {_answered(one.said) for one in answers if one.said.id in fresh}
            given: defaultdict[AnsweredEvent, list[Acknowledgement]] = defaultdict(list)
            for one in self.store.answers(events):
                given[_answered(one)].append(one)
            self.store.stand(found for every in given.values() if (found := standing(every)))
        return fresh


def _answered(said: Acknowledgement) -> AnsweredEvent:
    return AnsweredEvent(said.recipient, said.event_id)


def _placed(one: _Said, sent: Mapping[AnsweredEvent, EventInFeed]) -> Answered | Rejection:
    if isinstance(one.answer, Rejection):
        return one.answer
    event = sent[_answered(one.answer)]
    if event.measure_id is None or event.number is None or not event.sent:
        return unanswerable(one.answer, event)
    return Answered(one.answer, event.measure_id, event.number, one.received_at)


def unanswerable(said: Acknowledgement, event: EventInFeed) -> Rejection:
    """Why the recipient has nothing to answer: it is a notice, or no event of the hub, or was sent to others only."""
    if event.sent:
        return Rejection("notice", "event_id", "", f"{said.event_id} is a notice, which needs no answer")
    if event.measure_id is None:
        return Rejection("unknown-event", "event_id", "", f"the hub has issued no event {said.event_id}")
    return Rejection("not-sent", "event_id", "", f"{said.event_id} was never sent to {said.recipient}")


def _fates(said: list[_Said], judged: list[Answered | Rejection]) -> Iterator[Fate]:
    """What is rejected, and what was sent again."""
    for at, one in zip(said, judged, strict=True):
        wrong = one if isinstance(one, Rejection) else None
        if wrong or mark_of(at.headers):
            speaker = answering(at.place.topic) or at.place.topic
            yield Fate(at.place, at.offset, at.received_at, speaker, at.key, at.value, at.headers, wrong)


def _tallies(said: list[_Said], judged: list[Answered | Rejection], fresh: set[UUID]) -> dict[Place, Tally]:
    """Figures per partition; what was said before, in this batch or in an earlier one, is a duplicate."""
    new = set(fresh)
    tallies = dict.fromkeys((one.place for one in said), Tally(0, 0, 0, 0))
    for at, one in zip(said, judged, strict=True):
        refused = isinstance(one, Rejection)
        known = isinstance(one, Answered) and one.said.id not in new
        new -= {one.said.id} if isinstance(one, Answered) else set()
        records, duplicates, rejected, _ = tallies[at.place]
        tallies[at.place] = Tally(records + 1, duplicates + known, rejected + refused, 0)
    return tallies
