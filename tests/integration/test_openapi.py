"""The OpenAPI document holds: no call makes the hub fail, no answer is one that it does not describe."""

from collections import Counter
from collections.abc import Iterator

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.conftest import RunningStack
from tests.integration.publishing import fresh_world
from tests.integration.pushing import Caller, gateway

pytestmark = pytest.mark.integration

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


@pytest.fixture(scope="module")
def tax(stack: RunningStack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Caller]:
    """An agency with a token at a gateway that all calls share."""
    with fresh_world(stack, tmp_path_factory.mktemp("openapi")) as world:
        often = world.settings.web.model_copy(update={"intake_per_minute": 10_000})
        world.settings = world.settings.model_copy(update={"web": often})
        with gateway(world) as url:
            yield Caller(world, url, "tax")


@pytest.mark.parametrize("mode", list(GenerationMode))
def test_every_answer_is_described(tax: Caller, mode: GenerationMode) -> None:
    document = schemathesis.openapi.from_url(f"{tax.url}/openapi.json")
    every = [found.ok() for found in document.get_all_operations()]
    assert len(every) >= 11
    operations = [one for one in every if mode.is_positive or one.body]  # without a body there is nothing to break
    answered: Counter[tuple[str, int]] = Counter()
    for operation in operations:
        examples = 100 if "records" in operation.path else 30

        @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))
        @given(operation.as_strategy(generation_mode=mode))
        def call(case: schemathesis.Case) -> None:
            if case.path_parameters and len(str(case.path_parameters.get("agency", ""))) > 1:
                case.path_parameters["agency"] = tax.agency  # else every call would be refused at the door
            answer = case.call(headers={"Authorization": f"Bearer {tax.token}"}, timeout=60)
            answered[case.path, answer.status_code] += 1
            case.validate_response(answer, checks=CHECKS)

        call()
    wanted = {422} if mode.is_positive else {400, 422}
    assert wanted <= {status for path, status in answered if "records" in path}, answered
