"""Sources: what each sent, until when it vouches, and what became of its events."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, text

from thidua_runtime.database import Transaction

NOTE_SOURCES: Final = text("""
insert into source as s (name, last_event_at, applied, stale, warned, parked, refused, ties)
select * from unnest(cast(:names as text[]), cast(:last_event_at as timestamptz[]), cast(:applied as bigint[]),
                     cast(:stale as bigint[]), cast(:warned as bigint[]), cast(:parked as bigint[]),
                     cast(:refused as bigint[]), cast(:ties as bigint[]))
    on conflict (name) do update
       set last_event_at = greatest(s.last_event_at, excluded.last_event_at), applied = s.applied + excluded.applied,
           stale = s.stale + excluded.stale, warned = s.warned + excluded.warned, parked = s.parked + excluded.parked,
           refused = s.refused + excluded.refused, ties = s.ties + excluded.ties
""")

MARKS: Final = text("""
select name, complete_until from source where name = any(cast(:names as text[])) and complete_until is not null
""")

NOTE_EVENTS: Final = text("""
insert into source_event as e (source, source_id, outcome, version, reason, times)
select *, 1 from unnest(cast(:sources as text[]), cast(:ids as text[]), cast(:outcomes as text[]),
                        cast(:versions as bigint[]), cast(:reasons as text[]))
    on conflict (source, source_id, outcome) do update
       set version = excluded.version, reason = excluded.reason, times = e.times + 1, last_at = now()
""")

FORGET_EVENTS: Final = text("delete from source_event where last_at < :before")

NOTE_SOURCE_UNITS: Final = text("""
insert into source_unit (source, unit)
select * from unnest(cast(:sources as text[]), cast(:units as text[])) as n (source, unit)
    on conflict (source, unit) do nothing
returning source, unit
""")

VOUCH: Final = text("""
insert into source as s (name, complete_until)
select * from unnest(cast(:names as text[]), cast(:until as timestamptz[]))
    on conflict (name) do update set complete_until = excluded.complete_until
 where s.complete_until is null or s.complete_until < excluded.complete_until
returning name
""")

UNITS_OF_SOURCES: Final = text("select unit from source_unit where source = any(cast(:names as text[]))")

SOURCES: Final = text("select * from source order by name limit :limit offset :offset")
SOURCE: Final = text("select * from source where name = :name")

EVENTS: Final = text("""
select source_id, outcome, version, reason, times, last_at as at from source_event
 where source = :source and (cast(:outcome as text) is null or outcome = :outcome)
 order by source_id, outcome limit :limit offset :offset
""")
APPLIED_EVENTS: Final = text("""
select source_id, 'applied' as outcome, version, coalesce(unknown_fields, '') as reason, 1 as times,
       received_at as at
  from task where source = :source order by source_id limit :limit offset :offset
""")
# Letters that could not be read have no identity; whose they are is looked for in their bodies.
DEAD_EVENTS: Final = text("""
select aggregate, source, version, sentence, body, received_at from thidua.dead_letter
 where stream = 'tasks' and state = 'waiting' order by id limit 10000
""")
PARKED_EVENTS: Final = text("""
select substr(aggregate, length(:source) + 2) as source_id, 'parked' as outcome, version,
       'chờ khai báo ' || case split_part(waits_for, '/', 1) when 'units' then 'đơn vị ' else 'cán bộ ' end
       || substr(waits_for, strpos(waits_for, '/') + 1) as reason, 1 as times, since as at
  from thidua.parked where stream = 'tasks' and source = :source order by id limit :limit offset :offset
""")

# Deadlines of events that are not applied: only they can touch a month that is about to close.
UNAPPLIED: Final = text("""
select body from thidua.dead_letter where stream = 'tasks' and state = 'waiting'
union all select body from thidua.parked where stream = 'tasks'
union all select null from thidua.dead_letter where stream = 'sources' and state = 'waiting'
""")


async def marks(tx: Transaction, names: Iterable[str]) -> dict[str, datetime]:
    """Return until when those of these sources vouch that do; whoever moves a mark holds the as-of row alone."""
    rows = await tx.rows(MARKS, names=sorted(names))
    return {row.name: row.complete_until for row in rows}


async def note_sources(tx: Transaction, counts: dict[str, dict[str, Any]]) -> None:
    """Add to what each source sent, rows in key order."""
    names = sorted(counts)
    columns = ("last_event_at", "applied", "stale", "warned", "parked", "refused", "ties")
    values = {column: [counts[name].get(column, 0) for name in names] for column in columns}
    await tx.execute(NOTE_SOURCES, names=names, **values)


async def note_events(tx: Transaction, events: Iterable[tuple[str, str, str, int, str]]) -> None:
    """Keep what became of events that were not simply applied: source, id, outcome, version, reason."""
    by_key = {event[:3]: event for event in events}
    ordered = [by_key[key] for key in sorted(by_key)]
    if not ordered:
        return
    await tx.execute(
        NOTE_EVENTS, sources=[e[0] for e in ordered], ids=[e[1] for e in ordered], outcomes=[e[2] for e in ordered],
        versions=[e[3] for e in ordered], reasons=[e[4] for e in ordered],
    )  # fmt: skip


async def note_units(tx: Transaction, pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Remember which source speaks for which unit; return the pairs not known before."""
    ordered = sorted(set(pairs))
    if not ordered:
        return []
    rows = await tx.rows(NOTE_SOURCE_UNITS, sources=[p[0] for p in ordered], units=[p[1] for p in ordered])
    return [(row.source, row.unit) for row in rows]


async def vouch(tx: Transaction, marks: dict[str, datetime]) -> list[str]:
    """Move the marks forward; returns the sources that now vouch further than before."""
    names = sorted(marks)
    return [row.name for row in await tx.rows(VOUCH, names=names, until=[marks[name] for name in names])]


async def units_of(tx: Transaction, names: Sequence[str]) -> list[str]:
    """Return the units these sources speak for."""
    return sorted({row.unit for row in await tx.rows(UNITS_OF_SOURCES, names=list(names))})


async def sources(tx: Transaction, limit: int, offset: int) -> Sequence[Row[Any]]:
    """Return all sources that were ever heard of."""
    return await tx.rows(SOURCES, limit=limit, offset=offset)


async def unapplied_bodies(tx: Transaction) -> list[bytes | None]:
    """Return the bodies of task events that wait as dead letters or for a reference; None: not kept."""
    return [None if row.body is None else bytes(row.body) for row in await tx.rows(UNAPPLIED)]
