"""The queue: who must be scored again. A mark is a row with a number; the number says whether it was raised since."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import Executable, text

from thidua_runtime.database import Database, Transaction
from thidua_scoring.workplace import workplace_of

# A repeated mark takes the number under the row's lock, so that whoever took the row before sees it raised.
# Sorted, and one statement per transaction, because two transactions that mark the same subjects in two orders
# would wait for each other.
MARK: Final = text("""
insert into dirty as d (subject, campaign, set_id, generation, marked_at)
select subject, campaign, set_id, nextval('mark_generation'), clock_timestamp()
  from unnest(cast(:subjects as text[]), cast(:campaigns as text[]), cast(:set_ids as text[]))
       as wanted (subject, campaign, set_id)
 order by subject, campaign, set_id
    on conflict (subject, campaign, set_id) do update
       set generation = nextval('mark_generation'), leased_until = null,
           marked_at = case when d.leased_until is null then d.marked_at else excluded.marked_at end
""")
SUBJECTS: Final = text("""
    select unit as subject, :campaign as campaign, :set_id as set_id from unnest(cast(:units as text[])) as u (unit)
     where :kind = 'collective'
     union
    select person, :campaign, :set_id from replica_people
     where :kind = 'individual' and not deleted and unit = any(cast(:units as text[]))
     union
    select subject, campaign, set_id from score
     where :is_whole and campaign = :campaign and set_id = :set_id and lane = 'running'
""")
SCORED: Final = text("""
    select distinct subject, campaign, set_id from score
     where campaign = any(cast(:campaigns as text[])) and lane = 'running'
""")
HEADS: Final = text("""
    select unit as subject, :campaign as campaign, :set_id as set_id from unnest(cast(:units as text[])) as u (unit)
     where :kind = 'collective'
     union
    select person, :campaign, :set_id from replica_people
     where :kind = 'individual' and not deleted and unit = any(cast(:units as text[]))
       and (body->>'leads_unit')::boolean
""")
# The number is drawn at the lease as well: of two attempts at one subject the later one has the higher number.
# Nobody waits for the disk: a lease that a crash undoes is followed by nothing that outlived it.
LEASE: Final = text("""
with unhurried as (
    select set_config('synchronous_commit', 'off', true)
), taken as (
    select subject, campaign, set_id from dirty
     where (leased_until is null or leased_until < clock_timestamp())
       and marked_at <= coalesce(cast(:until as timestamptz), clock_timestamp())
       and set_id <> all(cast(:without as text[])) and set_id = coalesce(cast(:only as text), set_id)
     order by marked_at limit :limit for update skip locked
)
update dirty as d
   set generation = nextval('mark_generation'), leased_until = clock_timestamp() + make_interval(secs => :seconds)
  from taken as t cross join unhurried
 where t.subject = d.subject and t.campaign = d.campaign and t.set_id = d.set_id
returning d.subject, d.campaign, d.set_id, d.generation, d.marked_at
""")
# Whoever marks a subject anew right now holds its row, and takes it away from this lease.
HOLDING: Final = """
with held as (
    select d.subject, d.campaign, d.set_id from dirty as d
      join unnest(cast(:subjects as text[]), cast(:campaigns as text[]), cast(:set_ids as text[]),
                  cast(:generations as bigint[])) as t (subject, campaign, set_id, generation)
        using (subject, campaign, set_id, generation)
       for update of d skip locked
)
update dirty as d set leased_until = {until} from held as h
 where h.subject = d.subject and h.campaign = d.campaign and h.set_id = d.set_id
"""
RENEW: Final = text(HOLDING.format(until="clock_timestamp() + make_interval(secs => :seconds)"))
GIVE_BACK: Final = text(HOLDING.format(until="null"))
# Rows that are gone were finished by somebody who looked later.
HOLD: Final = text("""
select d.subject, d.campaign, d.set_id from dirty as d
  join unnest(cast(:subjects as text[]), cast(:campaigns as text[]), cast(:set_ids as text[]))
       as w (subject, campaign, set_id) using (subject, campaign, set_id)
 order by d.subject, d.campaign, d.set_id for update of d
""")
DONE: Final = text("""
delete from dirty as d
 using unnest(cast(:subjects as text[]), cast(:campaigns as text[]), cast(:set_ids as text[]),
              cast(:generations as bigint[])) as t (subject, campaign, set_id, generation)
 where t.subject = d.subject and t.campaign = d.campaign and t.set_id = d.set_id and t.generation = d.generation
