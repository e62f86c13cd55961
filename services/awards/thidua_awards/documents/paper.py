"""A paper before it has a form: what stands on it, in the order and with the words of decree 30/2020."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal

COUNTRY: Final = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
MOTTO: Final = "Độc lập - Tự do - Hạnh phúc"
DRAFT: Final = "DỰ THẢO"
UNKNOWN_PLACE: Final = "……………"

UNPRINTABLE: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
"""What XML cannot hold, or no font can show; it comes in with text pasted from elsewhere."""


def printable(text: str) -> str:
    """Return a text with a space for whatever no document can hold."""
    return UNPRINTABLE.sub(" ", text)


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph; a heading is bold, a base ("Căn cứ …") in italics, `to` the line of the addressee in the middle.

    `center` is bold and in the middle of the line, such as "QUYẾT ĐỊNH:"; `page` as well, on top of a new page.
    """

    text: str
    style: Literal["plain", "heading", "base", "center", "to", "page"] = "plain"
    kind: Literal["paragraph"] = "paragraph"


@dataclass(frozen=True, slots=True)
class Table:
    """A table; `widths` are shares of the line, `name` that of its sheet in a workbook."""

    name: str
    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[int, ...]
    kind: Literal["table"] = "table"


Blocks = tuple[Paragraph | Table, ...]
"""What stands on a paper between its head and the signatures."""


@dataclass(frozen=True, slots=True)
class Signature:
    """Who signs: the post in capitals, and the name if it is known."""

    post: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Paper:
    """A document without its number: that comes from the document register after signing.

    `superior` and `agency` stand at the top left, `symbol` follows the number (`TTr`), `kind` is the name of the kind
    of document, `about` its subject. `draft`: the line with the moment the data are of, empty for a final one.
    `receivers`: who gets it. `wide`: the page lies across. `annex`: what follows the signature on a page of its own.
    An empty `kind` makes it a letter (công văn), whose subject stands under the number. `form`: the number of the form
    it follows, above the head at the right.
    """

    file: str
    agency: str
    kind: str
    about: str
    blocks: Blocks
    signatures: tuple[Signature, ...]
    superior: str = ""
    symbol: str = ""
    place: str = ""
    draft: str = ""
    foot: str = ""
    receivers: tuple[str, ...] = ()
    wide: bool = False
    annex: Blocks = ()
    form: str = ""

    @property
    def tables(self) -> tuple[Table, ...]:
        """The tables alone, for a workbook."""
        return tuple(block for block in (*self.blocks, *self.annex) if isinstance(block, Table))

    @property
    def number_line(self) -> str:
        """The line of the number, its place left empty."""
        return f"Số:          /{self.symbol}" if self.symbol else ""

    @property
    def date_line(self) -> str:
        """Place and date, the date left empty: it is that of the signature; a place nobody named is dotted."""
        return f"{self.place or UNKNOWN_PLACE}, ngày      tháng      năm"

    def plain(self) -> dict[str, Any]:
        """Return everything as plain values, printable, for a template."""
        lines = {"number_line": self.number_line, "date_line": self.date_line, "country": COUNTRY, "motto": MOTTO}
        return {**_plain(asdict(self)), **_plain(lines), "draft_word": DRAFT}


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, (list, tuple)) else value
