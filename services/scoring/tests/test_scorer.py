from __future__ import annotations

import pytest

from thidua_runtime.testing import SuiteFactory, schema_difference
from thidua_scoring.service import SERVICE

from . import world

pytestmark = pytest.mark.anyio


async def test_the_migrated_schema_is_what_the_tables_say(suite: SuiteFactory) -> None:
    async with suite(SERVICE) as running:
        assert await schema_difference(running, "scoring") == []


async def test_a_unit_with_a_year_of_months_gets_a_published_score(suite: SuiteFactory) -> None:
    async with suite(SERVICE) as running:
        await running.deliver(*world.everything("stnmt-01", "stnmt-02"))
        await running.settle()
        scores = await running.published("scores")
    assert [one["subject"] for one in scores] == ["stnmt-01", "stnmt-02"]
    first = scores[0]
    assert first["state"] == "incomplete"
    lines = {one["code"]: one for one in first["lines"]}
    assert lines["T6"]["status"] == "met"
    assert lines["T6"]["points"] == "150.00"
    assert first["points_mark"] == "illustrative"
