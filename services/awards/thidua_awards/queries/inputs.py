"""Read everything a review looks at, with one query per kind of record whatever the number of subjects."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, TypeVar

from pydantic import TypeAdapter
from sqlalchemy import Row, TextClause, text

from thidua.contracts import Campaign, Cluster, Initiative, Person, Registration, Unit
from thidua.contracts.organisation import RatingLevel
from thidua_awards.calendar import working_days
from thidua_awards.domain.conditions import EVERY_DISCIPLINE, ON_FLAGS, OVER_YEARS, SHOWN_FIRST, VOTED_ON
from thidua_awards.domain.records import Confirmation, Discipline, Filed, Notice, Service, Training, Use, Vote
from thidua_awards.domain.units import chain, deciding_unit
from thidua_awards.law import DisciplineForm, Regime, TrainingResult, regime_of, review_date
from thidua_awards.queries import dossiers, lookups, notices, votes
from thidua_awards.queries.earlier import Earlier, bands, earlier_years, ledger
from thidua_awards.queries.marks import LookedAt
from thidua_runtime.database import Transaction

S = TypeVar("S")

PEOPLE_OF: Final = text("""
select body::text as body from replica_people
 where not deleted and (unit = any(cast(:units as text[])) or id = any(cast(:subjects as text[])))
 order by key
""")
REGISTRATIONS_OF: Final = text("""
select body::text as body from replica_registrations
 where not deleted and campaign = :campaign and subject = any(cast(:subjects as text[]))
 order by key
""")
PEOPLE: Final = text("""
-- Of a scope also those who registered there and have moved on: they must be seen where they are now.
select body::text as body from replica_people
 where not deleted
   and (cast(:units as text[]) is null or unit = any(cast(:units as text[])) or id in (
        select r.subject from replica_registrations r
         where not r.deleted and r.campaign = :campaign and r.body->>'unit' = any(cast(:units as text[]))))
 order by key
""")
REGISTRATIONS: Final = text("""
select body::text as body from replica_registrations
 where not deleted and campaign = :campaign
   and (cast(:units as text[]) is null or body->>'unit' = any(cast(:units as text[]))
        or subject = any(cast(:people as text[])))
 order by key
""")
RATINGS: Final = text("""
select subject, level from replica_ratings
 where not deleted and year = :year and (cast(:subjects as text[]) is null or subject = any(cast(:subjects as text[])))
""")
INITIATIVES: Final = text("""
select body::text as body from replica_initiatives
 where not deleted and (campaign = :campaign or campaign is null)
 order by key
""")
INITIATIVES_OF: Final = text("""
select body::text as body from replica_initiatives
 where not deleted and (campaign = :campaign or campaign is null)
   and key in (select i.key from unnest(cast(:subjects as text[])) as s (subject) join replica_initiatives i
                   on i.body->'authors' @> jsonb_build_array(jsonb_build_object('person', s.subject)))
 order by key
""")
SCORES: Final = text("""
-- The official score where there is one, else the running one; a campaign may use one set per kind of subject.
select distinct on (subject) subject, version, lane, body->>'points' as points, body->>'maximum' as maximum
  from replica_scores
 where not deleted and campaign = :campaign and period = :year
   and (cast(:subjects as text[]) is null or subject = any(cast(:subjects as text[])))
 order by subject, lane = 'official' desc, version desc
""")
CLUSTERS: Final = text("""
select body::text as body from replica_clusters where not deleted and year = :year order by key
""")
DISCIPLINES: Final = text("""
-- Of the year, or running in it; of some subjects all there were before.
select subject, kind, form, decided_on, ends_on, counted_in from discipline
 where (cast(:subjects as text[]) is null or subject = any(cast(:subjects as text[])))
   and decided_on <= :last_day
   and (decided_on >= :first_day or ends_on is null or ends_on >= :first_day
        or subject = any(cast(:ever as text[])))
 order by subject, decided_on, id
