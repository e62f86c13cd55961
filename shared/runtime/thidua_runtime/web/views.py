"""Pages for people: plain data written as HTML that needs no script, readable on a desk and on a phone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from importlib import resources
from typing import Final

from starlette.responses import HTMLResponse

from thidua_runtime.clock import VIETNAM

PAGES: Final = "/pages/"
"""What stands in the path of every page for people; other doors answer in JSON."""

STYLE: Final = resources.files(__package__).joinpath("views.css").read_text(encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Link:
    """Words that lead to another page; `to` is relative to the page they stand on."""

    words: str
    to: str


Cell = str | Link


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table of a page; on a phone each row stands as a card, its headers beside the cells."""

    headers: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a page. `definition` says what its figures are; `empty` what to do next where there is nothing."""

    heading: str = ""
    definition: str = ""
    sheet: Sheet | None = None
    words: Sequence[Cell] = ()
    empty: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to show."""
        return not self.words and (self.sheet is None or not self.sheet.rows)


@dataclass(frozen=True, slots=True)
class View:
    """A page: `as_of` says of when its figures are, `trail` leads back, `note` how they are to be read."""

    title: str
    sections: tuple[Section, ...]
    as_of: str = ""
    note: str = ""
    trail: tuple[Link, ...] = ()


def moment_words(moment: datetime | None) -> str:
    """Write a moment as officials read it.

    >>> moment_words(None)
    'chưa xác định'
    """
    return "chưa xác định" if moment is None else f"{moment.astimezone(VIETNAM):%H giờ %M ngày %d/%m/%Y}"


def as_html(view: View, status: int = 200) -> HTMLResponse:
    """Return a page as HTML; every text is escaped."""
    as_of = f"<p class=as-of>Số liệu tính đến {escape(view.as_of)}.</p>" if view.as_of else ""
    note = f"<p class=note>{escape(view.note)}</p>" if view.note else ""
    trail = f"<nav>{' › '.join(_cell(one) for one in view.trail)}</nav>" if view.trail else ""
    sections = "".join(_section(one) for one in view.sections)
    return HTMLResponse(
        '<!doctype html><html lang="vi"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(view.title)}</title><style>{STYLE}</style>"
        f"<main>{trail}<h1>{escape(view.title)}</h1>{as_of}{note}{sections}</main></html>",
        status,
    )


def _section(one: Section) -> str:
    heading = f"<h2>{escape(one.heading)}</h2>" if one.heading else ""
    definition = f"<p class=definition>{escape(one.definition)}</p>" if one.definition else ""
    words = "".join(f"<li>{_cell(each)}</li>" for each in one.words)
    listed = f"<ul>{words}</ul>" if words else ""
    table = _table(one.sheet) if one.sheet and one.sheet.rows else ""
    empty = f"<p class=empty>{escape(one.empty)}</p>" if one.is_empty and one.empty else ""
    return f"<section>{heading}{definition}{listed}{table}{empty}</section>"


def _table(sheet: Sheet) -> str:
    head = "".join(f"<th scope=col>{escape(one)}</th>" for one in sheet.headers)
    rows = "".join(f"<tr>{_row(sheet.headers, row)}</tr>" for row in sheet.rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _row(headers: tuple[str, ...], row: tuple[Cell, ...]) -> str:
    return "".join(
        f'<td data-label="{escape(header)}">{_cell(cell)}</td>' for header, cell in zip(headers, row, strict=True)
    )


def _cell(cell: Cell) -> str:
    return f'<a href="{escape(cell.to)}">{escape(cell.words)}</a>' if isinstance(cell, Link) else escape(cell)
