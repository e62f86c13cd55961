"""Documents: Vietnamese, in the layout of the decree, the same bytes for the same data, no markup from names."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from docx import Document
from python_calamine import load_workbook

from thidua_awards.documents import FORMS, writers
from thidua_awards.documents.kinds import KINDS
from thidua_awards.documents.paper import Paper, Paragraph, Signature, Table
from thidua_awards.documents.pdf import as_pdf, compiled
from thidua_awards.documents.printing import FEW
from thidua_awards.queries.papers import PAPERS
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


@pytest.mark.parametrize("name", ["Nguyễn 名", "ក្រុង", "😀 An"])
def test_a_name_in_letters_that_no_font_has_is_marked_and_breaks_no_pdf(name: str) -> None:
    made = as_pdf(paper(1, name))
    assert made.startswith(BEGINS["pdf"])
    assert made == as_pdf(paper(1, name))
    assert len(made) > len(as_pdf(paper(1, "An"))), "a note at the foot says which letters are left out"
    assert f"{name} 0" in words_of(writers()["docx"](paper(1, name)))


@pytest.mark.parametrize("name", ["Đắk Lắk", "Ksor H’Bơ Khăp", "K’Brêu Ƀ", "Y Ƀhiăk Čư̆", "Lê Thị Ngọc Ánh"])
def test_vietnamese_names_and_those_of_the_highlands_are_printed_as_they_are(name: str) -> None:
    assert compiled(paper(1, name).plain(), None) == as_pdf(paper(1, name))


def test_pages_of_a_docx_are_numbered_from_the_second_one_on() -> None:
    made = Document(BytesIO(writers()["docx"](paper())))
    section = made.sections[0]
    assert section.different_first_page_header_footer
    assert "PAGE" in section.header._element.xml


def test_every_kind_has_a_reader_and_a_line_with_its_picture_in_the_document_of_documents() -> None:
    docs = Path(__file__).parents[3] / "docs"
    told = (docs / "documents.md").read_text(encoding="utf-8")
    assert set(KINDS) == set(PAPERS)
    for name, kind in KINDS.items():
        assert f"| `{name}` | {kind.label} |" in told
        assert (docs / "pictures" / f"{name}.png").stat().st_size > 5_000


def report(*steps: str) -> list[dict[str, Any]]:
    paper = {"document": "01/BB", "dated": "2022-12-28", "reason": "Theo biên bản"}
    return [{"to": to, **paper} for to in steps]


class Story:
    """A dossier that goes to the council, is voted down and complained about; a decision beside it."""

    def __init__(self, running: RunningSuite, council: Any) -> None:
        self.running, self.secretary = running, council.Secretary(running)
        self.case = {"campaign": "TD2022", "subject": "P0", "title": "CSTDB"}
        self.dossier = self.asked = self.vote = self.decision = ""

    async def to_council(self) -> None:
        done = self.secretary.done
        await done("PUT", "/candidates", [{**self.case, "document": "Tờ trình 01/TTr"}])
        await done("POST", "/campaigns/TD2022/review")
        self.dossier = (await done("POST", "/dossiers", self.case))["id"]
        answer = {**self.case, "answer": True, "by": "A", "document": "P"}
        keys = ("g.registered", "g.route", "g.once", "cstdb.timing")
        await done("PUT", "/confirmations", [{**answer, "key": key, "dated": "2022-12-28"} for key in keys])
        await self.running.run_job("awards", "review_changed")
        way = ("unit_reviewed", "unit_council", "sent", "received", "appraisal", "opinions")
        await self.go(*way)
        notice = {"kind": "public", "campaign": "TD2022", "document": "05/TB", "addressee": "Cổng thông tin"}
        dates = {"posted_on": "2022-12-12", "until": "2022-12-26", "dossiers": [self.dossier]}
        self.asked = (await done("POST", "/consultations", {**notice, **dates}))["id"]
        await done("POST", f"/consultations/{self.asked}/end", {"closed_on": "2022-12-27", "answer": "Không"})
        await self.go("council_ready")
        await self.secretary.meet()
        self.vote = await self.secretary.draw_up(subjects=("P0",))
        await self.secretary.open(self.vote)

    async def go(self, *steps: str) -> None:
        await self.secretary.done("POST", f"/dossiers/{self.dossier}/steps", report(*steps))


@pytest.mark.drill
@pytest.mark.anyio
async def test_every_kind_of_paper_is_printed_from_the_year(awards: Awards, council: Any, year: Any) -> None:
    async with awards() as running:
        story = Story(running, council)
        await running.deliver(*year.months())
        await running.settle()
        await story.to_council()
        submission = await text_of(running, "to-trinh", "TD2022")
        assert "Chiến sĩ thi đua cấp Bộ: 1 trường hợp" in submission
        assert "Nguyễn Văn 0" in submission
        await story.secretary.count(story.vote, (10, 5))
        for kind in ("to-trinh", "danh-sach"):
            for id in ("TD2022", story.secretary.meeting):
                assert "Nguyễn Văn 0" not in await text_of(running, kind, id), "the council did not pass it"
        await story.go("voted", "not_passed")
        signed = year.decision("11/QĐ", "LDTT", "P1", "P2")
        story.decision = (await story.secretary.done("POST", "/decisions", signed))["id"]
        for (kind, id), words in expected(story).items():
            assert words in await text_of(running, kind, id), kind
        async with running.client("awards") as client:
            assert (await client.get(f"/documents/khong-co/{story.vote}.pdf")).status_code == 404
        async with running.client("awards", role="unit:PDD") as client:
            assert (await client.get(f"/documents/phieu-tham-dinh/{story.dossier}.pdf")).status_code == 403
        await printed_together(running)


def expected(story: Story) -> dict[tuple[str, str], str]:
    """Return words that only this document of this story has."""
    meeting, vote, dossier = story.secretary.meeting, story.vote, story.dossier
    asked, decision = story.asked, story.decision
    return {
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
        ("bao-cao-tom-tat", dossier): "Số hóa hồ sơ địa chính",
        ("bao-cao-cong-hien", dossier): "Mẫu 03 (Nghị định 91/2017/NĐ-CP)",
        ("bao-cao-anh-hung", dossier): "Mẫu 05 (Nghị định 91/2017/NĐ-CP)",
        ("bao-cao-dot-xuat", dossier): "1. Hoàn cảnh",
        ("bao-cao-chuyen-de", dossier): "Mẫu 07 (Nghị định 91/2017/NĐ-CP)",
        ("bao-cao-nuoc-ngoai", dossier): "Mẫu 09 (Nghị định 91/2017/NĐ-CP)",
        ("du-thao-huy-bo", decision): "GIÁM ĐỐC SỞ",
        ("du-thao-dinh-chinh", decision): "BẢNG ĐÍNH CHÍNH",
        ("du-thao-cap-doi", decision): "cấp lại",
        ("danh-sach-quyet-dinh", decision): "Kèm theo Quyết định số 11/QĐ",
        ("phieu-in-bang", decision): "Lao động tiên tiến năm 2022",
        ("du-thao-quyet-dinh", "TD2022"): "QUYẾT ĐỊNH:",
        ("bang-chi-thuong", decision): "894.000",
        ("du-lieu-in-bang", decision): "Lao động tiên tiến năm 2022",
        ("phat-dong", "TD2022"): "đăng ký trước hết ngày 31/03/2022",
        ("ban-dang-ky", "PDD"): "Chiến sĩ thi đua cơ sở",
        ("bien-ban-binh-xet", "PDD"): "Nguyễn Văn 1",
        ("giao-uoc", "kc"): "Sở Tài nguyên và Môi trường",
        ("bien-ban-cum", "kc"): "suy tôn đơn vị dẫn đầu",
        ("so-ket", "TD2022"): "3/4 (75 %)",
        ("tong-ket", "TD2022"): "12/13 (92,3 %)",
        ("don-sang-kien", "sk-p0"): "100 %",
        ("phieu-cham-sang-kien", "sk-p0"): "Tính mới",
        ("chung-nhan-sang-kien", "sk-p0"): "77/QĐ",
        ("bien-ban-sang-kien", "TD2022"): "Số hóa hồ sơ địa chính",
        ("quyet-dinh-sang-kien", "TD2022"): "Số hóa hồ sơ địa chính",
        ("ket-qua-ra-soat", "TD2022"): "chưa đủ dữ liệu",
        ("han-muc", "TD2022"): "Nguyễn Văn 0, Nguyễn Văn 1",
        ("danh-sach-ho-so", "TD2022"): "Không đạt",
        ("so-quyet-dinh", "TD2022"): "còn hiệu lực",
        ("so-vang", "TD2022"): "11/QĐ",
        ("quy-khen-thuong", "TD2022"): "894.000",
        ("ly-lich-khen-thuong", "P1"): "11/QĐ",
    }


async def printed_together(running: RunningSuite) -> None:
    """Print all that is listed of the campaign, in processes, twice: the same bytes."""
    async with running.client("awards") as client:
        listed = (await client.get("/documents", params={"campaign": "TD2022", "limit": 1000})).json()["items"]
        entries = [
            {"kind": one["kind"], "id": one["id"], "campaign": "TD2022", "name": f"{one['kind']}/{number}"}
            for number, one in enumerate(listed)
            if one["kind"] != "bang-tu-cham"
        ]
        assert {one["kind"] for one in entries} > {"giay-moi", "giao-uoc", "tong-ket", "thong-bao-khong-khen-thuong"}
        first, second = [await client.post("/documents", json=entries) for _ in range(2)]
        assert first.status_code == 200, first.text
        assert first.content == second.content
        with ZipFile(BytesIO(first.content)) as archive:
            assert len(archive.namelist()) == len(entries) > FEW
            assert all(archive.read(name).startswith(BEGINS["pdf"]) for name in archive.namelist())
        same_name = [{**one, "name": "a"} for one in entries[:2]]
        assert (await client.post("/documents", json=same_name)).status_code == 422
        outside = [{**entries[0], "name": "../a"}]
        assert (await client.post("/documents", json=outside)).status_code == 422


async def text_of(running: RunningSuite, kind: str, id: str) -> str:
    async with running.client("awards") as client:
        answer = await client.get(f"/documents/{kind}/{id}.docx", params={"campaign": "TD2022"})
    assert answer.status_code == 200, answer.text
    return words_of(answer.content)


def words_of(content: bytes) -> str:
    made = Document(BytesIO(content))
    cells = [cell.text for table in made.tables for row in table.rows for cell in row.cells]
    return "\n".join([one.text for one in made.paragraphs] + cells)
