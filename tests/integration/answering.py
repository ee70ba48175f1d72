"""Events in recipients' feeds, and the answers that recipients give."""

import time
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from sharehub.core.acknowledgement import Acknowledgement
from sharehub.ports.batch import Messages, Polled, Tally
from sharehub.store.claims import claim_partitions
from sharehub.topics import Place
from sharehub.wire.acknowledgements import AcknowledgementCodec
from tests.integration.publishing import World, by_hand
from tests.integration.saying import REGISTRY, Company, Message, Speaker, subject

CODEC = AcknowledgementCodec(REGISTRY)


def fined(world: World, *numbers: int) -> list[Message]:
    """A major penalty on each of these companies: no procurement."""
    said = Speaker(world.agency("environment"))
    return [said.says("penalty", f"p{n}", subject(Company(n + 1).uscc)) for n in numbers]


def annulled(world: World, *numbers: int) -> list[Message]:
    """These penalties taken back."""
    said = Speaker(world.agency("environment"))
    return [said.says("withdrawal", f"p{n}", subject(Company(n + 1).uscc), revision=2) for n in numbers]


def repaired(world: World, number: int, on: date = date(2026, 5, 20)) -> Message:
    """That penalty repaired."""
    said = Speaker(world.agency("environment"))
    concerns = {"concerns_agency": said.agency, "concerns_key": f"p{number}"}
    return said.says("repair-decision", f"r{number}", subject(Company(number + 1).uscc), decided_on=on, **concerns)


def happened(world: World, *messages: Message) -> None:
    """These records consolidated, without the log, and what follows from them sent to the feeds."""
    with by_hand(world) as worker:
        worker.take(*messages)
    world.relay()


def taken(world: World, *messages: Message) -> Tally:
    """These answers as one batch, the next ones of their topics, without the log."""
    group = world.settings.consolidator.group
    polled: dict[Place, Messages] = {}
    with by_hand(world) as worker:
        acknowledging = world.hub._acknowledging(worker.connection, worker.consolidation)
        places = [Place(topic, 0) for topic in sorted({one.topic for one in messages})]
        names = {place.topic: "topic" for place in places}
        for claim in claim_partitions(worker.connection, group, "answers", places, "cluster", names):
            acknowledging.claims[claim.place] = claim
        for one in messages:
            found = polled.setdefault(Place(one.topic, 0), Messages.none())
            found.offsets.append(acknowledging.claims[Place(one.topic, 0)].next_offset + len(found.offsets))
            found.appended_ms.append(int(time.time() * 1000))
            found.keys.append(one.key)
            found.values.append(one.value)
        return acknowledging.process(Polled(polled))


def feed_of(world: World, feed: str = "procurement") -> list[dict[str, Any]]:
    """The sanction events in a recipient's feed."""
    found = world.values(f"feed.{world.recipient(feed)}")
    return [one for one in found if "measure_id" in one and "step" not in one]


def answer_to(world: World, event: Mapping[str, Any], status: str = "applied", **fields: Any) -> Message:
    """A recipient's answer, as it lies on the log; `feed` is who answers, `key` the message's."""
    recipient = world.recipient(fields.pop("feed", "procurement"))
    key = fields.pop("key", event["event_id"])
    stated = {
        "event_id": UUID(event["event_id"]),
        "recipient": recipient,
        "status": status,
        "acknowledged_at": datetime.now(UTC),
        "acknowledged_by": "the test",
        **fields,
    }
    return Message(f"acks.{recipient}", key.encode(), CODEC.encode(Acknowledgement(**stated)))


def standing_answers(world: World) -> dict[str, str]:
    """The status of every event that was answered, by its id."""
    return dict(world.rows("SELECT event_id::text, status FROM acknowledgements WHERE standing"))


def rejected_codes(world: World) -> list[str]:
    """Codes of all rejections, in the order of the log."""
    return [row[0] for row in world.rows('SELECT code FROM rejections ORDER BY topic, "offset"')]


def ids(events: Iterable[Mapping[str, Any]]) -> list[str]:
    """Their ids."""
    return [one["event_id"] for one in events]
