"""Gauges of monitoring: which unit's report is late while it can still be fixed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row

from thidua_monitoring.commands.missing import KINDS, REMINDERS_SENT, find_missing
from thidua_monitoring.commands.months import obstacles
from thidua_monitoring.commands.results import CLOSED
from thidua_monitoring.commands.tasks import COUNTED, SOURCE_EVENTS
from thidua_monitoring.domain.calendar import is_working_day
from thidua_monitoring.domain.months import (
    Obstacle,
    closing_moment,
    first_day,
    last_day,
    month_of,
    period_start,
    start_of_day,
)
from thidua_monitoring.domain.sources import UNKNOWN_SOURCE, load_sources
from thidua_monitoring.queries import facts, gauges, names, periods, sources
from thidua_runtime.database import Transaction
from thidua_runtime.metrics import Sample

ONE_DAY: Final = timedelta(days=1)


async def unit_gauges(tx: Transaction) -> Sequence[Sample]:
    """Names of units, once, so that every other series carries the code only."""
    day = await periods.as_of(tx)
    codes = await _codes(tx, day)
    rows = await tx.rows(gauges.UNITS, year=str(day.year))
    return [
        Sample(
            "thidua_unit_info",
            {"unit": codes[row.id], "unit_name": row.name, "cluster": row.cluster, "kind": row.kind},
            1,
        )
        for row in rows
        if row.id in codes
    ]


async def report_gauges(tx: Transaction) -> Sequence[Sample]:
    """When each report is due, whether it came, and until when a period can still be fixed."""
    day = await periods.as_of(tx)
    codes = await _codes(tx, day)
    rows = [r for r in await tx.rows(gauges.REPORTS, day=day) if period_start(r.period) <= day and r.unit in codes]
    samples: list[Sample] = []
    closes: dict[str, date] = {}
    for row in rows:
        samples += _report(codes[row.unit], row.period, row.due_on, bool(row.received))
        closes[row.period] = min(row.closes_on, closes.get(row.period, row.closes_on))
    for campaign in await names.campaigns(tx):
        samples += await _registration(tx, campaign, day, codes, closes)
    named = "thidua_period_closes_timestamp_seconds"
    samples += [Sample(named, {"period": p}, closing_moment(d).timestamp()) for p, d in sorted(closes.items())]
    return samples


def _report(unit: str, period: str, due_on: date, received: bool) -> list[Sample]:
    labels = {"unit": unit, "period": period}
    due = start_of_day(due_on + ONE_DAY).timestamp()
    return [
        Sample("thidua_report_due_timestamp_seconds", labels, due),
        Sample("thidua_report_received", labels, int(received)),
    ]


async def _registration(
    tx: Transaction, campaign: Row[Any], day: date, codes: dict[str, str], closes: dict[str, date]
) -> list[Sample]:
    body = campaign.body
    due_on = date.fromisoformat(body["registration_due"])
    until = date.fromisoformat(body.get("amend_until") or body["registration_due"]) + ONE_DAY
    if not date.fromisoformat(body["starts_on"]) <= day <= until or body.get("kind") != "thuong_xuyen":
        return []
    period = f"{body['year']}-registration"
    closes[period] = until
    missing = {m.unit for m in await find_missing(tx, campaign, date.max) if m.kind == "registration"}
    units = [unit for unit in body.get("participants", ()) if unit in codes]
    return [sample for u in units for sample in _report(codes[u], period, due_on, u not in missing)]


async def month_gauges(tx: Transaction) -> Sequence[Sample]:
    """D, N and what is still ahead, per unit and open month; overdue and due soon per unit."""
    day = await periods.as_of(tx)
    codes = await _codes(tx, day)
    this_month, next_month = month_of(day), month_of(last_day(month_of(day)) + ONE_DAY)
    first = f"{first_day(this_month).year - 1}-10"
    rows = await tx.rows(gauges.MONTHS, day=day, first_month=first, last_month=this_month)
    samples = [s for row in rows if row.unit in codes for s in _month(codes[row.unit], row)]
    overdue = await tx.rows(gauges.OVERDUE, first_month=f"{day.year}-01", last_month=f"{day.year}-12")
    soon = await tx.rows(gauges.DUE_SOON, day=day, this_month=this_month, next_month=next_month)
    late = {row.unit: int(row.overdue) for row in overdue}
    near = {row.unit: int(row.soon) for row in soon}
    for unit, code in codes.items():
        samples.append(Sample("thidua_tasks_overdue", {"unit": code}, late.get(unit, 0)))
        samples.append(Sample("thidua_tasks_due_soon", {"unit": code}, near.get(unit, 0)))
    return samples


def _month(unit: str, row: Row[Any]) -> list[Sample]:
    labels = {"unit": unit, "period": row.month}
    return [Sample(f"thidua_month_tasks_{name}", labels, getattr(row, name)) for name in ("due", "on_time", "open")]


async def closing_gauges(tx: Transaction) -> Sequence[Sample]:
    """Which months wait with closing, and for what."""
    today = tx.clock.today()
    samples = []
    for month in await periods.months(tx, None, 1000, 0):
        if month.state == CLOSED or month.closes_on > today:
            continue
        waiting = {each.reason for each in await obstacles(tx, month)}
        for reason in Obstacle:
            labels = {"period": month.month, "reason": reason.value}
            samples.append(Sample("thidua_period_close_blocked", labels, int(reason in waiting)))
    return samples


async def missing_gauges(tx: Transaction) -> Sequence[Sample]:
    """Values that are due and do not count yet, per unit and period."""
    day = await periods.as_of(tx)
    codes = await _codes(tx, day)
    missing: Counter[tuple[str, str]] = Counter()
    for campaign in await names.campaigns(tx):
        if campaign.body.get("state", "open") == "open" and await facts.inputs_of(tx, campaign.body):
            missing.update(await _missing_of(tx, campaign, day))
    return [
        Sample("thidua_facts_missing", {"unit": codes[unit], "period": period}, number)
        for (unit, period), number in sorted(missing.items())
        if unit in codes
    ]


async def _missing_of(tx: Transaction, campaign: Row[Any], day: date) -> Counter[tuple[str, str]]:
    periods_now = _open_periods(campaign.body, day)
    found = Counter({(unit, period): 0 for unit in campaign.body.get("participants", ()) for period in periods_now})
    for each in await find_missing(tx, campaign, day):
        if each.kind == "fact":
            found[each.unit, _label_period(each.period, periods_now)] += 1
    return found


def _open_periods(campaign: dict[str, Any], day: date) -> list[str]:
    dates = campaign.get("calendar", ())
    year = str(campaign["year"])
    return [year] + [
        d["period"] for d in dates
        if d["period"] != year and period_start(d["period"]) <= day <= date.fromisoformat(d["closes_on"]) + ONE_DAY
    ]  # fmt: skip


def _label_period(period: str, open_periods: Iterable[str]) -> str:
    # What a quarter or a closed month still owes can be mended until the year closes: shown there.
    return period if period in open_periods else period[:4]


async def waiting_gauges(tx: Transaction) -> Sequence[Sample]:
    """What waits for someone's act, the recount's differences, and whether today is a working day."""
    rows = await tx.rows(gauges.WAITING)
    samples = [Sample("thidua_waiting_for_person", {"kind": row.kind}, row.waiting) for row in rows]
    until = "thidua_waiting_for_person_deadline_timestamp_seconds"
    for row in rows:
        if row.until is not None:
            samples.append(Sample(until, {"kind": row.kind}, start_of_day(row.until + ONE_DAY).timestamp()))
    for row in await tx.rows(gauges.RECOUNT):
        samples.append(Sample("thidua_recount_difference", {"counter": row.counter}, row.differing))
    samples.append(Sample("thidua_working_day", {}, int(is_working_day(tx.clock.today()))))
    return samples


async def source_gauges(tx: Transaction) -> Sequence[Sample]:
    """When each source last sent something, and until when it vouches."""
    config = load_sources(tx.settings.sources_file)
    newest: dict[tuple[str, str], datetime] = {}
    for row in await sources.sources(tx, 1000, 0):
        label = config.label(row.name)
        for name, moment in (("last_event", row.last_event_at), ("complete_until", row.complete_until)):
            if moment is not None:
                newest[label, name] = max(moment, newest.get((label, name), moment))
    return [
        Sample(f"thidua_source_{name}_timestamp_seconds", {"source": label}, moment.timestamp())
        for (label, name), moment in sorted(newest.items())
    ]


async def known_counters(tx: Transaction) -> Sequence[Sample]:
    """Events of every source known so far, by outcome, and reminders by kind."""
    config = load_sources(tx.settings.sources_file)
    met = {config.label(row.name) for row in await sources.sources(tx, 1000, 0)}
    named = sorted({UNKNOWN_SOURCE, *met, *(source.name for source in config.sources)})
    return [
        *(Sample(SOURCE_EVENTS, {"source": name, "outcome": outcome}, 0) for name in named for outcome in COUNTED),
        *(Sample(REMINDERS_SENT, {"kind": kind}, 0) for kind in KINDS),
    ]


async def _codes(tx: Transaction, day: date) -> dict[str, str]:
    return {unit: row.code for unit, row in (await names.units_on(tx, day)).items()}


GAUGES: Final = (
    unit_gauges, report_gauges, month_gauges, closing_gauges, missing_gauges, waiting_gauges, source_gauges,
)  # fmt: skip
"""All gauge sources of the service."""

COUNTERS: Final = (known_counters,)
"""All counters whose labels are known when the service starts."""
