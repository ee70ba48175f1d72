"""The instruments of this process, and what is read for the whole hub when somebody asks."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from threading import Event

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric as Family
from prometheus_client.registry import Collector

from sharehub.telemetry.catalogue import HUB, PROCESS

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
HUNG_AFTER_S = 300
"""Longer than any turn of a service may take: Kafka gives a silent consumer's partitions away after as long."""

Values = Mapping[str, Mapping[tuple[str, ...], float]]
"""Of metrics of the hub by name: the value for each combination of labels."""

_BATCH_BUCKETS = (0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100)
_REGISTRY = CollectorRegistry()
_OF = {one.name: one for one in PROCESS}

disable_created_metrics()  # type: ignore[no-untyped-call] # a series for each series, which nobody reads
ProcessCollector(registry=_REGISTRY)


def _counter(name: str) -> Counter:
    return Counter(name, _OF[name].means, _OF[name].labels, registry=_REGISTRY)


def _histogram(name: str, buckets: tuple[float, ...]) -> Histogram:
    return Histogram(name, _OF[name].means, _OF[name].labels, registry=_REGISTRY, buckets=buckets)


_TURNED = "sharehub_service_turned_timestamp_seconds"
turned = Gauge(_TURNED, _OF[_TURNED].means, _OF[_TURNED].labels, registry=_REGISTRY)
batches = _counter("sharehub_consolidator_batches_total")
batch_seconds = _histogram("sharehub_consolidator_batch_seconds", _BATCH_BUCKETS)
messages = _counter("sharehub_consolidator_messages_total")
events = _counter("sharehub_consolidator_events_total")
relayed = _counter("sharehub_relay_entries_total")
timed = _counter("sharehub_timers_events_total")
webhook_attempts = _counter("sharehub_webhook_attempts_total")
requests = _counter("sharehub_http_requests_total")
request_seconds = _histogram("sharehub_http_request_seconds", Histogram.DEFAULT_BUCKETS)

_last_turn: dict[str, float] = {}


def turning(service: str, stopping: Event) -> Callable[[], bool]:
    """Whether to stop, asked once in every turn of a service's loop: that it was asked shows that the service lives."""

    def asked() -> bool:
        turned.labels(service).set_to_current_time()
        _last_turn[service] = time.monotonic()
        if stopping.is_set():
            _last_turn.pop(service, None)
        return stopping.is_set()

    return asked


def hung(now: float | None = None) -> list[str]:
    """The services of this process whose loops have not turned for long."""
    at = time.monotonic() if now is None else now
    return sorted(service for service, last in _last_turn.items() if at - last > HUNG_AFTER_S)


def exposition(hub: "HubMetrics | None" = None) -> bytes:
    """All metrics of this process, and those of the hub where it is known here."""
    return generate_latest(_REGISTRY) + (generate_latest(hub.registry) if hub else b"")


class HubMetrics(Collector):
    """Metrics of the whole hub, read when they are asked for, at most once in `fresh_s` however many ask."""

    def __init__(self, read: Callable[[], Values], fresh_s: float = 10) -> None:
        self._read = read
        self._fresh_s = fresh_s
        self._lock = threading.Lock()
        self._known: Values = {}
        self._until = 0.0
        self.registry = CollectorRegistry(auto_describe=False)
        self.registry.register(self)

    def describe(self) -> list[Family]:
        """Nothing is read before somebody asks."""
        return []

    def collect(self) -> Iterator[Family]:
        """The families in the order of the catalogue."""
        values = self._values()
        for one in HUB:
            kind = CounterMetricFamily if one.kind == "counter" else GaugeMetricFamily
            family = kind(one.name, one.means, labels=one.labels)
            for labels, value in sorted(values.get(one.name, {}).items()):
                family.add_metric(labels, value)
            yield family

    def _values(self) -> Values:
        with self._lock:
            if time.monotonic() >= self._until:
                self._known = self._read()
                self._until = time.monotonic() + self._fresh_s
            return self._known
