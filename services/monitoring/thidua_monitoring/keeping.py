"""How the tables of monitoring hold what it publishes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Final

from sqlalchemy import text

from thidua.contracts import Fact, MonthlyResult, Reminder, Report, State
from thidua_monitoring.commands.facts import fact_states
from thidua_monitoring.commands.missing import reminder_state
from thidua_monitoring.commands.reports import report_state
from thidua_monitoring.commands.results import known_states
from thidua_monitoring.domain.months import month_of
from thidua_monitoring.queries import adopting, periods
from thidua_monitoring.queries.decoded import Decoded
from thidua_runtime.database import Transaction
from thidua_runtime.keeping import Keeping

PORTION: Final = 1_000
REPORTS: Final = text("select * from report").columns(document=Decoded)
REMINDERS: Final = text("select * from reminder")
FACTS: Final = text("select subject, campaign, input, stated_by from fact order by 1, 2, 3, 4")
# A person's month is published once it has begun; of a unit every month that its own report tells of.
PAIRS: Final = text("""
select month, subject from month_counter as c
 where month <= :current or exists (select from replica_units as u where u.key = c.subject)
union select month, unit from declared_total
union select month, subject from month_result
union select p.month, u.key from month_period as p cross join replica_units as u
 order by month, subject
""")


async def _read_months(tx: Transaction) -> AsyncIterator[Sequence[MonthlyResult]]:
    as_of = await periods.as_of(tx)
    async for portion in tx.portions(PAIRS, PORTION, current=month_of(as_of)):
        yield await known_states(tx, [(row.month, row.subject) for row in portion], as_of)


async def _read_reports(tx: Transaction) -> AsyncIterator[Sequence[Report]]:
    async for portion in tx.portions(REPORTS, PORTION):
        yield [report_state(dict(row._mapping)) for row in portion]


async def _read_facts(tx: Transaction) -> AsyncIterator[Sequence[Fact]]:
    async for portion in tx.portions(FACTS, PORTION):
        yield await fact_states(tx, [(row.subject, row.campaign, row.input, row.stated_by) for row in portion])


async def _read_reminders(tx: Transaction) -> AsyncIterator[Sequence[Reminder]]:
    async for portion in tx.portions(REMINDERS, PORTION):
        yield [reminder_state(row) for row in portion]


KEEPS: Final[Mapping[type[State], Keeping]] = {
    MonthlyResult: Keeping(_read_months, adopting.take_months),
    Report: Keeping(_read_reports, adopting.take_reports),
    Fact: Keeping(_read_facts, adopting.take_facts),
    Reminder: Keeping(_read_reminders, adopting.take_reminders),
}
