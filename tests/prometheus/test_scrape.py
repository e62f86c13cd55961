"""A real Prometheus with the example configuration scrapes a program and evaluates the rules."""

import json
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from prometheus_client import CollectorRegistry, Gauge, start_http_server

PROMETHEUS: Final = Path(__file__).resolve().parents[2] / "deploy" / "prometheus"
LONG_AGO: Final = 1_000_000_000
PATIENCE_SECONDS: Final = 30

pytestmark = pytest.mark.prometheus


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


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


@pytest.fixture
def prometheus_url(program_port: int, tmp_path: Path) -> Iterator[str]:
    """The example configuration, only faster and with the program's port in the place of 9464."""
    config = yaml.safe_load((PROMETHEUS / "prometheus.yml").read_text(encoding="utf-8"))
    config["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
    config["scrape_configs"][0]["static_configs"] = [{"targets": [f"127.0.0.1:{program_port}"]}]
    (tmp_path / "prometheus.yml").write_text(yaml.safe_dump(config), encoding="utf-8")
    shutil.copy(PROMETHEUS / "thidua.rules.yaml", tmp_path)
    address = f"127.0.0.1:{free_port()}"
    command = [
        "prometheus",
        f"--config.file={tmp_path}/prometheus.yml",
        f"--storage.tsdb.path={tmp_path}/tsdb",
        f"--web.listen-address={address}",
    ]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running:
        yield f"http://{address}"
        running.terminate()


def alerts_of(url: str) -> list[dict[str, Any]]:
    """Alerts that are pending or firing; none as long as Prometheus does not answer."""
    try:
        with urllib.request.urlopen(f"{url}/api/v1/alerts", timeout=5) as answer:
            return list(json.load(answer)["data"]["alerts"])
    except (urllib.error.URLError, ConnectionError):
        return []


def wait_for_alerts(url: str) -> list[dict[str, Any]]:
    give_up = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < give_up:
        if alerts := alerts_of(url):
            return alerts
        time.sleep(0.2)
    raise AssertionError(f"No alert within {PATIENCE_SECONDS} seconds.")


def test_a_scraped_job_keeps_its_own_name_and_raises_the_alert(prometheus_url: str) -> None:
    (alert,) = wait_for_alerts(prometheus_url)
    assert alert["labels"] == {
        "alertname": "ThiduaJobMissed",
        "province": "ha-noi",
        "service": "monitoring",
        "job": "recount",
        "severity": "ticket",
        "audience": "operator",
    }
    assert alert["annotations"]["summary"] == "Nightly job recount missed two runs"
