"""A database of the small service on which nothing runs, so that a test sees what stays in the outbox."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime

import pytest

from thidua_runtime.clock import VIETNAM, ManualClock
from thidua_runtime.database import Database, open_database
from thidua_runtime.settings import Settings
from thidua_runtime.testing_databases import Databases

from .small import SMALL


@pytest.fixture
async def database(databases: Databases) -> AsyncIterator[Database]:
    clock = ManualClock(datetime(2022, 3, 1, 8, tzinfo=VIETNAM))
    async with databases.of_services([SMALL]) as urls:
        opened = open_database(urls[SMALL.name], SMALL, Settings.model_validate({}), clock)
        yield opened
        await opened.close()
