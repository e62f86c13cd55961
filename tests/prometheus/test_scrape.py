"""A real Prometheus with the example configuration scrapes a program and evaluates the rules."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from prometheus_client import CollectorRegistry, Gauge, start_http_server

from .scraping import free_port, prometheus, wait_for_alerts

LONG_AGO: Final = 1_000_000_000

pytestmark = pytest.mark.prometheus


@pytest.fixture
def program_port() -> Iterator[int]:
    """A program whose nightly recount has not run for years, with the label names the real ones use."""
    registry = CollectorRegistry()
    labels = ("province", "service", "job")
    Gauge("thidua_job_last_success_timestamp_seconds", "…", labels, registry=registry).labels(
        "ha-noi", "monitoring", "recount"
    ).set(LONG_AGO)
    port = free_port()
    server, thread = start_http_server(port, "127.0.0.1", registry)
    yield port
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_scraped_job_keeps_its_own_name_and_raises_the_alert(program_port: int, tmp_path: Path) -> None:
    with prometheus(program_port, tmp_path) as url:
        (alert,) = wait_for_alerts(url)
    assert alert["labels"] == {
        "alertname": "ThiduaJobMissed",
        "province": "ha-noi",
        "service": "monitoring",
        "job": "recount",
        "severity": "ticket",
        "audience": "operator",
    }
    assert alert["annotations"]["summary"] == "Nightly job recount missed two runs"
