"""A small ministry to test with: one Vụ, one Sở, three people, one campaign of 2022."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx2
import pytest

from thidua_registration.service import SERVICE
from thidua_runtime.clock import VIETNAM, ManualClock
from thidua_runtime.testing import RunningSuite, SuiteFactory

UNITS = [
    {"code": "btnmt", "name": "Bộ Tài nguyên và Môi trường", "kind": "bo"},
    {"code": "vdd", "name": "Vụ Đất đai", "kind": "vu", "parent": "btnmt"},
    {"code": "stnmt-01", "name": "Sở Tài nguyên và Môi trường Hà Nội", "kind": "so"},
]
PEOPLE = [
    {"code": "CB1", "name": "Nguyễn Thị Bình", "unit": "vdd", "leads_unit": True, "post": "Vụ trưởng"},
    {"code": "CB2", "name": "Trần Văn Cường", "unit": "vdd"},
    {"code": "CB3", "name": "Lê Thị Dung", "unit": "stnmt-01"},
]
CAMPAIGN: dict[str, Any] = {
    "title": "Phong trào thi đua ngành tài nguyên và môi trường năm 2022",
    "theme": "Kỷ cương, trách nhiệm, đổi mới, hội nhập, hiệu quả",
    "year": 2022,
    "starts_on": "2022-01-01",
    "ends_on": "2022-12-31",
    "participants": ["vdd", "stnmt-01"],
    "registration_due": "2022-03-31",
    "amend_until": "2022-09-30",
    "calendar": [
        {"period": "2022-03", "report_due": "2022-04-05", "objection_until": "2022-04-10", "closes_on": "2022-04-15"}
    ],
    "criteria_sets": [{"id": "tnmt-2022-tap-the", "version": "1.0.0", "subject_kind": "collective"}],
}
SHEET: dict[str, Any] = {
    "document": {"number": "15/VDD-VP", "dated": "2022-03-10"},
    "items": [
        {
            "titles": ["TTLDXS"],
            "targets": [{"name": "Tỷ lệ đúng hạn", "value": "95", "measure": "%"}],
            "initiatives": [{"name": "Số hóa hồ sơ địa chính"}],
        },
        {"person": "CB1", "titles": ["CSTDCS"]},
        {"person": "CB2", "titles": ["LDTT"]},
    ],
}
DOOR = "/campaigns/pt-2022/registrations"


@dataclass
class Ministry:
    """A running registration service with its clients; `office` speaks for the standing office, `unit` for vdd."""

    running: RunningSuite
    clock: ManualClock
    office: httpx2.AsyncClient
    unit: httpx2.AsyncClient

    async def put(self, path: str, body: Any, **headers: str) -> Any:
        answer = await self.office.put(path, json=body, headers=headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def get(self, path: str, **parameters: Any) -> Any:
        answer = await self.office.get(path, params=parameters)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def move(self, *moves: dict[str, Any]) -> Any:
        answer = await self.office.post(f"{DOOR}/moves", json=[{"unit": "vdd", **move} for move in moves])
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def states(self) -> dict[str | None, str]:
        items = (await self.get(f"{DOOR}/vdd"))["items"]
        return {item["person"]: item["state"] for item in items}

    async def published(self, stream: str) -> list[dict[str, Any]]:
        await self.running.settle()
        return await self.running.published(stream)


@asynccontextmanager
async def opened(suite: SuiteFactory) -> AsyncIterator[Ministry]:
    """Open an empty registration service on 15 March 2022."""
    clock = ManualClock(datetime(2022, 3, 15, 9, tzinfo=VIETNAM))
    async with (
        suite(SERVICE, clock=clock) as running,
        running.client("registration") as office,
        running.client("registration", role="unit:vdd", actor="Văn thư Vụ Đất đai") as unit,
    ):
        yield Ministry(running, clock, office, unit)


@pytest.fixture
async def empty(suite: SuiteFactory) -> AsyncIterator[Ministry]:
    """Give a service that knows nothing yet."""
    async with opened(suite) as ministry:
        yield ministry


@pytest.fixture
async def ministry(empty: Ministry) -> Ministry:
    """Give a service with units, people and an open campaign."""
    await empty.put("/units", UNITS)
    await empty.put("/people", PEOPLE)
    await empty.put("/campaigns/pt-2022", CAMPAIGN)
    return empty


@pytest.fixture
async def registered(ministry: Ministry) -> Ministry:
    """Give a service in which vdd has written its sheet."""
    await ministry.put(f"{DOOR}/vdd", SHEET)
    return ministry
