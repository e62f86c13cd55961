"""Import files: CSV and XLSX to rows of a Pydantic model, with one refusal per bad row that names its column.

A row model is a Pydantic model with `extra="forbid"`. Its columns are its field names and, in any
spelling of case, accents and underscores, the names given by `Column`::

    class UnitRow(BaseModel):
        code: Annotated[Code, Column("Mã đơn vị")]
        valid_from: Annotated[Day, Column("Có hiệu lực từ")]

Cells reach the model as text, whatever the file says: `=1+1` is the four characters, 12.0 is "12", a
date is "2022-03-31". An empty cell is a field that was not given. So the same rules hold for both formats.
"""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Final, Generic, TypeVar

from pydantic import BaseModel, BeforeValidator, TypeAdapter, ValidationError

from thidua_runtime.reasons import english_of, reason_of
from thidua_runtime.sheets import SheetLine, sheet_of

M = TypeVar("M", bound=BaseModel)

HEADER_LINE: Final = 1
MOST_REFUSALS: Final = 1_000
"""Refusals that a report lists; the rest is counted. A person mends a file in rounds anyway."""

TRUE_WORDS: Final = frozenset({"1", "x", "co", "dung", "yes", "true"})
FALSE_WORDS: Final = frozenset({"0", "", "khong", "sai", "no", "false"})


@dataclass(frozen=True)
class Column:
    """Further names of a column, beside the field's own; they are compared without case and accents."""

    names: tuple[str, ...]

    def __init__(self, *names: str) -> None:
        object.__setattr__(self, "names", names)


@dataclass(frozen=True)
class Refusal:
    """Why one row was not taken: line in the file (or place in the list), column, a Vietnamese sentence.

    `reason_en`: the same in English where it is known, else "".
    """

    row: int
    column: str
    reason: str
    reason_en: str = ""


@dataclass(frozen=True)
class Table:
    """A sheet as text: its columns as written in line 1, and the lines that are not empty."""

    columns: tuple[str, ...]
    lines: tuple[SheetLine, ...]


@dataclass(frozen=True)
class Row(Generic[M]):
    """A row that was understood, and its line in the file (from 2) or place in the list (from 0)."""

    number: int
    value: M


@dataclass(frozen=True)
class Parsed(Generic[M]):
    """Rows that were understood, why the others were not, and `notices` of columns that nobody reads."""

    rows: tuple[Row[M], ...]
    refusals: tuple[Refusal, ...] = ()
    notices: tuple[Refusal, ...] = ()

    @property
    def values(self) -> tuple[M, ...]:
        """The understood rows without their numbers."""
        return tuple(row.value for row in self.rows)


@dataclass(frozen=True)
class Report:
    """What became of a file: `taken` counts rows by outcome (created, changed, unchanged)."""

    kind: str
    dry_run: bool
    rows: int
    taken: Mapping[str, int]
    refused: int
    refusals: tuple[Refusal, ...]
    notices: tuple[Refusal, ...] = field(default=())


def read_table(name: str, content: bytes) -> Table:
    """Read a CSV (UTF-8 with or without byte order mark; comma, semicolon or tab) or an XLSX's first sheet.

    `name` is the file's name; its ending chooses the format. Raises FileRefused for another ending, for
    more than 20 MB or 100,000 rows, and for a file that cannot be read or would unpack to something huge.
    """
    first, *lines = sheet_of(name, content)
    return Table(columns=tuple(cell.strip() for cell in first.cells), lines=tuple(lines))


def parse_rows(table: Table, model: type[M]) -> Parsed[M]:
    """Turn lines into models; a bad line is refused alone, a missing required column refuses the table."""
    fields, notices = _fields_of_columns(table.columns, model)
    absent = [name for name, known in model.model_fields.items() if known.is_required() and name not in fields.values()]
    if absent:
        refusals = tuple(
            Refusal(HEADER_LINE, name, f"thiếu cột bắt buộc “{_title(model, name)}”", f"the column {name} is missing")
            for name in absent
        )
        return Parsed((), refusals, notices)
    numbered = (
        (
            line.number,
            {fields[place]: cell for place, cell in enumerate(line.cells) if cell and place in fields},
        )
        for line in table.lines
    )
    return _parse(numbered, model, notices, {name: table.columns[place] for place, name in fields.items()})


def parse_items(items: Sequence[Any], model: type[M]) -> Parsed[M]:
    """Turn a decoded JSON list into models; a bad item is refused alone and named by its place, from 0."""
    return _parse(enumerate(items), model)