""")
WAITING: Final = text("select count(*) from dirty")
MANY: Final = text("""
select count(*) = :many as are_many, clock_timestamp() as now
  from (select from dirty where set_id <> all(cast(:without as text[])) limit :many) as d
""")


class Mark(NamedTuple):
    """Who must be scored again, with which set of which campaign."""

    subject: str
    campaign: str
    set_id: str


class Lease(NamedTuple):
    """A mark in hand, the number it was taken with, and the mark's time in seconds since 1970."""

    mark: Mark
    generation: int
    marked_at: float


def mark(tx: Transaction, marks: Iterable[Mark]) -> None:
    """Mark subjects at the end of the transaction; the scorer is woken once it is committed."""
    tx.at_end(_write, marks)


async def _write(tx: Transaction, wanted: list[Mark]) -> None:
    await tx.execute(MARK, **columns(wanted))
    tx.after_commit(workplace_of(tx.database).bell.set)


async def mark_units(tx: Transaction, campaign: str, set_id: str, kind: str, units: Iterable[str],
                     *, is_whole: bool = False) -> None:  # fmt: skip
    """Mark these units or the people in them; with `is_whole` also everybody who has a score."""
    await _mark_found(tx, SUBJECTS, campaign=campaign, set_id=set_id, kind=kind, units=sorted(units), is_whole=is_whole)


async def mark_heads(tx: Transaction, campaign: str, set_id: str, kind: str, units: Iterable[str]) -> None:
    """Mark these units or the people who lead them."""
    await _mark_found(tx, HEADS, campaign=campaign, set_id=set_id, kind=kind, units=sorted(units))


async def mark_scored(tx: Transaction, campaigns: Iterable[str]) -> None:
    """Mark everybody who has a running score in these campaigns, whatever the set."""
    await _mark_found(tx, SCORED, campaigns=sorted(campaigns))


async def lease(
    database: Database, limit: int, seconds: float, until: datetime | None = None,
    *, without: Sequence[str] = (), only: str | None = None,
) -> list[Lease]:  # fmt: skip
    """Take up to `limit` marks that wait longest; another scorer leaves them alone for `seconds`.

    `until`: only marks made up to then. `without`: sets whose marks are left. `only`: the one set of the marks.
    """
    rows = await database.alone(LEASE, limit=limit, seconds=seconds, until=until, without=list(without), only=only)
    return [
        Lease(Mark(row.subject, row.campaign, row.set_id), row.generation, row.marked_at.timestamp()) for row in rows
    ]


async def are_many(database: Database, many: int, without: Sequence[str] = ()) -> datetime | None:
    """Return the present moment if at least `many` marks wait, those of some sets left out; else None."""
    row = (await database.alone(MANY, many=many, without=list(without)))[0]
    moment: datetime = row.now
    return moment if row.are_many else None


async def hold(tx: Transaction, leases: Iterable[Lease]) -> frozenset[Mark]:
    """Lock the marks in hand and return those that still exist."""
    rows = await tx.rows(HOLD, **columns(sorted(one.mark for one in leases)))
    return frozenset(Mark(row.subject, row.campaign, row.set_id) for row in rows)


async def done(tx: Transaction, leases: Iterable[Lease]) -> None:
    """Remove marks that were not raised since they were taken."""
    await tx.execute(DONE, **_taken(leases))


async def renew(database: Database, leases: Iterable[Lease], seconds: float) -> None:
    """Keep marks in hand for `seconds` from now on, but for those that were raised or finished since."""
    await database.alone(RENEW, **_taken(leases), seconds=seconds)


async def give_back(database: Database, leases: Iterable[Lease]) -> None:
    """Leave marks to whoever takes them next."""
    await database.alone(GIVE_BACK, **_taken(leases))


def columns(marks: Iterable[Mark]) -> dict[str, list[str]]:
    """Return marks as the three arrays of a statement."""
    listed = list(marks)
    return {
        "subjects": [one.subject for one in listed],
        "campaigns": [one.campaign for one in listed],
        "set_ids": [one.set_id for one in listed],
    }


def _taken(leases: Iterable[Lease]) -> dict[str, list[Any]]:
    listed = list(leases)
    return {**columns(one.mark for one in listed), "generations": [one.generation for one in listed]}


async def _mark_found(tx: Transaction, statement: Executable, **parameters: object) -> None:
    rows = await tx.rows(statement, **parameters)
    mark(tx, (Mark(row.subject, row.campaign, row.set_id) for row in rows))
