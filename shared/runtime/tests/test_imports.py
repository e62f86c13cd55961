from __future__ import annotations

import io
import json
import threading
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal
from xml.sax.saxutils import escape

import pytest
from pydantic import BaseModel, ConfigDict, Field
from rich.console import Console

from thidua.contracts.base import Code
from thidua_runtime import imports, sheets
from thidua_runtime.columns import columns_of, write_template
from thidua_runtime.commands_import import import_file, save_template, show
from thidua_runtime.errors import FileRefused, FileTooLarge, ImportNotSent, TemplateNotWritten
from thidua_runtime.imports import Column, Day, Flag, Refusal, parse_items, parse_rows, read_table


class Line(BaseModel):
    model_config = ConfigDict(extra="forbid")

    code: Annotated[Code, Field(max_length=20), Column("Mã đơn vị", "Mã")]
    since: Annotated[Day | None, Column("Có hiệu lực từ")] = None
    count: Annotated[int | None, Column("Số lượng")] = None
    share: Annotated[Decimal | None, Column("Tỷ lệ")] = None
    active: Annotated[Flag, Column("Đang hoạt động")] = True
    level: Literal["good", "bad"] = "good"


def parsed(text: str) -> imports.Parsed[Line]:
    return parse_rows(read_table("a.csv", text.encode()), Line)


def cell(place: str, value: Any) -> str:
    if isinstance(value, bool):
        return f'<c r="{place}" t="b"><v>{int(value)}</v></c>'
    if isinstance(value, date):
        return f'<c r="{place}" s="1"><v>{(value - date(1899, 12, 30)).days}</v></c>'
    if isinstance(value, (int, float)):
        return f'<c r="{place}"><v>{value}</v></c>'
    return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'


def damaged() -> bytes:
    """Return a zip whose packed bytes were changed on the way."""
    made, name = io.BytesIO(), "xl/worksheets/sheet1.xml"
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr(name, "<row/>" * 1000 + "".join(map(chr, range(200))))
    content = bytearray(made.getvalue())
    for place in range(30 + len(name), 40 + len(name)):
        content[place] ^= 0xFF
    return bytes(content)


def xlsx(rows: list[list[Any]], extra: str = "") -> bytes:
    """Write the smallest workbook that spreadsheets open; style 1 shows a number as a date."""
    body = "".join(
        f'<row r="{number}">' + "".join(cell(f"{chr(65 + n)}{number}", v) for n, v in enumerate(row)) + "</row>"
        for number, row in enumerate(rows, start=1)
    )
    main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    types = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{types}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{types}.styles+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{types}.worksheet+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="rId1" '
        f'Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook {main} xmlns:r="{office}"><sheets>'
        '<sheet name="A" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships">'
        f'<Relationship Id="rId1" Type="{office}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="rId2" Type="{office}/styles" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": f'<styleSheet {main}><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs>'
        "</styleSheet>",
        "xl/worksheets/sheet1.xml": f"<worksheet {main}><sheetData>{body}{extra}</sheetData></worksheet>",
    }
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, '<?xml version="1.0" encoding="UTF-8"?>' + part)
    return target.getvalue()


def test_a_spreadsheet_and_a_csv_with_the_same_cells_give_the_same_rows() -> None:
    rows: list[list[Any]] = [
        ["Mã đơn vị", "Có hiệu lực từ", "Số lượng", "Tỷ lệ", "Đang hoạt động"],
        ["vdd", date(2022, 3, 31), 12, 98.62, True],
        ["=1+1", date(2022, 4, 1), 0, 0.1, False],
    ]
    text = (
        "Mã đơn vị,Có hiệu lực từ,Số lượng,Tỷ lệ,Đang hoạt động\nvdd,31/03/2022,12,98.62,x\n=1+1,2022-04-01,0,0.1,0\n"
    )
    from_sheet = parse_rows(read_table("a.XLSX", xlsx(rows)), Line)
    assert from_sheet == parsed(text)
    first, second = from_sheet.values
    assert (first.since, first.count, first.share, first.active) == (date(2022, 3, 31), 12, Decimal("98.62"), True)
    assert (second.code, second.share, second.active) == ("=1+1", Decimal("0.1"), False)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_csv_is_read_with_any_delimiter_mark_and_line_ending(delimiter: str, mark: str, ending: str) -> None:
    lines = [f"Mã{delimiter}Số lượng", f'"a{delimiter} b"{delimiter}3', delimiter, f"c{delimiter}"]
    found = parse_rows(read_table("a.csv", (mark + ending.join(lines)).encode()), Line)
    assert [(row.number, row.value.code, row.value.count) for row in found.rows] == [
        (2, f"a{delimiter} b", 3),
        (4, "c", None),
    ]


