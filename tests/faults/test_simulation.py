"""Every seed ends in the canonical state of the undisturbed run, with nothing set aside."""

from __future__ import annotations

import os

import pytest

from .ground import Ground
from .scheduler import CountingLoop
from .seeds import how_to_replay, what_is_wrong
from .simulation import Outcome, run_story

pytestmark = [pytest.mark.anyio, pytest.mark.drill, pytest.mark.timeout(86_400)]

FIRST, SEEDS = int(os.environ.get("FIRST_SEED", "0")), int(os.environ.get("SEEDS", "100"))
GROUPS = 4
"""So that two workers share them."""


@pytest.fixture(scope="module")
def anyio_backend() -> tuple[str, dict[str, object]]:
    return "asyncio", {"loop_factory": CountingLoop}


@pytest.fixture(scope="module")
def undisturbed() -> dict[str, Outcome]:
    return {}


@pytest.mark.parametrize("group", range(GROUPS))
async def test_whatever_dies_repeats_or_overtakes_the_canonical_state_is_the_same(
    group: int, ground: Ground, undisturbed: dict[str, Outcome]
) -> None:
    if not undisturbed:
        undisturbed[""] = await run_story(None, ground)
    kills = steps = fenced = 0
    for seed in range(FIRST + group, FIRST + SEEDS, GROUPS):
        outcome = await run_story_or_say_how_to_replay(seed, ground)
        assert what_is_wrong(outcome, undisturbed[""]) == [], how_to_replay(seed)
        kills += outcome.kills
        steps += outcome.scheduler.steps
        fenced += outcome.fenced
    print(f"{SEEDS // GROUPS} seeds, {steps} steps, {kills} kills, {fenced} late relays fenced")
    assert kills > 0
    assert fenced > 0 or SEEDS < GROUPS * 5


async def test_a_seed_replays_step_by_step(ground: Ground) -> None:
    once, again = await run_story(FIRST, ground), await run_story(FIRST, ground)
    assert once.scheduler.trace == again.scheduler.trace


async def run_story_or_say_how_to_replay(seed: int, ground: Ground) -> Outcome:
    try:
        return await run_story(seed, ground)
    except Exception as error:
        raise AssertionError(how_to_replay(seed)) from error
