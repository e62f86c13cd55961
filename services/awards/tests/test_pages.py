"""Pages for officials: names instead of codes, numerators with denominators, and what to do where nothing is yet."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import httpx2
import pytest

from thidua_awards.domain.fairness import DEFINITIONS, NEXT
from thidua_awards.law import regimes
from thidua_runtime.access import Tokens
from thidua_runtime.serving import suite_app
from thidua_runtime.testing import RunningSuite

Awards = Callable[[], AbstractAsyncContextManager[RunningSuite]]
CODES = re.compile(
    rf"\b({'|'.join(sorted({code for one in regimes() for code in (*one.titles, *one.commendations)}))})\b"
)
TAGS = re.compile(r"<[^>]*>|&[a-z#0-9]+;")


async def shown(running: RunningSuite, path: str, status: int = 200, role: str = "office") -> str:
    """Return the words of a page, none of which is the code of a title."""
    async with running.client("awards", role=role) as client:
        answer = await client.get(f"/pages/{path}")
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"].startswith("text/html")
    style = answer.text.index("</style>")
    words = TAGS.sub(" ", answer.text[style:])
    assert not CODES.search(words), CODES.search(words)
    return words


@pytest.mark.anyio
async def test_every_page_tells_first_what_to_do_and_then_the_figures_by_name(
    awards: Awards, council: Any, year: Any
) -> None:
    async with awards() as running:
        assert "0/0 lượt đủ điều kiện" in await shown(running, "")
        assert "Chưa rà soát ai" in await shown(running, "reviews")
        fairness = await shown(running, "fairness")
        assert all(definition in fairness for definition in DEFINITIONS.values())
        assert all(words in fairness for words in NEXT.values())
        for path, words in (("votes", "Chưa có lượt bỏ phiếu nào"), ("decisions", "Chưa có quyết định nào"),
                            ("dossiers", "Chưa có hồ sơ nào"), ("quotas", "Chưa có ai trong diện xét")):  # fmt: skip
            assert words in await shown(running, path)
        await _filled(running, council, year)


async def _filled(running: RunningSuite, council: Any, year: Any) -> None:
    secretary = council.Secretary(running)
    await secretary.done("PUT", "/candidates", [{"campaign": "TD2022", "subject": "P0", "title": "CSTDB",
                                                 "document": "Tờ trình 01/TTr"}])  # fmt: skip
    await secretary.done("POST", "/campaigns/TD2022/review")
    dossier = await secretary.done("POST", "/dossiers", {"campaign": "TD2022", "subject": "P0", "title": "CSTDB"})
    await secretary.meet()
    vote = await secretary.draw_up(subjects=("P0",))
    await secretary.open(vote)
    await secretary.count(vote, (14, 1))
    signed = await secretary.done("POST", "/decisions", year.decision("11/QĐ", "LDTT", "P1", "P2", "P3"))
    assert "Nguyễn Văn 3" in await shown(running, "reviews?title=LDTT")
    assert "đơn vị xác nhận (PUT /confirmations)" in await shown(running, "reviews?title=LDTT"), "nobody declared yet"
    assert "Trang sau" in await shown(running, "reviews?title=LDTT&limit=2")
    assert "Nguyễn Văn 0, Nguyễn Văn 1" in await shown(running, "quotas")
    assert "Đang lập hồ sơ" in await shown(running, "dossiers")
    assert "Phòng Đất đai" in await shown(running, f"dossiers/{dossier['id']}")
    assert "1/1" in await shown(running, "votes")
    assert "14/15 (93,3 %)" in await shown(running, f"votes/{vote}")
    assert "còn hiệu lực" in await shown(running, "decisions")
    assert "Lao động tiên tiến năm 2022" in await shown(running, f"decisions/{signed['id']}")
    assert "Biên bản kiểm phiếu" in await shown(running, "documents")
    assert "Nguyễn Văn 0 (Chiến sĩ thi đua cấp Bộ)" in await shown(running, "documents?kind=phieu-tham-dinh")
    assert "3/10 (30 %)" in await shown(running, "fairness")


@pytest.mark.anyio
async def test_who_may_not_open_a_page_or_names_what_is_not_there_reads_a_sentence(awards: Awards) -> None:
    async with awards() as running:
        assert "vai trò đơn vị không được làm việc này (cần: Thường trực Hội đồng, người thẩm định)" in await shown(
            running, "documents", 403, role="unit:PDD"
        )
        assert "TD1999" in await shown(running, "fairness?campaign=TD1999", 404)
        assert "Không có địa chỉ này" in await shown(running, "khong-co", 404)
        await _front(running)


async def _front(running: RunningSuite) -> None:
    """Look at the front of a suite: its index leads to the pages, what is asked for there by mistake is found."""
    transport = httpx2.ASGITransport(app=suite_app(running.suite, Tokens({})))
    async with httpx2.AsyncClient(transport=transport, base_url="http://suite") as client:
        index = (await client.get("/")).text
        assert 'href="awards/pages/"' in index
        assert (await client.get("/awards/pages/")).status_code == 200
        for asked in ("/dead-letters", "/operation/dead-letters"):
            answer = await client.get(asked)
            assert answer.status_code == 404
            assert "/awards/operation/dead-letters" in answer.json()["detail"]
        assert "/awards/…" in (await client.post("/khong-co")).json()["detail"]
