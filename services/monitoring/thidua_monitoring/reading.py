"""What the API shows: pages of tasks, sources, decisions, months, reports, facts, reminders."""

# ruff: noqa: S608 (statements are put together from constants, never from values)

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Final

import orjson
from sqlalchemy import Row, text

from thidua.contracts import TaskReport
from thidua_monitoring.commands.missing import find_missing
from thidua_monitoring.commands.results import state_of
from thidua_monitoring.domain.deadlines import contradictions
from thidua_monitoring.domain.sources import load_sources
from thidua_monitoring.errors import SourceUnknown
from thidua_monitoring.queries import decisions, facts, months, names, periods, sources
from thidua_monitoring.queries.ledger import HASH_SQL, REPORT_SQL
from thidua_runtime.database import Transaction
from thidua_runtime.web import Page

TASKS: Final = text(f"""
select t.source, t.source_id, t.version, t.unit, t.month, {REPORT_SQL}->>'title' as title, t.counted_deadline,
       t.open_deadline, t.completed_on, t.ended_on, t.secret, t.standing, t.people, t.weight, t.unknown_fields,
       t.report_bytes, encode({HASH_SQL}, 'hex') as content_hash, t.received_at
  from task as t
 where (cast(:unit as text) is null or t.unit = :unit) and (cast(:month as text) is null or t.month = :month)
   and (cast(:state as text) is null or t.standing = :state)
 order by t.month, t.unit, t.source, t.source_id limit :limit offset :offset
""")

TASK_COUNTS: Final = text("""
select standing, count(*) as tasks from task as t
 where (cast(:unit as text) is null or t.unit = :unit) and (cast(:month as text) is null or t.month = :month)
 group by standing order by standing
""")

UNIT_MONTHS: Final = text("""
select month from month_counter where subject = :subject
union select month from month_result where subject = :subject
union select month from declared_total where unit = :subject
 order by month limit :limit offset :offset
""")

REMINDERS: Final = text("""
select * from reminder
 where (cast(:unit as text) is null or unit = :unit) and (:settled or not settled)
 order by due_on, subject, what limit :limit offset :offset
""")


def plain(row: Row[Any]) -> dict[str, Any]:
    """Return a row as a JSON object."""
    return dict(row._mapping)


async def _unit(tx: Transaction, code: str | None) -> str | None:
    return None if code is None else await names.unit_id(tx, code, tx.clock.today())


async def list_tasks(tx: Transaction, unit: str | None, month: str | None, state: str | None, page: Page) -> Any:
    """Return tasks of a unit or month with where they stand on the as-of day."""
    found = await tx.rows(
        TASKS, unit=await _unit(tx, unit), month=month, state=state, limit=page.limit, offset=page.offset
    )
    return {"as_of": await periods.as_of(tx), "tasks": [plain(row) for row in found]}


async def count_tasks(tx: Transaction, unit: str | None, month: str | None) -> Any:
    """Return how many tasks of a unit or month stand where on the as-of day, and how many there are."""
    found = await tx.rows(TASK_COUNTS, unit=await _unit(tx, unit), month=month)
    counts = {row.standing: row.tasks for row in found}
    return {"as_of": await periods.as_of(tx), "total": sum(counts.values()), "by_state": counts}


async def list_sources(tx: Transaction, page: Page) -> Any:
    """Return each source: last event, complete-until mark, counts by outcome, contact, whether it is silent."""
    config = load_sources(tx.settings.sources_file)
    heard = {row.name: plain(row) for row in await sources.sources(tx, page.limit, page.offset)}
    now = tx.clock.now()
    answer = []
    for name in sorted({*heard, *(source.name for source in config.sources)}):
        source = config.named(name)
        known = heard.get(name, {"name": name})
        last = known.get("last_event_at")
        hours = 48 if source is None else source.silent_after_hours
        answer.append({
            **known, "title": source.title if source else "", "contact": source.contact if source else "",
            "configured": source is not None, "silent": last is None or last < now - timedelta(hours=hours),
        })  # fmt: skip
    return {"sources": answer}


async def list_events(tx: Transaction, name: str, outcome: str | None, page: Page) -> Any:
    """Return what became of a source's events, by outcome."""
    if await tx.row(sources.SOURCE, name=name) is None and load_sources(tx.settings.sources_file).named(name) is None:
        raise SourceUnknown(name=name)
    window = {"source": name, "limit": page.limit, "offset": page.offset}
    if outcome == "applied":
        rows = await tx.rows(sources.APPLIED_EVENTS, **window)
    elif outcome == "parked":
        rows = await tx.rows(sources.PARKED_EVENTS, **window)
    elif outcome == "dead_letter":
        mine = [line for row in await tx.rows(sources.DEAD_EVENTS) if (line := _dead_event(row, name))]
        return {"source": name, "outcome": outcome, "events": mine[page.offset : page.offset + page.limit]}
    else:
        rows = await tx.rows(sources.EVENTS, outcome=outcome, **window)
    return {"source": name, "outcome": outcome, "events": [plain(row) for row in rows]}


