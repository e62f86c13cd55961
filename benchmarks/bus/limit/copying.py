"""Rows of tasks as PostgreSQL's binary COPY format, built column by column: rows of equal lengths go together."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Final

import numpy as np

from benchmarks.bus.limit.events import Row, day_number

COLUMNS: Final = ("id", "version", "unit", "people", "deadline", "done", "title")
HEADER: Final = b"PGCOPY\n\xff\r\n\0" + bytes(8)
TRAILER: Final = b"\xff\xff"

Texts = tuple[bytes, bytes, bytes, bytes]


def copy_bytes(rows: Sequence[Row]) -> io.BytesIO:
    """Return the rows as a stream for COPY."""
    groups: dict[tuple[int, ...], list[tuple[Texts, Row]]] = {}
    for row in rows:
        texts = row.id.encode(), row.unit.encode(), row.people.encode(), row.title.encode()
        shape = (*map(len, texts), row.done is None)
        groups.setdefault(shape, []).append((texts, row))
    return io.BytesIO(HEADER + b"".join(_group(shape, members) for shape, members in groups.items()) + TRAILER)


def _group(shape: tuple[int, ...], members: Sequence[tuple[Texts, Row]]) -> bytes:
    *lengths, is_open = shape
    fields, table = _layout(lengths, bool(is_open)), [row for _, row in members]
    out = np.zeros(len(members), dtype=[(name, kind) for name, kind, _ in fields])
    for name, _, constant in fields:
        if constant is not None:
            out[name] = constant
    for place, name in enumerate(("id", "unit", "people", "title")):
        if lengths[place]:
            out[name] = [texts[place] for texts, _ in members]
    out["version"] = [row.version for row in table]
    out["deadline"] = [day_number(row.deadline) for row in table]
    if not is_open:
        out["done"] = [day_number(row.done or "") for row in table]
    written: bytes = out.tobytes()
    return written


def _layout(lengths: Sequence[int], is_open: bool) -> list[tuple[str, str, int | None]]:
    id_length, unit, people, title = lengths
    fields: list[tuple[str, str, int | None]] = [("count", ">i2", len(COLUMNS))]

    def add(name: str, kind: str, length: int) -> None:
        fields.append((f"{name}_length", ">i4", length))
        if length > 0:
            fields.append((name, kind, None))

    add("id", f"S{id_length}", id_length)
    add("version", ">i8", 8)
    add("unit", f"S{unit}", unit)
    add("people", f"S{people}", people)
    add("deadline", ">i4", 4)
    add("done", ">i4", -1 if is_open else 4)
    add("title", f"S{title}", title)
    return fields
