"""Ports of this machine: whether one is free, and whether who holds it is a thidua service."""

from __future__ import annotations

import socket
import urllib.request
from typing import Final

PATIENCE_SECONDS: Final = 2


def is_taken(host: str, port: int) -> bool:
    """Whether somebody listens on the port already; port 0 is always free."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return True
    return False


def is_thidua(host: str, port: int, door: str) -> bool:
    """Whether the holder of the port answers at a door of ours (`awards/health/live`, `metrics`)."""
    here = "127.0.0.1" if host in ("0.0.0.0", "") else host  # noqa: S104 - asked, not opened
    try:
        with urllib.request.urlopen(f"http://{here}:{port}/{door}", timeout=PATIENCE_SECONDS) as answer:
            return door != "metrics" or b"thidua_" in answer.read()
    except (OSError, ValueError):
        return False
