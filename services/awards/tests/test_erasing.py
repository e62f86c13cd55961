"""Erasing a person removes working data, never what was decided; who read about disciplines is on record."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import date
from typing import Any

import pytest
from sqlalchemy import text

from thidua.contracts import Document, Erasure, Person, Rating, Registration
from thidua_runtime.records import Outgoing
from thidua_runtime.testing import RunningSuite

pytestmark = pytest.mark.anyio
Awards = Callable[[], AbstractAsyncContextManager[RunningSuite]]
ERASED = {"person": "p5", "document": "Đơn 03/ĐN", "reason": "Theo yêu cầu của cá nhân"}
TABLES = ("confirmation", "candidate", "discipline", "hold", "training", "service_time", "dossier")


async def test_an_erasure_removes_working_data_and_keeps_what_was_decided_with_a_sound_chain(
    awards: Awards, council: Any, year: Any
) -> None:
    async with awards() as running:
        secretary = council.Secretary(running)
        await fill(secretary, year)
        refused = await secretary.call("POST", "/erasures", ERASED)
        assert refused.status_code == 409, "the register of people comes first"
        await forget(running)
        told = await secretary.done("POST", "/erasures", ERASED)
        assert {kind for kind, number in told["removed"].items() if number} == {
            "confirmations", "candidates", "disciplines", "holds", "trainings", "service_times", "dossiers",
            "dossier_steps", "recommendations",
        }  # fmt: skip
        assert (told["kept"]["awards"], told["kept"]["judged"]) == (1, 1)
        async with running.transaction("awards") as tx:
            for table in TABLES:
                rows = await tx.rows(text(f"select 1 from {table} where subject = 'p5'"))
                assert not rows, table
        history = await secretary.done("GET", "/history/p5")
        assert [one["number"] for one in history] == ["40/QĐ"]
        assert (await secretary.done("GET", "/audit"))["sound"] is True
        record = (await secretary.done("GET", "/erasures"))[0]
        assert (record["person"], record["erased_by"], record["document"]) == ("p5", "Thư ký", "Đơn 03/ĐN")
        again = await secretary.done("POST", "/erasures", ERASED)
        assert not any(again["removed"].values())
        nobody = await secretary.call("POST", "/erasures", {**ERASED, "person": "p99"})
        assert nobody.status_code == 404


async def fill(secretary: Any, year: Any) -> None:
    """Decide on LĐTT of P5, and begin a form that is still on its way, with everything people enter of a person."""
    case = {"campaign": "TD2022", "subject": "P5", "title": "BKB"}
    await secretary.done("PUT", "/candidates", [{**case, "document": "01/TTr"}])
    await secretary.done("PUT", "/confirmations", year.declared("ldtt.conduct", subject="P5"))
    await secretary.done("POST", "/campaigns/TD2022/review")
    await secretary.done("POST", "/decisions", year.decision("40/QĐ", "LDTT", "P5"))
    dossier = await secretary.done("POST", "/dossiers", case)
    step = {"to": "unit_reviewed", "document": "01/BB", "dated": "2022-12-28"}
    await secretary.done("POST", f"/dossiers/{dossier['id']}/steps", [step])
    of = {"subject": "P5"}
    await secretary.done("POST", "/disciplines", [{**of, "form": "khien_trach", "decided_on": "2021-03-10"}])
    await secretary.done("POST", "/holds", {**of, "starts_on": "2022-12-01"})
    await secretary.done("POST", "/trainings", [{**of, "year": 2022, "months": 3}])
    served = {**of, "woman": True, "years": 20, "document": "Sổ bảo hiểm"}
    await secretary.done("PUT", "/service-times", [served])


async def forget(running: RunningSuite) -> None:
    """Erase the person as the register does: tombstones on its streams."""
    version = (("version", str(10**9).encode()),)
    of = ((Person, "pdd/p5"), (Registration, "p5/c22"), (Rating, "p5/2022"))
    await running.deliver_raw(*(Outgoing(model.stream, key, key, version, None) for model, key in of))
    await running.settle()


async def test_an_erased_person_leaves_lists_nobody_voted_on_and_answers_kept_for_repeated_requests(
    awards: Awards, council: Any
) -> None:
    async with awards() as running:
        secretary = council.Secretary(running)
        await secretary.meet(share={"more_than": "1/2"})
        both = await secretary.draw_up(title="BKB", subjects=("P5", "P0"))
        alone, voting = [await secretary.draw_up(title=title, subjects=("P5",)) for title in ("CSTDB", "CSTDT")]
        await secretary.open(voting)
        interest = [{"member": "tv03", "place": 1, "document": "Đơn"}]
        async with running.client("awards", role="office") as office:
            await office.put(f"/votes/{both}/interests", json=interest, headers={"Idempotency-Key": "k1"})
        paper = Document(number="03/ĐN", dated=date(2022, 12, 30))
        await running.deliver(Erasure(person="p5", document=paper, erased_on=date(2022, 12, 30)))
        await running.settle()
        await forget(running)
        names = {vote: await cases(secretary, vote) for vote in (both, alone, voting)}
        assert names == {both: [(2, "Nguyễn Văn 0", [])], alone: [], voting: [(1, "p5", [])]}
        assert (await secretary.done("GET", f"/votes/{alone}"))["state"] == "withdrawn"
        async with running.transaction("awards") as tx:
            assert await tx.rows(text("select 1 from thidua.idempotency")) == []
            assert await tx.rows(text("select 1 from interest")) == [], "it was one in the case of who is gone"
        await secretary.count(voting, (15, 0))
        assert (await secretary.done("GET", "/audit"))["sound"] is True


async def cases(secretary: Any, vote: str) -> list[tuple[int, str, list[str]]]:
    shown = await secretary.done("GET", f"/votes/{vote}")
    return [(one["place"], one["name"], one["interests"]) for one in shown["cases"]]


async def test_papers_of_a_decided_dossier_are_printed_of_somebody_the_register_lists_no_more(
    awards: Awards, year: Any, council: Any
) -> None:
    async with awards() as running:
        secretary = council.Secretary(running)
        case = {"campaign": "TD2022", "subject": "P5", "title": "BKB"}
        await secretary.done("PUT", "/candidates", [{**case, "document": "01/TTr"}])
        await secretary.done("POST", "/campaigns/TD2022/review")
        id = (await secretary.done("POST", "/dossiers", case))["id"]
        await secretary.done("POST", "/decisions", year.decision("40/QĐ", "BKB", "P5"))
        await forget(running)
        await secretary.done("POST", "/erasures", ERASED)
        listed = (await secretary.done("GET", "/documents?campaign=TD2022"))["items"]
        offered = [one for one in listed if one["id"] == id]
        assert {one["words"] for one in offered} == {"Nguyễn Văn 5 (Bằng khen của Bộ trưởng)"}
        for one in offered:
            answer = await secretary.call("GET", f"/documents/{one['kind']}/{id}.docx?campaign=TD2022")
            assert answer.status_code == 200, one["kind"]


async def test_who_read_about_disciplines_is_noted_and_a_unit_reads_none(
    awards: Awards, council: Any, year: Any
) -> None:
    async with awards() as running:
        secretary = council.Secretary(running)
        await secretary.done("POST", "/campaigns/TD2022/review")
        entry = {"subject": "P0", "form": "khien_trach", "decided_on": "2022-03-10"}
        await secretary.done("POST", "/disciplines", [entry])
        await secretary.done("GET", "/disciplines?subject=P0", actor="Thẩm định A")
        await secretary.done("GET", "/recommendations/TD2022/P0/LDTT", actor="Thẩm định B")
        async with running.client("awards", role="unit:PDD") as unit:
            assert (await unit.get("/disciplines?subject=P0")).status_code == 403
            assert (await unit.get("/disciplines/readings")).status_code == 403
        noted = await secretary.done("GET", "/disciplines/readings?subject=p0")
        assert [(one["read_by"], one["what"]) for one in noted] == [
            ("Thẩm định B", "phiếu rà soát LDTT"),
            ("Thẩm định A", "danh sách kỷ luật"),
        ]
