"""Metrics: what is told, what is written about it, and what dashboards and alerts are made of are the same."""

import json
import re
import shutil
import subprocess
import time
from pathlib import Path
from threading import Event
from typing import Any

import httpx
import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from sharehub.errors import UsageError
from sharehub.reference.metrics import page
from sharehub.telemetry import metrics
from sharehub.telemetry.catalogue import HUB, PROCESS
from sharehub.telemetry.exposing import exposed

DEPLOY = Path(__file__).parents[2] / "deploy"
CATALOGUE = {one.name: one for one in (*PROCESS, *HUB)}
PAGE = page()
BY_PORT = ("consolidator", "relay", "timers", "webhooks")
DASHBOARDS = sorted((DEPLOY / "dashboards").glob("*.json"))


def named(text: str) -> set[str]:
    """The metrics that an expression uses, without what a histogram adds."""
    return {re.sub(r"_(bucket|sum|count)$", "", one) for one in re.findall(r"\bsharehub_\w+", text)}


def test_the_process_tells_what_the_catalogue_names() -> None:
    told = {one.name: one.type for one in text_string_to_metric_families(metrics.exposition().decode())}
    ours = {name: kind for name, kind in told.items() if name.startswith("sharehub_")}
    assert ours == {one.name.removesuffix("_total"): one.kind for one in PROCESS}


def test_the_hub_tells_what_the_catalogue_names_and_is_read_once_for_many() -> None:
    read: list[int] = []

    def values() -> metrics.Values:
        read.append(1)
        return {one.name: {tuple("x" for _ in one.labels): 1.0} for one in HUB}

    hub = metrics.HubMetrics(values)
    assert not read, "nothing is read before somebody asks"
    for _ in range(3):
        told = {one.name: one for one in text_string_to_metric_families(metrics.exposition(hub).decode())}
    assert len(read) == 1
    for one in HUB:
        (sample,) = told[one.name.removesuffix("_total")].samples
        assert (sample.name, tuple(sample.labels), sample.value) == (one.name, one.labels, 1.0)


@pytest.mark.parametrize("one", CATALOGUE.values(), ids=CATALOGUE)
def test_names_follow_the_conventions_and_each_is_explained(one: Any) -> None:
    assert one.name.endswith("_total") == (one.kind == "counter")
    assert not re.search(r"(milliseconds|_ms|minutes|kilobytes|percent)", one.name), "base units"
    assert f"| `{one.name}` | {one.kind} |" in PAGE
    assert one.means.endswith(".") and one.moves.endswith((".", "`"))


@pytest.mark.parametrize("path", DASHBOARDS, ids=lambda path: path.name)
def test_a_dashboard_shows_metrics_that_there_are(path: Path) -> None:
    board = json.loads(path.read_text(encoding="utf-8"))
    used = [target["expr"] for panel in board["panels"] for target in panel.get("targets", ())]
    assert used and set().union(*map(named, used)) <= CATALOGUE.keys()
    assert all(panel["type"] == "row" or panel["description"] for panel in board["panels"])
    assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])


def test_every_metric_is_on_a_dashboard() -> None:
    shown = set().union(*(named(path.read_text(encoding="utf-8")) for path in DASHBOARDS))
    assert shown == CATALOGUE.keys()


def read(name: str) -> Any:
    return yaml.safe_load((DEPLOY / name).read_text(encoding="utf-8"))


def test_alerts_use_metrics_that_there_are() -> None:
    alerts = [rule for group in read("prometheus/alerts.yaml")["groups"] for rule in group["rules"]]
    assert alerts and set().union(*(named(one["expr"]) for one in alerts)) <= CATALOGUE.keys()
    assert len({one["alert"] for one in alerts}) == len(alerts)
    for one in alerts:
        assert one["labels"]["severity"] in ("critical", "warning")
        assert one["annotations"].keys() == {"summary", "action"}
        assert one["expr"].count("(") == one["expr"].count(")"), one["alert"]
    tested = (DEPLOY / "prometheus" / "alerts.test.yaml").read_text(encoding="utf-8")
    assert set(re.findall(r'alertname="(\w+)"', tested)) == {one["alert"] for one in alerts}


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not here; deploy/ci-containers.sh runs it")
def test_prometheus_takes_its_files_and_each_alert_fires_when_it_must() -> None:
    for words in (("check", "config", "prometheus.yaml"), ("test", "rules", "alerts.test.yaml")):
        done = subprocess.run(
            ["promtool", *words], cwd=DEPLOY / "prometheus", capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr


def test_every_service_that_stays_has_a_health_check_and_is_asked_for_its_metrics() -> None:
    services = read("compose.yaml")["services"]
    staying = {name: one for name, one in services.items() if one.get("restart") == "unless-stopped"}
    by_image = {"web"}  # its check is the image's
    assert staying.keys() >= {"kafka", "postgres", *BY_PORT, "web", "prometheus", "grafana"}
    assert all("test" in one["healthcheck"] for name, one in staying.items() if name not in by_image)
    asked = [at for job in read("prometheus/prometheus.yaml")["scrape_configs"] for at in job["dns_sd_configs"]]
    assert {name for one in asked for name in one["names"]} == {*BY_PORT, "web"}
    for name in BY_PORT:
        assert services[name]["command"][1:] == ["--metrics-port", "9100"]


def get(url: str) -> tuple[int, str]:
    answer = httpx.get(url, timeout=10)
    return answer.status_code, answer.text


def test_a_service_tells_its_metrics_and_that_it_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    for service in metrics.hung(time.monotonic() + 2 * metrics.HUNG_AFTER_S):
        ended = Event()
        ended.set()
        metrics.turning(service, ended)()
    stopping = Event()
    turn = metrics.turning("relay", stopping)
    with exposed("127.0.0.1", 0) as url:
        assert not turn()
        assert get(f"{url}/healthz") == (200, "ok\n")
        status, text = get(f"{url}/metrics")
        assert status == 200 and 'sharehub_service_turned_timestamp_seconds{service="relay"}' in text
        assert get(f"{url}/elsewhere")[0] == 404
        later = time.monotonic() + metrics.HUNG_AFTER_S + 1
        monkeypatch.setattr(time, "monotonic", lambda: later)
        assert get(f"{url}/healthz") == (503, "relay hangs\n")
        stopping.set()
        assert turn()
        assert get(f"{url}/healthz")[0] == 200, "what was told to stop does not hang"
        taken = int(url.rpartition(":")[2])
        with pytest.raises(UsageError, match="cannot listen"), exposed("127.0.0.1", taken):
            pass
    with exposed("127.0.0.1", None) as nowhere:
        assert nowhere == ""
