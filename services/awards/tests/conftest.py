"""What the tests of this service share: the small year, and a suite that holds it."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from thidua_awards.service import SERVICE
from thidua_runtime.clock import VIETNAM, ManualClock
from thidua_runtime.testing import RunningSuite, SuiteFactory, heartbeats

FAR_AHEAD = datetime(2200, 1, 1, tzinfo=VIETNAM)


def _neighbour(name: str) -> Any:
    # Tests are imported by file (importlib mode), so a module beside them is loaded by its path.
    spec = importlib.util.spec_from_file_location(f"awards_{name}", Path(__file__).with_name(f"{name}.py"))
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def year() -> Any:
    """The small year 2022 of `year2022.py`."""
    return _neighbour("year2022")


@pytest.fixture(scope="session")
def council() -> Any:
    """The council of `council_year.py`."""
    return _neighbour("council_year")


@pytest.fixture
def awards(suite: SuiteFactory, year: Any) -> Callable[[], AbstractAsyncContextManager[RunningSuite]]:
    """Open the service with the department, its registrations and ratings delivered, at the end of 2022.

    Every stream has passed every cut; `test_cuts.py` looks at those that have not.
    """

    @asynccontextmanager
    async def opened() -> AsyncIterator[RunningSuite]:
        clock = ManualClock(datetime(2022, 12, 31, 9, tzinfo=VIETNAM))
        async with suite(SERVICE, clock=clock) as running:
            await running.deliver(*year.department(), *year.registrations())
            await running.deliver_raw(*heartbeats(SERVICE, FAR_AHEAD))
            await running.settle()
            yield running

    return opened
