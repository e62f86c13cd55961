"""State gauges of registration, for monitoring teams: how many registered, how many are late or expected."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import product
from typing import Any, Final

from sqlalchemy import text

from thidua.contracts import SubjectKind
from thidua.contracts.campaign import RegistrationState
from thidua_registration.queries.lists import EXPECTED
from thidua_runtime.clock import VIETNAM
from thidua_runtime.database import Transaction
from thidua_runtime.metrics import Sample

# An open campaign's series exist until it closes; `metrics.md` bounds them to a handful.
OPEN: Final = text("select code from campaign where body ->> 'state' = 'open' order by code")

UNITS: Final = text("""
select c.code as unit, u.body ->> 'name' as name, u.kind,
       coalesce((select k.body ->> 'name' from cluster as k
                  where k.year = :year and k.body -> 'members' @> jsonb_build_array(jsonb_build_object('unit', u.id))
                  order by k.id limit 1), '') as cluster
  from unit as u
  join lateral (select code from unit_code as h where h.unit = u.id and h.valid_from <= :day
                   and (h.valid_to is null or h.valid_to >= :day) order by h.valid_from desc limit 1) as c on true
 order by c.code
""")

ITEMS: Final = text("""
select c.code as campaign, r.subject_kind, r.state, count(*) as items, count(*) filter (where r.late) as late
  from registration as r join campaign as c on c.id = r.campaign
 where c.body ->> 'state' = 'open' group by 1, 2, 3
""")

EXPECTED_SUBJECTS: Final = text(f"""
select e.campaign_code as campaign, e.subject_kind, count(*) as subjects {EXPECTED}
  join campaign as c on c.id = e.campaign and c.body ->> 'state' = 'open' group by 1, 2
""")

WAITING: Final = text("""
-- What waits for an act, since when, and the earliest end of its time: a day, or days after the move into its state.
-- Without a deadline of its own a sent item should be answered by the amendment date.
with entered as (
    select m.about, m.record, m.to_state, max(m.done_on) as since from move as m group by m.about, m.record, m.to_state
), waiting as (
    select 'registration' as kind, r.state, r.campaign, e.since,
           case when r.state = 'submitted' then (c.body ->> 'amend_until')::date end as usual
      from registration as r join campaign as c on c.id = r.campaign and c.body ->> 'state' = 'open'
      left join entered as e on e.about = 'registration' and e.record = r.id and e.to_state = r.state
     where r.state in ('submitted', 'returned')
    union all
    select 'initiative', i.state, i.campaign, e.since,
           case when i.state = 'draft' then ((i.body ->> 'first_applied_on')::date + interval '1 year')::date end
      from initiative as i
      left join campaign as c on c.id = i.campaign
      left join entered as e on e.about = 'initiative' and e.record = i.id and e.to_state = i.state
     where coalesce(c.body ->> 'state', 'open') = 'open'
       and (i.state in ('submitted', 'returned', 'formally_ok', 'assessed', 'council', 'influence_requested')
            or i.state = 'draft' and i.body ->> 'first_applied_on' is not null)
)
select w.kind, count(*) as items,
       min(coalesce((d ->> 'on')::date, w.since + (d ->> 'days')::integer, w.usual)) as deadline
  from waiting as w
  left join campaign as c on c.id = w.campaign
  left join lateral (select o.d from jsonb_array_elements(c.body -> 'deadlines') as o (d)
                      where o.d ->> 'about' = w.kind and o.d ->> 'state' = w.state limit 1) as o (d) on true
 group by w.kind
""")
WAITING_KINDS: Final = ("registration", "initiative")

KINDS: Final = (SubjectKind.COLLECTIVE, SubjectKind.INDIVIDUAL)
STATES: Final = tuple(state for state in RegistrationState if state is not RegistrationState.UNKNOWN)


async def unit_gauges(tx: Transaction) -> Sequence[Sample]:
    """Return one series per unit valid today, to join names to codes."""
    today = tx.clock.today()
    rows = await tx.rows(UNITS, day=today, year=today.year)
    return [
        Sample(
            "thidua_unit_info",
            {"unit": row.unit, "unit_name": row.name, "cluster": row.cluster, "kind": row.kind},
            1,
        )
        for row in rows
    ]


async def registration_gauges(tx: Transaction) -> Sequence[Sample]:
    """Return items per state, late ones and expected subjects of the open campaigns; known values start at 0."""
    campaigns = [row.code for row in await tx.rows(OPEN)]
    items = await tx.rows(ITEMS)
    expected = await tx.rows(EXPECTED_SUBJECTS)
    return [
        *_counted("thidua_registrations", campaigns, ("state",), items, "items"),
        *_counted("thidua_registrations_late", campaigns, (), items, "late"),
        *_counted("thidua_registrations_expected", campaigns, (), expected, "subjects"),
    ]


async def waiting_gauges(tx: Transaction) -> Sequence[Sample]:
    """Return how many registrations and initiatives wait for somebody's act, and the earliest end of their time."""
    found = {row.kind: row for row in await tx.rows(WAITING)}
    counts = {kind: found[kind].items if kind in found else 0 for kind in WAITING_KINDS}
    samples = [Sample("thidua_waiting_for_person", {"kind": kind}, number) for kind, number in counts.items()]
    name = "thidua_waiting_for_person_deadline_timestamp_seconds"
    ends = {kind: row.deadline for kind, row in found.items() if row.deadline is not None}
    return [*samples, *(Sample(name, {"kind": kind}, end_of(day)) for kind, day in sorted(ends.items()))]


def end_of(day: date) -> int:
    """Return when a day ends in Việt Nam, in seconds since 1970: a deadline lasts until then."""
    midnight = datetime.combine(day + timedelta(days=1), time(0), tzinfo=VIETNAM)
    return int(midnight.astimezone(UTC).timestamp())


def _counted(
    name: str, campaigns: Sequence[str], further: tuple[str, ...], rows: Sequence[Any], value: str
) -> list[Sample]:
    spans = (STATES,) if further else ()
    counts: dict[tuple[str, ...], int] = dict.fromkeys(product(campaigns, KINDS, *spans), 0)
    for row in rows:
        labels = (row.campaign, row.subject_kind, *(getattr(row, label) for label in further))
        counts[labels] = counts.get(labels, 0) + getattr(row, value)
    return [
        Sample(name, dict(zip(("campaign", "subject_kind", *further), map(str, labels), strict=True)), count)
        for labels, count in counts.items()
    ]
