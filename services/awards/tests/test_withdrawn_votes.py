"""A vote that was drawn up by mistake is taken back while nobody voted and nothing was counted, on record."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from thidua_awards.service import SERVICE
from thidua_runtime.testing import RunningSuite, SuiteFactory

pytestmark = pytest.mark.anyio

Awards = Callable[[], AbstractAsyncContextManager[RunningSuite]]
MISTAKE = {"reason": "Đang xác minh P1"}


async def test_a_withdrawn_vote_is_on_record_and_leaves_its_cases_and_members_free(
    awards: Awards, council: Any
) -> None:
    async with awards() as running:
        secretary = council.Secretary(running)
        await secretary.meet()
        wrong, right = await secretary.draw_up(), await secretary.draw_up()
        await secretary.open(wrong)
        assert (await secretary.call("POST", f"/votes/{wrong}/withdraw", {"reason": " "})).status_code == 422
        taken = await secretary.done("POST", f"/votes/{wrong}/withdraw", MISTAKE, actor="Phó thư ký")
        assert (taken["state"], taken["withdrawn"]["by"]) == ("withdrawn", "Phó thư ký")
        read = await secretary.call("GET", f"/votes/{wrong}")
        assert "xác minh" not in read.text, "everybody reads a vote, and not why somebody is held"
        why = await secretary.done("GET", f"/votes/{wrong}/reason")
        assert why["withdrawn_because"] == MISTAKE["reason"]
        counts = await secretary.call("POST", f"/votes/{wrong}/counts", secretary.minutes((14, 1), (2, 13)))
        assert "đã rút" in counts.json()["detail"]
        member = f"/councils/{secretary.council}/members/tv15/end"
        await secretary.done("POST", member, {"ends_on": "2022-12-29"})
        await secretary.open(right)
        await secretary.count(right, (14, 0), (2, 12))
        late = await secretary.call("POST", f"/votes/{right}/withdraw", MISTAKE)
        assert "đã kiểm phiếu" in late.json()["detail"]
        listed = (await secretary.done("GET", "/votes?campaign=TD2022"))["items"]
        assert sorted(one["state"] for one in listed) == ["closed", "withdrawn"]
        printed = await secretary.done("GET", "/documents?campaign=TD2022")
        assert wrong not in str(printed)
        page = await secretary.call("GET", f"/pages/votes/{wrong}")
        assert "đã rút, không biểu quyết" in page.text
        assert "Phó thư ký" in page.text
        assert (await secretary.done("GET", "/audit"))["sound"] is True
        async with running.transaction("awards") as tx:
            await tx.execute(text("update vote set withdrawn_by = 'Ai khác' where id = :id"), id=wrong)
        assert (await secretary.done("GET", "/audit"))["sound"] is False


async def test_where_a_member_has_voted_nothing_is_withdrawn_and_the_key_of_a_withdrawn_vote_goes(
    suite: SuiteFactory, council: Any, year: Any, tmp_path: Path
) -> None:
    async with suite(SERVICE, ballot_keys_folder=tmp_path) as running:
        await running.deliver(*year.department())
        await running.settle()
        secretary = council.Secretary(running)
        await secretary.meet(5, share={"more_than": "1/2"})
        voted = await secretary.draw_up("electronic", "BKB", ("P0",))
        await secretary.open(voted)
        await secretary.cast(voted, 1, "yes")
        refused = await secretary.call("POST", f"/votes/{voted}/withdraw", MISTAKE)
        assert refused.json()["type"] == "urn:thidua:problem:ballots-cast"
        empty = await secretary.draw_up("electronic", "BKB", ("P1",))
        await secretary.open(empty)
        await secretary.done("POST", f"/votes/{empty}/withdraw", MISTAKE)
        assert (await secretary.cast(empty, 1, "yes")).status_code == 409
        await running.run_job("awards", "destroy_keys")
        assert keys_in(tmp_path) == 1, "the key of the vote that is still open"


def keys_in(folder: Path) -> int:
    return len(list(folder.iterdir()))
