"""The simulation is worth what it notices: without each guard of promise 1 some seed ends wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text

import thidua_runtime.consume as consume_module
import thidua_runtime.embedded as embedded_module
from thidua_runtime.relay import Relay

from .ground import Ground
from .scheduler import CountingLoop
from .seeds import what_is_wrong
from .simulation import Outcome, run_story

pytestmark = [pytest.mark.anyio, pytest.mark.drill]

MOST_SEEDS = 60
"""So many seeds may pass before the first one notices that a guard is gone; most of them notice within ten."""
DROP = text("delete from thidua.outbox where id = any(cast(:ids as bigint[]))")

Guard = Callable[[pytest.MonkeyPatch], None]


def without_fencing(patch: pytest.MonkeyPatch) -> None:
    guarded = str(embedded_module.APPEND)
    unguarded = guarded.replace("where cast(:unguarded as boolean)", "where true or cast(:unguarded as boolean)")
    assert unguarded != guarded
    patch.setattr(embedded_module, "APPEND", text(unguarded))


def rows_deleted_before_they_are_sent(patch: pytest.MonkeyPatch) -> None:
    send = Relay._send

    async def forget_and_send(self: Relay, rows: list[Any]) -> int:
        await self.database.alone(DROP, ids=[row.id for row in rows])
        return await send(self, rows)

    patch.setattr(Relay, "_send", forget_and_send)


def positions_stored_before_the_effects(patch: pytest.MonkeyPatch) -> None:
    take = consume_module._take

    async def take_for_good(tx: Any, inlet: Any, records: Any) -> Any:
        async with inlet.database.transaction() as own:
            return await take(own, inlet, records)

    patch.setattr(consume_module, "_take", take_for_good)


@pytest.fixture(scope="module")
def anyio_backend() -> tuple[str, dict[str, object]]:
    return "asyncio", {"loop_factory": CountingLoop}


@pytest.fixture(scope="module")
def undisturbed() -> dict[str, Outcome]:
    return {}


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    "take_out",
    [
        without_fencing, rows_deleted_before_they_are_sent, positions_stored_before_the_effects,
    ],
)  # fmt: skip
async def test_without_this_guard_some_seed_of_the_simulation_ends_wrong(
    take_out: Guard, ground: Ground, undisturbed: dict[str, Outcome], monkeypatch: pytest.MonkeyPatch
) -> None:
    if not undisturbed:
        undisturbed[""] = await run_story(None, ground)
    take_out(monkeypatch)
    for seed in range(MOST_SEEDS):
        found = await _what_is_wrong(seed, ground, undisturbed[""])
        if found:
            print(f"seed {seed}: {found[0]}")
            return
    pytest.fail(f"{MOST_SEEDS} seeds noticed nothing")


async def _what_is_wrong(seed: int, ground: Ground, undisturbed: Outcome) -> list[str]:
    try:
        outcome = await run_story(seed, ground)
    except Exception as error:
        # A service that ended, or a story that nobody answers, is noticed as well.
        return [repr(error)]
    return what_is_wrong(outcome, undisturbed)
