"""Under which subjects the released schemas stand, for clients of a Confluent schema registry.

- A schema's own subject is its full name, such as `gov.sharehub.records.Penalty`: its versions are its releases.
- A topic's subject is its name and `-value`: its versions are all schemas that may lie on the topic, by id. An agency's
  topic carries many kinds of record, so one version need not follow from another; readers go by a message's id alone.

A new schema is held against the earlier ones of its own full name only. Keys are plain text and have no subject.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sharehub.topics import CASEWORK, ENTITY_STATE, MEASURE_STATE, SANCTION_EVENTS
from sharehub.wire.avro_schema import normal
from sharehub.wire.compatibility import Level
from sharehub.wire.registry import Registry, Schema

LEVEL = Level.FULL_TRANSITIVE
"""What every release owes to all earlier ones of its name: each side reads the other's messages."""


@dataclass(frozen=True)
class Subject:
    """Schemas under one name; a version is a place in `schemas`, counted from 1."""

    name: str
    schemas: tuple[Schema, ...]

    def saying(self, stated: Any) -> int | None:
        """The version that says what this normal schema says."""
        return next((place for place, one in enumerate(self.schemas, 1) if normal(one.raw) == stated), None)

    def before(self, stated: Any) -> list[tuple[int, Schema]]:
        """Versions and schemas of the same full name: what a new one must be compatible with."""
        name = stated.get("name") if isinstance(stated, dict) else None
        only = len({full_name(one) for one in self.schemas}) == 1
        return [(place, one) for place, one in enumerate(self.schemas, 1) if only or full_name(one) == name]


def full_name(schema: Schema) -> str:
    """The schema's full name in Avro's sense."""
    return f"{schema.raw['namespace']}.{schema.raw['name']}"


def subjects(registry: Registry, topics: Iterable[str]) -> Mapping[str, Subject]:
    """Every subject by its name: those of the schemas themselves, and those of these topics."""
    found: dict[str, list[Schema]] = {}
    for schema in registry.all():
        found.setdefault(full_name(schema), []).append(schema)
    for topic in topics:
        if on_it := [schema for schema in registry.all() if _lies_on(schema, topic)]:
            found[f"{topic}-value"] = on_it
    return {name: Subject(name, tuple(schemas)) for name, schemas in sorted(found.items())}


def _lies_on(schema: Schema, topic: str) -> bool:
    family = schema.raw["namespace"].rpartition(".")[2]
    if topic in (MEASURE_STATE, ENTITY_STATE):
        return bool(family == "state" and topic == f"state.{schema.name}")
    if topic == SANCTION_EVENTS:
        return schema.name == "sanction-event"
    if topic == CASEWORK:
        return bool(family == "casework")
    return bool(family == _FAMILIES.get(topic.partition(".")[0]))


_FAMILIES = {"records": "records", "feed": "events", "acks": "acks"}