def report(
    kind: str, parsed: Parsed[M], outcomes: Iterable[str], refusals: Iterable[Refusal] = (), *, dry_run: bool
) -> Report:
    """Sum up an import: `outcomes` of the rows taken; refusals of reading and of storing, by line."""
    counted = dict.fromkeys(("created", "changed", "unchanged"), 0)
    for outcome in outcomes:
        counted[outcome] = counted.get(outcome, 0) + 1
    every = sorted((*parsed.refusals, *refusals), key=lambda refusal: (refusal.row, refusal.column))
    refused = len({refusal.row for refusal in every})
    return Report(
        kind=kind,
        dry_run=dry_run,
        rows=sum(counted.values()) + refused,
        taken=counted,
        refused=refused,
        refusals=tuple(every[:MOST_REFUSALS]),
        notices=parsed.notices,
    )


def plain(name: str) -> str:
    """Return a name without case, accents, punctuation and double spaces: `Mã_ĐƠN  vị (*)` is `ma don vi`."""
    letters = unicodedata.normalize("NFD", name.casefold().replace("đ", "d"))
    kept = (sign if sign.isalnum() else " " for sign in letters if not unicodedata.combining(sign))
    return " ".join("".join(kept).split())


def _day(value: object) -> object:
    # Officials write 31/03/2022; both orders of separators are read, never month before day.
    if isinstance(value, str) and "/" in value:
        try:
            return datetime.strptime(value.strip(), "%d/%m/%Y").date()
        except ValueError:
            return value
    return value


def _flag(value: object) -> object:
    if isinstance(value, str):
        word = plain(value)
        return True if word in TRUE_WORDS else False if word in FALSE_WORDS else value
    return value


Day = Annotated[date, BeforeValidator(_day)]
"""A date written `2022-03-31` or `31/03/2022`."""


def _decimal(value: object) -> object:
    # A comma parts the decimals in Vietnamese; spreadsheets hand over a point.
    return value.strip().replace(",", ".") if isinstance(value, str) and value.count(",") == 1 else value


Number = Annotated[Decimal, BeforeValidator(_decimal)]
"""A decimal written `1,5` or `1.5`; no sign parts thousands."""

Flag = Annotated[bool, BeforeValidator(_flag)]
"""Yes or no: `có`, `x`, `1`, `đúng`, `yes`, `true`, and their opposites."""


def _parse(
    numbered: Iterable[tuple[int, Any]],
    model: type[M],
    notices: tuple[Refusal, ...] = (),
    titles: Mapping[str, str] | None = None,
) -> Parsed[M]:
    adapter = TypeAdapter(model)
    rows: list[Row[M]] = []
    refusals: list[Refusal] = []
    for number, value in numbered:
        try:
            rows.append(Row(number, adapter.validate_python(value)))
        except ValidationError as refused:
            refusals.extend(_refusals(number, refused, titles or {}))
    return Parsed(tuple(rows), tuple(refusals), notices)


def _refusals(number: int, refused: ValidationError, titles: Mapping[str, str]) -> Iterable[Refusal]:
    for error in refused.errors(include_url=False, include_input=False):
        # An unknown field's name comes from the sender: kept short and printable.
        first, *rest = [_printable(str(part)) for part in error["loc"]] or [""]
        reason = reason_of(error, in_json=not titles and bool(rest))
        yield Refusal(number, ".".join([titles.get(first, first), *rest]), reason, english_of(error))


def _printable(text: str) -> str:
    return text[:80].encode("ascii" if not text.isprintable() else "utf-8", "backslashreplace").decode()


def _fields_of_columns(columns: Sequence[str], model: type[BaseModel]) -> tuple[dict[int, str], tuple[Refusal, ...]]:
    known = {plain(name): field_name for field_name in model.model_fields for name in column_names(model, field_name)}
    fields: dict[int, str] = {}
    notices: list[Refusal] = []
    for place, column in enumerate(columns):
        name = known.get(plain(column))
        if name is None:
            notices.extend(_unknown_column(place, column, known, model))
        elif name in fields.values():
            notices.append(Refusal(HEADER_LINE, column, "cột này đã có ở phía trước; chỉ đọc cột đầu tiên"))
        else:
            fields[place] = name
    return fields, tuple(notices)


def _unknown_column(place: int, column: str, known: Mapping[str, str], model: type[BaseModel]) -> Iterable[Refusal]:
    if not column:
        return
    near = difflib.get_close_matches(plain(column)[:80], known, n=1, cutoff=0.6)
    hint = f"; có phải là “{_title(model, known[near[0]])}”?" if near else ""
    yield Refusal(HEADER_LINE, column[:80], f"cột thứ {place + 1} không đọc được vào trường nào{hint}")


def column_names(model: type[BaseModel], field_name: str) -> tuple[str, ...]:
    """Return every name of a column: the field's own, then those of its `Column`, the usual one first."""
    columns = [mark for mark in model.model_fields[field_name].metadata if isinstance(mark, Column)]
    return (field_name, *(name for column in columns for name in column.names))


def _title(model: type[BaseModel], field_name: str) -> str:
    return column_names(model, field_name)[:2][-1]
