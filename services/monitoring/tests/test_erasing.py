"""Erasing a person: the unit's work stays, whoever did it is named nowhere, however the report was kept."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import text

from thidua.contracts import Document, Erasure
from thidua_runtime.testing import RunningSuite

from .ministry import AN, LAND, WATER, months, person, task

pytestmark = pytest.mark.anyio

BINH = "0190-binh"
BOTH = [{"code": "nv-an"}, {"code": "nv-binh"}]
KEPT = text("select t::text as told, people, body is not null as as_sent from task t order by source_id")


async def test_who_is_erased_is_gone_from_reports_as_they_were_sent_and_from_others(monitoring: RunningSuite) -> None:
    await monitoring.deliver(person(BINH, "nv-binh", WATER))
    await monitoring.settle()
    usual = task("1", date(2022, 3, 10), assignees=BOTH)
    await monitoring.deliver(usual, task("2", date(2022, 3, 10), assignees=BOTH, weight="2.5"))
    await monitoring.settle()
    database = monitoring.suite.services["monitoring"].database
    assert {row.as_sent for row in await database.alone(KEPT)} == {True, False}
    assert (AN, "2022-03") in await months(monitoring)
    asked = Document(number="03/ĐN", dated=date(2022, 3, 20))
    await monitoring.deliver(Erasure(person=AN, document=asked, erased_on=date(2022, 3, 21)))
    await monitoring.settle()
    rows = await database.alone(KEPT)
    assert [row.people for row in rows] == [[BINH], [BINH]]
    assert not any(word in row.told for row in rows for word in (AN, "nv-an"))
    assert all("nv-binh" in row.told for row in rows)
    found = await months(monitoring)
    assert (AN, "2022-03") not in found
    assert {(LAND, "2022-03"), (BINH, "2022-03")} <= set(found)
    await monitoring.deliver(usual)
    await monitoring.settle()
    assert [row.people for row in await database.alone(KEPT)] == [[BINH], [BINH]], "the same report changes nothing"
