"""Re-scorings and what they found: new scores beside the official ones, and the superseded ones that are kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Row, text

from thidua_runtime.database import Transaction
from thidua_runtime.outbox import SEND
from thidua_scoring.domain.outcomes import Outcome
from thidua_scoring.errors import UnknownRescoring

OPEN: Final = text("""
insert into rescoring (id, campaign, period, set_id, set_version, reason, cut, state, waits_for, opened_by, opened_at,
                       closed_because, revision, changed_by, changed_at)
values (:id, :campaign, :period, :set_id, :version, :reason, :cut, 'waiting', '', :actor, clock_timestamp(), '', 1,
        :actor, clock_timestamp())
""")
OPEN_ONE: Final = text("""
select id from rescoring where campaign = :campaign and set_id = :set_id and state in ('waiting', 'ready')
""")
FIND: Final = text("select * from rescoring where id = :id for update")
SHOW: Final = text("select * from rescoring where id = :id")
LIST: Final = text("select * from rescoring where campaign = :campaign order by opened_at desc, id")
WAITING: Final = text("select * from rescoring where state = 'waiting' order by opened_at, id")
# Held to the end of the look it is computed in, so that two instances never compute the same one.
CLAIM: Final = text("""
select pg_try_advisory_xact_lock(hashtextextended('scoring.rescoring:' || cast(:id as text), 0)) as is_mine
""")
STILL_WAITING: Final = text("select id from rescoring where id = :id and state = 'waiting' for share")
OPEN_ANY: Final = text("""
select id, set_id from rescoring
 where campaign = :campaign and state in ('waiting', 'ready') order by opened_at, id limit 1
""")
# An official run would replace what was applied, and keep nothing of it.
APPLIED: Final = text("""
select distinct on (r.set_id) r.set_id, r.id from rescoring as r
 where r.campaign = :campaign and r.state = 'applied'
   and exists (select from rescored as d where d.rescoring = r.id and d.period = :period and d.skipped = '')
 order by r.set_id, r.changed_at desc
""")
MOVE: Final = text("""
update rescoring
   set state = :state, waits_for = :waits_for, closed_because = :because, revision = revision + 1,
       changed_by = :actor, changed_at = clock_timestamp()
 where id = :id and revision = :revision and state = :from_state
""")
HOLD_BACK: Final = text("""
update rescoring set waits_for = :waits_for where id = :id and state = 'waiting' and waits_for <> :waits_for
""")
FORGET: Final = text("delete from rescored where rescoring = :id")
# The periods that contain the one a re-scoring is about, as far as they have official scores.
PERIODS: Final = text("""
select distinct period from score
 where campaign = :campaign and set_id = :set_id and lane = 'official' and left(period, 4) = left(:period, 4)
""")
KEEP: Final = text("""
insert into rescored (rescoring, subject, period, before, skipped, unit, state, points, band, case_hash, artefact,
                      body, digest, tree)
select :id, n.subject, n.period, s.generation, n.skipped, n.unit, n.state, n.points, n.band, n.case_hash, n.artefact,
       n.body, n.digest, n.tree
  from unnest(cast(:subjects as text[]), cast(:periods as text[]), cast(:skipped as text[]), cast(:units as text[]),
              cast(:states as text[]), cast(:points as numeric[]), cast(:bands as text[]), cast(:case_hashes as text[]),
              cast(:artefacts as text[]), cast(:bodies as text[]), cast(:digests as bytea[]), cast(:trees as bytea[]))
       as n (subject, period, skipped, unit, state, points, band, case_hash, artefact, body, digest, tree)
  left join score as s on s.subject = n.subject and s.campaign = :campaign and s.period = n.period
       and s.set_id = :set_id and s.lane = 'official'
 order by n.subject
    on conflict (rescoring, subject, period) do update
       set before = excluded.before, skipped = excluded.skipped, unit = excluded.unit, state = excluded.state,
           points = excluded.points, band = excluded.band, case_hash = excluded.case_hash,
           artefact = excluded.artefact, body = excluded.body, digest = excluded.digest, tree = excluded.tree
