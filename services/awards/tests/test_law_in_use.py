"""Law in the running service: bands that stand for ratings, local values with their reason."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from thidua.contracts.organisation import RatingLevel
from thidua_awards.errors import LawOverridesRefused
from thidua_awards.queries import marks
from thidua_awards.queries.asked import Asked
from thidua_awards.queries.papers import paper
from thidua_awards.service import SERVICE
from thidua_runtime.clock import VIETNAM, ManualClock
from thidua_runtime.testing import RunningSuite, SuiteFactory

AT_YEARS_END = ManualClock(datetime(2022, 12, 31, 9, tzinfo=VIETNAM))
Awards = Callable[[], AbstractAsyncContextManager[RunningSuite]]


async def send(running: RunningSuite, method: str, path: str, body: Any = None) -> Any:
    async with running.client("awards") as client:
        answer = await client.request(method, path, json=body)
    assert answer.status_code < 300, answer.text
    return answer.json()


@pytest.mark.anyio
async def test_from_2026_on_a_band_of_decree_335_stands_for_a_rating_until_there_is_a_decision(
    awards: Awards, year: Any
) -> None:
    async with awards() as running:
        campaign = year.CAMPAIGN.model_copy(update={"id": "c26", "code": "TD2026", "year": 2026})
        banded = year.score("p0", "pdd").model_copy(
            update={"campaign": "c26", "period": "2026", "criteria_set": "nd335-2025-ca-nhan", "band": "tot"}
        )
        named = [{"campaign": "TD2026", "subject": "P0", "title": "LDTT", "document": "Tờ trình 11/TTr"}]
        await running.deliver(campaign, banded)
        await running.settle()
        await send(running, "PUT", "/candidates", named)
        await send(running, "POST", "/campaigns/TD2026/review", None)
        assert "(theo mức của bộ tiêu chí Nghị định 335/2025/NĐ-CP" in await rating_of(running)
        await running.deliver(year.rating("p0", "pdd", RatingLevel.EXCELLENT, 2026))
        await running.settle()
        await running.run_job("awards", "review_changed")
        assert "Xếp loại năm 2026: hoàn thành xuất sắc nhiệm vụ" in await rating_of(running)


async def rating_of(running: RunningSuite) -> str:
    found = await send(running, "GET", "/recommendations/TD2026/P0/LDTT")
    return str(next(one["sentence"] for one in found["findings"] if one["key"] == "ldtt.rating"))


@pytest.mark.anyio
async def test_a_local_value_of_the_law_decides_in_the_running_service_and_shows_its_reason(
    suite: SuiteFactory, year: Any, tmp_path: Path
) -> None:
    local = tmp_path / "local.yaml"
    line = "{regime: R03, key: g.once, document: 5/QĐ-UBND, reason: Quy chế của tỉnh, refused_pairs: [BKB>CSTDCS]}"
    local.write_text(f"[{line}]", encoding="utf-8")
    async with suite(SERVICE, clock=AT_YEARS_END, law_overrides_file=local) as running:
        await running.deliver(*year.department(), *year.registrations())
        await running.settle()
        used = {**year.decision("9/QĐ", "BKB", "P0", campaign=None), "dated": "2022-01-20"}
        used["awards"][0]["uses"] = ["initiative:sk-p0"]
        await send(running, "POST", "/decisions", used)
        await send(running, "POST", "/campaigns/TD2022/review")
        found = await send(running, "GET", "/recommendations/TD2022/P0/CSTDCS")
        once = next(one for one in found["findings"] if one["key"] == "g.once")
        assert (once["status"], once["mark"]) == ("not_met", "local")
        assert once["sentence"].endswith("Quy chế của tỉnh (5/QĐ-UBND).")
        law = await send(running, "GET", "/law")
        rule = next(one for one in law[0]["rules"] if one["key"] == "g.once")
        assert (rule["source"], rule["note"]) == ("5/QĐ-UBND", "Quy chế của tỉnh (5/QĐ-UBND).")
        case = {"campaign": "TD2022", "subject": "P0", "title": "CSTDCS"}
        dossier = await send(running, "POST", "/dossiers", case)
        async with running.transaction("awards") as tx:
            answer = await paper(tx, Asked("giai-trinh", dossier["id"]))
        sources = {cell for table in answer.tables for row in table.rows for cell in row}
        assert "5/QĐ-UBND" in sources, "a complaint is answered with the rule that decided, not the one it replaced"


@pytest.mark.anyio
async def test_a_service_with_local_values_that_cannot_stand_does_not_start(
    suite: SuiteFactory, tmp_path: Path
) -> None:
    local = tmp_path / "local.yaml"
    line = "{regime: R03, key: ldtt.recruited, document: 56/QĐ-UBND, reason: Quy chế, months_at_least: 1}"
    local.write_text(f"[{line}]", encoding="utf-8")
    with pytest.raises(LawOverridesRefused, match=r"ldtt\.recruited of R03 was read in the law"):
        async with suite(SERVICE, clock=AT_YEARS_END, law_overrides_file=local):
            pass


LOCAL_VALUES = (
    ("ldtt.rating", "rating_at_least: excellent", "LDTT"),
    ("cstdcs.quota", "min_one: true", "CSTDCS"),
    ("cstdb.timing", "years_after: 0", "CSTDB"),
    ("bkb.years", "years_at_least: 3", "BKB"),
    ("bkb.initiatives", "initiatives_at_least: 1", "BKB"),
    ("ctdcp.vote", "share: {at_least: 85/100}", "CTDCP"),
    ("knc.discipline", "discipline_from: khien_trach", "KNC"),
)


@pytest.mark.anyio
async def test_another_local_value_reviews_anew_whom_it_touches_and_is_shown_and_recorded(
    awards: Awards, year: Any, tmp_path: Path
) -> None:
    async with awards() as running:
        named = [{"subject": "PDD" if title == "CTDCP" else "P0", "title": title} for _, _, title in LOCAL_VALUES]
        case = {"campaign": "TD2022", "document": "01/TTr"}
        await send(running, "PUT", "/candidates", [{**case, **one} for one in named])
        await send(running, "PUT", "/confirmations", year.declared("discipline.complete"))
        await send(running, "POST", "/decisions", year.decision("11/QĐ", "LDTT", *(f"P{n}" for n in range(2, 9))))
        await send(running, "POST", "/campaigns/TD2022/review")
        await nothing_waits(running)
        database = running.suite.services["awards"].database
        for number, (key, figure, title) in enumerate(LOCAL_VALUES):
            # As the service does that was stopped and started with another file.
            file = tmp_path / f"{number}.yaml"
            line = f"{{regime: R03, key: {key}, document: {number}/QĐ-UBND, reason: Quy chế của tỉnh, {figure}}}"
            file.write_text(f"[{line}]", encoding="utf-8")
            database.settings = database.settings.model_copy(update={"law_overrides_file": file})
            await running.run_job("awards", "review_changed")
            subject = "PDD" if title == "CTDCP" else "P0"
            found = await send(running, "GET", f"/recommendations/TD2022/{subject}/{title}")
            shown = next(one for one in found["findings"] if one["key"] == key)
            assert shown["mark"] == "local", key
            assert shown["sentence"].endswith(f"Quy chế của tỉnh ({number}/QĐ-UBND)."), shown
        listed = await send(running, "GET", "/law/local-values")
        assert [one["key"] for one in listed] == [key for key, _, _ in reversed(LOCAL_VALUES)]
        assert [one["ended_at"] is None for one in listed] == [True] + [False] * (len(LOCAL_VALUES) - 1)
        assert listed[0]["figures"] == {"discipline_from": "khien_trach"}


async def nothing_waits(running: RunningSuite) -> None:
    """Review what is marked: from here on only another law is a reason."""
    await running.run_job("awards", "review_changed")
    async with running.transaction("awards") as tx:
        assert not await marks.marked(tx, "c22")
