"""Logs: one JSON object per line, what libraries say included, and no flood of one kind."""

from __future__ import annotations

import json
import logging
import subprocess
import sys

from structlog.testing import capture_logs

from thidua_runtime.logs import LibraryEvents

SPEAK = """
import logging
from thidua_runtime.logs import configure_logs
from thidua_runtime.settings import Settings

configure_logs(Settings(log_format="json"))
for number in range(1000):
    logging.getLogger("aiokafka").error("Unable connect to node with id %s: %s", number, "refused")
try:
    1 / 0
except ZeroDivisionError:
    logging.getLogger("uvicorn.error").exception("Exception in a request")
logging.getLogger("aiokafka").info("not worth a line")
"""


def test_what_libraries_say_is_a_json_line_and_no_flood() -> None:
    ended = subprocess.run([sys.executable, "-c", SPEAK], check=True, capture_output=True, text=True)
    first, second = (json.loads(line) for line in ended.stderr.splitlines())
    assert first["event"] == "Unable connect to node with id 0: refused"
    assert (first["library"], first["level"]) == ("aiokafka", "error")
    assert "ZeroDivisionError" in second["exception"]


def test_after_half_a_minute_a_kind_is_told_again_with_how_many_were_left_out() -> None:
    times = iter((0.0, 1.0, 29.0, 30.0, 31.0))
    events = LibraryEvents(lambda: next(times))
    record = logging.makeLogRecord({"name": "aiokafka", "levelno": logging.ERROR, "msg": "no broker"})
    with capture_logs() as told:
        for _ in range(5):
            events.handle(record)
    assert [(each["event"], each.get("left_out")) for each in told] == [("no broker", None), ("no broker", 2)]
