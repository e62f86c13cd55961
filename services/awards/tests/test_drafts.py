"""Papers name what stands: a draft nobody who was left out since, an explanation no cancelled award as one in force."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest
from sqlalchemy import text as text_of

from thidua_awards.queries.asked import Asked
from thidua_awards.queries.papers import paper
from thidua_runtime.testing import RunningSuite

pytestmark = pytest.mark.anyio
Awards = Callable[[], AbstractAsyncContextManager[RunningSuite]]
LISTS = ("to-trinh", "danh-sach", "du-thao-quyet-dinh")
NAMES = ("Nguyễn Văn 0", "Nguyễn Văn 1", "Nguyễn Văn 2")
STEPS = ("unit_reviewed", "unit_council", "sent", "received", "on_hold")


async def test_a_draft_leaves_out_whose_dossier_is_held_and_an_explanation_says_what_was_cancelled(
    awards: Awards, council: Any, year: Any
) -> None:
    async with awards() as running:
        secretary = council.Secretary(running)
        case = {"campaign": "TD2022", "subject": "P0", "title": "CSTDB"}
        refused = {**case, "title": "TTLDXS", "document": "01/TTr"}
        assert "của tập thể" in (await secretary.call("PUT", "/candidates", [refused])).json()["detail"]
        await secretary.done("PUT", "/candidates", [{**case, "document": "01/TTr"}])
        await secretary.done("POST", "/campaigns/TD2022/review")
        dossier = (await secretary.done("POST", "/dossiers", case))["id"]
        await secretary.meet()
        vote = await secretary.draw_up()
        await secretary.open(vote)
        await secretary.count(vote, (14, 1), (14, 1))
        steps = [
            {"to": to, "document": "01/BB", "dated": "2022-12-28", "reason": "Theo đơn", "on_behalf": "Chánh Văn phòng"}
            for to in STEPS
        ]
        await secretary.done("POST", f"/dossiers/{dossier}/steps", steps)
        made = await secretary.done("POST", "/decisions", year.decision("40/QĐ", "LDTT", "P0"))
        await secretary.done("POST", f"/decisions/{made['id']}/cancel", {"reason": "Kê khai sai", "document": "41/QĐ"})
        async with running.transaction("awards") as tx:
            draft = await paper(tx, Asked("du-thao-quyet-dinh", secretary.meeting))
            told = await paper(tx, Asked("giai-trinh", dossier))
        assert ["Nguyễn Văn 1" in row for row in draft.tables[-1].rows] == [True]
        assert "Không đưa vào văn bản này: Nguyễn Văn 0 (Chiến sĩ thi đua cấp Bộ: Tạm dừng xem xét)." in draft.foot
        way = next(table for table in told.tables if table.name == "Quá trình")
        assert [row[-1] for row in way.rows][-2:] == ["Theo đơn", "lý do xem trong hồ sơ thẩm định"]
        (held,) = told.tables[-1].rows
        assert held == ("2022", "Lao động tiên tiến", "40/QĐ", "20/12/2022", "Đã hủy bỏ: Kê khai sai (theo 41/QĐ)")


async def test_lists_of_a_meeting_bear_what_is_given_against_its_vote_and_not_what_went_back(
    awards: Awards, council: Any, year: Any
) -> None:
    async with awards() as running:
        secretary = council.Secretary(running)
        cases = [{"campaign": "TD2022", "subject": subject, "title": "CSTDB"} for subject in ("P0", "P1", "P2")]
        await secretary.done("PUT", "/candidates", [{**case, "document": "01/TTr"} for case in cases])
        await secretary.done("POST", "/campaigns/TD2022/review")
        lost, _, _ = [(await secretary.done("POST", "/dossiers", case))["id"] for case in cases]
        await secretary.meet()
        vote = await secretary.draw_up(subjects=("P0", "P1", "P2"))
        await secretary.open(vote)
        await secretary.count(vote, (5, 10), (5, 10), (14, 1))
        given = {**year.decision("40/QĐ", "CSTDB", "P0"), "reason": "Thành tích đặc biệt"}
        await secretary.done("POST", "/decisions", given)
        async with running.transaction("awards") as tx:
            papers = [await paper(tx, Asked(kind, secretary.meeting)) for kind in LISTS]
            for one in papers:
                text = [" ".join(row) for row in one.tables[-1].rows]
                assert [name in " ".join(text) for name in NAMES] == [True, False, True], one.name
                assert "khác kết quả biểu quyết của Hội đồng: Nguyễn Văn 0 (Chiến sĩ thi đua cấp Bộ: 5/15)" in one.foot
            paid = await tx.execute(text_of("update dossier set state = 'withdrawn' where id <> :id"), id=lost)
            assert paid == 2
            for kind in LISTS:
                one = await paper(tx, Asked(kind, secretary.meeting))
                assert len(one.tables[-1].rows) == 1, one.name
                assert "Nguyễn Văn 2 (Chiến sĩ thi đua cấp Bộ: Rút hồ sơ)" in one.foot
