"""Counters begin at 0: Prometheus sees no increase in the first sample of a series."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from thidua_monitoring.service import SERVICE
from thidua_runtime.testing import RunningSuite, SuiteFactory

from .ministry import ORGANISATION, task

pytestmark = pytest.mark.anyio

OUTCOMES = ("applied", "stale", "warned", "parked", "dead_letter")


def counted(running: RunningSuite, name: str, **labels: str) -> float | None:
    meters = running.suite.services["monitoring"].meters
    return meters.registry.get_sample_value(name, {**meters.common, **labels})


async def test_counters_of_configured_sources_and_followed_streams_are_zero_before_the_first_event(
    suite: SuiteFactory, tmp_path: Path
) -> None:
    file = tmp_path / "sources.yaml"
    file.write_text("sources: [{name: eoffice}]")
    async with suite(SERVICE, sources_file=file) as running:
        for source in ("eoffice", "unknown"):
            assert [counted(running, "thidua_source_events_total", source=source, outcome=o) for o in OUTCOMES] == [
                0
            ] * 5
        for kind in ("report", "fact", "task", "registration"):
            assert counted(running, "thidua_reminders_sent_total", kind=kind) == 0
        for stream in (model.stream for model in SERVICE.follows):
            for outcome in ("applied", "stale", "dead_letter"):
                assert counted(running, "thidua_events_consumed_total", stream=stream, outcome=outcome) == 0
        await running.deliver(*ORGANISATION)
        await running.settle()
        await running.deliver(task("1", date(2022, 3, 10)))
        await running.settle()
        assert counted(running, "thidua_source_events_total", source="eoffice", outcome="applied") == 1


async def test_a_source_met_for_the_first_time_begins_all_its_outcomes_together(monitoring: RunningSuite) -> None:
    assert counted(monitoring, "thidua_source_events_total", source="eoffice", outcome="applied") is None
    await monitoring.deliver(task("1", date(2022, 3, 10)))
    await monitoring.settle()
    found = {o: counted(monitoring, "thidua_source_events_total", source="eoffice", outcome=o) for o in OUTCOMES}
    assert found == {"applied": 1, "stale": 0, "warned": 0, "parked": 0, "dead_letter": 0}
