from __future__ import annotations

import pytest

from thidua_runtime.errors import StillRunning, TopicRecreated, VersionsBehind
from thidua_runtime.restoring import restore

from ..flows.thidua_command import difference
from .year import Copy, each_service, lines_of, services

pytestmark = [pytest.mark.anyio, pytest.mark.drill, pytest.mark.xdist_group("recovery")]


@pytest.mark.parametrize("service", each_service("monitoring", "scoring", "awards"))
async def test_from_an_old_backup_it_names_the_command_after_which_even_twice_all_agree(
    copy: Copy, service: str
) -> None:
    copy.put_back(service)
    assert await copy.differing() != []
    with pytest.raises(VersionsBehind, match=f"thidua restore {service}"):
        async with copy.running():
            pass
    for _ in range(2):
        async with copy.stopped(service) as recovery:
            await restore(recovery, adopt=False)
    async with copy.running():
        pass
    assert await copy.differing() == []


async def test_adopting_brings_back_everything_that_registration_published_since(copy: Copy) -> None:
    copy.put_back("registration")
    async with copy.stopped("registration") as recovery:
        await restore(recovery, adopt=True)
    async with copy.running():
        pass
    assert await copy.differing() == []
    assert difference(await copy.state(), copy.year.state) == []


# What each of them decided in the second half of the year; what is derived comes out again of what it rests on.
DECIDED = {
    "monitoring": ("reports", "facts", "reminders"),
    "scoring": ("criteria-sets", "scores"),
    "awards": ("decisions",),
}


SLOW_SCORING = pytest.param("scoring", marks=pytest.mark.slow)


@pytest.mark.parametrize("service", [*sorted({*DECIDED} - {"scoring"}), SLOW_SCORING])
async def test_adopting_brings_back_what_people_decided_since_the_backup(copy: Copy, service: str) -> None:
    copy.put_back(service)
    async with copy.stopped(service) as recovery:
        await restore(recovery, adopt=True)
    async with copy.running():
        pass
    assert await copy.differing() == []
    state = await copy.state()
    assert lines_of(state, *DECIDED[service]) == lines_of(copy.year.state, *DECIDED[service])
    closed = [line for line in lines_of(copy.year.state, "monthly-results") if '"state": "closed"' in line]
    assert set(closed) <= set(lines_of(state, "monthly-results"))


async def test_a_running_service_is_not_restored(copy: Copy) -> None:
    async with copy.running(), copy.stopped("awards") as recovery:
        with pytest.raises(StillRunning, match="awards is still running"):
            await restore(recovery, adopt=False)


async def test_a_lost_log_is_noticed_and_filled_again_by_its_owners(copy: Copy) -> None:
    await copy.lose_log()
    with pytest.raises(TopicRecreated, match="made anew"):
        async with copy.running():
            pass
    for service in services():
        async with copy.stopped(service) as recovery:
            await restore(recovery, adopt=False)
    async with copy.running():
        pass
    assert await copy.differing() == []
    assert difference(await copy.state(), copy.year.state) == []
