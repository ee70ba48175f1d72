"""Log lines: JSON in production, short lines for people on a terminal; always on stderr."""

import logging
import sys
from typing import Literal

import structlog


def configure_logs(style: Literal["auto", "json", "people"], *, verbose: bool = False, quiet: bool = False) -> None:
    """Configure structlog once, at the start of a command."""
    for_people = style == "people" or (style == "auto" and sys.stderr.isatty())
    renderer = structlog.dev.ConsoleRenderer() if for_people else structlog.processors.JSONRenderer()
    level = logging.DEBUG if verbose else logging.WARNING if quiet else logging.INFO
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(message)s")
    logging.getLogger("kafka").setLevel(logging.CRITICAL)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        # Looked up at every line: a program that embeds us may replace sys.stderr.
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
    )
