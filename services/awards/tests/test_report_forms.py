"""Report forms and reports: what is known stands in its place, what nobody wrote down is dotted or said so."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from thidua.contracts import Cluster
from thidua.contracts.campaign import RegistrationState, Target
from thidua.contracts.judgement import CriterionLine
from thidua.contracts.organisation import ClusterMember
from thidua_awards.documents import form_papers, summing_up
from thidua_awards.documents.form_papers import DOTS, FORMS, NAME_KNOWN, Matter
from thidua_awards.documents.paper import Paper, Paragraph, Table
from thidua_awards.documents.pdf import as_pdf
from thidua_awards.law.reports import report_rules
from thidua_awards.queries import targets
from thidua_awards.queries.asked import Asked
from thidua_awards.queries.papers_of_movement import PAPERS

HEAD = {"agency": "Sở Tài nguyên và Môi trường", "superior": "", "place": "Hà Nội", "draft": ""}
AWARD = {"number": "12/QĐ", "dated": "2021-02-01", "authority": "Giám đốc Sở"}


def matter(kind: str = "individual", year: int = 2022, **dossier: Any) -> Matter:
    case = {"subject_kind": kind, "name": "Nguyễn Văn An", "post": "Chuyên viên", "unit_name": "Phòng Đất đai",
            "title_label": "Chiến sĩ thi đua cấp Bộ", "year": year}  # fmt: skip
    return Matter(
        case=case,
        about={"first_recruited": "2012-05-01", "joined_unit": "2015-01-01", "people": 12},
        dossier={"achieved_on": None, "achievement": "", **dossier},
        years=[{"year": year, "words": "hoàn thành tốt nhiệm vụ", "rate": "9/10 (90 %)", "works": 1}],
        works=[{"year": year, "title": "Số hóa hồ sơ", "decision": "77/QĐ"}],
        titles=[{"year": 2020, "label": "Chiến sĩ thi đua cơ sở", **AWARD}],
        forms=[{"year": 2019, "label": "Giấy khen", **AWARD}],
    )


def words(paper: Paper) -> str:
    lines = [block.text for block in paper.blocks if isinstance(block, Paragraph)]
    cells = [cell for table in paper.tables for row in table.rows for cell in row]
    return "\n".join([*lines, *cells])


def test_titles_and_commendations_held_stand_in_two_tables_with_who_gave_them() -> None:
    paper = form_papers.report("bao-cao-thanh-tich", matter(), HEAD)
    held = {table.name: table.rows for table in paper.tables}
    row = ("12/QĐ ngày 01/02/2021", "Giám đốc Sở")
    assert held["Danh hiệu"] == (("2020", "Chiến sĩ thi đua cơ sở", *row),)
    assert held["Hình thức"] == (("2019", "Giấy khen", *row),)
    assert held["Số liệu các năm"] == (("2022", "hoàn thành tốt nhiệm vụ", "9/10 (90 %)", "1"),)


def test_a_person_reports_on_discipline_and_a_collective_on_its_staff() -> None:
    person, team = (words(form_papers.report("bao-cao-thanh-tich", matter(kind), HEAD))
                    for kind in ("individual", "collective"))  # fmt: skip
    assert "IV. Kỷ luật" in person
    assert "Ngày tuyển dụng lần đầu: 01/05/2012. Ngày về đơn vị: 01/01/2015." in person
    assert "12 người đang công tác" in team
    assert "Kỷ luật" not in team


@pytest.mark.parametrize(
    ("kind", "person", "team"),
    [("bao-cao-thanh-tich", "02", "01"), ("bao-cao-anh-hung", "05", "04"), ("bao-cao-nuoc-ngoai", "09", "08")],
)
def test_a_form_bears_its_number_for_a_person_and_for_a_collective(kind: str, person: str, team: str) -> None:
    for number, subject in ((person, "individual"), (team, "collective")):
        assert form_papers.report(kind, matter(subject), HEAD).form == f"Mẫu {number} (Nghị định 91/2017/NĐ-CP)"


@pytest.mark.parametrize("kind", ["bao-cao-dot-xuat", "bao-cao-chuyen-de"])
def test_the_report_on_one_achievement_names_it_and_fits_on_a_page(kind: str) -> None:
    done = {"achieved_on": "2022-10-14", "achievement": "Cứu hộ trong mưa lũ tại xã A"}
    paper = form_papers.report(kind, matter(**done), HEAD)
    assert "Cứu hộ trong mưa lũ tại xã A (14/10/2022)" in words(paper)
    assert pages(paper) == 1
    assert pages(form_papers.summary(matter(), HEAD)) == 1


def pages(paper: Paper) -> int:
    return int(re.findall(rb"/Count (\d+)", as_pdf(paper))[0])


def test_a_form_of_which_only_the_name_is_known_says_so_and_a_later_one_that_its_text_was_not_found() -> None:
    assert form_papers.report("bao-cao-anh-hung", matter(), HEAD).foot == NAME_KNOWN
    assert "từ năm 2024 chưa tìm thấy" in form_papers.report("bao-cao-thanh-tich", matter(year=2024), HEAD).foot
    assert "từ năm 2024" not in form_papers.report("bao-cao-thanh-tich", matter(year=2023), HEAD).foot


def test_long_service_begins_with_the_post_of_today_and_leaves_the_others_open() -> None:
    paper = form_papers.report("bao-cao-cong-hien", matter(), HEAD)
    rows = next(table.rows for table in paper.tables if table.name == "Quá trình công tác")
    assert rows[0] == ("01/01/2015 đến nay", "Chuyên viên, Phòng Đất đai", "")
    assert set(rows[1:]) == {("", "", "")}


def test_a_report_compares_as_many_years_as_its_title_looks_back_on_and_says_how_sure_that_is() -> None:
    rules = report_rules()
    assert rules.counted("CSTDB", 2022) == (2020, 2021, 2022)
    assert rules.counted("LDTT", 2022) == (2022,)
    assert set(FORMS) == {"bao-cao-thanh-tich", "bao-cao-cong-hien", "bao-cao-anh-hung", "bao-cao-dot-xuat",
                          "bao-cao-chuyen-de", "bao-cao-nuoc-ngoai"}  # fmt: skip
    assert "(chưa đối chiếu văn bản)" in words(form_papers.report("bao-cao-thanh-tich", matter(), HEAD))


def test_a_year_report_without_published_months_leaves_the_rate_open_instead_of_writing_nought() -> None:
    campaign = {"year": 2022, "title": "Phong trào", "participants": ["a"]}
    found = {"registered": [], "targets": 3, "reached": [], "months": [], "units": [], "years": [2021, 2022],
             "awarded": [{"label": "Lao động tiên tiến", "numbers": [4, 5]}]}  # fmt: skip
    paper = summing_up.report(campaign, found, HEAD, half=False)
    assert f"tỷ lệ đúng hạn hằng tháng: {DOTS}" in words(paper)
    awarded = next(table for table in paper.tables if table.name == "Khen thưởng")
    assert awarded.headers == ("Danh hiệu, hình thức", "Năm 2021", "Năm 2022")
    assert awarded.rows == (("Lao động tiên tiến", "4", "5"),)


REACHED = ({"unit": "Phòng Đất đai", "name": "Nhiệm vụ đúng hạn", "registered": "95 %", "result": "9/10 (90 %)"},
           {"unit": "Phòng Đất đai", "name": "Cải cách thủ tục", "registered": "2 thủ tục", "result": ""})  # fmt: skip


@pytest.mark.parametrize("kind", ["individual", "collective"])
def test_a_target_without_figures_is_dotted_and_one_with_figures_shows_them(kind: str) -> None:
    given = replace(matter(kind), targets=REACHED, score="905,5/1000 (chính thức, mẫu minh họa)")
    paper = form_papers.report("bao-cao-thanh-tich", given, HEAD)
    table = next(table for table in paper.tables if table.name == "Chỉ tiêu")
    assert table.rows == (
        ("Nhiệm vụ đúng hạn", "95 %", "9/10 (90 %)"),
        ("Cải cách thủ tục", "2 thủ tục", DOTS),
    )
    assert "Kết quả chấm điểm năm 2022: 905,5/1000 (chính thức, mẫu minh họa)." in words(paper)
    without = form_papers.report("bao-cao-thanh-tich", matter(kind), HEAD)
    assert "Chỉ tiêu" not in {table.name for table in without.tables}
    assert "Kết quả chấm điểm" not in words(without)


def test_a_year_report_lists_targets_of_collectives_and_says_of_how_many_there_are_figures() -> None:
    campaign = {"year": 2022, "title": "Phong trào", "participants": ["a"]}
    found = {"registered": [], "targets": 3, "reached": REACHED, "months": [], "units": [], "years": [], "awarded": []}
    paper = summing_up.report(campaign, found, HEAD, half=True)
    assert "Chỉ tiêu của tập thể có số liệu: 1/2 (bảng ở Phụ lục); còn lại đơn vị báo cáo." in words(paper)
    assert next(one for one in paper.annex if isinstance(one, Table)).rows[1][-1] == DOTS


def newer(one: Any, **changes: Any) -> Any:
    return one.model_copy(update={**changes, "version": 10**6})


@pytest.mark.anyio
async def test_results_stand_beside_targets_only_where_months_or_scores_tell_them(awards: Any, year: Any) -> None:
    aims = (Target(name="Tỷ lệ nhiệm vụ hoàn thành đúng hạn", value=Decimal("91"), measure="%"),
            Target(name="Cải cách hành chính"),
            Target(name="Sáng kiến", value=Decimal(2), measure="sáng kiến"))  # fmt: skip
    lines = (CriterionLine(code="T1", title="Cải cách hành chính", status="met", points=Decimal("47.5"),
                           maximum=Decimal(50)),
             CriterionLine(code="T2", title="Sáng kiến", status="missing", maximum=Decimal(30)))  # fmt: skip
    async with awards() as running:
        item = newer(year.registration("pdd", "pdd", "TTLDXS"), targets=aims)
        score = newer(year.score("pdd", "pdd"), lines=lines, points_mark="illustrative")
        returned = newer(year.registration("pmt", "pmt", "TTLDXS"), targets=aims, state=RegistrationState.RETURNED)
        members = (ClusterMember(unit="pmt"),)
        cluster = Cluster(id="kc", year=2022, name="Khối các phòng", members=members, version=10**6)
        await running.deliver(newer(year.CAMPAIGN, participants=("pdd", "pmt")), cluster)
        await running.deliver(item, returned, score, year.month("pdd", "2022-03", 9, 10))
        await running.settle()
        async with running.transaction("awards") as tx:
            found = await targets.compared(tx, "c22", ["pdd", "pmt"], "2022", "2022-01", "2022-12")
            report = await PAPERS["tong-ket"](tx, Asked("tong-ket", "TD2022"))
            agreement = await PAPERS["giao-uoc"](tx, Asked("giao-uoc", "kc", campaign="TD2022"))
            sheet = await PAPERS["bang-tu-cham"](tx, Asked("bang-tu-cham", "PDD", campaign="TD2022"))
    standing = "chính thức, mẫu minh họa, tính đến 31/12/2022"
    assert found["pmt"] == {"score": "", "targets": []}, "what was sent back is no target in force"
    assert found["pdd"]["score"] == f"912,5/1000 ({standing})"
    rate, points, unknown = found["pdd"]["targets"]
    assert rate["registered"] == "91 %"
    assert rate["result"].startswith("9/10 (90 %), tính đến ")
    assert points == {"name": "Cải cách hành chính", "registered": "", "result": f"47,5/50 điểm ({standing})"}
    assert unknown == {"name": "Sáng kiến", "registered": "2 sáng kiến", "result": ""}
    assert f"2. Kết quả thực hiện 3 chỉ tiêu đã đăng ký: {DOTS}" in words(report)
    assert ("Tập thể lao động xuất sắc", "1") in report.tables[0].rows
    assert not next(table for table in agreement.tables if table.name == "Chỉ tiêu").rows
    assert f"Tổng kết quả chấm: 912,5/1000 điểm. Điểm: {standing}." in words(sheet)
