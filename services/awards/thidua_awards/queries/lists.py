"""Lists for the API: names are joined from the replicas, never stored with an outcome."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

import orjson
from sqlalchemy import Row, text

from thidua.contracts.judgement import Verdict
from thidua.errors import NotFound
from thidua_awards.domain.common import name_of
from thidua_awards.domain.quotas import POINTS_MARK, tied
from thidua_awards.errors import ReviewPending, UnknownDecision
from thidua_awards.law import regimes
from thidua_awards.queries import erasing, lookups, marks, outcomes, records
from thidua_awards.queries.alphabet import by_alphabet
from thidua_awards.queries.matters import Line
from thidua_runtime import cuts
from thidua_runtime.database import Transaction
from thidua_runtime.web import Versioned

NAMED: Final = """
select r.*, coalesce(p.body->>'name', s.body->>'name', k.name, r.subject) as name,
       coalesce(p.body->>'post', k.post) as post,
       coalesce(u.body->>'name', r.unit) as unit_name, count(*) over () as total
  from recommendation r
  left join replica_units u on u.key = r.unit and not u.deleted
  left join replica_units s on s.key = r.subject and not s.deleted
  left join replica_people p on p.key = r.unit || '/' || r.subject and not p.deleted
  left join kept_name k on k.subject = r.subject
"""
RECOMMENDATIONS: Final = text(f"""
select * from ({NAMED}
 where r.campaign = :campaign
   and (cast(:title as text) is null or r.title = :title)
   and (cast(:unit as text) is null or r.unit = :unit)
   and (cast(:verdict as text) is null or r.verdict = :verdict)
) as listed
 order by title, {by_alphabet("unit_name")}, {by_alphabet("name")}, subject, matter
 limit :limit offset :offset
""")  # noqa: S608  (put together from a constant)
RECOMMENDATION: Final = text(f"""{NAMED}
 where r.campaign = :campaign and r.subject = :subject and r.title = :title and r.matter = :matter
""")
QUOTAS: Final = text(f"""
-- All names in the running, by name: points never order a quota.
select r.title, r.deciding_unit, coalesce(u.body->>'name', r.deciding_unit) as unit_name,
       min(cast(r.quota as text)) as quota,
       cast(json_agg(json_build_object('subject', r.subject, 'name', coalesce(p.body->>'name', r.subject),
                                  'verdict', r.verdict, 'points', c.body->>'points')
                     order by {by_alphabet("(p.body->>'name')")}, r.subject) as text) as candidates
  from recommendation r
  left join replica_units u on u.key = r.deciding_unit and not u.deleted
  left join replica_people p on p.key = r.unit || '/' || r.subject and not p.deleted
  left join replica_scores c on c.subject = r.subject and c.campaign = r.campaign and c.version = r.score_version
 where r.campaign = :campaign and r.title = any(cast(:titles as text[])) and r.verdict <> 'not_met'
   and r.matter = ''
 group by r.title, r.deciding_unit, u.body->>'name'
 order by r.title, {by_alphabet("coalesce(u.body->>'name', r.deciding_unit)")}
""")  # noqa: S608  (put together from a constant)
DECISIONS: Final = text("""
select d.*, (select count(*) from decision_award a where a.decision = d.id and a.cancelled_by is null) as awards,
       count(*) over () as total
  from decision d where cast(:campaign as text) is null or d.campaign = :campaign
 order by d.dated desc, d.number, d.id limit :limit offset :offset
""")
HISTORY: Final = text("""
select a.code, a.year, a.route, a.kind, a.uses, a.unit, d.id as decision, d.number, d.dated, d.signer, d.authority,
       d.cancelled or a.cancelled_by is not null as cancelled,
       case when d.cancelled or a.cancelled_by is null then d.cancelled_because
            else a.cancelled_because || ' (theo ' || a.cancelled_by || ')' end as cancelled_because
  from decision_award a join decision d on d.id = a.decision
 where a.subject = :subject order by a.year, d.dated, a.code, d.id
""")

VERDICT_WORDS: Final = {
    Verdict.ELIGIBLE: "đủ điều kiện theo dữ liệu",
    Verdict.NO_DATA: "chưa đủ dữ liệu",
    Verdict.PERSON: "cần xem xét",
    Verdict.NOT_MET: "chưa đạt",
}
PROVISIONAL: Final = "Tạm tính: số liệu gửi sau thời điểm này chưa có trong bảng; bản chính thức nêu mốc chốt số liệu."


async def recommendations(
    tx: Transaction, campaign: str, title: str | None, unit: str | None, verdict: str | None, limit: int, offset: int
) -> dict[str, Any]:
    """Return a page of a campaign's recommendations with names, without private details."""
    found = await lookups.campaign(tx, campaign)
    unit_id = (await lookups.subject(tx, unit)).id if unit else None
    rows, total = await tx.page(
        RECOMMENDATIONS,
        campaign=found.id,
        title=title,
        unit=unit_id,
        verdict=verdict,
        limit=limit,
        offset=offset,
    )
    items = [_item(row, private=False) for row in rows]
    return {"total": total, "items": items}


async def recommendation(tx: Transaction, campaign: str, subject: str, title: str, matter: str = "") -> Versioned:
    """Return one recommendation with every sentence; for those who appraise, each reading is noted.

    `matter`: the id of a later dossier, which has findings of its own.
    """
    found = await lookups.campaign(tx, campaign)
    known = await lookups.subject(tx, subject)
    return await reviewed(tx, found.id, (known.id, title, matter))


