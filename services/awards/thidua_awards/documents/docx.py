"""Papers as DOCX, for editing: Times New Roman as decree 30/2020 asks, tables written as one piece of markup."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from threading import local
from typing import Any, Final
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Cm, Pt

from thidua_awards.documents.paper import COUNTRY, DRAFT, MOTTO, Paper, Paragraph, Table, printable

FONT: Final = "Times New Roman"
LONG_AGO: Final = (1980, 1, 1, 0, 0, 0)
TWIPS_ACROSS: Final = {False: 9350, True: 14310}
"""Width between the margins of a page upright and lying across, in twentieths of a point."""


THREAD: Final = local()
TEXT: Final = "word/document.xml"


@dataclass(frozen=True, slots=True)
class _Blank:
    """An empty document, and every part of its package but the text, compressed."""

    document: Any
    package: bytes


def _blank() -> _Blank:
    """Return the blank of this thread: reading the template anew would take longer than writing most papers."""
    found: _Blank | None = getattr(THREAD, "blank", None)
    if found is None:
        document = Document()
        _set_style(document)
        _number_pages(document)
        made = BytesIO()
        document.save(made)
        found = THREAD.blank = _Blank(document, _without_text(made.getvalue()))
    return found


def as_docx(paper: Paper) -> bytes:
    """Return a paper as DOCX; the same paper gives the same bytes."""
    blank = _blank()
    document = blank.document
    _clear(document)
    _set_page(document, paper)
    if paper.draft:
        _line(document, f"{DRAFT} · {paper.draft}", WD_ALIGN_PARAGRAPH.RIGHT, italic=True, size=11)
    if paper.form:
        _line(document, paper.form, WD_ALIGN_PARAGRAPH.RIGHT, italic=True, size=11)
    _head(document, paper)
    if paper.kind:
        _line(document, paper.kind.upper(), WD_ALIGN_PARAGRAPH.CENTER, bold=True, size=14)
        _line(document, paper.about, WD_ALIGN_PARAGRAPH.CENTER, bold=True)
    for block in paper.blocks:
        _add(document, block, wide=paper.wide)
    _sign(document, paper)
    if paper.foot:
        _line(document, paper.foot, WD_ALIGN_PARAGRAPH.LEFT, size=9)
    if paper.annex:
        document.add_page_break()
        for block in paper.annex:
            _add(document, block, wide=paper.wide)
    return _with_text(blank.package, document.part.blob)


def _clear(document: Any) -> None:
    body = document.element.body
    for one in list(body):
        if one.tag != qn("w:sectPr"):
            body.remove(one)


def _set_style(document: Any) -> None:
    style = document.styles["Normal"]
    style.font.name, style.font.size = FONT, Pt(13)
    fonts = style.element.rPr.rFonts
    for script in ("w:ascii", "w:hAnsi", "w:cs", "w:eastAsia"):
        fonts.set(qn(script), FONT)
    style.paragraph_format.space_after = Pt(6)


def _number_pages(document: Any) -> None:
    """Put the page number at the top of every page but the first."""
    section = document.sections[0]
    section.different_first_page_header_footer = True
    line = section.header.paragraphs[0]
    line.alignment = WD_ALIGN_PARAGRAPH.CENTER
    line._element.append(parse_xml(f'<w:fldSimple {nsdecls("w")} w:instr="PAGE"><w:r><w:t>2</w:t></w:r></w:fldSimple>'))


def _set_page(document: Any, paper: Paper) -> None:
    section = document.sections[0]
    width, height = Cm(21), Cm(29.7)
    section.page_width, section.page_height = (height, width) if paper.wide else (width, height)
    section.orientation = WD_ORIENT.LANDSCAPE if paper.wide else WD_ORIENT.PORTRAIT
    section.top_margin = section.bottom_margin = Cm(2)
    section.left_margin, section.right_margin = Cm(3), Cm(1.5)


def _line(place: Any, text: str, align: Any, *, bold: bool = False, italic: bool = False, size: int = 13) -> None:
    paragraph = place.add_paragraph()
    paragraph.alignment = align
    paragraph.paragraph_format.space_after = Pt(2)
    run = paragraph.add_run(printable(text))
    run.bold, run.italic, run.font.size = bold, italic, Pt(size)


def _whole(name: str) -> str:
    # A line does not end inside what councils and offices are called after.
    of = "THI ĐUA - KHEN THƯỞNG"
    return name.upper().replace(of, of.replace(" ", "\N{NO-BREAK SPACE}"))


def _head(document: Any, paper: Paper) -> None:
    left, right = document.add_table(rows=1, cols=2).rows[0].cells
    center = WD_ALIGN_PARAGRAPH.CENTER
    if paper.superior:
        _line(left, _whole(paper.superior), center, size=12)
    _line(left, _whole(paper.agency), center, bold=True, size=12)
    _line(left, paper.number_line, center)
    if not paper.kind:
        _line(left, paper.about, center, size=12)
    _line(right, COUNTRY, center, bold=True, size=12)
    _line(right, MOTTO, center, bold=True)
    _line(right, paper.date_line, center, italic=True)
    for cell in (left, right):
        # A new cell begins with an empty paragraph of its own.
        cell._element.remove(cell.paragraphs[0]._element)


def _add(document: Any, block: Paragraph | Table, *, wide: bool) -> None:
    if isinstance(block, Table):
        document.element.body.insert_element_before(parse_xml(_table(block, TWIPS_ACROSS[wide])), "w:sectPr")
        document.add_paragraph()
        return
    heading = block.style == "heading"
    paragraph = document.add_paragraph()
    middle = block.style in ("center", "to", "page")
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER if middle else WD_ALIGN_PARAGRAPH.JUSTIFY
    paragraph.paragraph_format.first_line_indent = None if heading or middle else Cm(1)
    paragraph.paragraph_format.keep_with_next = True if heading or middle else None
    paragraph.paragraph_format.page_break_before = True if block.style == "page" else None
    run = paragraph.add_run(printable(block.text))
    run.bold, run.italic = heading or block.style in ("center", "page"), block.style == "base"


def _table(table: Table, across: int) -> str:
    """Return a table as markup: built cell by cell, five hundred names would take ten times as long."""
    total = sum(table.widths)
    widths = [across * share // total for share in table.widths]
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    edges = "".join(f'<w:{edge} w:val="single" w:sz="4"/>' for edge in ("top", "left", "bottom", "right"))
    inner = '<w:insideH w:val="single" w:sz="4"/><w:insideV w:val="single" w:sz="4"/>'
    rows = "".join(_row(row, widths, bold=False) for row in table.rows)
    return (
        f'<w:tbl {nsdecls("w")}><w:tblPr><w:tblW w:w="{across}" w:type="dxa"/>'
        f'<w:tblBorders>{edges}{inner}</w:tblBorders><w:tblLayout w:type="fixed"/></w:tblPr>'
        f"<w:tblGrid>{grid}</w:tblGrid>{_row(table.headers, widths, bold=True)}{rows}</w:tbl>"
    )


def _row(cells: tuple[str, ...], widths: list[int], *, bold: bool) -> str:
    head = "<w:trPr><w:tblHeader/></w:trPr>" if bold else ""
    look = f'<w:rPr>{"<w:b/>" if bold else ""}<w:sz w:val="22"/></w:rPr>'
    made = "".join(
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/></w:tcPr><w:p><w:pPr><w:spacing w:after="0"/></w:pPr>'
        f'<w:r>{look}<w:t xml:space="preserve">{escape(printable(cell))}</w:t></w:r></w:p></w:tc>'
        for cell, width in zip(cells, widths, strict=True)
    )
    return f"<w:tr>{head}{made}</w:tr>"


def _sign(document: Any, paper: Paper) -> None:
    columns = max(2, len(paper.signatures) + bool(paper.receivers))
    cells = list(document.add_table(rows=1, cols=columns).rows[0].cells)
    if paper.receivers:
        _line(cells[0], "Nơi nhận:", WD_ALIGN_PARAGRAPH.LEFT, bold=True, italic=True, size=11)
        for receiver in paper.receivers:
            _line(cells[0], f"- {receiver}", WD_ALIGN_PARAGRAPH.LEFT, size=11)
    for cell, signature in zip(cells[columns - len(paper.signatures) :], paper.signatures, strict=True):
        _line(cell, signature.post.upper(), WD_ALIGN_PARAGRAPH.CENTER, bold=True)
        for _ in range(4):
            _line(cell, "", WD_ALIGN_PARAGRAPH.CENTER)
        _line(cell, signature.name, WD_ALIGN_PARAGRAPH.CENTER, bold=True)


def _without_text(content: bytes) -> bytes:
    """Return the package without its text, every part dated alike: else two of the same data would differ."""
    made = BytesIO()
    with ZipFile(BytesIO(content)) as before, ZipFile(made, "w", ZIP_DEFLATED) as after:
        for name in sorted(set(before.namelist()) - {TEXT}):
            after.writestr(_part(name), before.read(name))
    return made.getvalue()


def _with_text(package: bytes, text: bytes) -> bytes:
    # Behind what is compressed already: only the text costs anything.
    made = BytesIO(package)
    with ZipFile(made, "a", ZIP_DEFLATED) as whole:
        whole.writestr(_part(TEXT), text)
    return made.getvalue()


def _part(name: str) -> ZipInfo:
    part = ZipInfo(name, LONG_AGO)
    part.compress_type = ZIP_DEFLATED
    return part
