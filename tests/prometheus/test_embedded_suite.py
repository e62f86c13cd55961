"""A real Prometheus scrapes services that run on the embedded transport, and an alert fires."""

import asyncio
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import text

from thidua.contracts import TaskReport, Unit
from thidua.contracts.organisation import DatedCode
from thidua_monitoring.service import SERVICE
from thidua_runtime.exposition import serve_metrics
from thidua_runtime.testing import RunningSuite, SuiteFactory

from .scraping import free_port, prometheus, wait_for_alerts

pytestmark = [pytest.mark.prometheus, pytest.mark.anyio]

UNIT = Unit(
    id="0190-unit", name="Vụ Đất đai", kind="vu", valid_from=date(2022, 1, 1),
    codes=(DatedCode(code="btnmt-01", valid_from=date(2022, 1, 1)),),
)  # fmt: skip
TASK = TaskReport(source="hscv", source_id="1", version=1, unit="btnmt-01", deadline=date(2022, 2, 10))


async def spoil_a_counter(running: RunningSuite) -> None:
    async with running.transaction("monitoring") as tx:
        assert await tx.execute(text("update month_counter set due = due + 1, late = late + 1")) > 0


async def test_a_counter_that_differs_from_the_recount_pages_the_operator(suite: SuiteFactory, tmp_path: Path) -> None:
    async with suite(SERVICE) as running:
        await running.run_job("monitoring", "roll_day")
        await running.deliver(UNIT)
        await running.settle()
        await running.deliver(TASK)
        await running.settle()
        await spoil_a_counter(running)
        await running.run_job("monitoring", "recount")
        monitoring = running.suite.services["monitoring"]
        await monitoring.refresh_gauges()
        port, server = serve_metrics([monitoring.meters], "127.0.0.1", free_port())
        try:
            with prometheus(port, tmp_path) as url:
                alerts = await asyncio.to_thread(wait_for_alerts, url)
        finally:
            server.shutdown()
            server.server_close()
    names = {alert["labels"]["alertname"]: alert for alert in alerts}
    assert names["ThiduaRecountDifference"]["state"] == "firing"
    assert names["ThiduaRecountDifference"]["labels"]["service"] == "monitoring"
