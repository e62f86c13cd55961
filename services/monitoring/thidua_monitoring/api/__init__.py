"""The doors of monitoring: translate, call, answer."""

from __future__ import annotations

from fastapi import APIRouter

from thidua_monitoring.api import decisions, facts, months, reports, tasks

router = APIRouter()
for part in (tasks, decisions, months, reports, facts):
    router.include_router(part.router)

__all__ = ["router"]
