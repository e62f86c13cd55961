"""One sample year for all tests of this folder: it is frozen, so nobody can spoil it for another."""

import pytest
from thidua_sample.generate import SampleYear, generate


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def year() -> SampleYear:
    return generate(2022)
