from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from .year import Copy, Year, play_a_year


@pytest.fixture(scope="session")
def year(postgres_folder: str, tmp_path_factory: pytest.TempPathFactory) -> Year:
    return asyncio.run(play_a_year(postgres_folder, tmp_path_factory.mktemp("backups")))


@pytest.fixture
async def copy(year: Year) -> AsyncIterator[Copy]:
    async with year.copy() as opened:
        yield opened
