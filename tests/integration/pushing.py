"""A gateway that really listens, and what agencies send to it."""

import json
import re
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from typing import Any

import httpx
from kafka import KafkaConsumer, TopicPartition

from sharehub.bootstrap import access_file
from sharehub.cli.web import open_web
from sharehub.web.tokens import Tokens
from tests.integration.installation import PARTITIONS
from tests.integration.publishing import World
from tests.integration.saying import Company


class Caller:
    """One agency that calls the gateway."""

    def __init__(self, world: World, url: str, role: str) -> None:
        self.agency = world.agency(role)
        self.url = url
        self.token = Tokens(access_file(world.settings)).issue(self.agency, "", datetime.now(UTC))[1]

    def post(self, body: Any, key: str = "", agency: str = "", **headers: str) -> httpx.Response:
        """One call; bytes are sent as they are, everything else as JSON in ASCII."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        named = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        named |= {"Idempotency-Key": key} if key else {}
        path = f"{self.url}/api/v1/records/{agency or self.agency}"
        return httpx.post(path, headers={**named, **headers}, timeout=60, content=content)


@contextmanager
def gateway(world: World) -> Iterator[str]:
    """The address of a gateway over this world."""
    with open_web(world.settings, 0) as url:
        yield url


def rating(number: int, key: str = "", **fields: Any) -> dict[str, Any]:
    """A rating as JSON."""
    return {
        "kind": "rating",
        "record_key": key or f"push/{number}",
        "jurisdiction": "cn",
        "subject": about(Company(number).uscc),
        "decided_on": "2026-04-01",
        "rating_system": "tax-credit-rating",
        "grade": "A",
        "year": 2025,
        **fields,
    }


def about(*identifiers: str, **fields: Any) -> dict[str, Any]:
    """A subject as JSON."""
    stated = [dict(zip(("scheme", "value"), one.split(":", 1), strict=True)) for one in identifiers]
    return {"kind": "company", "identifiers": stated, "names": ["Company"], **fields}


def counts(answer: httpx.Response) -> tuple[int, int, int]:
    """Accepted, duplicate, rejected."""
    said = answer.json()
    return said["accepted"], said["duplicate"], said["rejected"]


def codes(answer: httpx.Response) -> list[list[str]]:
    """The codes of every record's faults."""
    return [[fault["code"] for fault in one["faults"]] for one in answer.json()["records"]]


def log_messages(world: World, role: str = "tax") -> list[Any]:
    """Everything on an agency's topic, by partition and offset."""
    with closing(KafkaConsumer(bootstrap_servers=world.bootstrap_servers, enable_auto_commit=False)) as consumer:
        places = [TopicPartition(world.topic(role), number) for number in range(PARTITIONS)]
        consumer.assign(places)
        consumer.seek_to_beginning(*places)
        end = consumer.end_offsets(places)
        found: list[Any] = []
        while any(consumer.position(place) < end[place] for place in places):
            found += [one for batch in consumer.poll(timeout_ms=500).values() for one in batch]
    return sorted(found, key=lambda one: (one.partition, one.offset))


def served(process: "subprocess.Popen[str]") -> str:
    """The address on which a server says that it listens."""
    assert process.stderr is not None
    line = next(line for line in process.stderr if "http://" in line)
    return re.findall(r"http://[0-9.:]+", line)[0]
