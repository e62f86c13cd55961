"""The doors of monitoring: translate, call, answer."""

from __future__ import annotations

from thidua_monitoring.api import decisions, facts, months, reports, tasks
from thidua_runtime.web import join_routers

router = join_routers(tasks.router, decisions.router, months.router, reports.router, facts.router)

__all__ = ["router"]