async def reviewed(tx: Transaction, campaign: str, line: Line) -> Versioned:
    """Return what was found of a line, as `recommendation` does, also of somebody the register lists no more."""
    subject, title, matter = line
    await erasing.note_reading(tx, subject, f"phiếu rà soát {title}")
    row = await tx.row(RECOMMENDATION, campaign=campaign, subject=subject, title=title, matter=matter)
    if row is None:
        raise NotFound(what=f"kết quả rà soát {title} của {subject}", what_en=f"the review of {subject} for {title}")
    return Versioned(_item(row, private=True), row.revision)


async def quotas(tx: Transaction, campaign: str, titles: Sequence[str], cut: datetime | None) -> dict[str, Any]:
    """Return each deciding unit's quota with its arithmetic and all names that are not "chưa đạt".

    Behind a cut they are official: raises CutNotReached, or ReviewPending while a change waits for its review.
    Without one they are provisional and say up to when everything has arrived.
    """
    found = await lookups.campaign(tx, campaign)
    if cut is not None:
        await cuts.require_passed(tx, cut)
        if await marks.marked(tx, found.id):
            raise ReviewPending(campaign=found.code)
    known_until = cut or lookups.in_own_time(tx, await cuts.heard_until(tx))
    return {
        "campaign": found.code,
        "official": cut is not None,
        "as_of": known_until.isoformat() if known_until else None,
        "note": "" if cut else PROVISIONAL,
        "quotas": await _quotas(tx, found.id, titles),
    }


async def _quotas(tx: Transaction, campaign: str, titles: Sequence[str]) -> list[dict[str, Any]]:
    return [_quota(row) for row in await tx.rows(QUOTAS, campaign=campaign, titles=list(titles))]


def _quota(row: Row[Any]) -> dict[str, Any]:
    place, candidates = outcomes.quota_of(row.quota), orjson.loads(row.candidates)
    points = {one["subject"]: Decimal(one["points"]) for one in candidates if one["points"] is not None}
    level = frozenset(tied(points, place.places)) if place else frozenset()
    return {
        "title": row.title,
        "deciding_unit": row.deciding_unit,
        "unit_name": row.unit_name,
        "quota": place,
        "candidates": candidates,
        "points_mark": POINTS_MARK,
        "ties": [one["name"] for one in candidates if one["subject"] in level],
    }


async def decisions(tx: Transaction, limit: int, offset: int, campaign: str | None = None) -> dict[str, Any]:
    """Return a page of decisions, of one campaign or all, newest first, without their lines."""
    known = None if campaign is None else (await lookups.campaign(tx, campaign)).id
    rows, total = await tx.page(DECISIONS, campaign=known, limit=limit, offset=offset)
    items = [
        {
            "id": row.id,
            "number": row.number,
            "dated": row.dated.isoformat(),
            "signer": row.signer,
            "authority": row.authority,
            "campaign": row.campaign,
            "cut": row.cut.isoformat() if row.cut else None,
            "awards": row.awards,
            "cancelled": row.cancelled,
            "cancelled_because": row.cancelled_because,
        }
        for row in rows
    ]
    return {"total": total, "items": items}


async def decision(tx: Transaction, id: str) -> Versioned:
    """Return one decision with its lines; raises UnknownDecision."""
    found = await records.decision(tx, id)
    if found is None:
        raise UnknownDecision(decision=id)
    return Versioned(*found)


async def reason(tx: Transaction, id: str) -> dict[str, Any]:
    """Return why a decision was made though something spoke against it, empty where nothing did; UnknownDecision."""
    row = await tx.row(records.REASON, id=id)
    if row is None:
        raise UnknownDecision(decision=id)
    return {"decision": row.decision, "reason": row.reason, "recorded_by": row.recorded_by}


async def history(tx: Transaction, subject: str) -> list[dict[str, Any]]:
    """Return every award of a subject, cancelled ones marked, each by the name its year's regime gives it."""
    known = (await lookups.subjects(tx, [subject])).get(subject)
    rows = await tx.rows(HISTORY, subject=known.id if known else subject)
    return [
        {
            "code": row.code,
            "label": name_of(row.code, row.year),
            "year": row.year,
            "route": row.route,
            "unit": row.unit,
            "decision": row.decision,
            "number": row.number,
            "dated": row.dated.isoformat(),
            "signer": row.signer,
            "authority": row.authority,
            "cancelled": row.cancelled,
            "cancelled_because": row.cancelled_because,
        }
        for row in rows
    ]


async def disciplines(tx: Transaction, subject: str) -> list[dict[str, Any]]:
    """Return the disciplines of a subject; for those who appraise, each reading is noted."""
    known = await lookups.subject(tx, subject)
    await erasing.note_reading(tx, known.id, "danh sách kỷ luật")
    rows = await tx.rows(records.DISCIPLINES, subject=known.id)
    return [{name: _plain(value) for name, value in row._mapping.items()} for row in rows]


async def holds(tx: Transaction, limit: int, offset: int) -> list[dict[str, Any]]:
    """Return the open holds, oldest first."""
    rows = await tx.rows(records.HOLDS, limit=limit, offset=offset)
    return [{name: _plain(value) for name, value in row._mapping.items()} for row in rows]


def _item(row: Any, *, private: bool) -> dict[str, Any]:
    state = outcomes.from_row(row)
    shown = state if private else outcomes.published(state)
    label = next(regime for regime in regimes() if regime.code == state.regime).label(state.title)
    return {
        **shown.model_dump(mode="json", exclude={"version"}),
        "name": row.name,
        "post": row.post or "",
        "unit_name": row.unit_name,
        "title_label": label,
        "verdict_label": VERDICT_WORDS.get(state.verdict, ""),
    }


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value
