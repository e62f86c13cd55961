from __future__ import annotations

import random
import signal
import subprocess
import time
from pathlib import Path

import pytest

from .conftest import Played
from .thidua_command import SEED, THIDUA, demo, difference, environment, state

pytestmark = [pytest.mark.xdist_group("sample"), pytest.mark.drill]

KILLS = 10
# Long enough for the services to have started, short enough to fall into the play.
EARLIEST_SECONDS, LATEST_SECONDS = 5.0, 13.0


def play_until_killed(folder: Path, seconds: float) -> bool:
    """Start the play, kill it without warning after `seconds`; return whether it was still running."""
    command = [str(THIDUA), "demo", "--once", "--small", "--seed", SEED, "--data", str(folder)]
    process = subprocess.Popen(
        command, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.wait()
        return True
    return False


@pytest.mark.timeout(900)
def test_ten_kills_at_random_moments_leave_the_same_state(played: Played, tmp_path: Path) -> None:
    moments = random.Random(2022)
    folder = tmp_path / "killed"
    killed = 0
    begun = time.monotonic()
    for _ in range(KILLS):
        killed += play_until_killed(folder, moments.uniform(EARLIEST_SECONDS, LATEST_SECONDS))
    result = demo(folder)
    print(f"{killed} kills, {time.monotonic() - begun:.0f} s")
    assert killed >= 3, "the play ended before it could be killed: make the moments earlier"
    assert {**result, "elapsed": {}} == {**played.result, "elapsed": {}}
    assert difference(state(folder), played.state) == []
