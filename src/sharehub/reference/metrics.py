"""The metrics, taken from their catalogue."""

from collections.abc import Iterable

from sharehub.reference.markdown import code, paragraphs, table
from sharehub.telemetry.catalogue import HUB, PROCESS, Metric

_WORDS = """
`sharehub serve` and `sharehub run` tell all of them at `/metrics` of their own port. The other services tell those of
their process where they are given a port: `--metrics-port`, or the setting `metrics.port`; there `/healthz` answers
200, and 503 once a service's loop has not turned for five minutes. Both are for the operator's network: let a proxy
that serves others pass neither. Nothing in them names an entity or a person.

`deploy/prometheus` has alerts and `deploy/dashboards` dashboards made of them; see [operations](../operations.md).
"""
_HUB = """
Read from PostgreSQL and Kafka when they are asked for, at most every ten seconds (answers of recipients: every five
minutes). Each server that has the database tells the same, so take the maximum over servers, never the sum.
"""
_PROCESS = (
    "What each process has done since it began, beside the standard `process_…` metrics. Sum them over processes."
)


def page() -> str:
    """The page of all metrics."""
    return paragraphs(
        "# Metrics", _WORDS.strip(), "## The hub", _HUB.strip(), _table(HUB), "## A process", _PROCESS, _table(PROCESS)
    )


def _table(metrics: Iterable[Metric]) -> str:
    rows = [(code(one.name), one.kind, ", ".join(map(code, one.labels)), one.means, one.moves) for one in metrics]
    return table(("metric", "kind", "labels", "means", "when it moves"), rows)
