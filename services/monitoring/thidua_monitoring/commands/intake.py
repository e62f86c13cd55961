"""Reports that come through the API or a file: checked one by one, merged together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, time
from typing import Annotated, Any, Final

import orjson
from pydantic import BaseModel, ConfigDict, ValidationError

from thidua.contracts import TaskReport
from thidua.contracts.base import Code, Text
from thidua.contracts.work import Assignee
from thidua_monitoring.commands.decisions import arrivals_of
from thidua_monitoring.commands.tasks import REFUSED, Outcome, count_outcomes, merge_reports
from thidua_monitoring.domain.deadlines import VIETNAM
from thidua_monitoring.errors import TasksRefused
from thidua_monitoring.queries import sources
from thidua_runtime.access import Principal
from thidua_runtime.database import Transaction
from thidua_runtime.imports import MOST_REFUSALS, Column, Day, Flag, Number, Refusal, Report, Table, parse_rows
from thidua_runtime.reasons import english_of, reason_of
from thidua_runtime.records import Arrival, newest

MOST_ITEMS: Final = 20_000
"""One request is one transaction; a source with more sends it in parts, or through Kafka."""


class TaskRow(BaseModel):
    """A line of an import file: one task. `version` may stay empty; the moment of the import is taken then."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    source: Annotated[Code, Column("Nguồn")] = "import"
    source_id: Annotated[Code, Column("Mã nhiệm vụ", "Số nhiệm vụ")]
    version: Annotated[int | None, Column("Phiên bản")] = None
    unit: Annotated[Code, Column("Mã đơn vị", "Đơn vị")]
    title: Annotated[Text | None, Column("Nội dung", "Tên nhiệm vụ")] = None
    assignees: Annotated[Text, Column("Mã cán bộ", "Người thực hiện")] = ""
    deadline: Annotated[Day, Column("Hạn hoàn thành", "Hạn")]
    completed_on: Annotated[Day | None, Column("Ngày hoàn thành")] = None
    weight: Annotated[Number | None, Column("Hệ số quy đổi", "Khối lượng quy đổi")] = None
    secret: Annotated[Flag, Column("Mật")] = False


async def submit_tasks(tx: Transaction, items: Sequence[Any], principal: Principal) -> dict[str, Any]:
    """Merge reports sent as JSON; each item gets its outcome, a bad one does not stop its neighbours."""
    if len(items) > MOST_ITEMS:
        raise TasksRefused(
            why=f"có {len(items)} nhiệm vụ trong một lần gửi, tối đa {MOST_ITEMS}",
            why_en=f"{len(items)} tasks at once, at most {MOST_ITEMS}",
        )
    good: list[tuple[int, Arrival[TaskReport]]] = []
    refused: dict[int, Outcome] = {}
    for place, item in enumerate(items):
        read = _read(tx, item, principal)
        if isinstance(read, Outcome):
            refused[place] = read
        else:
            good.append((place, read))
    merged = await _merge(tx, [arrival for _, arrival in good])
    await _note_refused(tx, list(refused.values()), {each.source for each in merged.values()})
    lines = [{"item": place, **_line(outcome)} for place, outcome in refused.items()]
    lines += [{"item": place, **_line(merged[arrival.key])} for place, arrival in good]
    lines.sort(key=lambda line: line["item"])
    return {"outcomes": lines, "counts": _counts(line["outcome"] for line in lines)}


async def _merge(tx: Transaction, arrivals: Sequence[Arrival[TaskReport]]) -> dict[str, Outcome]:
    latest = newest(arrivals)
    return {f"{each.source}/{each.source_id}": each for each in await merge_reports(tx, latest)}


