"""Marks of what changed since it was last reviewed: whole units, or single subjects where nobody else is touched."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Row, text

from thidua.contracts import Unit
from thidua_awards.domain.conditions import ON_FLAGS
from thidua_awards.queries import lookups
from thidua_awards.queries.together import Together
from thidua_runtime.database import Transaction

EVERY_UNIT: Final = "*"
UNIT: Final = "unit"
SUBJECT: Final = "subject"

# One statement per transaction, rows in one order: two followers that mark at once never deadlock. The
# generation tells a mark made during a review from the one the review took. Of a campaign that was never reviewed
# subjects are not told apart: its first review looks at everybody anyhow, and one that runs right now is repeated.
MARK: Final = text("""
with named as (
    select c.key as campaign, n.is_unit, n.name, exists (select from review r where r.campaign = c.key) as is_reviewed
      from replica_campaigns c
      join unnest(cast(:campaigns as text[]), cast(:is_unit as boolean[]), cast(:names as text[]))
           as n (campaign, is_unit, name) on n.campaign in ('', c.key)
     where not c.deleted
), units as (
    insert into dirty as d (campaign, unit, generation)
    select campaign, unit, nextval('dirty_generation')
      from (select campaign, case when is_unit then name else '*' end as unit from named
             where is_unit or not is_reviewed group by 1, 2) as wanted
     order by campaign, unit
        on conflict (campaign, unit) do update set generation = nextval('dirty_generation')
)
insert into dirty_subject as d (campaign, subject, generation)
select campaign, name, nextval('dirty_generation')
  from (select distinct campaign, name from named where not is_unit and is_reviewed) as wanted
 order by campaign, name
    on conflict (campaign, subject) do update set generation = nextval('dirty_generation')
""")
MARKED: Final = text("""
select true as whole, unit as name, generation from dirty where campaign = :campaign
 union all
select false, subject, generation from dirty_subject where campaign = :campaign
 order by whole, name
""")
MARKED_AND_UNITS: Final = Together({"marked": MARKED, "stamps": lookups.UNITS_STAMP})
# A mark in a follower's hands is being made anew: it stays, and nobody waits for the other in a circle.
UNMARK: Final = """
with taken as (
    select d.campaign, d.{name} from {table} as d
      join unnest(cast(:names as text[]), cast(:generations as bigint[])) as t ({name}, generation)
        on d.{name} = t.{name} and d.generation = t.generation
     where d.campaign = :campaign for update of d skip locked
)
delete from {table} as d using taken as t where (d.campaign, d.{name}) = (t.campaign, t.{name})
"""
UNMARK_UNITS: Final = text(UNMARK.format(table="dirty", name="unit"))
UNMARK_SUBJECTS: Final = text(UNMARK.format(table="dirty_subject", name="subject"))
UNDER_REVIEW: Final = text("""
select r.campaign, r.basis, cast(c.body->>'year' as int) as year, c.body->>'state' as state,
       c.body::text as body,
       exists (select from dirty d where d.campaign = r.campaign)
       or exists (select from dirty_subject d where d.campaign = r.campaign) as is_marked
  from review r join replica_campaigns c on c.key = r.campaign and not c.deleted
 order by r.campaign
""")
UNITS_OF: Final = text("""
select id, unit from replica_people where id = any(cast(:subjects as text[])) and not deleted
""")
FLAG_CANDIDATES: Final = text("""
select distinct campaign, subject from recommendation where title = any(cast(:titles as text[]))
""")


@dataclass(frozen=True, slots=True)
class Marks:
    """Marked units and subjects of a campaign, each with the generation of its mark."""

    units: Mapping[str, int] = field(default_factory=dict)
    subjects: Mapping[str, int] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Whether anything is marked."""
        return bool(self.units or self.subjects)

    @property
    def is_everybody(self) -> bool:
        """Whether every unit is marked."""
        return EVERY_UNIT in self.units

    def only(self, units: Iterable[str], subjects: Iterable[str]) -> Marks:
        """Return the marks of these alone."""
        return Marks(
            {unit: self.units[unit] for unit in units if unit in self.units},
            {subject: self.subjects[subject] for subject in subjects if subject in self.subjects},
        )


@dataclass(frozen=True, slots=True)
class LookedAt:
    """Whom a review looks at: everybody, whole deciding units (all their `units`), or single `subjects`."""

    units: frozenset[str] | None = None
    subjects: frozenset[str] | None = None

    @property
    def listed_units(self) -> list[str] | None:
        """The units in order; None where no unit limits."""
        return None if self.units is None else sorted(self.units)

    @property
    def listed_subjects(self) -> list[str] | None:
        """The subjects in order; None where no subject limits."""
        return None if self.subjects is None else sorted(self.subjects)


def mark(tx: Transaction, units: Iterable[str], campaign: str | None = None) -> None:
    """Mark units whose inputs changed, in one campaign or in all; EVERY_UNIT stands for all units.

    They are written at the end of the transaction.
    """
    tx.at_end(_write, ((campaign or "", UNIT, unit) for unit in units))


def mark_subjects(tx: Transaction, subjects: Iterable[str], campaign: str | None = None) -> None:
    """Mark subjects of which something changed that concerns nobody else; a marked collective is counted anew.

    So is every collective above it that counts its members. Quotas follow by themselves.
    """
    tx.at_end(_write, ((campaign or "", SUBJECT, subject) for subject in subjects))


async def _write(tx: Transaction, wanted: list[tuple[str, str, str]]) -> None:
    await tx.execute(
        MARK,
        campaigns=[campaign for campaign, _, _ in wanted],
        is_unit=[of == UNIT for _, of, _ in wanted],
        names=[name for _, _, name in wanted],
    )


async def marked(tx: Transaction, campaign: str) -> Marks:
    """Return what is marked in a campaign."""
    return _marks(await tx.rows(MARKED, campaign=campaign))


async def marked_and_units(tx: Transaction, campaign: str) -> tuple[Marks, Mapping[str, Unit]]:
    """Return what is marked in a campaign, and all units."""
    found = await MARKED_AND_UNITS.at_once(tx, campaign=campaign)
    ((stamp,),) = found["stamps"]
    return _marks(found["marked"]), await lookups.units(tx, stamp)


def _marks(rows: Iterable[Sequence[Any]]) -> Marks:
    units: dict[str, int] = {}
    subjects: dict[str, int] = {}
    for whole, name, generation in rows:
        (units if whole else subjects)[name] = generation
    return Marks(units, subjects)


async def unmark(tx: Transaction, campaign: str, taken: Marks) -> None:
    """Remove these marks unless they were made anew meanwhile."""
    for statement, names in ((UNMARK_UNITS, taken.units), (UNMARK_SUBJECTS, taken.subjects)):
        if names:
            await tx.execute(statement, campaign=campaign, names=list(names), generations=list(names.values()))


async def under_review(tx: Transaction) -> Sequence[Row[Any]]:
    """Return the campaigns under review: body, the basis of the last review, and whether something is marked since."""
    return await tx.rows(UNDER_REVIEW)


async def units_of(tx: Transaction, subjects: Iterable[str]) -> dict[str, str]:
    """Return the unit of each known person among these."""
    wanted = sorted(set(subjects))
    rows = await tx.rows(UNITS_OF, subjects=wanted) if wanted else []
    return {row.id: row.unit for row in rows}


async def mark_flag_candidates(tx: Transaction) -> None:
    """Mark whoever asks for the Government's flag: its quota counts flags and firsts of all units."""
    for row in await tx.rows(FLAG_CANDIDATES, titles=sorted(ON_FLAGS)):
        mark_subjects(tx, [row.subject], row.campaign)
