"""A later dossier of somebody for the same form: for another achievement, or anew after the one before has ended."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest
from sqlalchemy import text

from thidua_runtime.testing import RunningSuite

Awards = Callable[[], AbstractAsyncContextManager[RunningSuite]]
PAPER = {"document": "01/BB", "dated": "2022-12-28", "reason": "Theo biên bản", "on_behalf": "Chánh Văn phòng"}
BKB = {"campaign": "TD2022", "subject": "P0", "title": "BKB"}
ANSWERED = ("g.route", "g.once", "bkb.movement", "bkb.many")


class Office:
    """Files dossiers of P0 for one form and moves them."""

    def __init__(self, running: RunningSuite, council: Any) -> None:
        self.running, self.secretary = running, council.Secretary(running)

    async def name(self) -> None:
        await self.secretary.done("PUT", "/candidates", [{**BKB, "document": "Tờ trình 01/TTr"}])
        await self.secretary.done("POST", "/campaigns/TD2022/review")

    async def file(self, deed: str = "", kind: str = "sudden") -> Any:
        return await self.secretary.call("POST", "/dossiers", {**BKB, "kind": kind, "achievement": deed})

    async def go(self, id: str, *steps: str) -> Any:
        return await self.secretary.done("POST", f"/dossiers/{id}/steps", [{"to": to, **PAPER} for to in steps])

    async def answer(self, document: str) -> None:
        entry = {"campaign": "TD2022", "subject": "P0", "answer": True, "by": "Thẩm định", "document": document}
        body = [{**entry, "key": key, "dated": "2022-12-28"} for key in ANSWERED]
        await self.secretary.done("PUT", "/confirmations", body)
        await self.running.run_job("awards", "review_changed")

    async def found(self, matter: str = "") -> Any:
        return await self.secretary.done("GET", f"/recommendations/TD2022/P0/BKB?matter={matter}")

    async def status(self, key: str, matter: str = "") -> str:
        findings = (await self.found(matter))["findings"]
        return str(next(one["status"] for one in findings if one["key"] == key))

    async def stands_at(self, id: str) -> str:
        return str((await self.secretary.done("GET", f"/dossiers/{id}"))["state"])

    async def audit(self) -> Any:
        return await self.secretary.done("GET", "/audit")


@pytest.mark.anyio
async def test_a_second_deed_has_a_dossier_findings_and_a_decision_of_its_own(
    awards: Awards, council: Any, year: Any
) -> None:
    async with awards() as running:
        office = Office(running, council)
        await office.name()
        first = (await office.file("Cứu hộ lũ tháng 10")).json()["id"]
        await office.answer("Phiếu 01")
        refused = await office.file("Dập cháy rừng tháng 12")
        assert refused.status_code == 409
        assert "Cứu hộ lũ tháng 10" in refused.json()["detail"]
        assert "“Đang lập hồ sơ”; xử lý xong" in refused.json()["detail"]
        await office.go(first, "sent", "received", "to_authority")
        await office.secretary.done("POST", "/decisions", year.decision("40/QĐ", "BKB", "P0"))
        again = await office.file("Cứu hộ lũ tháng 10")
        assert "đã có quyết định cho thành tích này" in again.json()["detail"]

        second = (await office.file("Dập cháy rừng tháng 12")).json()["id"]
        assert await office.status("bkb.movement") == "met"
        assert await office.status("bkb.movement", second) == "person", "answered of another deed"
        before = await office.found()
        await office.go(second, "sent", "received")
        await office.answer("Phiếu 02")
        assert await office.status("bkb.movement", second) == "met"
        assert await office.found() == before
        await office.go(second, "to_authority")
        made = await office.secretary.done("POST", "/decisions", year.decision("41/QĐ", "BKB", "P0"))
        assert (await office.stands_at(first), await office.stands_at(second)) == ("decided", "decided")
        assert len((await office.secretary.done("GET", f"/dossiers/{first}"))["steps"]) == 4
        await office.go(first, "presented")
        assert [award["uses"] for award in made["awards"]] == [["deed:Dập cháy rừng tháng 12"]]

        sheet = await office.secretary.call("GET", f"/documents/phieu-tham-dinh/{second}.docx?campaign=TD2022")
        assert sheet.status_code == 200
        await office.secretary.done("POST", f"/decisions/{made['id']}/cancel", {"reason": "Sai", "document": "42/QĐ"})
        assert (await office.stands_at(first), await office.stands_at(second)) == ("presented", "cancelled")
        await running.settle()
        published = await running.published("recommendations")
        states = {one["matter"]: one["state"] for one in published if one["title"] == "BKB"}
        assert (states[None], states[second]) == ("presented", "cancelled")
        assert (await office.audit())["sound"] is True


@pytest.mark.anyio
@pytest.mark.parametrize("altered", ["first", "second"])
async def test_the_audit_names_the_altered_findings_of_either(
    awards: Awards, council: Any, year: Any, altered: str
) -> None:
    async with awards() as running:
        office = Office(running, council)
        await office.name()
        ids = {"first": "", "second": ""}
        for number, name in enumerate(ids):
            filed = (await office.file(f"Việc thứ {number}")).json()
            ids[name] = filed["matter"]
            await office.go(filed["id"], "sent", "received", "to_authority")
            await office.secretary.done("POST", "/decisions", year.decision(f"4{number}/QĐ", "BKB", "P0"))
        assert (await office.audit())["sound"] is True
        async with running.transaction("awards") as tx:
            change = text("update recommendation set verdict = 'eligible' where title = 'BKB' and matter = :matter")
            assert await tx.execute(change, matter=ids[altered]) == 1
        found = (await office.audit())["altered"]
        assert len(found) == 1
        assert "/".join(filter(None, ("p0/c22/BKB", ids[altered]))) + " (" in found[0]


@pytest.mark.anyio
async def test_what_was_withdrawn_is_asked_for_anew_and_voted_on_apart(awards: Awards, council: Any) -> None:
    async with awards() as running:
        office = Office(running, council)
        await office.name()
        old = (await office.file(kind="merit")).json()["id"]
        at_unit = ("unit_reviewed", "unit_council", "sent", "received")
        await office.go(old, *at_unit, "supplement", "withdrawn")
        await office.answer("Phiếu 01")
        new = (await office.file(kind="merit")).json()["id"]
        assert await office.status("bkb.movement", new) == "met", "the same achievement, asked for anew"
        await office.go(new, *at_unit, "appraisal", "council_ready")
        await office.secretary.meet()
        vote = await office.secretary.draw_up(title="BKB", subjects=("P0",))
        await office.secretary.open(vote)
        await office.secretary.count(vote, (14, 1))
        await office.go(new, "voted", "to_authority")
        assert await office.stands_at(old) == "withdrawn"
        async with running.transaction("awards") as tx:
            (case,) = await tx.rows(text("select matter from vote_case"))
        assert case.matter == new
        listed = (await office.secretary.done("GET", "/recommendations?campaign=TD2022&title=BKB"))["items"]
        assert [(one["matter"], one["state"]) for one in listed] == [(None, "withdrawn"), (new, "to_authority")]
        assert (await office.audit())["sound"] is True
