"""The small sample year, played through the doors of all services: what comes out is what was put in."""

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
from rich.console import Console

from thidua_sample.generate import SampleYear
from thidua_sample.generate.totals import deadline_in_force, state_of
from thidua_sample.play import play
from thidua_sample.reading import collect
from thidua_sample.result import Result
from thidua_sample.show import show
from thidua_sample.subset import only_clusters

pytestmark = [pytest.mark.anyio, pytest.mark.slow, pytest.mark.timeout(900)]


def counted_months(year: SampleYear, unit: str) -> dict[str, tuple[int, int]]:
    """N and D of a unit's months, counted from the generated tasks and not from any service."""
    tasks = {event.report.identity: event.report for event in year.events if event.report.unit == unit}
    found = {f"2022-{month:02d}": (0, 0) for month in range(1, 13)}
    for task in tasks.values():
        month = f"{deadline_in_force(task):%Y-%m}"
        if month in found:
            on_time, due = found[month]
            found[month] = (on_time + (state_of(task) == "on_time"), due + 1)
    return found


@pytest.fixture
async def played(open_house: Any, year: SampleYear) -> AsyncIterator[tuple[SampleYear, Result]]:
    small = only_clusters(year)
    async with open_house() as house:
        await play(small, house.doors, house.advance, lambda phase, done, total: None)
        yield small, await collect(house.doors)


async def test_the_played_year_gives_back_the_generated_figures(played: tuple[SampleYear, Result]) -> None:
    year, result = played
    declaring = {totals.unit for totals in year.totals}
    senders = [unit for unit in year.campaign.participants if unit not in declaring]
    assert result.counts.tasks == len({event.report.identity for event in year.events})
    assert result.counts.people == len(year.people)
    assert result.counts.months_closed == 12
    assert {unit: result.rates[unit] for unit in senders} == {unit: counted_months(year, unit) for unit in senders}
    declared = {(one.unit, one.month): (one.on_time, one.due) for one in year.totals}
    assert declared == {(unit, month): result.rates[unit][month] for unit, month in declared}
    assert {ranking.name for ranking in result.ranking} == {"Khối V", "Cụm VIII"}
    assert all(place.points for ranking in result.ranking for place in ranking.places)
    assert {"LDTT", "CSTDCS", "TTLDTT", "TTLDXS", "CTDB", "CSTDB"} >= set(result.candidates) > {"LDTT", "TTLDTT"}
    assert result.quotas
    _shows_what_an_official_must_see(result)
    _has_no_generated_ids(result)


def _shows_what_an_official_must_see(result: Result) -> None:
    console = Console(width=200)
    with console.capture() as captured:
        show(result, console)
    printed = captured.get()
    for words in ("DỮ LIỆU SINH TỪ SỐ LIỆU TỔNG HỢP", "mẫu minh hoạ", "tính đến ngày", "Hạn mức", "15 % của"):
        assert words in printed


def _has_no_generated_ids(result: Result) -> None:
    # Ids of this suite are UUIDs of version 7: two hex groups, then one that begins with 7.
    assert not re.search(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-", result.as_json())
