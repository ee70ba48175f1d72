"""Seen from outside: log lines on stderr, and metrics in Prometheus' text format. Home of prometheus-client."""

from sharehub.telemetry.logs import configure_logs as configure_logs
