"""The public doors of the services: HTTP calls with a role's token, refusals turned into one sentence."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable, Mapping, Sequence
from contextvars import ContextVar, copy_context
from csv import DictWriter
from dataclasses import dataclass
from io import StringIO
from itertools import islice
from typing import Any, Final, TypeVar

import httpx2
from pydantic import BaseModel
from pydantic_core import to_json

from thidua_sample.errors import DoorRefused

T = TypeVar("T")

TokenOf = Callable[[str], str]
"""Gives the access token of a role: `office`, `unit:stnmt-01`, `source:hscv-so`, `office/Kiểm phiếu viên`, …"""

OFFICE: Final = "office"
APPRAISER: Final = "appraiser"
OPERATOR: Final = "operator"
READER: Final = "reader"

PAGE_ROWS: Final = 1_000
CALLS_AT_ONCE: Final = 4
PART: Final[ContextVar[str]] = ContextVar("part", default="play")
"""Which part of the play a request belongs to: parts go on side by side, each in an order of its own."""

DETAIL_CHARACTERS: Final = 2_000


@dataclass(frozen=True)
class Doors:
    """Calls on behalf of roles; a service is the first part of a path: `/monitoring/tasks`."""

    client: httpx2.AsyncClient
    token_of: TokenOf

    async def get(self, path: str, role: str = READER, **query: str | int) -> Any:
        """Return the decoded answer of a GET."""
        return (await self._answer("GET", path, role, params=query)).json()

    async def post(self, path: str, body: object, role: str = OFFICE) -> Any:
        """Return the decoded answer of a POST with a JSON body."""
        return await self._write("POST", path, body, role)

    async def put(self, path: str, body: object, role: str = OFFICE) -> Any:
        """Return the decoded answer of a PUT with a JSON body."""
        return await self._write("PUT", path, body, role)

    async def send_file(self, path: str, content: bytes, role: str = OPERATOR) -> Any:
        """Post a file as it is and return the decoded answer."""
        return await self._write("POST", path, content, role, {"Content-Type": "application/octet-stream"})

    async def fetch(self, path: str, body: object, role: str = OFFICE) -> bytes:
        """Post a JSON body and return the answer as it is, such as a file."""
        return (await self._answer("POST", path, role, content=to_json(body), headers=JSON)).content

    async def send_table(self, path: str, rows: Sequence[dict[str, Any]], role: str = OFFICE) -> Any:
        """Import rows as a CSV file; the keys of the first row are its columns. Every row must be taken."""
        sheet = StringIO()
        table = DictWriter(sheet, fieldnames=list(rows[0]))
        table.writeheader()
        table.writerows(rows)
        return await self._write("POST", path, sheet.getvalue().encode(), role, {"Content-Type": "text/csv"})

    async def pages(self, path: str, role: str = READER, **query: str | int) -> AsyncIterator[Any]:
        """Yield every row of a list, page by page."""
        offset = 0
        while True:
            answer = await self.get(path, role, **query, limit=PAGE_ROWS, offset=offset)
            rows = answer if isinstance(answer, list) else _list_in(answer)
            for row in rows:
                yield row
            if len(rows) < PAGE_ROWS:
                return
            offset += PAGE_ROWS

    async def _write(
        self, method: str, path: str, body: object, role: str, headers: Mapping[str, str] | None = None
    ) -> Any:
        content = body if isinstance(body, bytes) else to_json(body)
        answer = await self._answer(method, path, role, content=content, headers=headers or JSON)
        told = answer.json() if answer.content else None
        # A batch takes and refuses row by row; the sample year is meant to be taken whole.
        if isinstance(told, dict) and told.get("refused"):
            detail = to_json(told.get("refusals", told["refused"])).decode()[:DETAIL_CHARACTERS]
            raise DoorRefused(method=method, path=path, status=answer.status_code, detail=detail)
        return told

    async def _answer(self, method: str, path: str, role: str, **request: Any) -> httpx2.Response:
        headers = {"Authorization": f"Bearer {self.token_of(role)}", **request.pop("headers", {})}
        answer = await self.client.request(method, path, headers=headers, **request)
        if answer.is_error:
            raise DoorRefused(method=method, path=path, status=answer.status_code, detail=_detail(answer))
        return answer


JSON: Final = {"Content-Type": "application/json"}


def _list_in(answer: dict[str, Any]) -> list[Any]:
    """Return the list of a page: each door names it after what it lists."""
    return next(value for value in answer.values() if isinstance(value, list))


def _detail(answer: httpx2.Response) -> str:
    return answer.text[:DETAIL_CHARACTERS]


async def together(calls: Iterable[Callable[[], Awaitable[object]]]) -> None:
    """Carry out calls that do not depend on each other, some at once; each must be a single request.

    They begin in the order given, so that a repeated play numbers them alike.
    """
    turns = asyncio.Semaphore(CALLS_AT_ONCE)

    async def in_turn(call: Callable[[], Awaitable[object]]) -> None:
        async with turns:
            await call()

    async with asyncio.TaskGroup() as group:
        for call in calls:
            group.create_task(in_turn(call))


async def side_by_side(parts: Iterable[tuple[str, Coroutine[Any, Any, None]]]) -> None:
    """Let named parts of the play go on at once; none may need what another one does meanwhile."""
    async with asyncio.TaskGroup() as group:
        for name, part in parts:
            context = copy_context()
            context.run(PART.set, name)
            group.create_task(part, context=context)


def role_and_person(role: str) -> tuple[str, str]:
    """Split a role from who acts in it where that must be another person each time.

    >>> role_and_person("office/Kiểm phiếu viên"), role_and_person("unit:stnmt-01")
    (('office', 'Kiểm phiếu viên'), ('unit:stnmt-01', ''))
    """
    name, _, person = role.partition("/")
    return name, person


def batches(rows: Iterable[T], size: int) -> Iterable[list[T]]:
    """Cut rows into lists of at most `size`."""
    waiting = iter(rows)
    while batch := list(islice(waiting, size)):
        yield batch


def json_list(models: Sequence[BaseModel]) -> bytes:
    """Return contract models as one JSON list."""
    return b"[" + b",".join(model.model_dump_json().encode() for model in models) + b"]"
