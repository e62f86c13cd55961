"""Worker processes: they end with the service that started them, however it ended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

SECONDS_TO_END = 10.0

# A service in small: both workers are started, and busy with what the test says.
PARENT = """
import re, time
from thidua_runtime.settings import Settings
from thidua_scoring.scorer import workers


def nothing():
    return None


def sleep():
    time.sleep(600)


def search():
    # Catastrophic: one call that lasts for hours and lets no other thread run.
    re.match("(a+)+$", "a" * 60 + "b")


if __name__ == "__main__":
    pool = workers.Workers(Settings())._started()
    for number in range(2):
        pool.submit(time.sleep, 1)
    for one in [pool.submit(nothing) for number in range(2)]:
        one.result()
    time.sleep(0.5)
    for number in range(2):
        pool.submit({busy})
    time.sleep(0.5)
    print(*pool._processes, flush=True)
    time.sleep(600)
"""


@pytest.mark.parametrize("busy", ["nothing", "sleep", "search"])
def test_workers_end_soon_after_their_service_was_killed(tmp_path: Path, busy: str) -> None:
    with a_service(tmp_path, busy) as service:
        assert service.stdout is not None
        workers = [int(pid) for pid in service.stdout.readline().split()]
        assert len(workers) == 2
        assert all(is_running(pid) for pid in workers)
        service.kill()
        service.wait()
        try:
            give_up = time.monotonic() + SECONDS_TO_END
            while any(is_running(pid) for pid in workers) and time.monotonic() < give_up:
                time.sleep(0.05)
            assert [pid for pid in workers if is_running(pid)] == []
        finally:
            for pid in workers:
                if is_running(pid):
                    os.kill(pid, signal.SIGKILL)


@contextmanager
def a_service(folder: Path, busy: str) -> Iterator[subprocess.Popen[str]]:
    program = folder / "service.py"
    program.write_text(PARENT.replace("{busy}", busy), "utf-8")
    with subprocess.Popen([sys.executable, str(program)], stdout=subprocess.PIPE, text=True) as service:
        yield service
        service.kill()


def is_running(pid: int) -> bool:
    # A worker whose parent is gone may stay as a zombie where nobody collects it.
    listed = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return bool(listed.stdout.strip()) and not listed.stdout.strip().startswith("Z")
