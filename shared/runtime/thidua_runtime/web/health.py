"""Health doors of a running service: whether it lives, has started, and can serve."""

from __future__ import annotations

from typing import Final

import asyncpg
from fastapi import APIRouter, Request, Response
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from thidua_runtime.running import RunningService

HEALTH = APIRouter(prefix="/health", tags=["health"])
PING = text("select 1")
NO_ANSWER: Final = (SQLAlchemyError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError)
"""What a database that does not answer raises; those of asyncpg come through while a connection is made."""


@HEALTH.get("/live")
async def live(request: Request) -> Response:
    """Whether the loop turns and no batch is stuck."""
    running = _running(request)
    stuck = running.stuck()
    return _health(running.failed is None and stuck is None, f"batch of {stuck} is stuck" if stuck else "live")


@HEALTH.get("/started")
async def started(request: Request) -> Response:
    """Whether the reference streams are read up to where they ended at the start."""
    begun = _running(request).started.is_set()
    return _health(begun, "started" if begun else "reading reference streams")


@HEALTH.get("/ready")
async def ready(request: Request) -> Response:
    """Whether the service started and its database answers; never asks Kafka."""
    running = _running(request)
    return _health(running.started.is_set() and await _answers(running), "ready")


def _running(request: Request) -> RunningService:
    running: RunningService = request.app.state.running
    return running


def _health(good: bool, word: str) -> Response:
    return Response(word if good else f"not {word}", 200 if good else 503, media_type="text/plain")


async def _answers(running: RunningService) -> bool:
    try:
        async with running.database.engine.connect() as connection:
            await connection.execute(PING)
    except NO_ANSWER:
        return False
    return True
