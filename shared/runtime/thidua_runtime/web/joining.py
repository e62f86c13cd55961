"""One router out of several."""

from __future__ import annotations

from fastapi import APIRouter


def join_routers(*parts: APIRouter) -> APIRouter:
    """Return a router with the routes of `parts` as they are; including `parts` would build each route again."""
    return APIRouter(routes=[route for part in parts for route in part.routes])
