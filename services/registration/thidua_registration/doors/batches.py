"""The one way in which a batch enters: read item by item, carried out together, told item by item."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Annotated, Any, Final, TypeVar

from fastapi import Body, Depends, Path, Query, Response
from pydantic import BaseModel

from thidua.contracts.base import Code
from thidua_registration import answers
from thidua_registration.commands.batch import Result
from thidua_registration.domain.moves import Side
from thidua_registration.errors import TooManyItems
from thidua_runtime.database import Transaction
from thidua_runtime.imports import Row, parse_items
from thidua_runtime.web import Page, Reader, Writer, page, reader, writer

M = TypeVar("M", bound=BaseModel)
Command = Callable[[Transaction, Sequence[Row[M]]], Awaitable[Result]]

MOST_ITEMS: Final = 5_000
"""Items of one request; more come as a file, or in several requests."""


def items_of(model: type[BaseModel]) -> Any:
    """Return the body of a batch, described by the fields of its items: they are read one by one, not by the door."""
    shape = model.model_json_schema()
    told = f"At most {MOST_ITEMS:,} items; each is taken or refused alone."
    return Body(description=f"{told} An item (* must be there): {_fields(shape, shape)}.")


def _fields(shape: Mapping[str, Any], whole: Mapping[str, Any]) -> str:
    """Return the fields of a JSON Schema object, those that must be there marked `*`, with the values of a choice."""
    must = shape.get("required", ())
    return ", ".join(
        f"`{name}`{'*' if name in must else ''}{_inside(one, whole)}"
        for name, one in shape.get("properties", {}).items()
    )


def _inside(shape: Mapping[str, Any], whole: Mapping[str, Any]) -> str:
    for each in (shape.get("items"), *shape.get("anyOf", ()), shape):
        named = str((each or {}).get("$ref", ""))
        inner = whole.get("$defs", {}).get(named.rpartition("/")[2], each or {})
        if "enum" in inner:
            return f" ({' | '.join(str(one) for one in inner['enum'] if one != 'unknown')})"
        if "properties" in inner:
            return f" {{{_fields(inner, whole)}}}"
    return ""


CodeInPath = Annotated[Code, Path(max_length=500)]
CodeFilter = Annotated[Code | None, Query(max_length=500)]
PageOf = Annotated[Page, Depends(page)]
ReaderOf = Annotated[Reader, Depends(reader)]
OfficeWriter = Annotated[Writer, Depends(writer("office"))]
AnyWriter = Annotated[Writer, Depends(writer("office", "unit"))]


async def enter(
    writer: Writer, items: list[Any], model: type[M], command: Command[M], may_act: Callable[[M], str] | None = None
) -> Response:
    """Carry out a batch and answer with an outcome per item.

    `may_act` names the unit an item speaks for; a token bound to another unit is refused as a whole.
    Raises TooManyItems, NothingTaken.
    """
    refuse_too_many(items)
    parsed = parse_items(items, model)
    for value in parsed.values if may_act else ():
        assert may_act is not None
        writer.may_act_for(may_act(value))

    async def run(tx: Transaction) -> dict[str, Any]:
        return answers.of_batch(len(items), parsed, await command(tx, parsed.rows))

    return await writer.run(run)


def refuse_too_many(items: Sequence[Any]) -> None:
    """Raise TooManyItems for more than one request may hold."""
    if len(items) > MOST_ITEMS:
        raise TooManyItems(limit=MOST_ITEMS, sent=len(items))


def side_of(writer: Writer) -> Side:
    """Return on which side of the table the sender sits."""
    return Side.UNIT if writer.principal.unit else Side.OFFICE
