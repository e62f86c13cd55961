"""A verb per followed stream: what monitoring does when something elsewhere changes."""

from __future__ import annotations

from datetime import date, timedelta

import structlog
from sqlalchemy import text

from thidua.contracts import Campaign, Erasure, Person, SourceMark, TaskReport, Unit
from thidua_monitoring.commands.decisions import lay_over
from thidua_monitoring.commands.marks import take_marks
from thidua_monitoring.commands.reports import expect_reports
from thidua_monitoring.commands.results import publish_months
from thidua_monitoring.commands.tasks import take_reports
from thidua_monitoring.domain.calendar import rolled_days
from thidua_monitoring.domain.months import month_of
from thidua_monitoring.domain.sources import load_sources
from thidua_monitoring.queries import erasing, months, names, periods
from thidua_runtime import replicas
from thidua_runtime.consume import reapply
from thidua_runtime.database import Transaction
from thidua_runtime.records import Batch
from thidua_runtime.web import forget_answers

log = structlog.get_logger()

# A deadline rolls by days, over Tết by nine at most: two weeks on both sides hold every task concerned.
ROLLING_MARGIN = timedelta(days=14)
TASKS_BETWEEN = text("""
select source, source_id from task
 where month between :first_month and :last_month
   and (counted_deadline between :first and :last or open_deadline between :first and :last)
union
select source, source_id from task
 where open_deadline <> counted_deadline and open_deadline between :first and :last
 order by source, source_id
""")


async def record_tasks(batch: Batch[TaskReport], tx: Transaction) -> None:
    """Store changed tasks and publish the months they move."""
    await take_reports(tx, batch.arrivals)


async def record_marks(batch: Batch[SourceMark], tx: Transaction) -> None:
    """Move the marks of sources forward."""
    await take_marks(tx, {mark.source: mark.complete_until for mark in batch.states})


async def follow_units(batch: Batch[Unit], tx: Transaction) -> None:
    """Keep units; reports they owe are written, tasks that waited for them are applied."""
    changed = await replicas.keep(batch, tx)
    if not changed:
        return
    await _wait_for_batches(tx)
    await expect_reports(tx)
    config = load_sources(tx.settings.sources_file)
    codes = {code for found in (await names.unit_codes(tx, changed)).values() for code in found}
    known = {alias for code in (*codes, *changed) for alias in config.their_codes(code)}
    await reapply(tx, await tx.unpark(f"units/{code}" for code in known))


async def follow_people(batch: Batch[Person], tx: Transaction) -> None:
    """Keep people; tasks that waited for them are applied."""
    if not await replicas.keep(batch, tx):
        return
    await _wait_for_batches(tx)
    await reapply(tx, await tx.unpark(f"people/{name}" for p in batch.states for name in (p.code, p.id)))


async def follow_erasures(batch: Batch[Erasure], tx: Transaction) -> None:
    """Remove what is kept of erased people; the tasks themselves are the unit's and stay."""
    changed = frozenset(await replicas.keep(batch, tx))
    await _wait_for_batches(tx)
    if changed:
        await forget_answers(tx)
    for one in batch.states:
        if one.key in changed:
            log.info("person erased", person=one.person, **await erasing.remove(tx, one.person))


async def _wait_for_batches(tx: Transaction) -> None:
    # A batch of tasks that did not find a unit yet may be parking its events right now. Whoever holds the
    # as-of row alone comes after that batch and before the next one, so that no event is left waiting.
    await periods.lock_as_of(tx)
    await periods.note_names(tx)


async def follow_campaigns(batch: Batch[Campaign], tx: Transaction) -> None:
    """Keep campaigns; their calendar makes months and reports, their rolling deadlines change tasks."""
    as_of = await periods.lock_as_of(tx)
    if not await replicas.keep(batch, tx):
        return
    changed = await take_calendar(tx, as_of)
    await expect_reports(tx)
    await publish_months(tx, await months.subjects(tx, changed), as_of)


async def take_calendar(tx: Transaction, as_of: date) -> list[str]:
    """Make months and rolling deadlines of the calendars that are kept; return the months that changed."""
    changed = await periods.save_months(tx)
    changed += await periods.publish_past_months(tx, month_of(as_of))
    await _roll_deadlines(tx, as_of)
    return changed


async def _roll_deadlines(tx: Transaction, as_of: date) -> None:
    spans = [
        (date.fromisoformat(row.body["starts_on"]), date.fromisoformat(row.body["ends_on"]))
        for row in await names.campaigns(tx)
        if row.body.get("deadline_rolls_to_working_day")
    ]
    changed = await periods.replace_rolled_days(tx, rolled_days(spans))
    if not changed:
        return
    first, last = min(changed) - ROLLING_MARGIN, max(changed) + ROLLING_MARGIN
    rows = await tx.rows(TASKS_BETWEEN, first=first, last=last, first_month=month_of(first), last_month=month_of(last))
    if rows:
        await lay_over(tx, [(row.source, row.source_id) for row in rows], as_of)
