"""A person's answer ends a question of the appraisal, whichever it is."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest

from thidua_runtime.testing import RunningSuite

pytestmark = pytest.mark.anyio
Awards = Callable[[], AbstractAsyncContextManager[RunningSuite]]
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
        said = {**CASE, "by": "Giám đốc", "document": "BB-9", "dated": "2022-12-28"}
        await secretary.done("PUT", "/confirmations", [{**said, "key": key, "answer": True} for key in COMMON])
        await running.run_job("awards", "review_changed")
        await go(*STEPS)
        asked = (await go("council_ready")).json()["detail"]
        assert all(key in asked for key in (*yes, *no))
        answers = [{**said, "key": key, "answer": key in yes} for key in (*yes, *no)]
        await secretary.done("PUT", "/confirmations", answers)
        await running.run_job("awards", "review_changed")
        assert (await go("council_ready")).json()["state"] == "council_ready"