def _read(tx: Transaction, item: Any, principal: Principal) -> Arrival[TaskReport] | Outcome:
    source, source_id = _named(item, "source"), _named(item, "source_id")
    try:
        body = orjson.dumps(item)
        report = TaskReport.model_validate_json(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"])) or "nội dung"
        return Outcome(source, source_id, 0, REFUSED, f"{where}: {reason_of(first, in_json=True)}"[:500])
    except (TypeError, ValueError):
        return Outcome(source, source_id, 0, REFUSED, "nội dung không đọc được")
    if principal.role == "source" and principal.scope != report.source:
        return Outcome(
            principal.scope or "", source_id, 0, REFUSED, f"mã truy cập này chỉ gửi cho nguồn {principal.scope}"
        )
    (arrival,) = arrivals_of(tx, [(report, body)])
    return arrival


def _named(item: Any, field: str) -> str:
    value = item.get(field) if isinstance(item, dict) else None
    clean = value[:200].replace("\x00", "").encode("utf-8", "replace").decode() if isinstance(value, str) else ""
    return clean or "?"


async def _note_refused(tx: Transaction, refused: Sequence[Outcome], spoken: set[str]) -> None:
    # A source that exists only in a refused item is not created by it.
    known = spoken | {row.name for row in await sources.sources(tx, 1000, 0)} if refused else set()
    mine = [each for each in refused if each.source in known]
    await sources.note_events(tx, ((o.source, o.source_id, o.outcome, o.version, o.reason) for o in mine))
    if mine:
        counts: dict[str, dict[str, Any]] = {}
        for each in mine:
            counts.setdefault(each.source, {"last_event_at": tx.clock.now(), "refused": 0})["refused"] += 1
        await sources.note_sources(tx, counts)
    count_outcomes(tx, refused)


def _line(outcome: Outcome) -> dict[str, Any]:
    return {
        "source": outcome.source, "source_id": outcome.source_id, "outcome": outcome.outcome, "reason": outcome.reason,
    }  # fmt: skip


def _counts(outcomes: Iterable[str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for outcome in outcomes:
        counts[outcome] = counts.get(outcome, 0) + 1
    return counts


async def import_tasks(tx: Transaction, table: Table, principal: Principal, dry_run: bool) -> Report:
    """Merge the lines of a file; a bad line is refused alone and named by its number and column.

    Lines are counted, not reasons: two of one task both count, under what became of the task.
    """
    parsed = parse_rows(table, TaskRow)
    version = int(tx.clock.now().timestamp() * 1000)
    refusals = list(parsed.refusals)
    reports = []
    for row in parsed.rows:
        if principal.role == "source" and principal.scope != row.value.source:
            refusals.append(
                Refusal(
                    row.number,
                    "source",
                    f"mã truy cập này chỉ gửi cho nguồn {principal.scope}",
                    f"this token sends for the source {principal.scope} alone",
                )
            )
            continue
        try:
            reports.append(_report_of(row.value, version))
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            refusals.append(Refusal(row.number, ".".join(map(str, first["loc"])), reason_of(first), english_of(first)))
    merged: dict[str, Outcome] = {}
    if not dry_run and reports:
        merged = await _merge(tx, arrivals_of(tx, [(report, None) for report in reports]))
    keys = (f"{report.source}/{report.source_id}" for report in reports)
    counts = _counts(merged[key].outcome if merged else "readable" for key in keys)
    shown = tuple(sorted(refusals, key=lambda refusal: refusal.row)[:MOST_REFUSALS])
    lines = len(table.lines)
    return Report("tasks", dry_run, lines, counts, lines - len(reports), shown, parsed.notices)


def _report_of(row: TaskRow, version: int) -> TaskReport:
    codes = [code.strip() for code in row.assignees.replace(",", ";").split(";") if code.strip()]
    # Noon: any moment of the day would do, a date is all the file has.
    done = None if row.completed_on is None else datetime.combine(row.completed_on, time(12), VIETNAM)
    return TaskReport(
        source=row.source, source_id=row.source_id, version=version if row.version is None else row.version,
        unit=row.unit, title=None if row.secret else row.title, deadline=row.deadline, completed_at=done,
        weight=row.weight, secret=row.secret, assignees=tuple(Assignee(code=code, weight=1) for code in codes),
    )  # fmt: skip
