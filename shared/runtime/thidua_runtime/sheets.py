"""Read the cells of an import file as text, and refuse files that would hurt the machine."""

from __future__ import annotations

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Final

from python_calamine import CalamineWorkbook

from thidua_runtime.errors import FileRefused, FileTooLarge

MAX_FILE_BYTES: Final = 20_000_000
MAX_ROWS: Final = 100_000
MAX_COLUMNS: Final = 200
# A sheet of 100,000 rows and 20 columns unpacks to some 100 MB of XML; a bomb to a thousand times its size.
MAX_UNPACKED_BYTES: Final = 200 * 1024 * 1024
# An XLSX has a dozen parts; each further one costs a look-up.
MAX_PARTS: Final = 1_000
CHUNK_BYTES: Final = 1024 * 1024
# A cell reference is at most ten characters; the tail of a chunk is read again with the next one.
OVERLAP_BYTES: Final = 64
CELL_REFERENCE: Final = re.compile(rb"""\br\s*=\s*["']\s*([A-Z]{0,3})(\d+)\s*["']""")
MAX_CELL_CHARACTERS: Final = 20_000


@dataclass(frozen=True, slots=True)
class SheetLine:
    """A line of a sheet: its number as a person counts (the header is 1) and its cells as trimmed text."""

    number: int
    cells: tuple[str, ...]


def sheet_of(name: str, content: bytes) -> Iterator[SheetLine]:
    """Return the header and every line that is not empty; the ending of `name` chooses the format."""
    if len(content) > MAX_FILE_BYTES:
        raise FileTooLarge(
            why=f"{len(content):,} byte, tối đa {MAX_FILE_BYTES:,}",
            why_en=f"{len(content):,} bytes, at most {MAX_FILE_BYTES:,}",
        )
    ending = name.rpartition(".")[2].casefold()
    if ending == "csv":
        lines = _csv_lines(content)
    elif ending == "xlsx":
        lines = _xlsx_lines(content)
    else:
        raise FileRefused(why="chỉ nhận tệp .csv hoặc .xlsx", why_en="only .csv and .xlsx are taken")
    return iter(_checked(lines))


def _checked(lines: Iterable[SheetLine]) -> list[SheetLine]:
    kept: list[SheetLine] = []
    for line in lines:
        if len(line.cells) > MAX_COLUMNS:
            raise FileTooLarge(
                why=f"dòng {line.number} có hơn {MAX_COLUMNS} cột",
                why_en=f"line {line.number} has more than {MAX_COLUMNS} columns",
            )
        if not kept or any(line.cells):
            kept.append(line)
        if len(kept) > MAX_ROWS + 1:
            raise FileTooLarge(why=f"hơn {MAX_ROWS:,} dòng", why_en=f"more than {MAX_ROWS:,} lines")
    if not kept or not any(kept[0].cells):
        raise FileRefused(why="dòng 1 phải là tên các cột", why_en="line 1 holds the names of the columns")
    return kept


def _csv_lines(content: bytes) -> Iterator[SheetLine]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as refused:
        why = f"CSV phải ở bảng mã UTF-8 (byte thứ {refused.start + 1} không đúng)"
        why_en = f"CSV is written in UTF-8 (byte {refused.start + 1} is not)"
        raise FileRefused(why=why, why_en=why_en) from refused
    header = text.partition("\n")[0]
    delimiter = max((",", ";", "\t"), key=header.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    while True:
        # A quoted cell may hold line breaks; the line a person looks for is where the record starts.
        number = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as refused:
            raise FileRefused(why=f"dòng {number}: {refused}", why_en=f"line {number}: {refused}") from refused
        yield SheetLine(number, tuple(cell.strip() for cell in cells))


def _xlsx_lines(content: bytes) -> Iterator[SheetLine]:
    _refuse_bombs(content)
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
        sheet = workbook.get_sheet_by_index(0)
        rows = sheet.to_python(skip_empty_area=False)
    # The reader is native code: besides errors of its own kinds (zip, XML, missing parts) it may panic, which is no
    # Exception and has no name to import.
    except BaseException as refused:
        if isinstance(refused, (KeyboardInterrupt, SystemExit, MemoryError)):
            raise
        raise FileRefused(
            why="nội dung không phải bảng tính XLSX hợp lệ", why_en="the content is no valid XLSX sheet"
        ) from refused
    for number, row in enumerate(rows, start=1):
        yield SheetLine(number, tuple(_text(cell) for cell in row))


def _text(cell: object) -> str:
    # Midnight datetimes are how spreadsheets store dates.
    if isinstance(cell, datetime):
        return (cell.date() if cell.time() == time(0) else cell).isoformat()
    if isinstance(cell, (date, time)):
        return cell.isoformat()
    if isinstance(cell, bool):
        return "1" if cell else "0"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else format(Decimal(repr(cell)), "f")
    return str(cell)[: MAX_CELL_CHARACTERS + 1].strip()


def _refuse_bombs(content: bytes) -> None:
    # Sizes in a ZIP's directory may lie, so it is unpacked once, counting; and one far cell makes the
    # reader allocate the whole rectangle up to it.
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            parts = package.infolist()
            if len(parts) > MAX_PARTS:
                raise FileTooLarge(why=f"gói có {len(parts):,} phần", why_en=f"the package has {len(parts):,} parts")
            left = MAX_UNPACKED_BYTES
            for part in parts:
                left = _unpack(package, part, left)
    except (
        zipfile.BadZipFile,
        zlib.error,
        NotImplementedError,
        RuntimeError,
        EOFError,
        OSError,
        ValueError,
    ) as refused:
        raise FileRefused(
            why="nội dung không phải bảng tính XLSX hợp lệ", why_en="the content is no valid XLSX sheet"
        ) from refused


def _unpack(package: zipfile.ZipFile, part: zipfile.ZipInfo, left: int) -> int:
    is_sheet = "worksheets/" in part.filename
    tail = b""
    with package.open(part) as stream:
        while chunk := stream.read(CHUNK_BYTES):
            left -= len(chunk)
            if left < 0:
                raise FileTooLarge(
                    why=f"giải nén ra hơn {MAX_UNPACKED_BYTES:,} byte",
                    why_en=f"it unpacks to more than {MAX_UNPACKED_BYTES:,} bytes",
                )
            if is_sheet:
                _refuse_far_cells(tail + chunk)
                tail = chunk[-OVERLAP_BYTES:]
    return left


def _refuse_far_cells(xml: bytes) -> None:
    for column, row in CELL_REFERENCE.findall(xml):
        # len() first: a number of a million digits must not be converted.
        if len(row) > 7 or int(row) > MAX_ROWS + 1:
            raise FileTooLarge(why=f"hơn {MAX_ROWS:,} dòng", why_en=f"more than {MAX_ROWS:,} lines")
        if _column_number(column) > MAX_COLUMNS:
            raise FileTooLarge(why=f"hơn {MAX_COLUMNS} cột", why_en=f"more than {MAX_COLUMNS} columns")


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
