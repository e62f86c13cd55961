"""The FastAPI application of one running service: its API, its health doors, its measures."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable

from fastapi import FastAPI, Request, Response
from fastapi_offline import FastAPIOffline
from starlette.middleware.body_limit import RequestBodyLimitMiddleware

from thidua_runtime.access import Tokens
from thidua_runtime.running import RunningService
from thidua_runtime.web.health import HEALTH
from thidua_runtime.web.operation import operation_router
from thidua_runtime.web.problems import MAXIMUM_BODY_BYTES, handle_problems, too_large


def service_app(running: RunningService, tokens: Tokens) -> FastAPI:
    """Build the application of a running service; `tokens` says who may write."""
    service = running.service
    # Its documentation pages bring their scripts along: an agency's network need not reach a CDN.
    app = FastAPIOffline(
        title=f"thidua {service.name}", version=service.version,
        description=f"API of the {service.name} service. Writing needs a token; see `thidua token create`.",
    )  # fmt: skip
    app.state.database = running.database
    app.state.tokens = tokens
    app.state.running = running
    handle_problems(app)
    # As they are: including a router builds every route of it a second time.
    app.router.routes.extend((*service.api.routes, *operation_router().routes, *HEALTH.routes))
    # Of a body that states no length no more than this is ever held; one that does is refused before.
    app.add_middleware(RequestBodyLimitMiddleware, max_body_size=MAXIMUM_BODY_BYTES)
    app.middleware("http")(_measured)
    return app


async def _measured(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    begun = time.perf_counter()
    response = await _within_limits(request, call_next)
    route = getattr(request.scope.get("route"), "path", "unknown")
    request.app.state.running.meters.observe(
        "thidua_http_request_duration_seconds", time.perf_counter() - begun,
        method=request.method, route=route, status=f"{response.status_code // 100}xx",
    )  # fmt: skip
    return response


async def _within_limits(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    length = request.headers.get("content-length", "0")
    if not length.isdecimal() or int(length) > MAXIMUM_BODY_BYTES:
        return too_large()
    return await call_next(request)
