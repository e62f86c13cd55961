"""A person's answer ends a question of the appraisal, whichever it is."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import date
from typing import Any

import pytest

from thidua_awards.domain.answers import for_members, nearest
from thidua_awards.domain.records import Confirmation
from thidua_awards.queries.answers import denied
from thidua_runtime.testing import RunningSuite

pytestmark = pytest.mark.anyio
Awards = Callable[[], AbstractAsyncContextManager[RunningSuite]]
DAY = date(2022, 12, 28)
CASE = {"campaign": "TD2022", "subject": "P0"}
COMMON = ("g.route", "g.once")
STEPS = ("unit_reviewed", "unit_council", "sent", "received", "appraisal")


@pytest.mark.parametrize(
    ("title", "yes", "no"),
    [("GK", (), ("gk.merit",)), ("BKB", ("bkb.movement",), ("bkb.many",))],
    ids=["answered no", "another route is met"],
)
async def test_a_no_is_an_answer_and_one_route_is_enough(
    awards: Awards, council: Any, title: str, yes: tuple[str, ...], no: tuple[str, ...]
) -> None:
    async with awards() as running:
        secretary = council.Secretary(running)

        async def go(*steps: str) -> Any:
            proof = {"document": "01/BB", "dated": "2022-12-28", "reason": "Theo biên bản"}
            return await secretary.call("POST", f"/dossiers/{dossier}/steps", [{"to": to, **proof} for to in steps])

        await secretary.done("PUT", "/candidates", [{**CASE, "title": title, "document": "01/TTr"}])
        await secretary.done("POST", "/campaigns/TD2022/review")
        dossier = (await secretary.done("POST", "/dossiers", {**CASE, "title": title}))["id"]
        said = {**CASE, "title": title, "by": "Giám đốc", "document": "BB-9", "dated": "2022-12-28"}
        await secretary.done("PUT", "/confirmations", [{**said, "key": key, "answer": True} for key in COMMON])
        await running.run_job("awards", "review_changed")
        await go(*STEPS)
        asked = (await go("council_ready")).json()["detail"]
        assert all(key in asked for key in (*yes, *no))
        answers = [{**said, "key": key, "answer": key in yes} for key in (*yes, *no)]
        await secretary.done("PUT", "/confirmations", answers)
        await running.run_job("awards", "review_changed")
        assert (await go("council_ready")).json()["state"] == "council_ready"


async def test_an_answer_is_about_its_title_and_one_without_a_title_about_those_of_the_base(
    awards: Awards, council: Any, year: Any
) -> None:
    async with awards() as running:
        secretary = council.Secretary(running)
        named = [{**CASE, "title": title, "document": "01/TTr"} for title in ("GK", "BKB", "KNC")]
        await secretary.done("PUT", "/candidates", named)
        of_unit = {**year.declared("g.route")[0], "document": "8/BB"}
        complete = year.declared("discipline.complete")
        assert "còn thời hạn trong năm" in (await secretary.call("PUT", "/confirmations", complete)).text
        told = await secretary.done("PUT", "/confirmations", [of_unit])
        assert [one["keys"] for one in told["notices"]] == [["g.route"]]
        assert "ghi rõ title" in told["notices"][0]["notice"]
        await secretary.done("POST", "/campaigns/TD2022/review")
        assert await routes(running, secretary) == {"GK": "met", "BKB": "person", "KNC": "person"}
        assert (await secretary.done("PUT", "/confirmations", [{**of_unit, "title": "KNC"}]))["notices"] == []
        no = {**of_unit, "subject": "P0", "answer": False}
        await secretary.done("PUT", "/confirmations", [{**no, "title": "BKB"}])
        assert await routes(running, secretary) == {"GK": "met", "BKB": "person", "KNC": "met"}
        async with running.transaction("awards") as tx:
            found = await denied(tx, "c22", [("p0", "BKB"), ("p0", "GK"), ("p0", "KNC")])
        assert {title: keys for (_, title), keys in found.items() if keys} == {"BKB": {"g.route"}}


async def test_the_nearest_answer_about_the_title_counts() -> None:
    yes, no = Confirmation(True, "A", "1/BB", DAY), Confirmation(False, "B", "2/BB", DAY)
    of_unit = for_members({"": {"g.route": yes, "g.once": yes}, "BKB": {"g.route": yes}}, 2022)
    assert "g.once" not in of_unit["BKB"], "of the unit's own record"
    own = nearest({"": {"g.route": no}, "LDTT": {"g.head": yes}}, of_unit, 2022)
    assert (own["BKB"]["g.route"], own["LDTT"]["g.route"]) == (yes, no), "its own stands for the base alone"
    assert own["LDTT"]["g.head"] is yes
    assert nearest({}, of_unit, 2022) is of_unit


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"title": "XX"}, "XX"),
        ({"title": "GK", "key": "bkb.many"}, "GK không có điều kiện bkb.many"),
        ({"title": "GK", "key": "discipline.complete"}, "bỏ trống danh hiệu"),
        ({"title": "TTLDXS", "subject": "P0"}, "không tặng cho P0"),
    ],
)
async def test_a_title_that_is_not_asked_this_is_refused(
    awards: Awards, council: Any, year: Any, change: Any, why: str
) -> None:
    async with awards() as running:
        entry = {**year.declared("g.route")[0], **change}
        refused = await council.Secretary(running).call("PUT", "/confirmations", [entry])
        assert refused.status_code == 422
        assert why in refused.json()["detail"]


async def routes(running: RunningSuite, secretary: Any) -> dict[str, str]:
    await running.run_job("awards", "review_changed")
    found = {}
    for title in ("GK", "BKB", "KNC"):
        told = await secretary.done("GET", f"/recommendations/TD2022/P0/{title}")
        found[title] = next(one["status"] for one in told["findings"] if one["key"] == "g.route")
    return found
