"""What happens by the clock."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from sqlalchemy import text

from thidua_monitoring.commands.missing import remind
from thidua_monitoring.commands.months import close_due_months, roll_to
from thidua_monitoring.domain.sources import load_sources
from thidua_monitoring.queries import names, periods, recounting, sources
from thidua_runtime.consume import reapply
from thidua_runtime.database import Transaction
from thidua_runtime.jobs import Job

KEEP_EVENTS_DAYS: Final = 35
"""As long as the inbox itself: afterwards nobody can ask about an event that is not there any more."""

WAITING: Final = text("select distinct waits_for from thidua.parked where stream = 'tasks' order by waits_for")


async def roll_day(day: date, tx: Transaction) -> None:
    """Move the as-of day to today."""
    await roll_to(tx, day)


async def close_months(day: date, tx: Transaction) -> None:
    """Close the months whose day has come and that nothing blocks."""
    await close_due_months(tx, day)


async def send_reminders(day: date, tx: Transaction) -> None:
    """Remind of what is missing or late."""
    await remind(tx, day)


async def recount(day: date, tx: Transaction) -> None:
    """Compare the counters with a recount from the ledger; the metric of the difference must be 0.

    Both are read at one glance, so that nobody has to wait for it: neither the day nor the marks of sources.
    """
    await recounting.compare(tx, await periods.as_of(tx))


async def retry_references(day: date, tx: Transaction) -> None:
    """Apply events whose unit or person is known by now.

    Nearly all are applied when the reference arrives; this catches those that a changed sources file makes
    readable. What waits longer than its grace stays parked and is shown as a dead letter (`reference`).
    """
    waiting = [row.waits_for for row in await tx.rows(WAITING)]
    if not waiting:
        return
    config = load_sources(tx.settings.sources_file)
    codes = [name.partition("/")[2] for name in waiting]
    # A mapping the file has gained since turns the code an event waits for into another one.
    known = await names.names_of(
        tx, {*codes, *(config.our_code(s.name, c) for s in config.sources for c in codes)}, codes
    )
    mapped = {their for s in config.sources for their, ours in s.units.items() if ours in known.units}
    ready = [n for n, c in zip(waiting, codes, strict=True) if c in known.units or c in known.people or c in mapped]
    if ready:
        await reapply(tx, await tx.unpark(ready))


async def forget_events(day: date, tx: Transaction) -> None:
    """Drop the fates of events older than the inbox."""
    await tx.execute(sources.FORGET_EVENTS, before=tx.clock.now() - timedelta(days=KEEP_EVENTS_DAYS))


JOBS: Final = (
    Job("roll_day", roll_day),
    Job("close_months", close_months, every="minute"),
    Job("remind", send_reminders, beside=True),
    Job("recount", recount, at_a_glance=True),
    Job("retry_references", retry_references, beside=True),
    Job("forget_events", forget_events, beside=True),
)
"""In the order of the morning: the day moves before anything is closed or reminded of."""