def test_bad_rows_are_refused_with_line_and_column_and_the_others_get_in() -> None:
    found = parsed(
        "Mã,Có hiệu lực từ,Số lượng,level\n"
        "a,31/02/2022,,\n"
        "b,,hai,\n"
        ",,1,\n"
        "d,,1,great\n"
        f"{'e' * 21},,,\n"
        "f\x00,,,\n"
        "g,,,good\n"
    )
    assert [row.value.code for row in found.rows] == ["g"]
    assert [(r.row, r.column, r.reason) for r in found.refusals] == [
        (2, "Có hiệu lực từ", "phải là ngày (31/03/2022 hoặc 2022-03-31)"),
        (3, "Số lượng", "phải là số nguyên"),
        (4, "Mã", "thiếu giá trị bắt buộc"),
        (5, "level", "phải là một trong: 'good', 'bad'"),
        (6, "Mã", "dài quá 20 ký tự"),
        (7, "Mã", "có ký tự U+0000, không lưu được; hãy xóa ký tự này"),
    ]


def test_columns_are_known_in_any_spelling_and_misspelt_ones_get_a_hint() -> None:
    found = parsed("MA_DON_VI,số lượng (*),so luong,Có hiệu lực tu ngay,zzz,\na,1,2,2022-01-01,x,\n")
    assert found.values[0].count == 1
    assert found.values[0].since is None
    assert [notice.column for notice in found.notices] == ["so luong", "Có hiệu lực tu ngay", "zzz"]
    assert "Có hiệu lực từ" in found.notices[1].reason
    assert "có phải" not in found.notices[2].reason


def test_a_missing_required_column_is_one_refusal_not_one_per_row() -> None:
    found = parsed("Số lượng\n1\n2\n")
    assert found.rows == ()
    assert found.refusals == (Refusal(1, "code", "thiếu cột bắt buộc “Mã đơn vị”", "the column code is missing"),)


def test_items_of_a_json_list_are_refused_one_by_one() -> None:
    found = parse_items([{"code": "a"}, 5, {"code": "\ud800"}, {"code": "b", "\ud800x": 1}, {"code": True}], Line)
    assert [row.number for row in found.rows] == [0]
    assert [refusal.row for refusal in found.refusals] == [1, 2, 3, 4]
    assert json.dumps([refusal.column for refusal in found.refusals]).encode()
    assert all(refusal.column.encode() is not None for refusal in found.refusals)


def test_a_report_counts_rows_not_reasons() -> None:
    found: imports.Parsed[Line] = imports.Parsed((), (Refusal(3, "a", "x"), Refusal(3, "b", "y")))
    told = imports.report("units", found, ["created", "unchanged"], [Refusal(2, "", "z")], dry_run=True)
    assert (told.rows, told.refused, told.taken["created"]) == (4, 2, 1)
    assert [refusal.row for refusal in told.refusals] == [2, 3, 3]


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("a.xls", lambda: b"x"),
        ("a", lambda: b"x"),
        ("a.csv", lambda: "Mã\nđ".encode("utf-16")),
        ("a.csv", lambda: b"\n\n"),
        ("a.xlsx", lambda: b"PK\x05\x06" + b"\0" * 18),
        ("a.xlsx", lambda: xlsx([["a"]])[:-30]),
        ("a.xlsx", lambda: b"not a zip"),
        ("a.xlsx", lambda: xlsx([])),
        ("a.xlsx", damaged),
    ],
    ids=["xls", "no ending", "utf-16", "blank", "empty zip", "cut", "no zip", "no rows", "damaged"],
)
def test_a_file_that_is_no_table_is_refused_with_a_sentence(name: str, make: Callable[[], bytes]) -> None:
    with pytest.raises(FileRefused, match="Không đọc được tệp"):
        read_table(name, make())


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("a.csv", lambda: b"a\n" + b"x\n" * 100_001),
        ("a.csv", lambda: b"," * 300),
        ("a.csv", lambda: b"x" * 20_000_001),
        ("a.xlsx", lambda: xlsx([["a"]], '<row r="1048576"><c r="A1048576"><v>1</v></c></row>')),
        ("a.xlsx", lambda: xlsx([["a"]], '<row r="2"><c r="XFD2"><v>1</v></c></row>')),
        ("a.xlsx", lambda: xlsx([["a"]], "<!--" + "a" * 210_000_000 + "-->")),
    ],
    ids=["rows", "columns", "bytes", "far row", "far column", "bomb"],
)
def test_a_file_that_would_hurt_the_machine_is_refused(name: str, make: Callable[[], bytes]) -> None:
    with pytest.raises(FileTooLarge):
        read_table(name, make())


