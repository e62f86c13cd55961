"""Everything that scoring derives, made anew from its replicas; the scorer then makes the running scores."""

from __future__ import annotations

from thidua_runtime.database import Transaction
from thidua_scoring.handlers import find_days, mark_everybody
from thidua_scoring.queries import deriving
from thidua_scoring.queries.uses import changed_uses


async def derive(tx: Transaction) -> None:
    """Drop what is derived and mark everybody to be scored again."""
    await deriving.drop_derived(tx)
    await deriving.link_anew(tx)
    await find_days(tx, await changed_uses(tx))
    await mark_everybody(tx, await changed_uses(tx))
