"""What `thidua verify`, `thidua restore` and `thidua rebuild` do, from their settings to what they print."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from pathlib import Path

from thidua_runtime.installed import installed_services
from thidua_runtime.places import open_place
from thidua_runtime.printing import grid, printer
from thidua_runtime.rebuilding import rebuild
from thidua_runtime.restoring import Recovery, republish, restore
from thidua_runtime.service import load_service
from thidua_runtime.settings import read_settings
from thidua_runtime.verifying import Look, verify


def verify_all(names: Sequence[str], data: Path | None, keys: int) -> bool:
    """Print how streams agree, and at most `keys` that differ per stream and party; return whether all agree."""
    looks = asyncio.run(_looks(names, data))
    table = grid("stream", "where", "keys", "hash", "on their way", "differing")
    for look in looks:
        where = f"{look.party} (owner)" if look.is_owner else look.party
        differing = f"[red]{len(look.differing)}[/]" if look.differing else "0"
        table.add_row(look.stream, where, str(look.number), look.digest, str(look.waiting), differing)
    console = printer()
    console.print(table)
    for look in looks:
        for key, sentence in list(look.differing.items())[:keys]:
            console.print(f"{look.stream} at {look.party}: {key} {sentence}", soft_wrap=True, markup=False)
    return not any(look.differing for look in looks)


def restore_service(name: str, data: Path | None, *, adopt: bool) -> None:
    """Bring a service back whose database came from a backup."""
    asyncio.run(_with(name, data, partial(restore, adopt=adopt)))


def rebuild_service(name: str, data: Path | None) -> None:
    """Make everything derived of a service anew from the log, and say how long it took."""
    begun = time.monotonic()
    asyncio.run(_with(name, data, rebuild))
    print(f"rebuilt in {time.monotonic() - begun:.1f} seconds")


def republish_service(name: str, data: Path | None) -> None:
    """Publish every state of a service anew."""
    asyncio.run(_with(name, data, republish))


async def _with(name: str, data: Path | None, act: Callable[[Recovery], Awaitable[None]]) -> None:
    service = load_service(name)
    async with open_place(data, [service], read_settings()) as place:
        await act(Recovery(service, place.databases[name], place.bus, print))


async def _looks(names: Sequence[str], data: Path | None) -> list[Look]:
    services = [load_service(name) for name in names or installed_services()]
    async with open_place(data, services, read_settings()) as place:
        return await verify(place)
