"""Who stands at the head of a decision: the body of whoever is competent, and never the standing office."""

from __future__ import annotations

from typing import Any

import pytest

from thidua_awards.domain.authorities import authority
from thidua_awards.law import regime_of
from thidua_awards.queries.authorities import Bodies, chosen

R03 = regime_of(2022)


@pytest.mark.parametrize(
    ("written", "body", "named", "post"),
    [
        ("Bộ Tài nguyên và Môi trường", "Bộ Tài nguyên và Môi trường", "Bộ trưởng Bộ Tài nguyên và Môi trường",
         "Bộ trưởng"),
        ("Bộ trưởng Bộ Y tế", "Bộ Y tế", "Bộ trưởng Bộ Y tế", "Bộ trưởng"),
        ("Bộ phận Một cửa", "Bộ phận Một cửa", "Thủ trưởng Bộ phận Một cửa", "Thủ trưởng đơn vị"),
        ("Giám đốc Sở", "Sở", "Giám đốc Sở", "Giám đốc"),
        ("Ủy ban nhân dân tỉnh Hà Nam", "Ủy ban nhân dân tỉnh Hà Nam", "Chủ tịch Ủy ban nhân dân tỉnh Hà Nam",
         "Chủ tịch"),
        ("Thủ tướng Chính phủ", "Thủ tướng Chính phủ", "Thủ tướng Chính phủ", "Thủ tướng Chính phủ"),
        ("Cục Viễn thám quốc gia", "Cục Viễn thám quốc gia", "Thủ trưởng Cục Viễn thám quốc gia", "Thủ trưởng đơn vị"),
    ],
)  # fmt: skip
def test_a_body_and_the_post_that_signs_for_it_are_read_from_either(
    written: str, body: str, named: str, post: str
) -> None:
    one = authority(written)
    assert (one.body, one.named, one.post) == (body, named, post)


def line(title: str, unit: str = "pdd") -> dict[str, Any]:
    return {"title": title, "unit_id": unit}


def bodies(year: Any, ministry: str = "Bộ Tài nguyên và Môi trường") -> Bodies:
    units = {one.id: one for one in year.department() if hasattr(one, "legal_person")}
    return Bodies(units, ministry, "")


def test_the_minister_decides_on_ministry_titles_and_the_head_of_the_legal_person_on_those_of_the_base(
    year: Any,
) -> None:
    known = bodies(year)
    assert known.of(R03, line("CSTDB")).named == "Bộ trưởng Bộ Tài nguyên và Môi trường"
    assert known.of(R03, line("LDTT")).named == "Giám đốc Sở Tài nguyên và Môi trường"
    assert known.of(R03, line("CSTDTQ")).body == "Thủ tướng Chính phủ"
    assert known.of(R03, line("CTDT")).body.startswith("Ủy ban nhân dân tỉnh …"), "nobody knows which province"


def test_a_list_of_several_authorities_is_drafted_for_one_and_says_whose_the_others_are(year: Any) -> None:
    lines = [line("CSTDTQ"), line("CSTDB"), line("TTLDXS")]
    of = chosen(bodies(year), R03, lines, "", "Bộ Tài nguyên và Môi trường")
    assert of.authority.body == "Bộ Tài nguyên và Môi trường"
    assert [one["title"] for one in of.lines] == ["CSTDB", "TTLDXS"]
    assert "1 trường hợp thuộc thẩm quyền của Thủ tướng Chính phủ" in of.remark


def test_who_asks_for_the_lines_of_another_authority_gets_those_under_its_head(year: Any) -> None:
    of = chosen(bodies(year), R03, [line("CSTDTQ"), line("CSTDB")], "Thủ tướng Chính phủ", "")
    assert of.authority.post == "Thủ tướng Chính phủ"
    assert [one["title"] for one in of.lines] == ["CSTDTQ"]


def test_a_ministry_that_no_register_knows_is_dotted_and_never_the_office(year: Any) -> None:
    of = chosen(bodies(year, ministry=""), R03, [line("CSTDB")], "", "")
    assert of.authority.body.startswith("Bộ …")
    assert "Thường trực" not in of.authority.named
