"""The columns of import files as templates and documents show them, read off the row models."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, get_args

from pydantic import BaseModel

from thidua_runtime.imports import column_names

FORMS: Final[Mapping[type, str]] = {
    bool: "`có` or `không`",
    date: "`31/03/2022` or `2022-03-31`",
    int: "whole number",
    Decimal: "`1,5` or `1.5`",
}
"""How a cell of a type is written; everything else is text."""


@dataclass(frozen=True)
class OneOf:
    """The words that a column takes, for templates and documents; the model itself refuses others."""

    choices: tuple[str, ...]


@dataclass(frozen=True)
class FileColumn:
    """A column of a file: its field's name, its Vietnamese titles (the usual one first), how a cell is written."""

    name: str
    titles: tuple[str, ...]
    is_required: bool
    form: str


def columns_of(model: type[BaseModel]) -> tuple[FileColumn, ...]:
    """Return the columns of files of this model, in order; a field without a `Column` comes over HTTP alone."""
    return tuple(
        FileColumn(name, column_names(model, name)[1:], known.is_required(), _form(known))
        for name, known in model.model_fields.items()
        if len(column_names(model, name)) > 1
    )


def write_template(model: type[BaseModel], file: Path) -> None:
    """Write an empty CSV with the Vietnamese titles of all columns; raises FileExistsError over an existing file."""
    # With a byte order mark, or Excel takes the letters apart.
    with file.open("x", encoding="utf-8-sig", newline="") as opened:
        csv.writer(opened).writerow(column.titles[0] for column in columns_of(model))


def _form(known: Any) -> str:
    listed = [one for mark in known.metadata if isinstance(mark, OneOf) for one in mark.choices]
    parts = list(_parts(known.annotation))
    choices = listed or [part for part in parts if isinstance(part, str) and part]
    if choices:
        return ", ".join(f"`{one}`" for one in choices)
    return next((form for kind, form in FORMS.items() if any(part is kind for part in parts)), "text")


def _parts(annotation: Any) -> Iterator[Any]:
    yield annotation
    for part in get_args(annotation):
        yield from _parts(part)
