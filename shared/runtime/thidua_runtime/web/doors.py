"""How an endpoint reads and writes: a transaction with its actor, idempotent by key, answered with an ETag."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any, Final

import orjson
from fastapi import Depends, Header, Query, Request, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel
from sqlalchemy import text

from thidua_runtime.access import ROLE_WORDS, Principal, Tokens
from thidua_runtime.database import Database, Transaction
from thidua_runtime.errors import BodyRefused, KeyReused, NotAllowed

TOKEN_COOKIE: Final = "thidua_token"  # noqa: S105  (the cookie's name)
BEARER: Final = HTTPBearer(auto_error=False, description="A token made by `thidua token create`.")

FIND_ANSWER: Final = text("""
select request_hash, status, headers, body from thidua.idempotency where key = :key and actor = :actor
""")
KEEP_ANSWER: Final = text("""
insert into thidua.idempotency (key, actor, request_hash, status, headers, body)
values (:key, :actor, :request_hash, :status, cast(:headers as jsonb), :body)
""")
FORGET_ANSWERS: Final = text("delete from thidua.idempotency")
# Two requests with one key take turns: the second then finds the first one's answer.
LOCK_KEY: Final = text("select pg_advisory_xact_lock(hashtextextended(:key, 0))")


@dataclass(frozen=True)
class Versioned:
    """An answer with the revision of what it shows; becomes the ETag."""

    body: Any
    revision: int


@dataclass(frozen=True)
class Page:
    """A window on a list."""

    limit: int
    offset: int


def page(
    limit: Annotated[int, Query(ge=1, le=1000)] = 100, offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0
) -> Page:
    """Read `limit` (1 to 1,000) and `offset` from the query."""
    return Page(limit, offset)


class Reader:
    """Runs queries for one request; reading needs no token on the loopback address."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def run(self, query: Callable[..., Awaitable[Any]], *arguments: Any) -> Response:
        """Run `query(tx, *arguments)` and return its result as JSON."""
        async with self.database.transaction("reader") as tx:
            result = await query(tx, *arguments)
        return as_response(result)


class Writer:
    """Runs commands for one request, as the principal of its token."""

    def __init__(self, database: Database, principal: Principal, request: Request, body: bytes) -> None:
        self.database = database
        self.principal = principal
        self.expected = _if_match(request.headers.get("if-match"))
        self._key = request.headers.get("idempotency-key")
        target = f"{request.method} {request.url.path}?{request.url.query}".encode()
        self._request_hash = hashlib.sha256(target + b"\n" + body).digest()

    def may_act_for(self, unit_code: str) -> None:
        """Raise NotAllowed if the token is bound to another unit."""
        self.principal.may_act_for(unit_code)

    async def run(self, command: Callable[..., Awaitable[Any]], *arguments: Any, status: int = 200) -> Response:
        """Run `command(tx, *arguments)` in one transaction and return its result as JSON.

        A repeated Idempotency-Key gets the first answer again and changes nothing; the same key with
        another request raises KeyReused.
        """
        async with self.database.transaction(self.principal.actor) as tx:
            known = await self._answered(tx)
            if known is not None:
                return known
            response = as_response(await command(tx, *arguments), status)
            await tx.reach_disk()
            await self._keep(tx, response)
        return response

    async def _answered(self, tx: Transaction) -> Response | None:
        if self._key is None:
            return None
        await tx.execute(LOCK_KEY, key=self._key)
        row = await tx.row(FIND_ANSWER, key=self._key, actor=self.principal.actor)
        if row is None:
            return None
        if bytes(row.request_hash) != self._request_hash:
            raise KeyReused
        headers = {**orjson.loads(row.headers), "idempotency-replayed": "true"}
        return Response(bytes(row.body), row.status, headers, media_type="application/json")

    async def _keep(self, tx: Transaction, response: Response) -> None:
        if self._key is None:
            return
        headers = {name: value for name, value in response.headers.items() if name == "etag"}
        await tx.execute(
            KEEP_ANSWER, key=self._key, actor=self.principal.actor, request_hash=self._request_hash,
            status=response.status_code, headers=orjson.dumps(headers).decode(), body=bytes(response.body),
        )  # fmt: skip


async def forget_answers(tx: Transaction) -> None:
    """Forget every answer kept for a repeated request, as an erasure must: any of them may name the person.

    A request that is repeated across it is carried out, or refused, as a new one.
    """
    await tx.execute(FORGET_ANSWERS)


def reader(request: Request, bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(BEARER)] = None) -> Reader:
    """Give an endpoint its reader; a service that listens beyond this machine wants a token of any role."""
    database: Database = request.app.state.database
    if not database.settings.on_loopback:
        tokens: Tokens = request.app.state.tokens
        tokens.principal(_credentials(request, bearer))
    return Reader(database)


def writer(*roles: str) -> Callable[..., Awaitable[Writer]]:
    """Return the dependency that gives an endpoint its writer, for these roles only (operator may always)."""

    async def dependency(
        request: Request,
        bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(BEARER)] = None,
        idempotency_key: Annotated[str | None, Header(max_length=200)] = None,
        if_match: Annotated[str | None, Header()] = None,
    ) -> Writer:
        tokens: Tokens = request.app.state.tokens
        principal = tokens.principal(_credentials(request, bearer))
        if principal.role not in (*roles, "operator"):
            needed = ", ".join(ROLE_WORDS[one] for one in roles)
            raise NotAllowed(
                why=f"vai trò {ROLE_WORDS[principal.role]} không được làm việc này (cần: {needed})",
                why_en=f"the role {principal.role} may not do this (needed: {', '.join(roles)})",
            )
        return Writer(request.app.state.database, principal, request, await request.body())

    return dependency


def as_response(result: Any, status: int = 200) -> Response:
    """Return a result as JSON; a `Versioned` one gets an ETag."""
    if isinstance(result, Response):
        return result
    headers = {"etag": f'"{result.revision}"'} if isinstance(result, Versioned) else {}
    body = result.body if isinstance(result, Versioned) else result
    return Response(orjson.dumps(body, default=_plain), status, headers, media_type="application/json")


def _credentials(request: Request, bearer: HTTPAuthorizationCredentials | None) -> str | None:
    # The cookie of the start-up link is SameSite=Strict, so that no other site can use it to write.
    return request.cookies.get(TOKEN_COOKIE) if bearer is None else bearer.credentials


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if isinstance(value, tuple | set | frozenset):
        return list(value)
    return str(value)


MOST_DIGITS = 18
"""Of a version: more than a bigint holds is none that was ever given out."""


def _if_match(header: str | None) -> int | None:
    if header is None or header.strip() == "*":
        return None
    digits = header.strip().removeprefix("W/").strip('"')
    if not (digits.isascii() and digits.isdecimal()) or len(digits) > MOST_DIGITS:
        raise BodyRefused(
            why=f"If-Match phải là số phiên bản đã nhận trong ETag, không phải {header[:50]!r}",
            why_en=f"If-Match must be the revision of an ETag, not {header[:50]!r}",
        )
    return int(digits)
