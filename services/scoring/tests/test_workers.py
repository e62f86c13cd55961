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

pytestmark = pytest.mark.drill

SECONDS_TO_END = 10.0

# A service in small: both workers have begun, and are busy with what the test says; then it tells who they are.
PARENT = """
import asyncio, os, re, sys, time
from pathlib import Path
from thidua_runtime.settings import Settings
from thidua_scoring.scorer import workers

FOLDER = Path(sys.argv[1])


def meet(place):
    # Nobody goes on alone, so each worker comes here once.
    (FOLDER / f"{place}-{os.getpid()}").touch()
    wait_for_both(place)
    return b""


def wait_for_both(place):
    while len(list(FOLDER.glob(f"{place}-*"))) < 2:
        time.sleep(0.01)


def nothing():
    return b""


def sleep():
    meet("busy")
    time.sleep(600)


def search():
    meet("busy")
    # Catastrophic: one call that lasts for hours and lets no other thread run.
    re.match("(a+)+$", "a" * 60 + "b")


async def main():
    crew = workers.Workers(Settings()).crew()
    await asyncio.gather(*(crew.ask(600, meet, "begun") for number in range(2)))
    asked = [asyncio.create_task(crew.ask(600, {busy})) for number in range(2)]
    if {busy} is nothing:
        await asyncio.wait(asked)
    else:
        await asyncio.to_thread(wait_for_both, "busy")
    await asyncio.sleep(0.2)
    print(*crew.processes, flush=True)
    await asyncio.sleep(600)


if __name__ == "__main__":
    asyncio.run(main())
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
    with subprocess.Popen([sys.executable, str(program), str(folder)], stdout=subprocess.PIPE, text=True) as service:
        yield service
        service.kill()


def is_running(pid: int) -> bool:
    # A worker whose parent is gone may stay as a zombie where nobody collects it.
    listed = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return bool(listed.stdout.strip()) and not listed.stdout.strip().startswith("Z")
