"""A database of the small service on which nothing runs, so that a test sees what stays in the outbox."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from itertools import count

import pytest

from thidua_runtime.clock import VIETNAM, ManualClock
from thidua_runtime.database import Database, open_database
from thidua_runtime.migrate import migrate
from thidua_runtime.postgres import prepare_server, socket_url
from thidua_runtime.settings import Settings
from thidua_runtime.testing import FAST

from .small import SMALL

_numbers = count(1)


@pytest.fixture
async def database(postgres_folder: str) -> AsyncIterator[Database]:
    name = f"runtime{next(_numbers)}"
    await prepare_server(postgres_folder, [name], FAST)
    clock = ManualClock(datetime(2022, 3, 1, 8, tzinfo=VIETNAM))
    opened = open_database(socket_url(postgres_folder, name), SMALL, Settings.model_validate({}), clock)
    await migrate(opened.engine, SMALL)
    yield opened
    await opened.close()
