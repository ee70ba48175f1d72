"""`/asyncapi.json`: topics and what lies on them, as AsyncAPI 3, made from schemas, agencies and recipients."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from fastapi import APIRouter
from starlette.responses import JSONResponse

from sharehub.core.catalogue import Catalogue
from sharehub.core.competence import DESK
from sharehub.errors import UnreachableError
from sharehub.topics import (
    CASEWORK,
    ENTITY_STATE,
    MEASURE_STATE,
    SANCTION_EVENTS,
    Topic,
    acknowledgements_topic,
    agency_of,
    feed_topic,
    topics,
)
from sharehub.web.problems import ProblemError, documented
from sharehub.wire.registry import Registry, Schema

Document = dict[str, Any]

_AVRO: Final = "application/vnd.apache.avro+json;version=1.12.0"
_BINDING: Final = {"bindingVersion": "0.5.0"}
_TAKEN_BACK: Final = "withdrawal"


class Described(NamedTuple):
    """What the document is made from: the rules in force, the schemas, and the partitions of record topics."""

    catalogue: Callable[[], Catalogue]
    registry: Registry
    partitions: int


def asyncapi_router(described: Described, version: str) -> APIRouter:
    """The route over what is in force."""
    router = APIRouter(tags=["descriptions"])

    @router.get("/asyncapi.json", response_class=JSONResponse, responses=documented("internal-error", "feeds-away"))
    def asyncapi() -> JSONResponse:
        """Topics, messages and schemas, as AsyncAPI 3."""
        try:
            rules = described.catalogue()
        except UnreachableError as error:
            raise ProblemError("feeds-away", str(error), headers={"Retry-After": "5"}) from error
        return JSONResponse(document(rules, described.registry, described.partitions, version))

    return router


def document(catalogue: Catalogue, registry: Registry, partitions: int, version: str) -> Document:
    """Every topic of a hub with these agencies and recipients."""
    schemas = registry.all()
    channels = {one.name: one for one in topics(sorted(catalogue.agencies), sorted(catalogue.recipients))}
    held = {name: _held(name, schemas, catalogue) for name in channels}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "sharehub",
            "version": version,
            "description": "What agencies say, and what follows from it. Values are in the Confluent wire format: a "
            "zero byte, the schema id in four bytes, Avro binary. /openapi.json describes the same feeds over HTTP.",
        },
        "defaultContentType": "application/vnd.confluent.avro",
        "servers": {
            "kafka": {
                "host": "{bootstrap_servers}",
                "protocol": "kafka",
                "variables": {"bootstrap_servers": {"description": "Told by the hub's operator."}},
            }
        },
        "channels": {name: _channel(one, held[name], partitions, catalogue) for name, one in channels.items()},
        "operations": {name: _operation(name, held[name]) for name in channels},
        "components": {
            "messages": {_message_id(one): _message(one) for one in schemas} | {"rejected": _rejected()},
            "schemas": {_message_id(one): {"schemaFormat": _AVRO, "schema": one.raw} for one in schemas},
        },
    }


def _held(topic: str, schemas: Sequence[Schema], catalogue: Catalogue) -> list[str]:
    """Ids of the messages that may lie on the topic."""
    if topic.startswith("dead-letter."):
        return ["rejected"]
    return [_message_id(one) for one in schemas if _lies_on(topic, one, catalogue)]


def _lies_on(topic: str, schema: Schema, catalogue: Catalogue) -> bool:
    space = schema.raw["namespace"].rpartition(".")[2]
    speaker = agency_of(topic)
    if speaker is not None:
        agency = DESK if topic == CASEWORK else catalogue.agencies[speaker]
        takes_back = () if agency is DESK else (_TAKEN_BACK,)
        return schema.changes_view and schema.name in (*agency.record_kinds, *takes_back)
    if topic in (MEASURE_STATE, ENTITY_STATE):
        return bool(space == "state") and topic == f"state.{schema.name}"
    if topic == SANCTION_EVENTS:
        return schema.name == "sanction-event"
    if topic.startswith("acks."):
        return schema.name == "acknowledgement"
    return bool(space == "events")


def _channel(topic: Topic, held: Sequence[str], partitions: int, catalogue: Catalogue) -> Document:
    told = dict(_told(topic.name, catalogue))
    configured = {"cleanup.policy": [topic.config.get("cleanup.policy", "delete")]}
    kept_ms = topic.config.get("retention.ms")
    return {
        "address": topic.name,
        **told,
        "servers": [{"$ref": "#/servers/kafka"}],
        "messages": {one: {"$ref": f"#/components/messages/{one}"} for one in held},
        "bindings": {
            "kafka": {
                "topic": topic.name,
                "partitions": topic.partitions or partitions,
                "topicConfiguration": configured | ({"retention.ms": int(kept_ms)} if kept_ms else {}),
                **_BINDING,
            }
        },
    }


def _told(topic: str, catalogue: Catalogue) -> Iterator[tuple[str, str]]:
    """What people are told of the topic."""
    speaker = agency_of(topic)
    if speaker is not None and speaker in catalogue.agencies:
        yield "description", f"What {catalogue.agencies[speaker].title} says."
    for recipient in catalogue.recipients.values():
        if topic == feed_topic(recipient.id):
            yield "title", recipient.title
            yield "description", f"Events for this purpose: {recipient.purpose}"
        elif topic == acknowledgements_topic(recipient.id):
            yield "description", f"What {recipient.title} answers to its events."


def _operation(topic: str, held: Sequence[str]) -> Document:
    """What the hub does on the topic."""
    receives = agency_of(topic) is not None or topic.startswith("acks.")
    channel = topic.replace("/", "~1")
    return {
        "action": "receive" if receives else "send",
        "channel": {"$ref": f"#/channels/{channel}"},
        "messages": [{"$ref": f"#/channels/{channel}/messages/{one}"} for one in held],
    }


def _message_id(schema: Schema) -> str:
    return f"{schema.name}.{schema.id}"


def _message(schema: Schema) -> Document:
    return {
        "name": schema.raw["name"],
        "title": f"{schema.name}, schema {schema.id}",
        "description": schema.raw.get("doc", ""),
        "headers": _HEADERS,
        "payload": {"$ref": f"#/components/schemas/{_message_id(schema)}"},
        "bindings": {"kafka": {"schemaIdLocation": "payload", "schemaIdPayloadEncoding": "4", **_BINDING}},
    }


def _rejected() -> Document:
    return {
        "name": "Rejected",
        "title": "A message that was not admitted",
        "contentType": "application/octet-stream",
        "description": "In its own bytes, whatever they are.",
    }


def _text(told: str) -> Mapping[str, str]:
    return {"type": "string", "description": told}


_HEADERS: Final = {
    "type": "object",
    "properties": {
        "ce_specversion": {"type": "string", "const": "1.0"},
        "ce_id": _text("Id of the record or event; the same whenever it is sent again."),
        "ce_source": _text("Who says it, and how it came."),
        "ce_type": _text("Kind of the record or event."),
        "ce_subject": _text("Entity that it is about."),
        "ce_time": _text("When the hub knew it."),
        "content-type": _text("Media type of the value."),
        "traceparent": _text("W3C trace context; its trace id is that of the record that all of this comes from."),
        "jws": _text("Detached signature over the canonical JSON of the event."),
    },
    "required": ["ce_id", "ce_source", "ce_type"],
}
