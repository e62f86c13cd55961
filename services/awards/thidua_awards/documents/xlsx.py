"""The tables of a paper as a workbook, one sheet each; text stays text, whatever it begins with."""

from __future__ import annotations

from datetime import datetime
from io import BytesIO
from typing import Final

import xlsxwriter

from thidua_awards.documents.paper import Paper, printable

LONG_AGO: Final = datetime(2000, 1, 1)
"""When every workbook says it was made: the moment would make two of the same data differ."""

WIDEST: Final = 60
LONGEST_NAME: Final = 31
NOT_IN_A_NAME: Final = str.maketrans(dict.fromkeys("[]:*?/\\", "-"))
"""What the format forbids in the name of a sheet."""


def sheet_names(paper: Paper) -> list[str]:
    """Return the names of the tables as names of sheets: without what is forbidden there, repeated ones numbered."""
    names: dict[str, str] = {}
    for table in paper.tables:
        plain = printable(table.name).translate(NOT_IN_A_NAME).strip("'") or "Bảng"
        name, number = plain[:LONGEST_NAME].rstrip("'"), 1
        while name.casefold() in names:
            number += 1
            tail = f" ({number})"
            name = plain[: LONGEST_NAME - len(tail)] + tail
        names[name.casefold()] = name
    return list(names.values())


def as_xlsx(paper: Paper) -> bytes:
    """Return the tables of a paper; one without a table gets an empty sheet."""
    made = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(made, options) as book:
        book.set_properties({"title": paper.about, "created": LONG_AGO})
        bold = book.add_format({"bold": True, "text_wrap": True, "border": 1, "valign": "top"})
        cell = book.add_format({"text_wrap": True, "border": 1, "valign": "top"})
        for table, name in zip(paper.tables, sheet_names(paper), strict=True):
            sheet = book.add_worksheet(name)
            sheet.freeze_panes(1, 0)
            sheet.write_row(0, 0, table.headers, bold)
            for number, row in enumerate(table.rows, 1):
                sheet.write_row(number, 0, row, cell)
            for column, share in enumerate(table.widths):
                sheet.set_column(column, column, min(4 + 4 * share, WIDEST))
        if paper.foot and paper.tables:
            # What a list leaves out is said where its last table ends.
            sheet.write_string(len(table.rows) + 2, 0, printable(paper.foot))
    return made.getvalue()
