"""Structured logs: one JSON object per line; no payload, no name, no secret."""

from __future__ import annotations

import logging
import sys

import structlog

from thidua_runtime.settings import Settings


def configure_logs(settings: Settings) -> None:
    """Set up structlog for this process by LOG_LEVEL and LOG_FORMAT."""
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    renderer = (
        structlog.processors.JSONRenderer()
        if settings.log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=False)
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
