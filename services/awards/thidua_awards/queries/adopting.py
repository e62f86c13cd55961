"""What awards takes over from its own streams after a backup came back: decisions and recommendations.

A stream carries no detail of disciplines and absences: the sentences about them come back with the next review.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import orjson
from sqlalchemy import text

from thidua.contracts import Decision, Recommendation, Unit
from thidua_awards.domain.units import deciding_unit
from thidua_awards.queries import chain, lookups, marks
from thidua_runtime.database import Transaction

TAKE_DECISIONS: Final = text("""
insert into decision as d (id, number, dated, signer, authority, campaign, cut, cancelled, cancelled_because,
                           changed_by)
select *, :actor from jsonb_to_recordset(cast(:rows as jsonb)) as n (id text, number text, dated date, signer text,
       authority text, campaign text, cut timestamptz, cancelled boolean, cancelled_because text)
 order by id
    on conflict (id) do update
       set number = excluded.number, dated = excluded.dated, signer = excluded.signer,
           authority = excluded.authority, campaign = excluded.campaign, cut = excluded.cut,
           cancelled = excluded.cancelled, cancelled_because = excluded.cancelled_because,
           changed_by = excluded.changed_by, changed_at = now(), revision = d.revision + 1
""")
# Corrections hang on the decision they are of.
DROP_CORRECTIONS: Final = text("delete from correction where decision = any(cast(:ids as text[]))")
DROP_LINES: Final = text("delete from decision_award where decision = any(cast(:ids as text[]))")
DROP_DECISIONS: Final = text("delete from decision where id = any(cast(:ids as text[]))")
TAKE_CORRECTIONS: Final = text("""
-- The stream says which documents corrected a decision; what it said before them is in backups alone.
insert into correction (decision, number, before, after, document, dated, reason, recorded_by)
select n.*, :actor from jsonb_to_recordset(cast(:rows as jsonb)) as n (decision text, number int, before jsonb,
       after jsonb, document text, dated date, reason text)
    on conflict (decision, number) do nothing
""")
TAKE_LINES: Final = text("""
insert into decision_award (decision, line, subject, subject_kind, unit, code, year, route, kind, uses, cancelled_by,
                            cancelled_because, matter)
select decision, line, subject, subject_kind, unit, code, year, route, kind,
       array(select jsonb_array_elements_text(uses)), document, coalesce(because, ''), coalesce(matter, '')
  from jsonb_to_recordset(cast(:rows as jsonb)) as n (decision text, line int, subject text,
       subject_kind text, unit text, code text, year int, route text, kind text, uses jsonb, document text,
       because text, matter text)
 order by decision, line
""")
TAKE_RECOMMENDATIONS: Final = text("""
insert into recommendation as r (campaign, subject, title, matter, subject_kind, unit, deciding_unit, regime, verdict,
                                 findings, first_unmet, quota, state, score_version, changed_by)
select *, :actor from jsonb_to_recordset(cast(:rows as jsonb)) as n (campaign text, subject text, title text,
       matter text, subject_kind text, unit text, deciding_unit text, regime text, verdict text, findings jsonb,
       first_unmet text, quota jsonb, state text, score_version bigint)
 order by campaign, subject, title, matter
    on conflict (campaign, subject, title, matter) do update
       set unit = excluded.unit, deciding_unit = excluded.deciding_unit, regime = excluded.regime,
           verdict = excluded.verdict, findings = excluded.findings, first_unmet = excluded.first_unmet,
           quota = excluded.quota, state = excluded.state, score_version = excluded.score_version,
           changed_by = excluded.changed_by, changed_at = now(), revision = r.revision + 1
""")
DROP_RECOMMENDATIONS: Final = text("""
delete from recommendation
 where concat_ws('/', subject, campaign, title, nullif(matter, '')) = any(cast(:keys as text[]))
""")
# An empty basis is that of no review: the next one looks at everybody again.
TAKE_REVIEWS: Final = text("""
insert into review as r (campaign, titles, as_of, basis, changed_by)
select campaign, array_agg(distinct title order by title), cast(:today as date), '', :actor
  from jsonb_to_recordset(cast(:rows as jsonb)) as n (campaign text, title text) group by campaign order by campaign
    on conflict (campaign) do update
       set titles = (select array_agg(distinct t order by t) from unnest(r.titles || excluded.titles) as t),
           basis = '', changed_by = excluded.changed_by, changed_at = now(), revision = r.revision + 1
""")


async def take_decisions(tx: Transaction, states: Sequence[Decision], gone: Sequence[str]) -> None:
    """Take decisions over with their lines, cancelled ones as cancelled."""
    await tx.execute(DROP_LINES, ids=[*gone, *(state.id for state in states)])
    await tx.execute(DROP_CORRECTIONS, ids=list(gone))
    await tx.execute(DROP_DECISIONS, ids=list(gone))
    rows = [state.model_dump(mode="json") for state in states]
    lines = [
        {**award, "decision": row["id"], "line": line}
        for row in rows
        for line, award in enumerate([*row["awards"], *row["cancelled_awards"]], 1)
    ]
    await tx.execute(TAKE_DECISIONS, rows=_json(rows), actor=tx.actor)
    await tx.execute(TAKE_LINES, rows=_json(lines))
    await tx.execute(TAKE_CORRECTIONS, rows=_json(_corrections(rows)), actor=tx.actor)
    # What the backup did not hold has no link yet; without one it would count as slipped in.
    await chain.add_links(tx, "decision", [state.id for state in states])
    await chain.add_links(tx, "cancellation", [state.id for state in states if state.cancelled])


async def take_recommendations(tx: Transaction, states: Sequence[Recommendation], gone: Sequence[str]) -> None:
    """Take recommendations over in the state to which people have moved them, to be reviewed again where they may."""
    known = await lookups.units(tx)
    await tx.execute(DROP_RECOMMENDATIONS, keys=list(gone))
    rows = _json(_row(state, known) for state in states)
    await tx.execute(TAKE_RECOMMENDATIONS, rows=rows, actor=tx.actor)
    await tx.execute(TAKE_REVIEWS, rows=rows, today=tx.clock.today(), actor=tx.actor)
    for campaign in {state.campaign for state in states}:
        marks.mark(tx, [marks.EVERY_UNIT], campaign)


def _corrections(rows: Iterable[Mapping[str, Any]]) -> Iterable[dict[str, Any]]:
    blank = {"before": {}, "after": {}, "reason": ""}
    for row in rows:
        for number, paper in enumerate(row["corrected_by"], 1):
            yield {**blank, "decision": row["id"], "number": number, "document": paper["number"],
                   "dated": paper["dated"]}  # fmt: skip


def _row(state: Recommendation, known: Mapping[str, Unit]) -> dict[str, Any]:
    group = deciding_unit(known, state.unit) if state.unit in known else state.unit
    return {**state.model_dump(mode="json"), "deciding_unit": group, "matter": state.matter or ""}


def _json(rows: Iterable[dict[str, Any]]) -> str:
    return orjson.dumps(list(rows)).decode()
