"""The service's own records: confirmations, candidates, disciplines, holds, courses, decisions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from types import MappingProxyType
from typing import Any, Final, Protocol

import orjson
from sqlalchemy import TextClause, text

from thidua.contracts import Decision, SubjectKind
from thidua.contracts.base import Document
from thidua.contracts.judgement import Award, CancelledAward
from thidua_awards.domain.reliance import Suspect
from thidua_runtime.database import Transaction

CONFIRM: Final = text("""
insert into confirmation as c (campaign, subject, key, title, answer, by, document, dated, changed_by)
select i.*, :actor
  from unnest(cast(:campaign as text[]), cast(:subject as text[]), cast(:key as text[]), cast(:title as text[]),
              cast(:answer as boolean[]), cast(:by as text[]), cast(:document as text[]),
              cast(:dated as date[])) as i
    on conflict (campaign, subject, key, title) do update
       set answer = excluded.answer, by = excluded.by, document = excluded.document, dated = excluded.dated,
           changed_by = excluded.changed_by, changed_at = now(), revision = c.revision + 1
""")
NAME_CANDIDATES: Final = text("""
insert into candidate as c (campaign, subject, title, document, changed_by)
select i.*, :actor
  from unnest(cast(:campaign as text[]), cast(:subject as text[]), cast(:title as text[]),
              cast(:document as text[])) as i
    on conflict (campaign, subject, title) do update
       set document = excluded.document, changed_by = excluded.changed_by, changed_at = now(), revision = c.revision + 1
""")
SAVE_DISCIPLINES: Final = text("""
insert into discipline as d (id, subject, kind, form, decided_on, ends_on, counted_in, changed_by)
select i.*, :actor
  from unnest(cast(:id as text[]), cast(:subject as text[]), cast(:kind as text[]), cast(:form as text[]),
              cast(:decided_on as date[]), cast(:ends_on as date[]), cast(:counted_in as int[])) as i
    on conflict (id) do update
       set kind = excluded.kind, form = excluded.form, decided_on = excluded.decided_on,
           ends_on = excluded.ends_on, counted_in = excluded.counted_in, changed_by = excluded.changed_by,
           changed_at = now(), revision = d.revision + 1
     where d.subject = excluded.subject
""")
DELETE_DISCIPLINE: Final = text("delete from discipline where id = :id returning subject")
DISCIPLINES: Final = text("""
select id, subject, kind, form, decided_on, ends_on, counted_in from discipline
 where subject = :subject order by decided_on, id
""")
SAVE_TRAININGS: Final = text("""
insert into training as t (id, subject, year, months, result, changed_by)
select i.*, :actor
  from unnest(cast(:id as text[]), cast(:subject as text[]), cast(:year as int[]), cast(:months as int[]),
              cast(:result as text[])) as i
    on conflict (id) do update
       set year = excluded.year, months = excluded.months, result = excluded.result,
           changed_by = excluded.changed_by, changed_at = now(), revision = t.revision + 1
     where t.subject = excluded.subject
""")
SAVE_SERVICE_TIMES: Final = text("""
insert into service_time as s (subject, woman, years, outsider, years_here, document, changed_by)
select i.*, :actor
  from unnest(cast(:subject as text[]), cast(:woman as boolean[]), cast(:years as int[]), cast(:outsider as boolean[]),
              cast(:years_here as int[]), cast(:document as text[])) as i
    on conflict (subject) do update
       set woman = excluded.woman, years = excluded.years, outsider = excluded.outsider,
           years_here = excluded.years_here, document = excluded.document, changed_by = excluded.changed_by,
           changed_at = now(), revision = s.revision + 1
""")
ADD_HOLD: Final = text("""
insert into hold (id, subject, starts_on, changed_by) values (:id, :subject, :starts_on, :actor)
""")
# Two holds on one subject take turns: the second then finds the first.
HOLD_ALONE: Final = text("select pg_advisory_xact_lock(hashtextextended('awards.hold/' || :subject, 0))")
HOLD_RUNNING: Final = text("""
select starts_on from hold where subject = :subject and (ends_on is null or ends_on > :day) order by starts_on limit 1
""")
HOLD: Final = text("select starts_on from hold where id = :id for update")
LIFT_HOLD: Final = text("""
update hold set ends_on = :ends_on, changed_by = :actor, changed_at = now(), revision = revision + 1
 where id = :id returning subject
""")
HOLDS: Final = text("""
-- Those entered by themselves are lifted by their id, those of a dossier when it goes on.
select id, subject, starts_on, ends_on, null as dossier from hold where ends_on is null
 union all
select null, d.subject, max(s.acted_on), null, d.id
  from dossier d join dossier_step s on s.dossier = d.id and s.state = 'on_hold'
 where d.state = 'on_hold' group by d.id
 order by starts_on, subject, id
 limit :limit offset :offset