""")
HOLDS_MOVED: Final = text("""
select distinct subject from hold where starts_on between :first and :day or ends_on between :first and :day
""")
HOLDS: Final = text("""
select subject, min(starts_on) as since from hold
 where starts_on <= :as_of and (ends_on is null or ends_on > :as_of)
   and (cast(:subjects as text[]) is null or subject = any(cast(:subjects as text[])))
 group by subject
""")
TRAININGS: Final = text("""
select subject, months, result from training
 where year = :year and (cast(:subjects as text[]) is null or subject = any(cast(:subjects as text[])))
 order by subject, id
""")
CONFIRMATIONS: Final = text("""
select subject, key, answer, by, document, dated from confirmation
 where campaign = :campaign and (cast(:subjects as text[]) is null or subject = any(cast(:subjects as text[])))
""")
CANDIDATES: Final = text("""
select subject, title from candidate
 where campaign = :campaign and (cast(:subjects as text[]) is null or subject = any(cast(:subjects as text[])))
 order by subject, title
""")
SERVICE_TIMES: Final = text("select * from service_time where subject = any(cast(:subjects as text[]))")
FLAGS: Final = text("""
-- Flags of the Ministry or province awarded for the year, and collectives that a cluster voted first in the campaign.
select (select count(distinct a.subject) from decision_award a join decision d on d.id = a.decision
         where a.year = :year and a.code in ('CTDB', 'CTDT') and not d.cancelled and a.cancelled_by is null) as flags,
       (select count(distinct subject) from confirmation
         where campaign = :campaign and key in ('ctdb.cluster', 'ctdcp.first') and answer) as firsts
""")
AWARDS: Final = text("""
select a.subject, a.unit, a.code
  from decision_award a join decision d on d.id = a.decision
 where a.year = :year and not d.cancelled and a.cancelled_by is null and a.kind is null
""")
AWARDS_IN: Final = text("""
-- What those who are there now hold, wherever it was given, and what was given there, to whomever: of another unit,
-- whose awards are not all read, none is counted.
select a.subject, case when a.unit = any(cast(:units as text[])) then a.unit end as unit, a.code
  from replica_people p
  join decision_award a on a.subject = p.id and a.year = :year
  join decision d on d.id = a.decision
 where not p.deleted and p.unit = any(cast(:units as text[]))
   and not d.cancelled and a.cancelled_by is null and a.kind is null
 union
select a.subject, a.unit, a.code
  from decision_award a join decision d on d.id = a.decision
 where a.year = :year and a.unit = any(cast(:units as text[]))
   and not d.cancelled and a.cancelled_by is null and a.kind is null
