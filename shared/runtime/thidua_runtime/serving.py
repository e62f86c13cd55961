"""The HTTP doors of a process: each service under its name, an index page in front."""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from typing import Any, Final

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Mount, Route

from thidua_runtime.access import Tokens
from thidua_runtime.errors import PortTaken
from thidua_runtime.settings import Settings
from thidua_runtime.suite import Suite
from thidua_runtime.web import service_app
from thidua_runtime.web.doors import TOKEN_COOKIE
from thidua_runtime.web.problems import problem
from thidua_runtime.web.views import Link, Section, Sheet, View, as_html, moment_words

TITLES = {
    "registration": "Đăng ký thi đua: đơn vị, cá nhân, phong trào, bản đăng ký, sáng kiến",
    "monitoring": "Theo dõi: nhiệm vụ, tỷ lệ đúng hạn hằng tháng, báo cáo, số liệu",
    "scoring": "Chấm điểm: bộ tiêu chí, điểm, giải thích",
    "awards": "Rà soát điều kiện, hạn mức, quyết định khen thưởng",
}


OPERATION: Final = ("dead-letters", "parked", "followers")
ANY_METHOD: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


def suite_app(suite: Suite, tokens: Tokens, root_path: str = "") -> Starlette:
    """Mount every service of the process under `/<name>`, with an index page at `/`."""
    names = sorted(suite.services)

    async def index(request: Request) -> Response:
        token = request.query_params.get("token")
        if token is not None:
            return _signed_in(token, tokens, root_path)
        return _index_page(names, suite)

    async def misplaced(request: Request) -> Response:
        asked = request.url.path.removeprefix(root_path).strip("/")
        # Letters, followers and what is parked are each service's own, and asked for at the root first.
        path = f"operation/{asked.removeprefix('operation/')}" if asked.removeprefix("operation/") in OPERATION else "…"
        here = ", ".join(f"{root_path}/{name}/{path}" for name in names)
        return problem(404, "http", f"Không có địa chỉ này; mỗi dịch vụ ở dưới tên của nó: {here}",
                       f"Nothing is here; each service is under its name: {here}")  # fmt: skip

    mounts = [Mount(f"/{name}", service_app(suite.services[name], tokens)) for name in names]
    return Starlette(routes=[Route("/", index), *mounts, Route("/{path:path}", misplaced, methods=ANY_METHOD)])


@asynccontextmanager
async def serve(
    app: Any, host: str, port: int, root_path: str = "", shutdown_seconds: int | None = None
) -> AsyncIterator[str]:
    """Serve until the block ends; gives the address. Port 0 takes a free one.

    Requests in hand are then answered, for at most `shutdown_seconds`. Raises PortTaken.
    """
    listener = _listening(host, port, "HTTP_PORT")
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


def check_ports(settings: Settings) -> None:
    """Find out before hours of work whether its ports are free; raises PortTaken."""
    for port, setting in ((settings.http_port, "HTTP_PORT"), (settings.metrics_port, "METRICS_PORT")):
        _listening(settings.http_host, port, setting).close()


def _listening(host: str, port: int, setting: str) -> socket.socket:
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        raise port_taken(error, host, port, setting) from error


def port_taken(error: OSError, host: str, port: int, setting: str) -> Exception:
    """Return PortTaken where that is what the error says, else the error; `setting` names the port."""
    return PortTaken(host=host, port=port, setting=setting) if error.errno == errno.EADDRINUSE else error


def _signed_in(token: str, tokens: Tokens, root_path: str) -> Response:
    response = RedirectResponse(f"{root_path}/", 303)
    if tokens.knows(token):
        response.set_cookie(TOKEN_COOKIE, token, httponly=True, samesite="strict", path=f"{root_path}/")
    return response


FOR_OFFICIALS: Final = {
    "awards": (Link("Rà soát điều kiện, hồ sơ, bỏ phiếu, quyết định, văn bản, báo cáo tham khảo", "awards/pages/"),),
    "scoring": (Link("Xếp hạng trong khối, cụm", "scoring/pages/ranking"),),
}
"""Pages of a service that officials read."""


def _index_page(names: list[str], suite: Suite) -> Response:
    pages = [link for name in names for link in FOR_OFFICIALS.get(name, ())]
    services = tuple(
        (Link(TITLES.get(name, name), f"{name}/docs"), Link("OpenAPI", f"{name}/openapi.json"),
         Link("trạng thái", f"{name}/health/ready"))
        for name in names
    )  # fmt: skip
    headers = ("Tài liệu API của dịch vụ", "Mô tả cho máy đọc", "Hoạt động")
    sections = (
        *((Section("Trang cho cán bộ", words=pages),) if pages else ()),
        Section("Dịch vụ", f"Nơi triển khai: {suite.settings.province}.", sheet=Sheet(headers, services)),
    )
    as_of = f"{moment_words(suite.clock.now())} (giờ Việt Nam, theo đồng hồ của hệ thống)"
    return as_html(View("thidua – theo dõi thi đua, khen thưởng", sections, as_of))