""")

DECISION_IDS: Final = text("""
select d.id, d.number, d.dated, d.authority
  from unnest(cast(:numbers as text[]), cast(:dated as date[]), cast(:authorities as text[]))
       as i (number, dated, authority)
  join decision as d using (number, dated, authority)
""")
ADD_DECISIONS: Final = text("""
insert into decision (id, number, dated, signer, authority, reason, reason_by, campaign, cut, changed_by)
select i.*, case when i.reason <> '' then :actor end, :campaign, :cut, :actor
  from unnest(cast(:ids as text[]), cast(:numbers as text[]), cast(:dated as date[]), cast(:signers as text[]),
              cast(:authorities as text[]), cast(:reasons as text[]))
       as i (id, number, dated, signer, authority, reason)
""")
ADD_AWARDS: Final = text("""
-- Lines count on from those a decision already has; a line it has is not written twice.
insert into decision_award (decision, line, subject, subject_kind, unit, code, year, route, kind, uses, matter)
select i.decision, coalesce((select max(a.line) from decision_award as a where a.decision = i.decision), 0)
       + row_number() over (partition by i.decision order by i.place),
       i.subject, i.of, i.unit, i.code, i.year, i.route, i.kind,
       array(select jsonb_array_elements_text(cast(i.uses as jsonb))), i.matter
  from unnest(cast(:decisions as text[]), cast(:subjects as text[]), cast(:of as text[]), cast(:units as text[]),
              cast(:codes as text[]), cast(:years as int[]), cast(:routes as text[]), cast(:kinds as text[]),
              cast(:uses as text[]), cast(:matters as text[]))
       with ordinality as i (decision, subject, of, unit, code, year, route, kind, uses, matter, place)
    on conflict (decision, subject, code, year) do nothing
""")
TOUCH_DECISIONS: Final = text("""
update decision set changed_by = :actor, changed_at = now(), revision = revision + 1
 where id = any(cast(:ids as text[]))
""")
CANCEL: Final = text("""
update decision set cancelled = true, cancelled_because = :reason, changed_by = :actor, changed_at = now(),
       revision = revision + 1
 where id = :id
""")
REASON: Final = text("""
select id as decision, reason, coalesce(reason_by, changed_by) as recorded_by from decision where id = :id
""")
ADD_REASON: Final = text("""
update decision set reason = :reason, reason_by = :actor, changed_by = :actor, changed_at = now(),
       revision = revision + 1
 where id = :id and reason = '' returning id
""")
DECISIONS: Final = text("select * from decision where id = any(cast(:ids as text[]))")
CORRECTED_BY: Final = text("""
-- One document may correct several lines.
select decision, document, dated from correction where decision = any(cast(:ids as text[]))
 group by decision, document, dated order by decision, min(number)
""")
LOCK_DECISION: Final = text("select 1 from decision where id = :id for update")
AWARDS: Final = text("select * from decision_award where decision = any(cast(:ids as text[])) order by decision, line")
RELIED: Final = text("""
select s.place, a.subject, a.subject_kind, a.unit, a.code, a.year, d.id as decision, d.number, d.dated
  from unnest(cast(:subjects as text[]), cast(:codes as text[]), cast(:first as int[]), cast(:last as int[]))
       with ordinality as s (subject, code, first_year, last_year, place)
  join decision_award a on a.subject = s.subject and a.code = s.code and a.year between s.first_year and s.last_year
   and a.cancelled_by is null
  join decision d on d.id = a.decision and not d.cancelled
 order by a.year, a.code, a.subject, s.place
