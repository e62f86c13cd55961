"""What is due and missing, and the reminders made of it."""

# ruff: noqa: S608 (statements are put together from constants of this module, never from values)

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import Row, text

from thidua.contracts import Reminder, SubjectKind
from thidua.contracts.campaign import RegistrationState
from thidua.contracts.work import ReportState
from thidua_monitoring.domain.facts import DueFact, conditions, due_values, looked_at, missing_values
from thidua_monitoring.queries import facts, names, periods
from thidua_runtime.database import Transaction

REMIND_DAYS_BEFORE: Final = 3
"""The field reminds while a report can still be in time; the same three days as `thidua_tasks_due_soon`."""

REMIND_AGAIN_DAYS: Final = 7
"""A reminder is repeated after one week, then two, four, and every eight: who is reminded nightly stops reading."""

REMINDERS_SENT: Final = "thidua_reminders_sent_total"
KINDS: Final = ("report", "fact", "task", "registration")
REGISTERED: Final = frozenset(
    {
        RegistrationState.SUBMITTED, RegistrationState.ACCEPTED, RegistrationState.AMENDED,
        RegistrationState.SUCCEEDED, RegistrationState.CLOSED,
    }
)  # fmt: skip
RECEIVED: Final = frozenset({ReportState.SENT, ReportState.ACCEPTED})

# Only where the counters know of overdue tasks: they are few among all tasks of a year.
OVERDUE: Final = text("""
select c.subject as unit, sum(t.overdue)::bigint as overdue, min(t.since) as since
  from month_counter as c cross join lateral (
           select count(*) as overdue, min(open_deadline) as since from task
            where month = c.month and unit = c.subject and standing = 'overdue') as t
 where c.month between :first and :last and not c.individual and c.overdue > 0
 group by c.subject
""")

# After the first, second, third … reminder one, two, four, eight, eight … times the days pass before the next.
_AGAIN: Final = "(r.last_on + cast(:again_days as integer) * (1 << least(r.times - 1, 3)) <= excluded.last_on)"

REMIND: Final = text(f"""
insert into reminder as r (subject, what, individual, unit, kind, sentence, due_on, times, last_on, settled)
select subject, what, individual, unit, kind, sentence, due_on, 1, :day, false
  from unnest(cast(:subjects as text[]), cast(:whats as text[]), cast(:individuals as boolean[]),
              cast(:units as text[]), cast(:kinds as text[]), cast(:sentences as text[]), cast(:due_on as date[]))
       as m (subject, what, individual, unit, kind, sentence, due_on)
 order by subject, what
    on conflict (subject, what) do update
       set sentence = excluded.sentence, due_on = excluded.due_on, unit = excluded.unit, settled = false,
           times = r.times + {_AGAIN}::integer,
           last_on = case when {_AGAIN} then excluded.last_on else r.last_on end
     where r.settled or {_AGAIN} or (r.sentence, r.due_on, r.unit)
           is distinct from (excluded.sentence, excluded.due_on, excluded.unit)
returning *
""")

SETTLE: Final = text("""
update reminder as r set settled = true
 where not r.settled and not exists (
       select from unnest(cast(:subjects as text[]), cast(:whats as text[])) as m (subject, what)
        where m.subject = r.subject and m.what = r.what)
returning *
""")


@dataclass(frozen=True)
class Missing:
    """One thing a unit owes: a report, a registration or the value of an input."""

    subject: str
    individual: bool
    unit: str
    campaign: str
    kind: str
    name: str
    title: str
    period: str
    due_on: date
    people: int = 0

    @property
    def what(self) -> str:
        """Identity of what is missing, within its subject."""
        return ":".join(part for part in (self.kind, self.campaign, self.name, self.period) if part)

    @property
    def sentence(self) -> str:
        """What the unit reads."""
        verbs = {"report": "Chưa gửi báo cáo", "registration": "Chưa gửi bản đăng ký thi đua"}
        whose = f" của {self.people} cá nhân" if self.people else ""
        subject = verbs.get(self.kind, f"Chưa có số liệu “{self.title}”{whose}")
        return f"{subject} kỳ {self.period}; hạn {self.due_on:%d/%m/%Y}."


async def find_missing(tx: Transaction, campaign: Row[Any], due_before: date) -> list[Missing]:
    """Return what participants of a campaign owe with a due date before `due_before`, and have not given."""
    reports = await periods.reports(
        tx, campaign=campaign.key, unit=None, period=None, state=None, limit=100_000, offset=0
    )
    registered = await tx.rows(facts.REGISTERED, campaign=campaign.key, states=sorted(REGISTERED))
    found = [_report(row) for row in reports if row.due_on < due_before and row.state not in RECEIVED]
    found += _registrations(campaign, {row.unit for row in reports}, registered, due_before)
    found += await _facts(tx, campaign, reports, registered, due_before)
    return sorted(found, key=lambda each: (each.due_on, each.unit, each.subject, each.what))


def _report(row: Row[Any]) -> Missing:
    return Missing(row.unit, False, row.unit, row.campaign, "report", "", "", row.period, row.due_on)


