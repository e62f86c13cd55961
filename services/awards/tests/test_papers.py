"""What stands on papers, from what is known of a meeting or a case; nothing is read from a database."""

from __future__ import annotations

from datetime import date
from typing import Any

from thidua.contracts.organisation import RatingLevel
from thidua_awards.documents import council_papers, dossier_papers, merits
from thidua_awards.documents.paper import Paper, Paragraph, Table
from thidua_awards.domain.records import Held, Work

HEAD = {"agency": "Hội đồng", "superior": "Bộ", "place": "Hà Nội", "draft": "DỰ THẢO"}
CHAIN = {"number": 1, "head": "ab"}
MEETING = {
    "council": "Hội đồng tỉnh",
    "held_on": "2022-12-30",
    "place": "Phòng họp 1",
    "chair": "Đỗ An",
    "secretary": "Bùi Bình",
    "agenda": ["Xét danh hiệu"],
    "members": [
        {"id": "m1", "name": "Đỗ An", "role": "chair", "presence": "present"},
        {"id": "m2", "name": "Bùi Bình", "role": "secretary", "presence": "present"},
        {"id": "m3", "name": "Lê Chi", "role": "member", "presence": "written"},
        {"id": "m4", "name": "Vũ Dũng", "role": "member", "presence": "absent"},
    ],
    "taking_part": 3,
    "total": 4,
}
VOTE: dict[str, Any] = {
    "state": "closed",
    "method_label": "bỏ phiếu kín trên giấy",
    "members": 4,
    "checked_by": ["A", "B"],
    "cases": [{"place": 1, "name": "N", "yes": 2, "no": 0, "invalid": 0, "result": "2/4", "interests": ["m3"]}],
}


def lines_of(paper: Paper) -> list[str]:
    rows = [" | ".join(row) for one in paper.blocks if isinstance(one, Table) for row in one.rows]
    return [one.text for one in paper.blocks if isinstance(one, Paragraph)] + rows


def test_minutes_say_how_many_were_present_wrote_or_were_absent_and_who_is_what() -> None:
    lines = lines_of(council_papers.minutes(MEETING, (), HEAD, CHAIN))
    assert (
        "Số thành viên tham gia, kể cả ý kiến bằng văn bản: 3/4 (có mặt 2, gửi ý kiến bằng văn bản 1, vắng mặt 1)."
    ) in lines
    assert "1 | Đỗ An | Chủ tịch | có mặt" in lines


def test_counting_minutes_bear_day_and_place_and_who_did_not_vote_on_what() -> None:
    lines = lines_of(council_papers.counting_minutes(VOTE, MEETING, "Cờ", HEAD, CHAIN))
    assert "Ngày 30/12/2022, tại Phòng họp 1." in lines
    assert "Khai báo có liên quan, không bỏ phiếu: Lê Chi (trường hợp số 1)." in lines


def test_a_unit_is_named_once_on_the_notice_that_it_is_not_awarded_and_how_the_council_voted() -> None:
    case = {"name": "Sở Tài chính", "post": "", "unit_name": "Sở Tài chính", "title_label": "Cờ", "findings": []}
    votes = [("01/BB", "12/12/2022", "5/15"), ("02/BB", "30/12/2022", "4/7")]
    step = {"to": "not_passed", "reason": "Hội đồng không thông qua"}
    said, none, voted, *_ = lines_of(dossier_papers.non_award(case, {}, HEAD, step, votes))
    assert said == "Hồ sơ đề nghị tặng Cờ của Sở Tài chính không được trình, tặng."
    assert none.startswith("Theo dữ liệu, không có điều kiện nào chưa đạt; Hội đồng Thi đua - Khen thưởng xem xét")
    assert voted == "Hội đồng biểu quyết: đồng ý 4/7 tổng số thành viên (biên bản 02/BB ngày 30/12/2022)."


def test_a_notice_without_an_unmet_condition_names_those_that_people_judged_with_their_clause() -> None:
    finding = {
        "key": "gk.merit",
        "status": "person",
        "sentence": "Do người xem xét.",
        "clause": "Điều 75",
        "mark": None,
    }
    case = {"name": "N", "post": "", "unit_name": "U", "title_label": "Giấy khen",
            "findings": [finding, {**finding, "key": "g.hold", "status": "met"}]}  # fmt: skip
    step = {"to": "not_forwarded", "reason": "không đủ"}
    lines = lines_of(dossier_papers.non_award(case, {"gk.merit": "Thành tích"}, HEAD, step))
    assert (
        "Theo dữ liệu, không có điều kiện nào chưa đạt; Thường trực Hội đồng Thi đua - Khen thưởng xem xét" in lines[1]
    )
    assert lines[2] == "Điều kiện do người, cơ quan có thẩm quyền xem xét"
    (row,) = [one for one in lines if one.startswith("1 | ")]
    assert "Thành tích | cần người xem xét" in row
    assert "Điều 75" in row


def test_a_notice_bears_the_reason_of_the_refusal_and_not_why_the_complaint_about_it_ended() -> None:
    refused = {"from": "appraisal", "to": "not_forwarded", "reason": "không đủ"}
    steps = [refused, {**refused, "from": "not_forwarded", "to": "complaint", "reason": "kiến nghị"},
             {**refused, "from": "complaint", "reason": "giữ nguyên"}]  # fmt: skip
    assert dossier_papers.refusal(steps) == refused
    assert dossier_papers.refusal([{**refused, "to": "appraisal"}]) is None


def test_a_submission_ends_its_numbers_with_a_full_stop_and_cites_minutes_with_their_day() -> None:
    line = {"name": "N", "post": "", "unit": "U", "vote": "14/15", "minutes": "01/BB ngày 30/12/2022"}
    lines = lines_of(dossier_papers.submission([{**line, "label": "A"}, {**line, "label": "B"}], ["Luật"], ["X"], HEAD))
    assert "- A: 1 trường hợp;" in lines
    assert "- B: 1 trường hợp." in lines
    assert "Căn cứ Biên bản kiểm phiếu 01/BB ngày 30/12/2022." in lines


def test_a_list_proves_a_title_by_the_awards_it_rests_on_and_not_by_what_they_include() -> None:
    day = date(2022, 1, 7)
    held = (
        Held("CSTDCS", 2018, "1/QĐ", day),
        Held("LDTT", 2021, "2/QĐ", day),
        Held("CSTDCS", 2021, "2/QĐ", day),
        Held("CSTDB", 2022, "9/QĐ", day),
    )
    works = (Work("Số hóa", 2022, decision="3/QĐ-SK"),)
    assert merits.proofs("CSTDB", held, works, 2022) == (
        "Chiến sĩ thi đua cơ sở năm 2021: 2/QĐ, 07/01/2022; sáng kiến, đề tài: 3/QĐ-SK"
    )
    said = merits.achievement("", {2022: RatingLevel.EXCELLENT}, works, 2022)
    assert said == "Hoàn thành xuất sắc nhiệm vụ năm 2022; sáng kiến, đề tài: “Số hóa”"
    assert merits.achievement("Cứu người trong lũ", {}, works, 2022) == "Cứu người trong lũ"
