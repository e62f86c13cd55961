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
select count(*) as items, min((c.body ->> 'amend_until')::date) as deadline
  from registration as r join campaign as c on c.id = r.campaign where r.state = 'submitted'
""")

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
    """Return how many items wait for the office, and until when it should have answered (the amendment date)."""
    row = await tx.row(WAITING)
    assert row is not None
    samples = [Sample("thidua_waiting_for_person", {"kind": "registration"}, row.items)]
    if row.deadline is not None:
        name = "thidua_waiting_for_person_deadline_timestamp_seconds"
        samples.append(Sample(name, {"kind": "registration"}, end_of(row.deadline)))
    return samples


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