def _registrations(
    campaign: Row[Any], units: set[str], registered: Sequence[Row[Any]], due_before: date
) -> list[Missing]:
    due_on = date.fromisoformat(campaign.body["registration_due"])
    if due_on >= due_before:
        return []
    # A unit's registration is in once any of its items was sent.
    done = {row.unit for row in registered}
    year = str(campaign.body["year"])
    return [
        Missing(unit, False, unit, campaign.key, "registration", "", "", year, due_on) for unit in sorted(units - done)
    ]


async def _facts(
    tx: Transaction,
    campaign: Row[Any],
    reports: Sequence[Row[Any]],
    registered: Sequence[Row[Any]],
    due_before: date,
) -> list[Missing]:
    inputs = await facts.inputs_of(tx, campaign.body)
    if not inputs:
        return []
    received: dict[str, set[str]] = defaultdict(set)
    for row in reports:
        if row.state in RECEIVED:
            received[row.unit].add(row.period)
    span = date.fromisoformat(campaign.body["starts_on"]), date.fromisoformat(campaign.body["ends_on"])
    owed = {kind: due_values(declared.values(), span, due_before) for kind, declared in inputs.items()}
    asked = {kind: values for kind, values in owed.items() if values}
    if not asked:
        return []
    everything = [one for values in asked.values() for one in values]
    given = await facts.given(tx, campaign.key, looked_at(everything), conditions(everything))
    found: list[Missing] = []
    lacking: dict[tuple[object, ...], tuple[DueFact, ...]] = {}
    for subject, individual, unit in _subjects({row.unit for row in reports}, registered):
        values = asked.get(SubjectKind.INDIVIDUAL if individual else SubjectKind.COLLECTIVE)
        if not values:
            continue
        mine = given.get(subject, {})
        # Thousands of people gave the same: what they lack is found once.
        same = (individual, unit, *mine, *map(id, mine.values()))
        if same not in lacking:
            lacking[same] = missing_values(values, mine, frozenset(received[unit]))
        found += [
            Missing(subject, individual, unit, campaign.key, "fact", one.input, one.title, one.period, one.due_on)
            for one in lacking[same]
        ]
    return found


def _subjects(units: set[str], registered: Sequence[Row[Any]]) -> list[tuple[str, bool, str]]:
    people = {(row.person, True, row.unit) for row in registered if row.person is not None}
    return [*((unit, False, unit) for unit in sorted(units)), *sorted(people)]


async def remind(tx: Transaction, today: date) -> None:
    """Remind of everything missing or late; what was given since is settled. Never moves a state."""
    missing: list[Missing] = []
    for campaign in await names.campaigns(tx):
        if campaign.body.get("state", "open") == "open":
            missing += await find_missing(tx, campaign, today + timedelta(days=REMIND_DAYS_BEFORE + 1))
    rows = [(m.subject, m.what, m.individual, m.unit, m.kind, m.sentence, m.due_on) for m in _per_unit(missing)]
    rows += await _overdue(tx, today)
    unique = {row[:2]: row for row in rows}
    ordered = [unique[key] for key in sorted(unique)]
    columns = ("subjects", "whats", "individuals", "units", "kinds", "sentences", "due_on")
    values = {name: [row[place] for row in ordered] for place, name in enumerate(columns)}
    reminded = await tx.rows(REMIND, day=today, again_days=REMIND_AGAIN_DAYS, **values)
    settled = await tx.rows(SETTLE, subjects=values["subjects"], whats=values["whats"])
    tx.publish(reminder_state(row) for row in (*reminded, *settled))
    for kind in KINDS:
        sent = sum(1 for row in reminded if row.kind == kind and row.last_on == today)
        tx.count(REMINDERS_SENT, sent, kind=kind)


def _per_unit(missing: Iterable[Missing]) -> Iterator[Missing]:
    """Put what people of one unit lack into one reminder to the unit: it is the unit that states it."""
    people: dict[tuple[str, str, str, str], list[Missing]] = defaultdict(list)
    for one in missing:
        if one.individual:
            people[one.unit, one.campaign, one.name, one.period].append(one)
        else:
            yield one
    for same in people.values():
        first = min(same, key=lambda one: one.due_on)
        yield replace(first, subject=first.unit, individual=False, name=f"people:{first.name}", people=len(same))


async def _overdue(tx: Transaction, today: date) -> list[tuple[str, str, bool, str, str, str, date]]:
    found: list[tuple[str, str, bool, str, str, str, date]] = []
    rows = await tx.rows(OVERDUE, first=f"{today.year}-01", last=f"{today.year}-12")
    for row in rows:
        sentence = f"Có {row.overdue} nhiệm vụ của năm {today.year} chưa hoàn thành và đã quá hạn."
        found.append((row.unit, f"task:{today.year}", False, row.unit, "task", sentence, row.since))
    return found


def reminder_state(row: Row[Any]) -> Reminder:
    """Return a row of the table as it is published."""
    return Reminder(
        subject=row.subject, subject_kind=SubjectKind.INDIVIDUAL if row.individual else SubjectKind.COLLECTIVE,
        unit=row.unit, what=row.what, kind=row.kind, sentence=row.sentence, due_on=row.due_on, times=row.times,
        last_on=row.last_on, settled=row.settled,
    )  # fmt: skip
