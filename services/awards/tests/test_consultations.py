"""Opinions are asked for on days that were, and a notice is one about the list it stands for."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import date
from typing import Any

import pytest

from thidua_awards.domain.workdays import WorkingDays
from thidua_runtime.testing import RunningSuite

pytestmark = pytest.mark.anyio
Awards = Callable[[], AbstractAsyncContextManager[RunningSuite]]
CASE = {"campaign": "TD2022", "subject": "P0", "title": "HCLD3"}
ACTED = {"document": "01/BB", "dated": "2022-12-12", "acted_on": "2022-12-12"}


async def test_a_notice_of_a_day_to_come_or_of_no_working_day_is_refused_and_an_early_one_asked_about(
    awards: Awards, council: Any
) -> None:
    async with awards() as running:
        secretary = council.Secretary(running)
        await secretary.done("PUT", "/candidates", [{**CASE, "document": "01/TTr"}])
        await secretary.done("POST", "/campaigns/TD2022/review")
        dossier = (await secretary.done("POST", "/dossiers", CASE))["id"]
        await secretary.done("POST", f"/dossiers/{dossier}/steps", [{"to": "unit_reviewed", **ACTED}])
        await secretary.meet(held_on="2022-12-31")
        paper = {"kind": "public", "campaign": "TD2022", "document": "05/TB", "addressee": "Cổng"}

        async def asked(posted_on: str, until: str) -> Any:
            entry = {**paper, "posted_on": posted_on, "until": until, "dossiers": [dossier]}
            return await secretary.call("POST", "/consultations", entry)

        async def found() -> tuple[str, str]:
            await running.run_job("awards", "review_changed")
            told = await secretary.done("GET", "/recommendations/TD2022/P0/HCLD3")
            return next((one["status"], one["sentence"]) for one in told["findings"] if one["key"] == "hcld3.notice")

        assert "sau hôm nay (31/12/2022)" in (await asked("2025-01-24", "2025-01-24")).json()["detail"]
        assert "không có ngày làm việc nào" in (await asked("2022-12-19", "2022-12-19")).json()["detail"]
        early = (await asked("2022-02-28", "2022-03-01")).json()
        status, sentence = await found()
        assert (early["working_days"], status) == (1, "person")
        assert "Hồ sơ bắt đầu ngày 12/12/2022, sau ngày công khai" in sentence
        assert (await asked("2022-12-19", "2022-12-23")).json()["working_days"] == 4
        assert (await found())[0] == "met"


async def test_the_day_of_posting_is_none_of_the_days_a_notice_lasts() -> None:
    days = WorkingDays(frozenset(), frozenset())
    friday = date(2022, 12, 16)
    assert [days.up_to(friday, date(2022, 12, day)) for day in (16, 18, 19, 23)] == [0, 0, 1, 5]
