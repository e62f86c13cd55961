"""Errors as problem documents (RFC 9457), in Vietnamese and English."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from types import MappingProxyType
from typing import Any

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import DBAPIError
from starlette.exceptions import HTTPException

from thidua.errors import ThiduaError
from thidua_runtime.consume import Fault, fault_of, sqlstate
from thidua_runtime.errors import BodyTooLarge
from thidua_runtime.reasons import english_of, reason_of
from thidua_runtime.web.views import PAGES, Link, Section, View, as_html

MEDIA_TYPE = "application/problem+json"
MAXIMUM_LISTED = 50
MAXIMUM_BODY_BYTES = 64_000_000

log = structlog.get_logger()


def problem(
    status: int,
    code: str,
    detail: str,
    detail_en: str,
    errors: Sequence[dict[str, Any]] = (),
    members: Mapping[str, Any] = MappingProxyType({}),
) -> JSONResponse:
    """Return a problem document; `errors` lists {where, reason} of single fields or rows, of fields with `reason_en`.

    `members` are what a program needs to go on, beside the sentences (RFC 9457, extension members).
    """
    body: dict[str, Any] = {
        "type": f"urn:thidua:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "detail_en": detail_en,
        **members,
    }
    if errors:
        body["errors"] = list(errors)[:MAXIMUM_LISTED]
    return JSONResponse(body, status, media_type=MEDIA_TYPE)


def handle_problems(app: FastAPI) -> None:
    """Turn every error of the app into a problem document."""
    app.add_exception_handler(ThiduaError, _ours)
    app.add_exception_handler(RequestValidationError, _validation)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(DBAPIError, _database)


def too_large() -> JSONResponse:
    """Return the problem document of a body that is not read to its end."""
    return _of_error(BodyTooLarge(megabytes=MAXIMUM_BODY_BYTES // 1_000_000))


def _of_error(error: ThiduaError) -> JSONResponse:
    listed, members = getattr(error, "errors", ()), getattr(error, "members", {})
    return problem(error.status, error.code(), str(error), error.in_english, listed, members)


async def _ours(request: Request, error: Exception) -> Response:
    assert isinstance(error, ThiduaError)
    if PAGES in request.url.path:
        return _page(error.status, str(error))
    return _of_error(error)


async def _validation(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    listed = [
        {
            "where": ".".join(map(str, one["loc"])),
            "reason": _shown(reason_of(one, in_json=True)),
            "reason_en": _shown(english_of(one)),
        }
        for one in error.errors()
    ]
    many, first = len(listed), listed[0]
    return problem(
        422,
        "invalid-request",
        f"Dữ liệu gửi lên có {many} lỗi; lỗi đầu tiên: {first['where']}: {first['reason']}",
        f"The request has {many} error{'' if many == 1 else 's'}; the first: {first['where']}: {first['reason_en']}",
        listed,
    )


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == BodyTooLarge.status:
        return too_large()
    english = str(error.detail)
    vietnamese = {404: "Không có địa chỉ này.", 405: "Địa chỉ này không nhận phương thức đó."}
    if PAGES in request.url.path:
        return _page(error.status_code, vietnamese.get(error.status_code, english))
    return problem(error.status_code, "http", vietnamese.get(error.status_code, english), english)


def _page(status: int, sentence: str) -> Response:
    """Answer a person who opened a page with a page."""
    words = (sentence, Link("Về trang đầu", "/"))
    return as_html(View("Không mở được trang này", (Section(words=words),)), status)


UNIQUE_VIOLATION = "23505"
"""SQLSTATE of two writers of one key, of whom the other one came first."""


async def _database(request: Request, error: Exception) -> Response:
    fault = fault_of(error)
    reason = str(getattr(error, "orig", error)).splitlines()[0][:300]
    if sqlstate(error) == UNIQUE_VIOLATION:
        return problem(
            409, "just-written", "Dữ liệu này vừa được người khác ghi; hãy tải lại rồi làm tiếp.",
            "Somebody has just written the same; read it again and go on.",
        )  # fmt: skip
    if fault is Fault.EVENT:
        return problem(422, "refused-by-database", f"Cơ sở dữ liệu từ chối dữ liệu: {reason}", reason)
    log.error("database error in a request", path=request.url.path, why=reason)
    if fault is Fault.PASSING:
        return problem(
            503, "database-away", "Cơ sở dữ liệu tạm thời không trả lời; hãy gửi lại sau.",
            "The database does not answer for the moment; send the request again.",
        )  # fmt: skip
    return problem(500, "internal", "Lỗi trong chương trình; quản trị hệ thống xem nhật ký.", "A defect; see the log.")


def _shown(message: str) -> str:
    return message.encode("utf-8", "backslashreplace").decode()
