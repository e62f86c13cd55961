"""How the tables of registration hold what it publishes: every state is the body of one row."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final

from sqlalchemy import text

from thidua.contracts import Campaign, Initiative, Person, Registration, State, Unit
from thidua_registration.queries import lookups, store
from thidua_runtime.database import Transaction
from thidua_runtime.keeping import Keeping

PORTION: Final = 1_000
BODIES: Final = {model: text(f"select body::text as body from {table}") for model, table in store.TABLES.items()}  # noqa: S608
# A sheet counts the changes of its items; one that came back without it is entered and changed like any other.
ADD_SHEETS: Final = text("""
insert into sheet (campaign, unit, revision, changed_by, changed_at)
select distinct campaign, unit, 1, cast(:actor as text), now()
  from unnest(cast(:campaigns as text[]), cast(:units as text[])) as s (campaign, unit) order by campaign, unit
    on conflict (campaign, unit) do update set revision = sheet.revision + 1
""")


async def _read(model: type[State], tx: Transaction) -> AsyncIterator[Sequence[Any]]:
    async for portion in tx.portions(BODIES[model], PORTION):
        yield [model.model_validate_json(row.body) for row in portion]


async def _take(model: type[State], tx: Transaction, states: Sequence[Any], gone: Sequence[str]) -> None:
    await _drop(model, tx, gone)
    await store.save(tx, model, sorted(states, key=store.row_id))
    if states and model in _BESIDE:
        await _BESIDE[model](tx, states)


async def _drop(model: type[State], tx: Transaction, gone: Sequence[str]) -> None:
    ids = {_row_id(model, key): key for key in gone}
    found = await store.load(tx, model, ids)
    # Who moved to another unit has another key and the same row.
    await store.drop(tx, model, [id for id, stored in found.items() if stored.state.key == ids[id]])


def _row_id(model: type[State], key: str) -> str:
    return key.rpartition("/")[2] if model in (Unit, Person, Campaign, Initiative) else key


async def _take_codes(tx: Transaction, units: Sequence[Unit]) -> None:
    await lookups.replace_codes(tx, {unit.id: unit.codes for unit in units})


async def _take_sheets(tx: Transaction, registrations: Sequence[Registration]) -> None:
    campaigns, units = [one.campaign for one in registrations], [one.unit for one in registrations]
    await tx.execute(ADD_SHEETS, campaigns=campaigns, units=units, actor=tx.actor)


_BESIDE: Final[Mapping[type[State], Callable[..., Any]]] = {Unit: _take_codes, Registration: _take_sheets}

KEEPS: Final[Mapping[type[State], Keeping]] = {
    model: Keeping(partial(_read, model), partial(_take, model)) for model in store.TABLES
}
"""Every stream of registration in its table."""
