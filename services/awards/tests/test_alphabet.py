"""Lists that people read follow the Vietnamese alphabet: Đ after D, not after V."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from thidua.ordering import by_alphabet
from thidua_awards.queries import alphabet

pytestmark = pytest.mark.anyio
NAMES = ["An", "Ăn", "Ân", "ĐẶNG", "Đặng An", "Dương", "đỗ", "Hoa", "Hòa", "Hỏa", "Hõa", "Hóa", "Họa An", "Hoà", "Ơn",
         "On", "Ôn", "Ưng", "Uy", "Vũ", "Phòng 10", "Phòng Đất đai", "Phòng Dân tộc", "Ợt", "Ộp"]  # fmt: skip


async def test_sql_sorts_names_as_python_does_and_a_list_of_reviews_by_them(awards: Any, year: Any) -> None:
    async with awards() as running:
        named = zip(("p0", "p1", "p2"), ("Vũ An", "Đỗ An", "Dương An"), strict=True)
        people = [year.person(id, "pdd", name).model_copy(update={"version": 10**9}) for id, name in named]
        await running.deliver(*people)
        await running.settle()
        async with running.transaction("awards") as tx:
            sorted_there = text(
                f"select n from unnest(cast(:names as text[])) as n order by {alphabet.by_alphabet('n')}"
            )
            found = [row.n for row in await tx.rows(sorted_there, names=NAMES)]
        async with running.client("awards") as client:
            await client.post("/campaigns/TD2022/review")
            listed = (await client.get("/recommendations?campaign=TD2022&title=LDTT")).json()["items"]
    assert found == sorted(NAMES, key=by_alphabet)
    assert [one["name"] for one in listed if one["name"].endswith(" An")] == ["Dương An", "Đỗ An", "Vũ An"]
