from __future__ import annotations

import pytest

from thidua_runtime.errors import StillRunning, VersionsBehind
from thidua_runtime.restoring import Recovery, restore

from .year import Copy, lines_of, only, services

pytestmark = [pytest.mark.anyio, pytest.mark.xdist_group("recovery")]


@pytest.mark.parametrize("service", sorted(services()))
async def test_a_service_from_an_old_backup_does_not_start_and_names_the_command(copy: Copy, service: str) -> None:
    copy.put_back(service)
    assert await copy.differing() != []
    with pytest.raises(VersionsBehind, match=f"thidua restore {service}"):
        async with copy.running():
            pass


@pytest.mark.parametrize("service", sorted(services()))
async def test_after_restoring_twice_owner_and_followers_agree_and_no_ghost_is_left(copy: Copy, service: str) -> None:
    copy.put_back(service)
    for _ in range(2):
        async with copy.stopped(service) as recovery:
            await restore(recovery, adopt=False)
    async with copy.running():
        pass
    assert await copy.differing() == []
