"""Real processes, killed, stopped and cut off while events flow: nothing is lost, nothing counts twice."""

from __future__ import annotations

import os

import pytest

from thidua_runtime.kafka.trial import require_broker, trial_settings

from .kills import play_round

KILLS, EVENTS = int(os.environ.get("KILLS", "10")), int(os.environ.get("EVENTS", "10000"))

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.kafka,
    pytest.mark.slow,
    pytest.mark.timeout(60 * KILLS + EVENTS / 100 + 300),
]


async def test_whatever_is_killed_stopped_or_cut_off_every_event_counts_once() -> None:
    require_broker(trial_settings())
    assert await play_round(2022, KILLS, EVENTS, print) == []