""")


async def save(tx: Transaction, statement: TextClause, rows: Sequence[Mapping[str, Any]], *key: str) -> int:
    """Write rows with one statement; of rows with the same key the last one counts, as if sent one by one.

    Sorted by key, so that two requests take the rows in one order. Returns how many were not taken: a record
    with an id belongs to one subject for good, or a unit could overwrite another's.
    """
    latest = {tuple(row[name] for name in key): row for row in rows}
    ordered = [row for _, row in sorted(latest.items())]
    if not ordered:
        return 0
    columns = {name: [row[name] for row in ordered] for name in ordered[0]}
    return len(ordered) - await tx.execute(statement, **columns, actor=tx.actor)


class Registered(Protocol):
    """What the document register says of a decision."""

    @property
    def number(self) -> str:
        """Its number."""

    @property
    def dated(self) -> date:
        """The day it was signed."""

    @property
    def authority(self) -> str:
        """Who decided."""

    @property
    def signer(self) -> str:
        """Who signed."""


NO_REASONS: Final[Mapping[str, str]] = MappingProxyType({})

Register = tuple[str, date, str]
"""Number, date and authority: what tells one decision from another."""


def register_of(entry: Registered) -> Register:
    """Return what tells this decision from others."""
    return entry.number, entry.dated, entry.authority


async def decision_ids(tx: Transaction, entries: Iterable[Registered]) -> dict[Register, str]:
    """Return the ids of those that are recorded already."""
    listed = [register_of(entry) for entry in entries]
    rows = await tx.rows(
        DECISION_IDS,
        numbers=[number for number, _, _ in listed],
        dated=[dated for _, dated, _ in listed],
        authorities=[authority for _, _, authority in listed],
    )
    return {(row.number, row.dated, row.authority): row.id for row in rows}


async def add_decisions(
    tx: Transaction,
    entries: Mapping[str, Registered],
    campaign: str | None,
    cut: datetime | None,
    reasons: Mapping[str, str] = NO_REASONS,
) -> None:
    """Add decisions by id, all of one campaign behind one cut; their lines are added apart.

    `reasons`, by id: why the competent person decided otherwise than the council or the data said.
    """
    await tx.execute(
        ADD_DECISIONS,
        ids=list(entries),
        numbers=[entry.number for entry in entries.values()],
        dated=[entry.dated for entry in entries.values()],
        signers=[entry.signer for entry in entries.values()],
        authorities=[entry.authority for entry in entries.values()],
        reasons=[reasons.get(id, "") for id in entries],
        campaign=campaign,
        cut=cut,
        actor=tx.actor,
    )


async def add_awards(tx: Transaction, awards: Mapping[str, Sequence[Award]]) -> None:
    """Add lines to decisions, by their ids."""
    lines = [(id, award) for id, listed in awards.items() for award in listed]
    await tx.execute(
        ADD_AWARDS,
        decisions=[id for id, _ in lines],
        subjects=[award.subject for _, award in lines],
        of=[award.subject_kind.value for _, award in lines],
        units=[award.unit for _, award in lines],
        codes=[award.code for _, award in lines],
        years=[award.year for _, award in lines],
        routes=[award.route for _, award in lines],
        kinds=[award.kind for _, award in lines],
        uses=[orjson.dumps(award.uses).decode() for _, award in lines],
        matters=[award.matter or "" for _, award in lines],
    )


async def decisions(tx: Transaction, ids: Iterable[str]) -> list[tuple[Decision, int]]:
    """Return decisions with their lines, each with its revision; unknown ids are left out."""
    wanted = list(ids)
    lines: dict[str, list[Any]] = defaultdict(list)
    for line in await tx.rows(AWARDS, ids=wanted):
        lines[line.decision].append(line)
    corrected: dict[str, list[Document]] = defaultdict(list)
    for one in await tx.rows(CORRECTED_BY, ids=wanted):
        corrected[one.decision].append(Document(number=one.document, dated=one.dated))
    return [
        (_decision(row, lines[row.id], corrected[row.id]), row.revision) for row in await tx.rows(DECISIONS, ids=wanted)
    ]


async def decision(tx: Transaction, id: str, *, locked: bool = False) -> tuple[Decision, int] | None:
    """Return a decision with its lines and revision, or None; `locked` keeps others from changing it."""
    if locked:
        await tx.execute(LOCK_DECISION, id=id)
    return next(iter(await decisions(tx, [id])), None)


async def relied(tx: Transaction, suspects: Sequence[Suspect]) -> list[tuple[Suspect, Any]]:
    """Return the awards in force that match a suspect, with the row that names their decision."""
    rows = await tx.rows(
        RELIED,
        subjects=[one.subject for one in suspects],
        codes=[one.code for one in suspects],
        first=[one.first_year for one in suspects],
        last=[one.last_year for one in suspects],
    )
    return [(suspects[row.place - 1], row) for row in rows]


def _decision(row: Any, lines: Sequence[Any], corrected_by: Iterable[Document]) -> Decision:
    return Decision(
        id=row.id,
        number=row.number,
        dated=row.dated,
        signer=row.signer,
        authority=row.authority,
        campaign=row.campaign,
        cut=row.cut,
        awards=tuple(award_of(line) for line in lines if line.cancelled_by is None),
        cancelled=row.cancelled,
        cancelled_because=row.cancelled_because,
        cancelled_awards=tuple(
            CancelledAward(**dict(award_of(line)), document=line.cancelled_by, because=line.cancelled_because)
            for line in lines
            if line.cancelled_by is not None
        ),
        corrected_by=tuple(corrected_by),
    )


def award_of(line: Any) -> Award:
    """Return the award of a row of `decision_award`."""
    return Award(
        subject=line.subject,
        subject_kind=SubjectKind(line.subject_kind),
        unit=line.unit,
        code=line.code,
        year=line.year,
        route=line.route,
        kind=line.kind,
        uses=tuple(line.uses),
        matter=line.matter or None,
    )