""")
# Whoever has an official score and is not scored again keeps it.
KEEP_GONE: Final = text("""
insert into rescored (rescoring, subject, period, before, skipped, unit, state, case_hash, artefact, body, digest)
select :id, s.subject, s.period, s.generation, :why, s.unit, s.state, s.case_hash, s.artefact, '', ''
  from score as s
 where s.campaign = :campaign and s.set_id = :set_id and s.lane = 'official' and s.period = :period
   and not exists (select from rescored as r
                    where r.rescoring = :id and r.subject = s.subject and r.period = s.period)
 order by s.subject
""")
FOUND: Final = text("""
select subject, period, state, points, band from rescored
 where rescoring = :id and skipped = '' order by subject, period
""")
_STANDING: Final = """score as s on s.subject = r.subject and s.campaign = :campaign and s.period = r.period
       and s.set_id = :set_id and s.lane = 'official'"""
# After it was applied the old scores stand among the superseded ones.
_REPLACED: Final = """superseded as s on s.rescoring = r.rescoring and s.subject = r.subject and s.period = r.period
       and s.campaign = :campaign and s.set_id = :set_id"""
_DIFFERENCES: Final = """
select r.subject, r.period, r.skipped, r.state, r.points, r.band, s.state as old_state, s.points as old_points,
       s.band as old_band, s.body->>'set_version' as old_version, coalesce(u.body->>'name', '') as unit_name
  from rescored as r
  left join {OLD}
  left join replica_units as u on u.key = r.subject
 where r.rescoring = :id
   and (r.skipped <> '' or (r.state, r.points, r.band) is distinct from (s.state, s.points, s.band))
 order by r.period, r.subject limit :limit offset :offset
"""
_COUNTS: Final = """
select count(*) as computed,
       count(*) filter (where (r.state, r.points, r.band) is distinct from (s.state, s.points, s.band)) as moved
  from rescored as r
  left join {OLD}
 where r.rescoring = :id and r.skipped = ''
"""
DIFFERENCES: Final = {old: text(_DIFFERENCES.replace("{OLD}", old)) for old in (_STANDING, _REPLACED)}
COUNTS: Final = {old: text(_COUNTS.replace("{OLD}", old)) for old in (_STANDING, _REPLACED)}
SKIPPED: Final = text("""
select skipped, count(*) as number from rescored
 where rescoring = :id and skipped <> '' group by skipped order by skipped
""")
# Official scores that were made anew, or came into being, since they were looked at; those that stand are locked.
OUTDATED: Final = text("""
with standing as materialized (
    select s.subject, s.period, s.generation from score as s
      join rescored as r on r.rescoring = :id and r.subject = s.subject and r.period = s.period
     where s.campaign = :campaign and s.set_id = :set_id and s.lane = 'official'
     order by s.subject, s.period for update of s
)
select count(*) as number from rescored as r left join standing as s using (subject, period)
 where r.rescoring = :id and s.generation is distinct from r.before
""")
SUPERSEDE: Final = text("""
insert into superseded (rescoring, subject, campaign, period, set_id, state, points, band, case_hash, artefact, body,
                        tree, scored_at, superseded_at)
select r.rescoring, s.subject, s.campaign, s.period, s.set_id, s.state, s.points, s.band, s.case_hash, s.artefact,
       s.body, s.tree, s.scored_at, clock_timestamp()
  from rescored as r
  join score as s on s.subject = r.subject and s.campaign = :campaign and s.period = r.period
       and s.set_id = :set_id and s.lane = 'official'
 where r.rescoring = :id and r.skipped = ''
 order by s.subject, s.period
""")
APPLY: Final = text(
    """
