"""Everything that monitoring derives: standings, counters, deadlines that roll, and the reports that are owed."""

from __future__ import annotations

from thidua_monitoring.commands.reports import expect_reports
from thidua_monitoring.handlers import take_calendar
from thidua_monitoring.queries import periods, recounting
from thidua_runtime.database import Transaction


async def derive(tx: Transaction) -> None:
    """Make months and rolling deadlines of the calendars, and count anew what the ledger holds."""
    as_of = await periods.lock_as_of(tx)
    await take_calendar(tx, as_of)
    await expect_reports(tx)
    await recounting.count_anew(tx, as_of)