""")


@dataclass(frozen=True, slots=True)
class AwardLine:
    """An award of the year by a decision in force; `unit` is where it was given, None where it is not to be counted.

    A denominator is what a unit awarded: who moves on afterwards takes the title along and leaves the number behind.
    """

    subject: str
    unit: str | None
    code: str


@dataclass(frozen=True)
class Gathered:
    """Everything known at one moment about a campaign's subjects; `people` only of the units asked for."""

    campaign: Campaign
    as_of: date
    units: Mapping[str, Unit]
    people: Mapping[str, Person]
    registrations: Mapping[str, Registration]
    ratings: Mapping[str, RatingLevel]
    initiatives: Mapping[str, tuple[Initiative, ...]]
    scores: Mapping[str, Row[Any]]
    clusters: Mapping[str, str]
    disciplines: Mapping[str, tuple[Discipline, ...]]
    holds: Mapping[str, date]
    trainings: Mapping[str, tuple[Training, ...]]
    confirmations: Mapping[str, Mapping[str, Confirmation]]
    named: Mapping[str, frozenset[str]]
    awards: tuple[AwardLine, ...]
    earlier: Earlier
    votes: Mapping[str, Mapping[str, Vote]] = field(default_factory=dict)
    notices: Mapping[str, Mapping[str, Notice]] = field(default_factory=dict)
    proposals: Mapping[str, Mapping[str, date]] = field(default_factory=dict)
    filed: Mapping[str, Mapping[str, Filed]] = field(default_factory=dict)
    ledger: Mapping[str, Mapping[str, tuple[Use, ...]]] = field(default_factory=dict)
    service: Mapping[str, Service] = field(default_factory=dict)
    flags: tuple[int, int] | None = None
    bands: Mapping[str, Mapping[int, RatingLevel]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Reach:
    """Who is looked at (`subjects`), and of whom ratings, disciplines and awards are read along; None is everybody."""

    people: Sequence[Person]
    registrations: Sequence[Registration]
    named: Mapping[str, frozenset[str]]
    subjects: list[str] | None
    members: list[str] | None
    units: list[str] | None


async def gather(tx: Transaction, campaign: Campaign, units: Mapping[str, Unit], looked_at: LookedAt) -> Gathered:
    """Read the inputs of a review of those looked at, and what shares and quotas need of others."""
    # Columns of replicas are text, whatever the body holds; those of own tables are integers.
    text_year, year = {"year": str(campaign.year)}, {"year": campaign.year}
    at = {"campaign": campaign.id}
    last_day = review_date(campaign.year)
    as_of = tx.clock.today()
    reach = await (_reach_of_units if looked_at.subjects is None else _reach_of_subjects)(
        tx, campaign, units, looked_at
    )
    subjects, of, with_members = reach.subjects, {"subjects": reach.subjects}, {"subjects": reach.members}
    aims = [*((item.subject, item.titles) for item in reach.registrations), *reach.named.items()]
    ever = sorted({subject for subject, titles in aims if EVERY_DISCIPLINE.intersection(titles)})
    long = sorted({subject for subject, titles in aims if OVER_YEARS.intersection(titles)})
    proposals, filed = await _filed(tx, campaign.id, subjects)
    first_day = last_day.replace(month=1, day=1)
    every = _with_included(aims, _regime(tx, campaign))
    has_teams = subjects is None or not units.keys().isdisjoint(subjects)
    return Gathered(
        campaign=campaign,
        as_of=as_of,
        units=units,
        people={person.id: person for person in reach.people},
        registrations={item.subject: item for item in reach.registrations},
        ratings={row.subject: RatingLevel(row.level) for row in await tx.rows(RATINGS, **text_year, **with_members)},
        initiatives=_by_author(await _initiatives(tx, campaign.id, looked_at), campaign.year),
        scores=await _scores(tx, campaign, subjects),
        clusters=_by_member(await _bodies(tx, CLUSTERS, Cluster, **text_year)) if has_teams else {},
        disciplines=_disciplines(
            await tx.rows(DISCIPLINES, first_day=first_day, last_day=last_day, ever=ever, **with_members)
        ),
        holds={row.subject: row.since for row in await tx.rows(HOLDS, as_of=as_of, **of)},
        trainings=_trainings(await tx.rows(TRAININGS, **year, **of)),
        confirmations=_confirmations(await tx.rows(CONFIRMATIONS, **at, subjects=_with_units(reach))),
        named=reach.named,
        awards=await _awards(tx, campaign.year, reach.units),
        earlier=await earlier_years(tx, long, campaign.year),
        votes=await _votes(tx, campaign.id, subjects) if every & VOTED_ON else {},
        notices=await _notices(tx, campaign.id, subjects) if every & SHOWN_FIRST else {},
        proposals=proposals,
        filed=filed,
        ledger=await ledger(tx, subjects),
        service=await _service_times(tx, ever),
        flags=await _flags(tx, campaign) if every & ON_FLAGS else None,
        bands=await bands(tx, _regime(tx, campaign).rating_bands, subjects, campaign.year),
    )


async def _reach_of_units(
    tx: Transaction, campaign: Campaign, units: Mapping[str, Unit], looked_at: LookedAt
) -> _Reach:
    listed, at = looked_at.listed_units, {"campaign": campaign.id}
    people = await _bodies(tx, PEOPLE, Person, units=listed, **at)
    ids = [person.id for person in people]
    registrations = await _bodies(tx, REGISTRATIONS, Registration, units=listed, people=ids, **at)
    subjects = None if listed is None else sorted({*listed, *ids, *(item.subject for item in registrations)})
    named = _named(await tx.rows(CANDIDATES, subjects=subjects, **at))
    return _Reach(people, registrations, named, subjects, subjects, listed)


async def _reach_of_subjects(
    tx: Transaction, campaign: Campaign, units: Mapping[str, Unit], looked_at: LookedAt
) -> _Reach:
    subjects, at = looked_at.listed_subjects or [], {"campaign": campaign.id}
    registrations = await _bodies(tx, REGISTRATIONS_OF, Registration, subjects=subjects, **at)
    named = _named(await tx.rows(CANDIDATES, subjects=subjects, **at))
    # The members of a collective are read only where it is a candidate.
    teams = units.keys() & {*named, *(item.subject for item in registrations)}
    below = sorted(unit for unit in units if teams.intersection(chain(units, unit))) if teams else []
    people = await _bodies(tx, PEOPLE_OF, Person, units=below, subjects=subjects)
    homes = {*(one.unit for one in people), *(item.unit for item in registrations), *(units.keys() & set(subjects))}
    groups = {deciding_unit(units, home) for home in homes}
    together = sorted({*groups, *(unit for unit in units if deciding_unit(units, unit) in groups)})
    members = sorted({*subjects, *(person.id for person in people)})
    return _Reach(people, registrations, named, subjects, members, together)


def _with_units(reach: _Reach) -> list[str] | None:
    if reach.subjects is None:
        return None
    homes = (*(one.unit for one in reach.people), *(item.unit for item in reach.registrations))
    return sorted({*reach.subjects, *homes})


def _with_included(aims: Iterable[tuple[str, Iterable[str]]], regime: Regime) -> frozenset[str]:
    named = {title for _, titles in aims for title in titles}
    known = [regime.titles[title] for title in named if title in regime.titles]
    return frozenset(named.union(*(one.includes for one in known)))


async def _initiatives(tx: Transaction, campaign: str, looked_at: LookedAt) -> list[Initiative]:
    if looked_at.subjects is None:
        return await _bodies(tx, INITIATIVES, Initiative, campaign=campaign)
    return await _bodies(tx, INITIATIVES_OF, Initiative, campaign=campaign, subjects=looked_at.listed_subjects)


async def _awards(tx: Transaction, year: int, units: list[str] | None) -> tuple[AwardLine, ...]:
    rows = await (tx.rows(AWARDS, year=year) if units is None else tx.rows(AWARDS_IN, year=year, units=units))
    return tuple(AwardLine(row.subject, row.unit, row.code) for row in rows)


async def _votes(tx: Transaction, campaign: str, subjects: list[str] | None) -> dict[str, dict[str, Vote]]:
    found: dict[str, dict[str, Vote]] = defaultdict(dict)
    for row in await tx.rows(votes.RESULTS, campaign=campaign, subjects=subjects):
        need = votes.need_of(row.need)
        found[row.subject][row.title] = Vote(row.members, row.yes, 0, need.share, need.clause, need.mark)
    return dict(found)


async def _notices(tx: Transaction, campaign: str, subjects: list[str] | None) -> dict[str, dict[str, Notice]]:
    found: dict[str, dict[str, Notice]] = defaultdict(dict)
    rows = await tx.rows(notices.NOTICES, campaign=campaign, subjects=subjects, today=tx.clock.today())
    announced = await dossiers.announced_days(tx) if rows else {}
    for row in rows:
        if row.council_on is not None:
            days = working_days(row.posted_on, announced)
            between = days.between(row.posted_on, row.council_on)
            found[row.subject][row.title] = Notice(row.posted_on, row.council_on, between)
    return dict(found)


async def _filed(
    tx: Transaction, campaign: str, subjects: list[str] | None
) -> tuple[dict[str, dict[str, date]], dict[str, dict[str, Filed]]]:
    sent: dict[str, dict[str, date]] = defaultdict(dict)
    filed: dict[str, dict[str, Filed]] = defaultdict(dict)
    for row in await tx.rows(dossiers.FILED, campaign=campaign, subjects=subjects):
        if row.sent_on is not None:
            sent[row.subject][row.title] = row.sent_on
        filed[row.subject][row.title] = Filed(row.received_on, row.achieved_on, row.achievement)
    return dict(sent), dict(filed)


def _regime(tx: Transaction, campaign: Campaign) -> Regime:
    return regime_of(campaign.year, tx.settings.law_overrides_file)


async def _flags(tx: Transaction, campaign: Campaign) -> tuple[int, int] | None:
    row = await tx.row(FLAGS, year=campaign.year, campaign=campaign.id)
    return (row.flags, row.firsts) if row else None


async def _service_times(tx: Transaction, subjects: list[str]) -> dict[str, Service]:
    rows = await tx.rows(SERVICE_TIMES, subjects=subjects) if subjects else []
    return {row.subject: Service(row.woman, row.years, row.outsider, row.years_here) for row in rows}


async def all_units(tx: Transaction) -> dict[str, Unit]:
    """Return all units by id; who decides follows from them."""
    return await lookups.units(tx)


async def _bodies(tx: Transaction, statement: TextClause, model: type[S], **parameters: Any) -> list[S]:
    adapter = TypeAdapter(model)
    return [adapter.validate_json(row.body) for row in await tx.rows(statement, **parameters)]


async def _scores(tx: Transaction, campaign: Campaign, subjects: list[str] | None) -> dict[str, Row[Any]]:
    rows = await tx.rows(SCORES, campaign=campaign.id, year=str(campaign.year), subjects=subjects)
    return {row.subject: row for row in rows if row.points is not None and row.maximum is not None}


def _by_author(initiatives: Iterable[Initiative], year: int) -> dict[str, tuple[Initiative, ...]]:
    found: dict[str, tuple[Initiative, ...]] = {}
    for one in initiatives:
        # Without a campaign of its own, an initiative counts for the year of its recognition.
        if one.campaign is None and (one.recognition is None or one.recognition.dated.year != year):
            continue
        for author in one.authors:
            found[author.person] = (*found.get(author.person, ()), one)
    return found


def _by_member(clusters: Iterable[Cluster]) -> dict[str, str]:
    return {member.unit: cluster.name for cluster in clusters for member in cluster.members}


def _disciplines(rows: Iterable[Any]) -> dict[str, tuple[Discipline, ...]]:
    found: dict[str, list[Discipline]] = defaultdict(list)
    for row in rows:
        form = DisciplineForm(row.form) if row.form else None
        found[row.subject].append(Discipline(row.subject, row.kind, form, row.decided_on, row.ends_on, row.counted_in))
    return {subject: tuple(every) for subject, every in found.items()}


def _trainings(rows: Iterable[Any]) -> dict[str, tuple[Training, ...]]:
    found: dict[str, list[Training]] = defaultdict(list)
    for row in rows:
        found[row.subject].append(Training(row.months, TrainingResult(row.result) if row.result else None))
    return {subject: tuple(every) for subject, every in found.items()}


def _confirmations(rows: Iterable[Any]) -> dict[str, dict[str, Confirmation]]:
    found: dict[str, dict[str, Confirmation]] = defaultdict(dict)
    for row in rows:
        found[row.subject][row.key] = Confirmation(row.answer, row.by, row.document, row.dated)
    return dict(found)


def _named(rows: Iterable[Any]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        found[row.subject].add(row.title)
    return {subject: frozenset(titles) for subject, titles in found.items()}
