"""Structured logs: one JSON object per line; no payload, no name, no secret."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable

import structlog

from thidua_runtime.settings import Settings

REPEAT_SECONDS = 30.0

log = structlog.get_logger()


def configure_logs(settings: Settings) -> None:
    """Set up the logs of this process, those of libraries too, by LOG_LEVEL and LOG_FORMAT."""
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
    take_in_libraries()


def take_in_libraries() -> None:
    """Let what libraries warn of become events like our own, each kind of warning once in half a minute."""
    root = logging.getLogger()
    for handler in [each for each in root.handlers if isinstance(each, LibraryEvents)]:
        root.removeHandler(handler)
    root.addHandler(LibraryEvents(time.monotonic))


class LibraryEvents(logging.Handler):
    """Hands on what libraries log, without what repeats: a client that looks for its brokers says so all the time."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """Read seconds from `clock`."""
        super().__init__(logging.WARNING)
        self._clock = clock
        self._kinds: dict[tuple[str, str], tuple[float, int]] = {}

    def emit(self, record: logging.LogRecord) -> None:
        """Log the record, with how many of its kind (the text before its values) were left out since the last one."""
        kind, now = (record.name, str(record.msg)), self._clock()
        last, left_out = self._kinds.get(kind, (-REPEAT_SECONDS, 0))
        if now - last < REPEAT_SECONDS:
            self._kinds[kind] = (last, left_out + 1)
            return
        self._kinds[kind] = (now, 0)
        fields = {"left_out": left_out} if left_out else {}
        log.log(record.levelno, record.getMessage(), library=record.name, exc_info=record.exc_info, **fields)
