"""The AsyncAPI document says what there is: every topic, every schema, and nothing that is not there.

The official parser with its Avro plug-in found the document valid; it is no Python package, so here the structure is
checked: what refers, refers to something, and topics, agencies and schemas are those of the hub.
"""

import json
from collections.abc import Iterator
from typing import Any

import fastavro
import pytest

from sharehub.core.catalogue import Catalogue
from sharehub.shipped import shipped
from sharehub.topics import topics
from sharehub.web.asyncapi import document
from sharehub.wire.registry import load_registry
from sharehub.wire.rulebooks import load_catalogue

REGISTRY = load_registry()
CATALOGUE = load_catalogue(shipped("rulebooks"))


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    """As it leaves: JSON."""
    found: dict[str, Any] = json.loads(json.dumps(document(CATALOGUE, REGISTRY, 6, "1.0")))
    return found


def references(value: Any) -> Iterator[str]:
    """Every `$ref` below."""
    if isinstance(value, dict):
        if "$ref" in value:
            yield value["$ref"]
        value = value.values()
    if not isinstance(value, str | int | float | bool | None):
        for part in value:
            yield from references(part)


def at(document: dict[str, Any], reference: str) -> Any:
    """What a JSON pointer leads to."""
    found: Any = document
    for part in reference.removeprefix("#/").split("/"):
        found = found[part.replace("~1", "/").replace("~0", "~")]
    return found


def test_every_reference_leads_somewhere(described: dict[str, Any]) -> None:
    found = list(references(described))
    assert len(found) > 100
    assert all(at(described, one) for one in found)


def test_every_topic_is_a_channel_with_an_operation(described: dict[str, Any]) -> None:
    wanted = {one.name for one in topics(sorted(CATALOGUE.agencies), sorted(CATALOGUE.recipients))}
    assert {one["address"] for one in described["channels"].values()} == wanted
    assert {one["channel"]["$ref"] for one in described["operations"].values()} == {f"#/channels/{n}" for n in wanted}
    receives = {name for name, one in described["operations"].items() if one["action"] == "receive"}
    assert receives == {name for name in wanted if name.startswith(("records.", "casework.", "acks."))}


def test_every_released_schema_is_a_message_on_a_topic_and_decodes(described: dict[str, Any]) -> None:
    carried = {name for one in described["channels"].values() for name in one["messages"]} - {"rejected"}
    assert carried == {f"{one.name}.{one.id}" for one in REGISTRY.all() if one.name != "listed-measure"}, (
        "rows of files"
    )
    for name in carried:
        payload = at(described, described["components"]["messages"][name]["payload"]["$ref"])
        assert payload["schemaFormat"].startswith("application/vnd.apache.avro+json")
        fastavro.parse_schema(payload["schema"])


def test_an_agency_says_what_it_may_and_a_feed_carries_events_only(described: dict[str, Any]) -> None:
    said = {name.partition(".")[0] for name in described["channels"]["records.cn-tax"]["messages"]}
    assert said == {*CATALOGUE.agencies["cn-tax"].record_kinds, "withdrawal"}
    fed = {name.partition(".")[0] for name in described["channels"]["feed.cn-procurement"]["messages"]}
    assert fed == {"sanction-event", "agreement-event", "reminder-notice"}


def test_a_hub_without_agencies_is_described_too() -> None:
    alone = document(Catalogue(()), REGISTRY, 6, "1.0")
    assert set(alone["channels"]) == {one.name for one in topics([], [])}
