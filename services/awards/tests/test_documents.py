"""Documents: Vietnamese, in the layout of the decree, the same bytes for the same data, no markup from names."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest
from docx import Document
from python_calamine import load_workbook

from thidua_awards.documents import FORMS, writers
from thidua_awards.documents.paper import Paper, Paragraph, Signature, Table
from thidua_runtime.testing import RunningSuite

Awards = Callable[[], AbstractAsyncContextManager[RunningSuite]]
BEGINS = {"docx": b"PK", "pdf": b"%PDF", "xlsx": b"PK"}


def paper(rows: int = 3, name: str = "Nguyễn Thị Hường") -> Paper:
    table = Table("Danh sách", ("Số TT", "Họ và tên"), tuple((str(n), f"{name} {n}") for n in range(rows)), (1, 6))
    return Paper(
        "to-trinh",
        "Sở Tài nguyên và Môi trường",
        "Tờ trình",
        "Về việc đề nghị khen thưởng",
        (Paragraph("Căn cứ Luật Thi đua, khen thưởng;", "base"), Paragraph("Danh sách", "heading"), table),
        (Signature("Giám đốc"),),
        symbol="TTr",
        place="Hà Nội",
        draft="số liệu tính đến 31/12/2022",
        receivers=("Như trên;",),
    )


@pytest.mark.parametrize("form", FORMS)
def test_the_same_paper_gives_the_same_bytes_in_every_form(form: str) -> None:
    first, second = writers()[form](paper()), writers()[form](paper())
    assert first == second
    assert first.startswith(BEGINS[form])
    assert writers()[form](paper(4)) != first


def test_a_name_that_looks_like_markup_or_a_formula_stays_the_text_it_is() -> None:
    odd = '<b>#text("x")</b> & =SUM(A1) *đậm*'
    forms = writers()
    assert f"{odd} 0" in words_of(forms["docx"](paper(1, odd)))
    sheet = load_workbook(BytesIO(forms["xlsx"](paper(1, f"={odd}")))).get_sheet_by_name("Danh sách").to_python()
    assert sheet[1][1] == f"={odd} 0"
    assert forms["pdf"](paper(1, odd)).startswith(b"%PDF")


@pytest.mark.parametrize("form", FORMS)
def test_control_characters_and_odd_names_of_tables_break_no_document(form: str) -> None:
    odd = paper(1, "Ủy\x0bban\x1f\uffff")
    titles = ("Kết quả A/B", "kết quả a/b", "'Khen [2022]: x?'", "A" * 40, "A" * 40, "\x0c")
    tables = tuple(replace(table, name=name) for table in odd.tables for name in titles)
    made = writers()[form](replace(odd, about="Về\x0bviệc", agency="Sở\x01", blocks=(*odd.blocks, *tables)))
    assert made.startswith(BEGINS[form])
    if form == "docx":
        assert "Ủy ban" in words_of(made)
    if form == "xlsx":
        assert load_workbook(BytesIO(made)).sheet_names[1:3] == ["Kết quả A-B", "kết quả a-b (2)"]


def test_a_submission_of_five_hundred_names_takes_a_fraction_of_five_seconds() -> None:
    forms = writers()
    for form in FORMS:
        begun = time.process_time()
        forms[form](paper(500))
        assert time.process_time() - begun < 5


def test_a_number_is_never_printed_and_a_draft_says_so() -> None:
    made = Document(BytesIO(writers()["docx"](paper())))
    text = "\n".join(one.text for one in made.paragraphs)
    head = "\n".join(cell.text for cell in made.tables[0].rows[0].cells)
    assert text.startswith("DỰ THẢO · số liệu tính đến 31/12/2022")
    assert "Số:          /TTr" in head
    assert "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM" in head


@pytest.mark.anyio
async def test_every_kind_of_paper_is_printed_from_the_year(awards: Awards, council: Any, year: Any) -> None:
    async with awards() as running:
        secretary = council.Secretary(running)
        steps = [
            {"to": to, "document": "01/BB", "dated": "2022-12-28", "reason": "Theo biên bản"}
            for to in ("unit_reviewed", "unit_council", "sent", "received", "appraisal", "opinions")
        ]
        entry = {"campaign": "TD2022", "subject": "P0", "title": "CSTDB", "document": "Tờ trình 01/TTr"}
        await secretary.done("PUT", "/candidates", [entry])
        await secretary.done("POST", "/campaigns/TD2022/review")
        body = {"campaign": "TD2022", "subject": "P0", "title": "CSTDB"}
        dossier = (await secretary.done("POST", "/dossiers", body))["id"]
        answers = [
            {**body, "key": key, "answer": True, "by": "A", "document": "P", "dated": "2022-12-28"}
            for key in ("g.registered", "g.route", "g.once", "cstdb.timing")
        ]
        for answer in answers:
            answer.pop("title")
        await secretary.done("PUT", "/confirmations", answers)
        await running.run_job("awards", "review_changed")
        await secretary.done("POST", f"/dossiers/{dossier}/steps", steps)
        notice = {"kind": "public", "campaign": "TD2022", "document": "05/TB", "addressee": "Cổng thông tin"}
        dates = {"posted_on": "2022-12-12", "until": "2022-12-26", "dossiers": [dossier]}
        asked = (await secretary.done("POST", "/consultations", {**notice, **dates}))["id"]
        await secretary.done("POST", f"/consultations/{asked}/end", {"closed_on": "2022-12-27", "answer": "Không"})
        await secretary.done("POST", f"/dossiers/{dossier}/steps", [{"to": "council_ready"}])
        await secretary.meet()
        vote = await secretary.draw_up(subjects=("P0",))
        await secretary.open(vote)
        submission = await text_of(running, "to-trinh", "TD2022")
        assert "Chiến sĩ thi đua cấp Bộ: 1 trường hợp" in submission
        assert "Nguyễn Văn 0" in submission
        await secretary.count(vote, (10, 5))
        for kind in ("to-trinh", "danh-sach"):
            assert "Nguyễn Văn 0" not in await text_of(running, kind, "TD2022"), "the council did not pass it"
        refused = {"document": "02/BB", "dated": "2022-12-30", "reason": "Không đủ số phiếu"}
        await secretary.done(
            "POST", f"/dossiers/{dossier}/steps", [{"to": one, **refused} for one in ("voted", "not_passed")]
        )
        decision = (await secretary.done("POST", "/decisions", year.decision("11/QĐ", "LDTT", "P1", "P2")))["id"]
        meeting = secretary.meeting
        expected = {
            ("giay-moi", meeting): "trân trọng kính mời",
            ("bien-ban-hop", meeting): "10/15 (66,6 %)",
            ("phieu-bau", vote): "Không đồng ý",
            ("bien-ban-kiem-phieu", vote): "Mã kiểm chứng",
            ("phieu-tham-dinh", dossier): "Nghị định 91/2017/NĐ-CP",
            ("thong-bao-khong-khen-thuong", dossier): "10/15 (66,6 %)",
            ("giai-trinh", dossier): "Tập thể đã bình xét",
            ("thong-bao-cong-khai", asked): "10 ngày làm việc",
            ("bang-tiep-thu", asked): "Kết thúc ngày 27/12/2022: Không.",
            ("xin-y-kien", asked): "Kính gửi: Cổng thông tin",
            ("bao-cao-thanh-tich", dossier): "77/QĐ",
            ("du-thao-huy-bo", decision): "Hủy bỏ Quyết định số 11/QĐ",
            ("danh-sach", "TD2022"): "Danh sách trích ngang".upper(),
            ("du-thao-quyet-dinh", "TD2022"): "Điều 1.",
            ("bang-chi-thuong", decision): "894.000",
            ("du-lieu-in-bang", decision): "Lao động tiên tiến năm 2022",
        }
        for (kind, id), words in expected.items():
            assert words in await text_of(running, kind, id), kind
        async with running.client("awards") as client:
            for form in ("pdf", "xlsx"):
                made = await client.get(f"/documents/bien-ban-hop/{meeting}.{form}")
                assert made.content.startswith(BEGINS[form]), made.text
            assert (await client.get(f"/documents/khong-co/{meeting}.pdf")).status_code == 404
        async with running.client("awards", role="unit:PDD") as client:
            assert (await client.get(f"/documents/phieu-tham-dinh/{dossier}.pdf")).status_code == 403


async def text_of(running: RunningSuite, kind: str, id: str) -> str:
    async with running.client("awards") as client:
        answer = await client.get(f"/documents/{kind}/{id}.docx")
    assert answer.status_code == 200, answer.text
    return words_of(answer.content)


def words_of(content: bytes) -> str:
    made = Document(BytesIO(content))
    cells = [cell.text for table in made.tables for row in table.rows for cell in row.cells]
    return "\n".join([one.text for one in made.paragraphs] + cells)
