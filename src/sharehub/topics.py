"""Every topic's name, partitions and retention; nothing else names a topic."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

SANCTION_EVENTS = "events.sanction"
MEASURE_STATE = "state.measure"
ENTITY_STATE = "state.entity"
CASEWORK = "casework.hub"
PROBE = "probe.hub"
"""Where `sharehub doctor` asks whether Kafka takes messages, and what time it has."""
DESK = "hub"
"""Who speaks on `casework.hub`: the hub's own desk."""

_FOREVER: Mapping[str, str] = {"cleanup.policy": "delete", "retention.ms": "-1", "retention.bytes": "-1"}
_COMPACT: Mapping[str, str] = {"cleanup.policy": "compact"}
_A_WEEK: Mapping[str, str] = {"cleanup.policy": "delete", "retention.ms": str(7 * 86_400_000)}
_NINETY_DAYS: Mapping[str, str] = {"cleanup.policy": "delete", "retention.ms": str(90 * 86_400_000)}


class Place(NamedTuple):
    """One partition of one topic."""

    topic: str
    partition: int


@dataclass(frozen=True)
class Topic:
    """One topic as it must exist: `partitions` 0 means the number that all record topics share."""

    name: str
    partitions: int = 0
    config: Mapping[str, str] = field(default_factory=dict)


def records_topic(agency: str) -> str:
    """Topic on which this agency says things."""
    return f"records.{agency}"


def agency_of(topic: str) -> str | None:
    """Who speaks on a topic of records, the desk among them; None for any other topic."""
    if topic == CASEWORK:
        return DESK
    agency = topic.removeprefix("records.")
    return agency if agency != topic else None


def dead_letter_topic(agency: str) -> str:
    """Home of the rejected messages of this agency, or recipient."""
    return f"dead-letter.{agency}"


def feed_topic(recipient: str) -> str:
    """Ordered events for one recipient."""
    return f"feed.{recipient}"


def acknowledgements_topic(recipient: str) -> str:
    """The recipient's answers to its events."""
    return f"acks.{recipient}"


def answering(topic: str) -> str | None:
    """The recipient whose answers a topic holds; None for any other topic."""
    recipient = topic.removeprefix("acks.")
    return recipient if recipient != topic else None


def speaker_of(topic: str) -> str | None:
    """Who speaks on a topic that the consolidator reads: an agency, the desk or a recipient; None for the others."""
    return agency_of(topic) or answering(topic)


def topics(agencies: list[str], recipients: list[str]) -> list[Topic]:
    """All topics of a hub; logs that are read in one order have one partition."""
    shared = [Topic(CASEWORK, 0, _FOREVER), Topic(SANCTION_EVENTS, 1, _FOREVER), Topic(PROBE, 1, _A_WEEK)]
    states = [Topic(MEASURE_STATE, 1, _COMPACT), Topic(ENTITY_STATE, 1, _COMPACT)]
    said = [Topic(records_topic(agency), 0, _FOREVER) for agency in agencies]
    dead = [Topic(dead_letter_topic(agency), 1, _FOREVER) for agency in (*agencies, DESK)]
    of_recipients = [one for recipient in recipients for one in recipient_topics(recipient)]
    names = {one.name for one in dead}  # one administration may be both
    return shared + states + said + dead + [one for one in of_recipients if one.name not in names]


def recipient_topics(recipient: str) -> list[Topic]:
    """Where a recipient is told, where it answers, and where answers lie that were not admitted."""
    return [
        Topic(feed_topic(recipient), 1, _NINETY_DAYS),
        Topic(acknowledgements_topic(recipient), 1, _FOREVER),
        Topic(dead_letter_topic(recipient), 1, _FOREVER),
    ]