def _dead_event(row: Row[Any], source: str) -> dict[str, Any] | None:
    try:
        found = orjson.loads(bytes(row.body or b""))
    except orjson.JSONDecodeError:
        found = None
    named = found if isinstance(found, dict) else {}
    if source not in (row.source, named.get("source")):
        return None
    return {
        "source_id": named.get("source_id"), "outcome": "dead_letter", "version": row.version,
        "reason": row.sentence, "times": 1, "at": row.received_at,
    }  # fmt: skip


async def list_decisions(tx: Transaction, state: str | None, page: Page) -> Any:
    """Return decisions and requests, newest first."""
    return {"decisions": [plain(row) for row in await decisions.listed(tx, state, page.limit, page.offset)]}


async def list_contradictions(tx: Transaction, page: Page) -> Any:
    """Return what sources report against decisions taken here, and tasks whose unit a source changed."""
    rows = await decisions.decided_tasks(tx, page.limit, page.offset)
    approved = await decisions.approved(tx, [(row.source, row.source_id) for row in rows])
    answer = []
    for row in rows:
        mine = approved.get((row.source, row.source_id), ())
        found = list(contradictions(TaskReport.model_validate(row.report), mine))
        if row.moved_from is not None and row.moved_from != row.unit:
            found.append("Nguồn đổi đơn vị của nhiệm vụ mà không có văn bản giao lại.")
        if found:
            answer.append({"source": row.source, "source_id": row.source_id, "unit": row.unit, "sentences": found})
    return {"contradictions": answer}


async def list_months(tx: Transaction, campaign: str | None, page: Page) -> Any:
    """Return the months of a campaign's calendar and their states."""
    key = None if campaign is None else (await names.campaign(tx, campaign)).key
    rows = await periods.months(tx, key, page.limit, page.offset)
    return {"as_of": await periods.as_of(tx), "months": [plain(row) for row in rows]}


async def subject_months(tx: Transaction, code: str, page: Page) -> Any:
    """Return the figures of a unit (by code) or a person (by id) in every month known."""
    people = await facts.subjects(tx, [code])
    subject = code if code in people else await names.unit_id(tx, code, tx.clock.today())
    found = await tx.rows(UNIT_MONTHS, subject=subject, limit=page.limit, offset=page.offset)
    pairs = [(row.month, subject) for row in found]
    as_of = await periods.as_of(tx)
    work = await months.work(tx, pairs)
    lines = []
    for row in await months.figures(tx, pairs):
        state = state_of(row, work.get((row.month, row.subject), ()), as_of)
        rate = {"numerator": state.on_time, "denominator": state.due} if state.due else None
        lines.append({**state.model_dump(mode="json", exclude={"version"}), "ahead": row.ahead, "rate": rate})
    return {"subject": subject, "as_of": as_of, "months": lines}


async def list_corrections(tx: Transaction, month: str | None, state: str, page: Page) -> Any:
    """Return corrections of closed months, what was closed beside what the ledger says now."""
    rows = await tx.rows(months.CORRECTIONS, month=month, state=state, limit=page.limit, offset=page.offset)
    return {"as_of": await periods.as_of(tx), "corrections": [plain(row) for row in rows]}


async def list_reports(
    tx: Transaction, campaign: str | None, unit: str | None, period: str | None, state: str | None, page: Page
) -> Any:
    """Return what units owe per period and whether it came."""
    key = None if campaign is None else (await names.campaign(tx, campaign)).key
    rows = await periods.reports(
        tx, campaign=key, unit=await _unit(tx, unit), period=period, state=state, limit=page.limit,
        offset=page.offset,
    )  # fmt: skip
    return {"as_of": await periods.as_of(tx), "reports": [plain(row) for row in rows]}


async def list_facts(tx: Transaction, campaign: str, unit: str | None, status: str | None, page: Page) -> Any:
    """Return stated values of a campaign, one line per entry."""
    rows = await tx.rows(
        facts.LISTED, campaign=(await names.campaign(tx, campaign)).key, unit=await _unit(tx, unit), status=status,
        limit=page.limit, offset=page.offset,
    )  # fmt: skip
    return {"facts": [plain(row) for row in rows]}


async def list_missing(tx: Transaction, campaign: str, period: str | None, unit: str | None, page: Page) -> Any:
    """Return what is due and missing, what is due today included, oldest due date first."""
    as_of = await periods.as_of(tx)
    only = await _unit(tx, unit)
    found = await find_missing(tx, await names.campaign(tx, campaign), as_of + timedelta(days=1))
    wanted = [m for m in found if period in (None, m.period) and only in (None, m.unit)]
    lines = [_missing_line(m, as_of) for m in wanted[page.offset : page.offset + page.limit]]
    return {"as_of": as_of, "total": len(wanted), "missing": lines}


def _missing_line(missing: Any, as_of: date) -> dict[str, Any]:
    return {
        "unit": missing.unit, "subject": missing.subject, "kind": missing.kind, "input": missing.name or None,
        "title": missing.title, "period": missing.period, "due_on": missing.due_on, "late": missing.due_on < as_of,
        "sentence": missing.sentence,
    }  # fmt: skip


async def list_reminders(tx: Transaction, unit: str | None, settled: bool, page: Page) -> Any:
    """Return reminders, open ones only unless `settled`."""
    rows = await tx.rows(REMINDERS, unit=await _unit(tx, unit), settled=settled, limit=page.limit, offset=page.offset)
    return {"reminders": [plain(row) for row in rows]}
