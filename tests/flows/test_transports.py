from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any

import pytest

from thidua_runtime.canonical import canonical, owned_streams, read_streams
from thidua_runtime.clock import ManualClock
from thidua_runtime.testing import RunningSuite, SuiteFactory
from thidua_runtime.topics import apply_topics
from thidua_sample.demo import START
from thidua_sample.generate import SampleYear, generate
from thidua_sample.generate.campaign import CODE
from thidua_sample.generate.tasks import SOURCES
from thidua_sample.subset import only_units

from .playing import UNITS, all_services, e_office, play_year, refused_or_waiting
from .thidua_command import SEED, difference, run

pytestmark = [pytest.mark.anyio, pytest.mark.kafka, pytest.mark.timeout(500)]

MONTHS = {f"2022-{month:02d}" for month in range(1, 13)}


async def test_the_whole_flow_ends_in_the_same_state_embedded_and_on_a_real_kafka(suite: SuiteFactory) -> None:
    year = only_units(generate(int(SEED)), UNITS)
    _has_one_of_everything(year)
    embedded = await _state_embedded(suite, year)
    kafka = await _state_on_kafka(suite, year)
    assert difference(kafka, embedded) == []
    assert kafka == embedded
    _goes_from_organisation_to_decided_titles(kafka, year)


async def _state_embedded(suite: SuiteFactory, year: SampleYear) -> str:
    """Play the year on the embedded log, tasks through the HTTP door."""
    clock = ManualClock(START)
    async with suite(*all_services(), clock=clock) as running:
        await play_year(year, running.suite, clock)
        assert await running.bus.everything("tasks") == []
        assert await refused_or_waiting(running) == []
        await _review_of_everybody_finds_nothing_new(running)
        return canonical(await read_streams(running.bus, owned_streams()))


async def _review_of_everybody_finds_nothing_new(running: RunningSuite) -> None:
    """The reviews of the year looked only at what had changed; none of them may have missed anything."""
    async with running.client("awards", role="office") as client:
        told = (await client.post(f"/campaigns/{CODE}/review?again=true")).json()
    assert told["reviewed"] > 0
    assert (told["changed"], told["dropped"]) == (0, 0)


async def _state_on_kafka(suite: SuiteFactory, year: SampleYear) -> str:
    """Play the year on the broker, tasks sent by an ordinary producer; return what `thidua state` prints."""
    clock = ManualClock(START)
    async with suite(*all_services(), clock=clock, bus="kafka") as running:
        settings = running.suite.settings
        assert await apply_topics(settings) == ["All topics are as they should be."]
        async with e_office(settings) as publish:
            await play_year(year, running.suite, clock, publish)
        assert len(await running.bus.everything("tasks")) == len(year.events)
        assert await refused_or_waiting(running) == []
        where = {"THIDUA_PROVINCE": settings.province, "THIDUA_KAFKA_SERVERS": settings.kafka_servers}
        return await asyncio.to_thread(run, "state", **where)


def _has_one_of_everything(year: SampleYear) -> None:
    reports = [event.report for event in year.events]
    assert {report.source for report in reports} == set(SOURCES)
    for what in ("completed_at", "extensions", "secret", "withdrawn", "reassigned"):
        assert any(getattr(report, what) for report in reports), what
    assert any(len(cluster.members) > 1 for cluster in year.clusters)
    assert any(sheet.returned_on for sheet in year.registrations)
    assert any(sheet.late_reason for sheet in year.registrations)
    assert any(report.returned_on for report in year.reports)
    assert any(report.sent_on is None for report in year.reports)
    assert {one.outcome for one in year.initiatives} >= {"recognised", "influence_recognised", "not_recognised"}
    assert year.totals
    assert year.discipline
    assert year.decisions


def _goes_from_organisation_to_decided_titles(state: str, year: SampleYear) -> None:
    streams: dict[str, list[Mapping[str, Any]]] = {}
    for line in state.splitlines():
        stream, body = json.loads(line)
        streams.setdefault(stream, []).append(body)
    # Nobody is erased in the sample year.
    assert set(streams) == set(owned_streams()) - {"erasures"}
    assert {unit["codes"][0]["code"] for unit in streams["units"]} == {unit.code for unit in year.units}
    assert len(streams["people"]) == len(year.people)
    months = [row for row in streams["monthly-results"] if row["subject"] in year.campaign.participants]
    assert {row["month"] for row in months if row["state"] in ("closed", "corrected")} == MONTHS
    assert {row["declared"] for row in months} == {True, False}
    assert "official" in {row["lane"] for row in streams["scores"]}
    awards = [award for decision in streams["decisions"] for award in decision["awards"]]
    assert {award["code"] for award in awards if award["year"] == 2022} == {
        "LDTT",
        "CSTDCS",
        "CSTDB",
        "TTLDTT",
        "TTLDXS",
    }
