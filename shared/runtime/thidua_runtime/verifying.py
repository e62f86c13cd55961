"""`thidua verify`: whether every stream says the same at its owner, on the log and at every follower."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from thidua.contracts import STREAMS, State
from thidua_runtime.consume import stored_positions
from thidua_runtime.contents import (
    Content,
    Contents,
    Log,
    at_follower,
    at_owner,
    digest_of_all,
    read_log,
    unsent,
)
from thidua_runtime.places import Place

LOOKS: Final = 3
LOOK_AGAIN_SECONDS: Final = 1.0
"""Between two looks at a stream that seemed to differ: while services run, what differs for a moment is on its way."""


@dataclass(frozen=True)
class Look:
    """What one party holds of one stream, and the keys of which it says something else than the log.

    `party` is a service, or `log`; `waiting` counts keys on their way: not yet sent, or not yet read.
    `differing` gives a sentence per key.
    """

    stream: str
    party: str
    is_owner: bool
    number: int
    digest: str
    waiting: int = 0
    differing: Mapping[str, str] = field(default_factory=dict)


async def verify(place: Place, again_seconds: float = LOOK_AGAIN_SECONDS) -> list[Look]:
    """Compare every stream that one of the opened services owns or follows; the log first, then owner and followers."""
    found: list[Look] = []
    for model in STREAMS.values():
        if model.owner:
            found += await _verify_patiently(place, model, again_seconds)
    return found


async def _verify_patiently(place: Place, model: type[State], again_seconds: float) -> list[Look]:
    looks = await _verify(place, model)
    for _ in range(LOOKS - 1):
        if not any(look.differing for look in looks):
            break
        await asyncio.sleep(again_seconds)
        looks = _lasting(looks, await _verify(place, model))
    return looks


def _lasting(before: list[Look], now: list[Look]) -> list[Look]:
    """Keep the keys that differ in both looks: the others were on their way."""
    return [
        replace(new, differing={key: why for key, why in new.differing.items() if key in old.differing})
        for old, new in zip(before, now, strict=True)
    ]


async def _verify(place: Place, model: type[State]) -> list[Look]:
    parties = [
        name
        for name, service in place.services.items()
        if model in service.keeps or (model in service.follows and model not in service.owns)
    ]
    if not parties:
        return []
    log = await read_log(place.bus, model)
    looks = [Look(model.stream, "log", False, len(log.live), digest_of_all(log.live))]
    for name in sorted(parties, key=lambda name: name != model.owner):
        looks.append(await _look(place, name, model, log))
    return looks


async def _look(place: Place, name: str, model: type[State], log: Log) -> Look:
    service, database = place.services[name], place.databases[name]
    is_owner = model in service.owns
    async with database.transaction("verify") as tx:
        if is_owner:
            held = await at_owner(tx, model, service.keeps[model])
            waiting = await unsent(tx, model)
        else:
            held = await at_follower(tx, model)
            waiting = log.unread((await stored_positions(database, model.stream)).next_offset)
    differing = _differing(held, log.live, waiting)
    return Look(model.stream, name, is_owner, len(held), digest_of_all(held), len(waiting), differing)


def _differing(held: Contents, live: Contents, waiting: frozenset[str]) -> dict[str, str]:
    keys = sorted((held.keys() | live.keys()) - waiting)
    return {key: _sentence(held.get(key), live.get(key)) for key in keys if not _agree(held.get(key), live.get(key))}


def _agree(here: Content | None, there: Content | None) -> bool:
    return here is not None and there is not None and here.agrees_with(there)


def _sentence(here: Content | None, there: Content | None) -> str:
    if here is None:
        return "is on the log and not here"
    if there is None:
        return "is here and not on the log"
    if not here.digest:
        return "is on the log and in no table of its owner"
    if here.version != there.version:
        return f"is version {here.version} here, {there.version} on the log"
    return "says something else than the log under the same version"
