"""Starting a real Prometheus with the example configuration against a port, and asking it for alerts."""

import json
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import yaml

PROMETHEUS: Final = Path(__file__).resolve().parents[2] / "deploy" / "prometheus"
PATIENCE_SECONDS: Final = 30


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def prometheus(program_port: int, tmp_path: Path) -> Iterator[str]:
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
