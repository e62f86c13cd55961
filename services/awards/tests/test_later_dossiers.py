"""A later dossier of somebody for the same form: for another achievement, or anew after the one before has ended."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest
from sqlalchemy import text

from thidua.contracts import Decision, Recommendation
from thidua_awards.queries import adopting
from thidua_runtime.testing import RunningSuite

Awards = Callable[[], AbstractAsyncContextManager[RunningSuite]]
PAPER = {"document": "01/BB", "dated": "2022-12-28", "reason": "Theo biên bản", "on_behalf": "Chánh Văn phòng"}
BKB = {"campaign": "TD2022", "subject": "P0", "title": "BKB"}
ABOUT = ("g.once", "bkb.movement", "bkb.many")
ANSWERED = ("g.route", *ABOUT)


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

    async def answer(self, document: str, **about: str) -> None:
        entry = {
            "campaign": "TD2022",
            "subject": "P0",
            "answer": True,
            "by": "Thẩm định",
            "document": document,
            "title": "BKB",
        }
        body = [{**entry, "key": key, "dated": "2022-12-28", **about} for key in (ABOUT if about else ANSWERED)]
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
        again = await office.file("Cứu hộ lũ tháng 10")
        assert again.status_code == 409
        assert "đang ở bước “Đang lập hồ sơ”; hãy mở hồ sơ đó, hồ sơ về thành tích khác" in again.json()["detail"]
        await office.go(first, "sent", "received", "to_authority")
        second = (await office.file("Dập cháy rừng tháng 12")).json()["id"]
        assert await office.status("bkb.movement") == "met"
        await office.answer("Phiếu 02")
        assert await office.status("bkb.movement", second) == "person", "answered of another deed"
        before = await office.found()
        await office.go(second, "sent", "received")
        await office.answer("Phiếu 03", dossier=second)
        assert await office.status("bkb.movement", second) == "met"
        assert (await office.found())["findings"] == before["findings"]
        await office.go(second, "to_authority")

        unclear = await office.secretary.call("POST", "/decisions", year.decision("40/QĐ", "BKB", "P0"))
        assert unclear.status_code == 422
        assert "có 2 hồ sơ BKB đang xử lý" in unclear.json()["detail"]
        made = {}
        for number, id in (("40/QĐ", second), ("41/QĐ", first)):
            decision = year.decision(number, "BKB", "P0")
            decision["awards"][0]["dossier"] = id
            made[id] = await office.secretary.done("POST", "/decisions", decision)
        assert made[second]["awards"][0]["uses"] == ["deed:Dập cháy rừng tháng 12"]
        assert (await office.stands_at(first), await office.stands_at(second)) == ("decided", "decided")
        assert "thành tích này đã có quyết định" in (await office.file("Cứu hộ lũ tháng 10")).json()["detail"]
        await office.go(first, "presented")
        sheet = await office.secretary.call("GET", f"/documents/phieu-tham-dinh/{second}.docx?campaign=TD2022")
        assert sheet.status_code == 200
        gone = made[second]["id"]
        await office.secretary.done("POST", f"/decisions/{gone}/cancel", {"reason": "Sai", "document": "42/QĐ"})
        assert (await office.stands_at(first), await office.stands_at(second)) == ("presented", "cancelled")
        await running.settle()
        published = [one for one in await running.published("recommendations") if one["title"] == "BKB"]
        states = {one["matter"]: one["state"] for one in published}
        assert (states[None], states[second]) == ("presented", "cancelled")
        assert (await office.audit())["sound"] is True
        async with running.transaction("awards") as tx:
            await adopting.take_recommendations(tx, [Recommendation.model_validate(one) for one in published], [])
            decisions = [Decision.model_validate(one) for one in await running.published("decisions")]
            await adopting.take_decisions(tx, decisions, [])
        assert (await office.audit())["sound"] is True, "what came back from the stream is told apart too"


@pytest.mark.anyio
async def test_an_answer_for_one_dossier_is_about_what_was_achieved(awards: Awards, council: Any) -> None:
    async with awards() as running:
        office = Office(running, council)
        await office.name()
        first = (await office.file("Cứu hộ lũ tháng 10")).json()["id"]
        await office.answer("Phiếu 01", dossier=first)
        assert await office.status("bkb.movement") == "met", "of the first dossier it is the subject's own"
        said = {
            "campaign": "TD2022",
            "subject": "P0",
            "answer": True,
            "by": "A",
            "document": "1",
            "dated": "2022-12-28",
        }
        for key, subject, status in (("ldtt.conduct", "P0", 422), ("g.once", "P1", 404)):
            entry = {**said, "key": key, "subject": subject, "dossier": first}
            assert (await office.secretary.call("PUT", "/confirmations", [entry])).status_code == status


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
        deed = (await office.file("Cứu hộ lũ tháng 10")).json()["id"]
        await office.secretary.meet()
        body = {"title": "BKB", "subjects": ["P0"]}
        unclear = await office.secretary.call("POST", f"/meetings/{office.secretary.meeting}/votes", body)
        assert f"Cứu hộ lũ tháng 10 ({deed})" in unclear.json()["detail"]
        drawn = {**body, "dossiers": [new]}
        vote = (await office.secretary.done("POST", f"/meetings/{office.secretary.meeting}/votes", drawn))["id"]
        await office.secretary.open(vote)
        await office.secretary.count(vote, (14, 1))
        await office.go(new, "voted", "to_authority")
        assert await office.stands_at(old) == "withdrawn"
        async with running.transaction("awards") as tx:
            (case,) = await tx.rows(text("select matter from vote_case"))
        assert case.matter == new
        listed = (await office.secretary.done("GET", "/recommendations?campaign=TD2022&title=BKB"))["items"]
        states = [(one["matter"], one["state"]) for one in listed]
        assert states == [(None, "withdrawn"), (new, "to_authority"), (deed, "drafting")]
        assert (await office.audit())["sound"] is True