with given as (
    select * from rescored where rescoring = :id and skipped = '' order by subject, period
), kept as (
    insert into score as s (subject, campaign, period, set_id, lane, unit, state, points, band, generation, case_hash,
                            artefact, body, tree, scored_at)
    select subject, :campaign, period, :set_id, 'official', unit, state, points, band, nextval('mark_generation'),
           case_hash, artefact, cast(body as jsonb), tree, clock_timestamp() from given
        on conflict (subject, campaign, period, set_id, lane) do update
           set unit = excluded.unit, state = excluded.state, points = excluded.points, band = excluded.band,
               generation = excluded.generation, case_hash = excluded.case_hash, artefact = excluded.artefact,
               body = excluded.body, tree = excluded.tree, scored_at = excluded.scored_at
    returning subject, period
), incoming as (
    select cast('scores' as text) as stream,
           concat_ws('/', subject, cast(:campaign as text), period, cast(:set_id as text), 'official') as key,
           subject as partition_key, body, digest
      from given where (subject, period) in (select * from kept)
), {SEND}
select count(*) as written from kept
""".replace("{SEND}", SEND)
)
HISTORY: Final = text("""
select p.*, r.reason, r.opened_by, r.set_version as replaced_by, r.closed_because, r.changed_by as applied_by
  from superseded as p join rescoring as r on r.id = p.rescoring
 where p.subject = :subject and p.campaign = :campaign and p.period = :period and p.set_id = :set
 order by p.superseded_at desc
""")


async def shown(tx: Transaction, name: str) -> Row[Any]:
    """Return a re-scoring to be read; raises UnknownRescoring."""
    row = await tx.row(SHOW, id=name)
    if row is None:
        raise UnknownRescoring(id=name)
    return row


async def locked(tx: Transaction, name: str) -> Row[Any]:
    """Return and lock a re-scoring; raises UnknownRescoring."""
    row = await tx.row(FIND, id=name)
    if row is None:
        raise UnknownRescoring(id=name)
    return row


async def move(tx: Transaction, row: Row[Any], state: str, *, waits_for: str = "", because: str = "") -> bool:
    """Bring a re-scoring from the state it was read in into another; False if somebody else did meanwhile."""
    changed = await tx.execute(
        MOVE, id=row.id, revision=row.revision, from_state=row.state, state=state, waits_for=waits_for,
        because=because, actor=tx.actor,
    )  # fmt: skip
    return changed == 1


async def keep(tx: Transaction, row: Row[Any], outcomes: Iterable[Outcome], skipped: Mapping[str, str]) -> None:
    """Write what was found beside the official scores; `skipped`: why a subject keeps its old score."""
    ordered = sorted(outcomes, key=lambda one: one.row.subject)
    rows = [one.row for one in ordered]
    await tx.execute(
        KEEP, id=row.id, campaign=row.campaign, set_id=row.set_id,
        subjects=[one.subject for one in rows], periods=[one.period for one in rows],
        skipped=[skipped.get(one.subject, "") for one in rows], units=[one.unit for one in rows],
        states=[one.state for one in rows], points=[one.points for one in rows], bands=[one.band for one in rows],
        case_hashes=[one.case_hash for one in rows], artefacts=[one.artefact for one in rows],
        bodies=[one.body for one in rows], digests=[one.digest for one in rows], trees=[one.tree for one in ordered],
    )  # fmt: skip


async def counts(tx: Transaction, row: Row[Any]) -> tuple[int, int, dict[str, int]]:
    """Return how many scores were computed, how many of them differ, and how many were skipped by the reason."""
    found = (await tx.rows(COUNTS[_old(row)], id=row.id, campaign=row.campaign, set_id=row.set_id))[0]
    skipped = {one.skipped: one.number for one in await tx.rows(SKIPPED, id=row.id)}
    return found.computed, found.moved, skipped


async def differences(tx: Transaction, row: Row[Any], limit: int, offset: int) -> Sequence[Row[Any]]:
    """Return scores that differ from the old ones and those that were skipped, beside the old ones."""
    return await tx.rows(
        DIFFERENCES[_old(row)], id=row.id, campaign=row.campaign, set_id=row.set_id, limit=limit, offset=offset
    )


def _old(row: Row[Any]) -> str:
    return _REPLACED if row.state == "applied" else _STANDING
