"""The schema registry answers as Confluent's clients, and Apicurio's, expect it."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from sharehub.topics import topics
from sharehub.web.registry import mount_registry
from sharehub.wire.avro_schema import normal
from sharehub.wire.compatibility import breaches
from sharehub.wire.registry import load_registry
from sharehub.wire.subjects import LEVEL, subjects

REGISTRY = load_registry()
TOPICS = [one.name for one in topics(["cn-tax"], ["procurement"])]
TAX, PENALTY = "records.cn-tax-value", "gov.sharehub.records.Penalty"


@pytest.fixture(scope="module", params=["/registry", "/api/v1/registry"])
def client(request: pytest.FixtureRequest) -> Iterator[TestClient]:
    """A client of the registry under one of its prefixes."""
    with TestClient(served(), base_url=f"http://hub{request.param}/") as made:
        yield made


def served() -> FastAPI:
    """An application with nothing but the registry."""
    hub = FastAPI(version="1")
    mount_registry(hub, REGISTRY, TOPICS)
    return hub


def body(schema: Any, **more: Any) -> dict[str, Any]:
    """A schema as clients send it."""
    return {"schema": schema if isinstance(schema, str) else json.dumps(schema), **more}


def test_every_schema_is_found_by_the_id_that_messages_carry(client: TestClient) -> None:
    for schema in REGISTRY.all():
        answer = client.get(f"schemas/ids/{schema.id}?subject=whatever-value&fetchMaxId=true")
        assert json.loads(answer.json()["schema"]) == schema.raw
        assert answer.json()["maxId"] == REGISTRY.all()[-1].id
        assert answer.headers["content-type"] == "application/vnd.schemaregistry.v1+json"
        assert client.get(f"schemas/ids/{schema.id}/schema").json() == schema.raw
        assert client.get(f"apis/registry/v2/ids/globalIds/{schema.id}").json() == schema.raw
        assert client.get(f"apis/registry/v2/ids/globalIds/{schema.id}/references").json() == []
    for place in client.get("schemas/ids/26/versions").json():
        assert client.get(f"subjects/{place['subject']}/versions/{place['version']}").json()["id"] == 26


def test_a_topic_has_the_schemas_that_lie_on_it(client: TestClient) -> None:
    every = client.get("subjects").json()
    assert {TAX, "casework.hub-value", "events.sanction-value", "feed.procurement-value", PENALTY} < set(every)
    assert not [name for name in every if name.startswith(("dead-letter", "state.nothing"))]
    kinds = {schema.id for schema in REGISTRY.all() if schema.says_record}
    versions = client.get(f"subjects/{TAX}/versions").json()
    assert {client.get(f"subjects/{TAX}/versions/{one}").json()["id"] for one in versions} == kinds
    assert client.get("subjects?subjectPrefix=state.&limit=1").json() == ["state.entity-value"]
    assert client.get("subjects?deletedOnly=true").json() == []
    latest = client.get("schemas?latestOnly=true&subjectPrefix=state.measure").json()
    assert [(one["subject"], one["id"]) for one in latest] == [("state.measure-value", REGISTRY.latest("measure").id)]


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("schemas/ids/9999", 40403),
        ("schemas/ids/9999/subjects", 40403),
        ("subjects/nobody/versions", 40401),
        (f"subjects/{PENALTY}/versions/99", 40402),
        (f"subjects/{PENALTY}/versions/first", 42202),
        (f"subjects/{PENALTY}/versions/0", 42202),
        (f"config/{PENALTY}", 40408),
        (f"mode/{PENALTY}", 40409),
        ("schemas/ids/one", 422),
        ("associations/resources/-/records.cn-tax?resourceType=topic", 404),
        ("dek-registry/v1/keks", 404),
        ("apis/registry/v2/ids/globalIds/9999/references", 40403),
    ],
)
def test_what_is_not_there_has_confluents_code(client: TestClient, path: str, code: int) -> None:
    answer = client.get(path)
    assert answer.status_code == int(str(code)[:3])
    assert answer.json()["error_code"] == code
    assert answer.headers["content-type"] == "application/vnd.schemaregistry.v1+json"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", f"subjects/{PENALTY}/versions"),
        ("PUT", "config"),
        ("PUT", f"config/{PENALTY}"),
        ("PUT", "mode"),
        ("DELETE", f"subjects/{PENALTY}"),
        ("DELETE", f"subjects/{PENALTY}/versions/1?permanent=true"),
    ],
)
def test_writing_is_refused(client: TestClient, method: str, path: str) -> None:
    answer = client.request(method, path, json=body("string"))
    assert (answer.status_code, answer.json()["error_code"]) == (422, 42205)


def test_a_schema_is_recognised_however_it_is_written(client: TestClient) -> None:
    released = REGISTRY.latest("penalty")
    turned = {key: released.raw[key] for key in reversed(released.raw)}
    for text in (released.raw, turned, json.dumps(released.raw, indent=4)):
        for subject in (PENALTY, TAX):
            assert client.post(f"subjects/{subject}", json=body(text)).json()["id"] == released.id
    other = {**released.raw, "fields": released.raw["fields"][1:]}
    assert client.post(f"subjects/{PENALTY}", json=body(other)).json()["error_code"] == 40403
    assert client.post("subjects/nobody", json=body(other)).json()["error_code"] == 40401
    vendor = {"Content-Type": "application/octet-stream", "Accept": "text/plain"}
    assert client.post(f"subjects/{PENALTY}", content=json.dumps(body(turned)), headers=vendor).status_code == 200


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (b"{", 422),
        (b"[]", 422),
        (b"[" * 100_000, 422),
        (b"{}", 422),
        (json.dumps(body('{"type": "record"}')).encode(), 42201),
        (json.dumps(body("[" * 3000)).encode(), 42201),
        (json.dumps(body("string", schemaType="PROTOBUF")).encode(), 42201),
        (b" " * 300_000, 413),
    ],
)
def test_a_body_that_is_no_schema_is_refused(client: TestClient, sent: bytes, code: int) -> None:
    for path in (f"subjects/{PENALTY}", f"compatibility/subjects/{PENALTY}/versions/latest"):
        assert client.post(path, content=sent).json()["error_code"] == code


def test_compatibility_is_told_with_its_reasons(client: TestClient) -> None:
    newest = REGISTRY.latest("penalty").raw
    wider = {**newest, "fields": [*newest["fields"], {"name": "more", "type": "string", "default": ""}]}
    needy = {**newest, "fields": [*newest["fields"], {"name": "more", "type": "string"}]}
    for subject in (PENALTY, TAX):
        for path in (f"compatibility/subjects/{subject}/versions", f"compatibility/subjects/{subject}/versions/latest"):
            assert client.post(path, json=body(wider)).json() == {"is_compatible": True}
            found = client.post(f"{path}?verbose=true", json=body(needy)).json()
            assert found["is_compatible"] is False
            assert "READER_FIELD_MISSING_DEFAULT_VALUE" in found["messages"][0]
            assert f"/fields/{len(newest['fields'])}" in found["messages"][0]
            assert found["messages"][-1] == "{compatibility: 'FULL_TRANSITIVE'}"
    assert client.post(f"compatibility/subjects/{TAX}/versions/latest", json=body("string")).json()["is_compatible"]
    assert client.get("config").json() == {"compatibilityLevel": "FULL_TRANSITIVE"}
    assert client.get(f"config/{TAX}?defaultToGlobal=true").json() == {"compatibilityLevel": "FULL_TRANSITIVE"}
    assert client.get("mode").json() == {"mode": "READONLY"}


def test_every_release_kept_the_level_that_the_registry_names() -> None:
    for subject in subjects(REGISTRY, ()).values():
        said = [normal(schema.raw) for schema in subject.schemas]
        for place, schema in enumerate(said):
            assert breaches(schema, said[:place], LEVEL) == [], f"{subject.name}, version {place + 1}"


@pytest.mark.parametrize("mode", list(GenerationMode))
def test_no_call_makes_it_fail_and_every_answer_is_described(mode: GenerationMode) -> None:
    document = schemathesis.openapi.from_asgi("/registry/openapi.json", served())
    operations = [found.ok() for found in document.get_all_operations()]
    assert len(operations) >= 20
    checks = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
    for operation in operations:
        if mode.is_negative and not operation.body:
            continue

        @settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
        @given(operation.as_strategy(generation_mode=mode))
        def call(case: schemathesis.Case) -> None:
            case.call_and_validate(checks=checks)

        call()
