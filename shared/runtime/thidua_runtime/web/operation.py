"""Doors every service has for its operator: dead letters, parked events, followers, jobs."""

from __future__ import annotations

from functools import cache
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Request, Response

from thidua.errors import NotFound
from thidua_runtime import dead_letters
from thidua_runtime.follower import resume
from thidua_runtime.web.doors import Page, Reader, Writer, as_response, page, reader, writer


@cache
def operation_router() -> APIRouter:
    """Return the router of `/operation/…`; all services of a process share it, since its routes hold no state."""
    router = APIRouter(prefix="/operation", tags=["operation"])
    router.add_api_route("/dead-letters", list_dead_letters, methods=["GET"])
    router.add_api_route("/dead-letters/{letter}/retry", retry_dead_letter, methods=["POST"])
    router.add_api_route("/dead-letters/{letter}/discard", discard_dead_letter, methods=["POST"])
    router.add_api_route("/parked", list_parked, methods=["GET"])
    router.add_api_route("/followers", list_followers, methods=["GET"])
    router.add_api_route("/followers/{stream}/resume", resume_follower, methods=["POST"])
    return router


async def list_dead_letters(
    reader: Annotated[Reader, Depends(reader)],
    page: Annotated[Page, Depends(page)],
    state: dead_letters.LetterState = "waiting",
) -> Response:
    """List refused events with their reason, newest first."""
    return await reader.run(dead_letters.listed, state, page.limit, page.offset)


async def retry_dead_letter(writer: Annotated[Writer, Depends(writer("operator"))], letter: int) -> Response:
    """Hand a refused event to its handler again; `waits_as`: its new id if it still cannot be applied, else null."""
    return await writer.run(dead_letters.retry, letter)


async def discard_dead_letter(
    writer: Annotated[Writer, Depends(writer("operator"))],
    letter: int,
    reason: Annotated[str, Body(embed=True, min_length=1, max_length=2000)],
) -> Response:
    """Close a refused event for good, with a reason."""
    return await writer.run(dead_letters.discard, letter, reason)


async def list_parked(reader: Annotated[Reader, Depends(reader)], page: Annotated[Page, Depends(page)]) -> Response:
    """List events that wait for a unit or person not known yet, oldest first."""
    return await reader.run(dead_letters.parked, page.limit, page.offset)


async def list_followers(request: Request, reader: Annotated[Reader, Depends(reader)]) -> Response:
    """List the followed streams with their state and lag."""
    followers = request.app.state.running.followers.values()
    answer: list[dict[str, Any]] = []
    for follower in followers:
        lag = await follower.look()
        answer.append({"stream": follower.stream, "state": follower.shown_state, "lag": lag})
    return as_response(answer)


async def resume_follower(
    request: Request, writer: Annotated[Writer, Depends(writer("operator"))], stream: str
) -> Response:
    """Let a follower go on that stopped because too many events were bad."""
    if stream not in request.app.state.running.followers:
        raise NotFound(
            what=f"luồng “{stream}” trong các luồng đang theo dõi",
            what_en=f"stream {stream!r} among those followed here",
        )
    return as_response({"stream": stream, "resumed": await resume(writer.database, stream)})
