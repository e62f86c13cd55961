"""How long `thidua up` takes on existing data until every service says that it is ready.

    python benchmarks/start.py [--data .thidua] [--times 3]

Starts `thidua up` as its user does, several times one after another, and asks the health door of every service
until all are ready; prints the seconds of each start and their median. The data folder must hold a finished
`thidua demo`; nothing in it is changed.
"""

from __future__ import annotations

import argparse
import re
import signal
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

import httpx2

SERVICES: Final = ("registration", "monitoring", "scoring", "awards")
ADDRESS: Final = re.compile(r"http://[^/\s]+")
LONGEST_SECONDS: Final = 60


def main() -> int:
    """Start, wait, stop; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path(".thidua"), help="folder of a finished demo")
    parser.add_argument("--times", type=int, default=3, help="number of starts")
    chosen = parser.parse_args()
    if not (chosen.data / "postgres").is_dir():
        print(f"{chosen.data} holds no data; run `thidua demo --once --data {chosen.data}` first.", file=sys.stderr)
        return 2
    seconds = [_start(chosen.data) for _ in range(chosen.times)]
    print("ready after " + ", ".join(f"{each:.2f} s" for each in seconds))
    print(f"median {statistics.median(seconds):.2f} s of {len(seconds)} starts")
    return 0


def _start(data: Path) -> float:
    command = [str(Path(sys.executable).with_name("thidua")), "up", "--data", str(data), "--port", "0"]
    # Made before the clock starts: a client reads the certificates of all authorities.
    with httpx2.Client(timeout=5) as client:
        began = time.perf_counter()
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            try:
                _wait_until_ready(client, _address(process), began + LONGEST_SECONDS)
                return time.perf_counter() - began
            finally:
                process.send_signal(signal.SIGTERM)


def _wait_until_ready(client: httpx2.Client, address: str, until: float) -> None:
    while not all(_is_ready(client, address, name) for name in SERVICES):
        if time.perf_counter() > until:
            raise TimeoutError(f"not ready after {LONGEST_SECONDS} s")
        time.sleep(0.01)


def _address(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    for line in process.stdout:
        found = ADDRESS.search(line)
        if found:
            return found.group()
    raise RuntimeError("thidua up ended before it told its address")


def _is_ready(client: httpx2.Client, address: str, service: str) -> bool:
    try:
        return client.get(f"{address}/{service}/health/ready").status_code == 200
    except httpx2.TransportError:
        return False


if __name__ == "__main__":
    sys.exit(main())
