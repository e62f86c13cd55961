"""The HTTP doors of a process: each service under its name, an index page in front."""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from html import escape
from typing import Any, Final

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Mount, Route

from thidua_runtime.access import Tokens
from thidua_runtime.errors import PortTaken
from thidua_runtime.suite import Suite
from thidua_runtime.web import service_app
from thidua_runtime.web.doors import TOKEN_COOKIE

TITLES = {
    "registration": "Đăng ký thi đua: đơn vị, cá nhân, phong trào, bản đăng ký, sáng kiến",
    "monitoring": "Theo dõi: nhiệm vụ, tỷ lệ đúng hạn hằng tháng, báo cáo, số liệu",
    "scoring": "Chấm điểm: bộ tiêu chí, điểm, giải thích",
    "awards": "Rà soát điều kiện, hạn mức, quyết định khen thưởng",
}


def suite_app(suite: Suite, tokens: Tokens, root_path: str = "") -> Starlette:
    """Mount every service of the process under `/<name>`, with an index page at `/`."""
    names = sorted(suite.services)

    async def index(request: Request) -> Response:
        token = request.query_params.get("token")
        if token is not None:
            return _signed_in(token, tokens, root_path)
        return HTMLResponse(_index_page(names, suite))

    mounts = [Mount(f"/{name}", service_app(suite.services[name], tokens)) for name in names]
    return Starlette(routes=[Route("/", index), *mounts])


@asynccontextmanager
async def serve(
    app: Any, host: str, port: int, root_path: str = "", shutdown_seconds: int | None = None
) -> AsyncIterator[str]:
    """Serve until the block ends; gives the address. Port 0 takes a free one.

    Requests in hand are then answered, for at most `shutdown_seconds`. Raises PortTaken.
    """
    try:
        listener = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        raise port_taken(error, host, port, "HTTP_PORT") from error
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        lifespan="off",
        root_path=root_path,
        timeout_graceful_shutdown=shutdown_seconds,
    )
    server = uvicorn.Server(config)
    # Signals end the whole process in order, not only its HTTP door.
    server.capture_signals = nullcontext  # type: ignore[method-assign,assignment]
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield f"http://{host}:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        await task


def port_taken(error: OSError, host: str, port: int, setting: str) -> Exception:
    """Return PortTaken where that is what the error says, else the error; `setting` names the port."""
    return PortTaken(host=host, port=port, setting=setting) if error.errno == errno.EADDRINUSE else error


def _signed_in(token: str, tokens: Tokens, root_path: str) -> Response:
    response = RedirectResponse(f"{root_path}/", 303)
    if tokens.knows(token):
        response.set_cookie(TOKEN_COOKIE, token, httponly=True, samesite="strict", path=f"{root_path}/")
    return response


MORE: Final = {"awards": (("documents", "văn bản in được"),)}
"""Doors of a service that somebody without its address looks for first: path and name."""


def _more(name: str) -> str:
    return "".join(f', <a href="{name}/{path}">{escape(words)}</a>' for path, words in MORE.get(name, ()))


def _index_page(names: list[str], suite: Suite) -> str:
    rows = "".join(
        f'<li><a href="{name}/docs">{name}</a> — {escape(TITLES.get(name, name))}'
        f' (<a href="{name}/openapi.json">OpenAPI</a>, <a href="{name}/health/ready">trạng thái</a>{_more(name)})</li>'
        for name in names
    )
    as_of = suite.clock.now().strftime("%d/%m/%Y %H:%M")
    return (
        '<!doctype html><html lang="vi"><meta charset="utf-8"><title>thidua</title>'
        f"<h1>thidua — {escape(suite.settings.province)}</h1><p>Tài liệu API của từng dịch vụ:</p><ul>{rows}</ul>"
        f"<p>Tính đến {as_of} (giờ Việt Nam, theo đồng hồ của hệ thống).</p></html>"
    )
