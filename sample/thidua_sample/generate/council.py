"""The council that advises the Minister: every name is drawn, and every post says so."""

from __future__ import annotations

from datetime import date
from typing import Final

from thidua_sample.generate.draw import Draw
from thidua_sample.generate.names import full_name
from thidua_sample.generate.organisation import paper
from thidua_sample.generate.records import SampleCouncil, SampleMember

MEMBERS: Final = 15
SET_UP_ON: Final = date(2022, 1, 10)
NAMES_ARE_DRAWN: Final = "tên được sinh ra"
POSTS: Final = {
    1: ("chair", "Chủ tịch Hội đồng"),
    2: ("deputy", "Phó Chủ tịch Hội đồng"),
    3: ("secretary", "Ủy viên thường trực, Thư ký"),
}


def council(draw: Draw) -> SampleCouncil:
    """Return the council of the ministry with fifteen members, the chair first."""
    return SampleCouncil(
        name="Hội đồng Thi đua - Khen thưởng Bộ Tài nguyên và Môi trường (mẫu)",
        document=paper(f"{draw.between(10, 90)}/QĐ-BTNMT-MẪU", SET_UP_ON, "Bộ Tài nguyên và Môi trường"),
        rules="Quy chế hoạt động của Hội đồng (mẫu minh họa)",
        members=tuple(_member(draw, number) for number in range(1, MEMBERS + 1)),
    )


def _member(draw: Draw, number: int) -> SampleMember:
    role, post = POSTS.get(number, ("member", "Ủy viên Hội đồng"))
    name = full_name(draw, woman=draw.chance(40))
    return SampleMember(f"tv{number:02d}", name, f"{post} ({NAMES_ARE_DRAWN})", role)
