"""What is shown of a reading: never a mark before all of them are in."""

from __future__ import annotations

from typing import Any, Final

import orjson
from sqlalchemy import text

from thidua.contracts import Initiative
from thidua.spelling import spelled
from thidua_registration.domain.reading import LABELS, PROPOSED, Reading, ReadingState
from thidua_registration.errors import CampaignNotFound, RecordNotFound
from thidua_registration.queries import lookups, reading, texts
from thidua_runtime.database import Transaction
from thidua_runtime.web import Page

# A reading of a former round is history; the list is for who has something to do.
LISTED: Final = text("""
select i.id, i.unit, i.code, i.body ->> 'title' as title, i.state
  from initiative as i
 where exists (select from reading as r where r.initiative = i.id and r.round =
               (select count(*) from move as m where m.about = 'initiative' and m.record = i.id and m.move = 'submit'))
 order by i.unit, i.code
""")


async def rule(tx: Transaction, code: str) -> dict[str, Any]:
    """Return the marking rule of a campaign, the proposed one where it declared none; raises CampaignNotFound."""
    stored = await lookups.campaign(tx, code)
    if stored is None:
        raise CampaignNotFound(code=code)
    row = await reading.rule_of(tx, stored.state.id)
    if row is None:
        return {"campaign": code, "is_declared": False, **PROPOSED.model_dump(mode="json")}
    said = {"declared_by": row.declared_by, "declared_at": row.declared_at}
    return {"campaign": code, "is_declared": True, **orjson.loads(row.body), **said}


async def reading_of(tx: Transaction, unit: str, code: str) -> dict[str, Any]:
    """Return the reading of an initiative; raises RecordNotFound without one."""
    item = await _item(tx, unit, code)
    found = await reading.found(tx, [item.id])
    if item.id not in found.readings:
        raise RecordNotFound(what="phân công chấm sáng kiến", what_en="The readers of the initiative", code=code)
    told = _told(found.readings[item.id], found.marks[item.id])
    return {"unit": item.unit, "code": item.code, "title": item.title, "round": found.rounds[item.id], **told}


async def readings(tx: Transaction, page: Page, name: str | None, state: ReadingState | None) -> dict[str, Any]:
    """Return a page of the readings of the present round; `name`: of those that wait for this reader."""
    rows = await tx.rows(LISTED)
    found = await reading.found(tx, [row.id for row in rows])
    wanted = [row for row in rows if _is_wanted(found.readings.get(row.id), name, state)]
    shown = wanted[page.offset : page.offset + page.limit]
    items = [
        {**{key: getattr(row, key) for key in ("unit", "code", "title")},
         **_told(found.readings[row.id], found.marks[row.id])} for row in shown
    ]  # fmt: skip
    return {"items": items, "total": len(wanted), "limit": page.limit, "offset": page.offset}


async def content(tx: Transaction, unit: str, code: str) -> dict[str, Any]:
    """Return the text of an initiative; raises RecordNotFound."""
    item = await _item(tx, unit, code)
    found = await texts.contents(tx, [item.id])
    return {"unit": item.unit, "code": item.code, "title": item.title, "content": found.get(item.id, "")}


async def _item(tx: Transaction, unit: str, code: str) -> Initiative:
    units = await lookups.units_on(tx, [unit], tx.clock.today())
    found = await lookups.initiatives(tx, [(units[unit], code)]) if unit in units else {}
    if not found:
        raise RecordNotFound(what="sáng kiến", what_en="The initiative", code=code)
    return next(iter(found.values())).state


def _is_wanted(found: Reading | None, name: str | None, state: ReadingState | None) -> bool:
    if found is None:
        return False
    return (name is None or spelled(name) in found.waits_for) and (state is None or found.state is state)


def _told(found: Reading, marks: Any) -> dict[str, Any]:
    is_settled = found.state is ReadingState.SETTLED
    # "They disagree by 31" would tell either reader, and the third one, what the other gave.
    given = [
        {"reader": row.reader, "points": str(row.points), "comment": row.comment, "evidence": row.evidence,
         "marked_at": row.marked_at} for row in marks
    ]  # fmt: skip
    return {
        "readers": found.readers.model_dump(mode="json"),
        "rule": found.rule.model_dump(mode="json"),
        "state": found.state,
        "label": LABELS[found.state],
        "waits_for": found.waits_for,
        "needs_third_reader": found.state is ReadingState.DISAGREED and found.readers.third is None,
        "marks_in": len(given),
        "marks": given if is_settled else [],
        "mark": str(found.settled) if is_settled else None,
        "disagreed_because": found.why_disagreed[0] if is_settled and found.why_disagreed else "",
    }