def test_a_zip_with_thousands_of_parts_is_refused() -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for number in range(sheets.MAX_PARTS + 1):
            archive.writestr(str(number), "")
    with pytest.raises(FileTooLarge):
        read_table("a.xlsx", target.getvalue())


def test_a_report_is_shown_as_a_table_without_reading_markup() -> None:
    console = Console(record=True, width=120, file=io.StringIO())
    report = {
        "kind": "units", "dry_run": True, "rows": 2, "taken": {"created": 1}, "refused": 1, "notices": [],
        "refusals": [{"row": 2, "column": "Mã", "reason": "[red]xấu[/red]"}],
    }  # fmt: skip
    show(report, console)
    shown = console.export_text()
    assert "2 dòng (chạy thử, chưa ghi): 1 mới, 1 bị từ chối" in shown
    assert "[red]xấu[/red]" in shown


def test_what_became_of_tasks_is_told_in_vietnamese() -> None:
    console = Console(record=True, width=120, file=io.StringIO())
    taken = {"applied": 3, "parked": 1, "readable": 2}
    show({"kind": "tasks", "rows": 6, "taken": taken, "refused": 0, "refusals": []}, console)
    assert "6 dòng: 3 đã nhận, 1 chờ khai báo đơn vị, cá nhân, 2 sẽ nhận, 0 bị từ chối" in console.export_text()


class Weighed(BaseModel):
    """A row with a decimal and a word out of three."""

    weight: Annotated[imports.Number, Column("Hệ số")]
    kind: Annotated[Literal["a", "b"] | None, Column("Loại", "Kiểu")] = None
    hidden: tuple[int, ...] = ()


def test_a_decimal_is_written_with_a_comma_or_a_point_and_nothing_else() -> None:
    found = parse_rows(read_table("a.csv", 'Hệ số\n"1,5"\n1.5\n"1,5,0"\nmột\n'.encode()), Weighed)
    assert [row.weight for row in found.values] == [Decimal("1.5"), Decimal("1.5")]
    assert {refusal.reason for refusal in found.refusals} == {"phải là số (1,5 hoặc 1.5)"}


def test_a_template_holds_the_columns_that_documents_list_and_is_read_back(tmp_path: Path) -> None:
    file = tmp_path / "mẫu.csv"
    write_template(Weighed, file)
    assert read_table(file.name, file.read_bytes()).columns == ("Hệ số", "Loại")
    assert [(one.name, one.is_required, one.form) for one in columns_of(Weighed)] == [
        ("weight", True, "`1,5` or `1.5`"), ("kind", False, "`a`, `b`"),
    ]  # fmt: skip
    with pytest.raises(FileExistsError):
        write_template(Weighed, file)


def test_a_template_is_refused_for_a_kind_or_a_place_that_cannot_be(tmp_path: Path) -> None:
    for kind, name in (("horses", "a.csv"), ("units", "a.xlsx")):
        with pytest.raises(TemplateNotWritten):
            save_template(kind, tmp_path / name)


class Door(BaseHTTPRequestHandler):
    """A door as registration has one, at `/registration/imports/units` and nowhere else."""

    seen: ClassVar[list[tuple[str, str, bytes]]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.seen.append((self.path, self.headers["Authorization"], body))
        found = self.path.startswith("/registration/imports/units")
        refused = b"bad" in body
        answer: dict[str, Any] = {"kind": "units", "rows": 1, "taken": {"created": 1}, "refused": 0, "refusals": []}
        if not found or refused:
            answer = {"detail": "Không đọc được tệp: hỏng."}
        self.send_response(404 if not found else 422 if refused else 200)
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode())

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def door() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Door) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def test_the_command_posts_the_file_and_tells_what_became_of_it(tmp_path: Path) -> None:
    good, bad = tmp_path / "đơn vị.csv", tmp_path / "bad.csv"
    good.write_text("code\na\n")
    bad.write_text("bad\n")
    with door() as url:
        assert import_file("units", good, url, "secret", True) == 0
        assert import_file("units", good, f"{url}/registration", "secret", False) == 0
        with pytest.raises(ImportNotSent, match="hỏng"):
            import_file("units", bad, url, "secret", False)
        with pytest.raises(ImportNotSent, match="no import door"):
            import_file("horses", good, url, "secret", False)
    path, token, body = Door.seen[0]
    assert path.startswith("/registration/imports/units?name=%C4%91")
    assert path.endswith("dry_run=true")
    assert (token, body) == ("Bearer secret", b"code\na\n")


def test_the_command_says_when_nobody_answers(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("code\n")
    for url in ("http://127.0.0.1:9", "ftp://example.org"):
        with pytest.raises(ImportNotSent):
            import_file("units", file, url, "secret", False)
