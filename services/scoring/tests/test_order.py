"""Whatever order events come in, and however often, the same scores stand at the end."""

from __future__ import annotations

import random
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from thidua.contracts import MonthlyResult, State
from thidua_runtime.testing import RunningSuite, SuiteFactory
from thidua_scoring.service import SERVICE

from . import plugins, world

pytestmark = pytest.mark.anyio


def story(individual: str) -> list[State]:
    """A year of two units and two people, with corrections: later versions replace earlier ones."""
    sets = ((world.SET, "collective"), (individual, "individual"))
    first = [*world.everything("u1", "u2"), world.campaign("u1", "u2", sets=sets)]
    first += [world.person("p1", "u1"), world.person("p2", "u2")]
    first += [world.month(p, m, unit=u, subject_kind="individual") for p, u in (("p1", "u1"), ("p2", "u2"))
              for m in world.MONTHS]  # fmt: skip
    first += [world.registration("p1", unit="u1", subject_kind="individual")]
    corrections: list[State] = [
        world.month("u1", "2022-03", 18, as_of=date(2023, 1, 8)),
        world.fact("u2", "welfare", "10"),
        world.registration("u2", date(2022, 4, 4)),
        world.cluster("u1"),
    ]
    numbered = [*first, *corrections]
    return [one.model_copy(update={"version": place}) for place, one in enumerate(numbered, start=1)]


async def scores_after(running: RunningSuite, events: list[State], *, steps: int) -> list[dict[str, Any]]:
    for first in range(0, len(events), steps):
        await running.deliver(*events[first : first + steps])
        if first % 3 == 0:
            await running.settle()
    await running.settle()
    # Since when a score stands (and so its case) depends on the order in which its inputs came; what it says must not.
    return [{**one, "as_of": None, "case_hash": None} for one in world.canonical(await running.published("scores"))]


@pytest.mark.drill
@pytest.mark.parametrize("seed", [1, 2, 3, 4])
async def test_shuffled_and_repeated_events_lead_to_the_same_scores(
    suite: SuiteFactory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    individual = plugins.install(tmp_path, monkeypatch, "ca-nhan-thu")
    events = story(individual)
    async with suite(SERVICE) as running:
        expected = await scores_after(running, events, steps=1000)
    chance = random.Random(seed)
    shuffled = [*events, *chance.sample(events, 20)]
    chance.shuffle(shuffled)
    async with suite(SERVICE) as running:
        found = await scores_after(running, shuffled, steps=7 * seed)
    assert [one["subject"] for one in expected] == ["p1", "p2", "u1", "u2"]
    assert found == expected


async def test_a_late_fact_turns_missing_into_a_value(suite: SuiteFactory) -> None:
    async with suite(SERVICE) as running:
        await running.deliver(*world.everything("u1"))
        await running.settle()
        before = await line_of(running, "u1", "T4")
        await running.deliver(world.fact("u1", "programme", "01/CTr"))
        await running.settle()
        after = await line_of(running, "u1", "T4")
        await running.deliver(world.fact("u1", "programme", "01/CTr", status="refused"))
        await running.settle()
        refused = await line_of(running, "u1", "T4")
    assert (before["status"], after["status"], refused["status"]) == ("missing", "met", "missing")
    assert (before["points"], after["points"]) == ("0.00", "50.00")


async def test_a_reported_month_without_tasks_is_not_applicable_and_a_silent_one_is_missing(
    suite: SuiteFactory,
) -> None:
    async with suite(SERVICE) as running:
        await running.deliver(*world.everything("u1"), world.month("u1", "2022-05", 0, 0, as_of=date(2023, 1, 5)))
        await running.settle()
        empty = await line_of(running, "u1", "T6")
        await running.deliver(world.month("u1", "2022-06", 0, 0, reported=False, as_of=date(2023, 1, 5)))
        await running.settle()
        silent = await line_of(running, "u1", "T6")
    assert (empty["status"], empty["points"]) == ("met", "150.00")
    assert silent["status"] == "missing"


async def test_a_due_date_that_passes_for_one_unit_is_noticed_for_all(suite: SuiteFactory) -> None:
    early, late = date(2022, 12, 9), date(2022, 12, 12)
    async with suite(SERVICE) as running:
        before = [world.month(unit, "2022-11", as_of=early) for unit in ("u1", "u2")]
        frame = [one for one in world.everything("u1", "u2") if not isinstance(one, MonthlyResult)]
        await running.deliver(*frame, *before)
        await running.settle()
        waiting = await line_of(running, "u2", "T2")
        await running.deliver(world.month("u1", "2022-12", as_of=late))
        await running.settle()
        passed = await line_of(running, "u2", "T2")
    # The mark for creative solutions is due on 10 December.
    assert (waiting["status"], passed["status"]) == ("not_due", "missing")


async def test_who_leaves_the_campaign_loses_the_running_score(suite: SuiteFactory) -> None:
    async with suite(SERVICE) as running:
        await running.deliver(*world.everything("u1", "u2"))
        await running.settle()
        await running.deliver(world.campaign("u2"))
        await running.settle()
        assert [one["subject"] for one in await running.published("scores")] == ["u2"]


async def test_a_transferred_person_takes_the_months_to_the_new_unit(
    suite: SuiteFactory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    individual = plugins.install(tmp_path, monkeypatch, "ca-nhan-thu")
    campaign = world.campaign("u1", "u2", sets=((individual, "individual"),))
    months = [world.month("p1", m, unit="u1", subject_kind="individual") for m in world.MONTHS]
    async with suite(SERVICE) as running:
        await running.deliver(world.unit("u1"), world.unit("u2"), campaign, world.person("p1", "u1"), *months)
        await running.settle()
        await running.deliver(world.person("p1", "u2", joined_unit=date(2022, 7, 1)))
        await running.settle()
        (score,) = await running.published("scores")
    lines = {one["code"]: one for one in score["lines"]}
    assert score["unit"] == "u2"
    assert lines["A"]["sentence"].startswith("11/11 tháng")


async def test_no_name_of_a_person_is_in_any_score_or_case(
    suite: SuiteFactory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    individual = plugins.install(tmp_path, monkeypatch, "ca-nhan-thu")
    async with suite(SERVICE) as running:
        await running.deliver(*story(individual))
        await running.settle()
        async with running.client("scoring") as client:
            answer = await client.get(f"/scores/p1/{world.CAMPAIGN}/2022/{individual}/running")
        said = answer.text + str(await running.published("scores"))
    assert answer.status_code == 200
    assert "Bí Mật" not in said


async def line_of(running: RunningSuite, subject: str, code: str) -> dict[str, Any]:
    scores = {one["subject"]: one for one in await running.published("scores")}
    found: dict[str, Any] = next(one for one in scores[subject]["lines"] if one["code"] == code)
    return found
