"""Schemathesis over a running hub, all phases and checks: no call makes it fail, no answer is one it does not describe.

Once as an agency and once as a recipient with events in its feed. `make test-api` runs it, `make test` does not.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import RunningStack
from tests.integration.feeding import FEED, add_events, token
from tests.integration.publishing import World, fresh_world
from tests.integration.pushing import gateway

pytestmark = pytest.mark.api

SECONDS = int(os.environ.get("SHAREHUB_TEST_API_SECONDS", "70"))
"""For each role; fuzzing and following of links go on until it is spent."""

CONFIG = """
[parameters]
"path.agency" = "{agency}"
"path.recipient" = "{recipient}"

[checks]
positive_data_acceptance.expected-statuses = ["2xx", 401, 403, 404, 409, 410, 422, 429, 503]
"""
# 422 is the answer to what is well formed and cannot be taken all the same: a matter that nobody examines, a text of
# spaces. 429, 503: the hub's own bounds.


@pytest.fixture(scope="module")
def hub(stack: RunningStack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, str]]:
    """A hub with some events, whose streams end at once and whose doors are not counted."""
    with fresh_world(stack, tmp_path_factory.mktemp("api")) as world:
        web = world.settings.web.model_copy(update={"intake_per_minute": 10**6, "stream_seconds_max": 1})
        world.settings = world.settings.model_copy(update={"web": web})
        add_events(world, 0, 20)
        with gateway(world) as url:
            yield world, url


@pytest.mark.timeout(SECONDS + 120)
@pytest.mark.parametrize("role", ["agency", "recipient"])
def test_no_call_breaks_the_hub(hub: tuple[World, str], role: str, tmp_path: Path) -> None:
    world, url = hub
    agency, recipient = world.agency("tax"), world.recipient(FEED)
    holder = token(world, agency, "agency") if role == "agency" else token(world, recipient)
    config = tmp_path / "schemathesis.toml"
    config.write_text(CONFIG.format(agency=agency, recipient=recipient), encoding="utf-8")
    said = subprocess.run(
        [
            *(str(Path(sys.executable).with_name("st")), "--config-file", str(config), "run", f"{url}/openapi.json"),
            *("--header", f"Authorization: Bearer {holder}", "--phases", "examples,coverage,fuzzing,stateful"),
            *("--checks", "all", "--max-time", str(SECONDS), "--max-examples", "30", "--request-timeout", "70"),
            *("--continue-on-failure", "--no-shrink", "--no-color"),
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 0, said.stdout[-12_000:] + said.stderr[-2_000:]
