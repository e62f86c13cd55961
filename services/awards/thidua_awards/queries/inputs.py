"""Read everything a review looks at, with one query per kind of record whatever the number of subjects."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final, TypeVar

from pydantic import TypeAdapter

from thidua.contracts import Campaign, Cluster, Initiative, Person, Registration, Unit
from thidua.contracts.organisation import RatingLevel
from thidua_awards.calendar import working_days
from thidua_awards.domain.answers import Answers
from thidua_awards.domain.conditions import EVERY_DISCIPLINE, ON_FLAGS, OVER_YEARS, SHOWN_FIRST, VOTED_ON
from thidua_awards.domain.records import (
    Discipline,
    Filed,
    Notice,
    Service,
    Training,
    Use,
    Vote,
    of_matter,
)
from thidua_awards.domain.units import chain, deciding_unit
from thidua_awards.law import DisciplineForm, Regime, TrainingResult, regime_of, review_date
from thidua_awards.queries import dossiers, votes
from thidua_awards.queries.answers import answers_of
from thidua_awards.queries.earlier import (
    FEW,
    INITIATIVE,
    RECOGNISED_STATES,
    WORKS,
    WORKS_OF_FEW,
    Earlier,
    earlier_of,
    ledger_of,
    rated_by_bands,
)
from thidua_awards.queries.marks import LookedAt
from thidua_awards.queries.review_sets import (
    CANDIDATES,
    OF_EVERYBODY,
    OF_SINGLE,
    OF_UNITS,
    PEOPLE,
    PEOPLE_OF,
    REGISTRATIONS,
    SINGLE,
)
from thidua_runtime.database import Transaction

S = TypeVar("S")
PERSON: Final = TypeAdapter(Person)
REGISTRATION: Final = TypeAdapter(Registration)
CLUSTER: Final = TypeAdapter(Cluster)


@dataclass(frozen=True, slots=True)
class AwardLine:
    """An award of the year by a decision in force; `unit` is where it was given, None where it is not to be counted.

    A denominator is what a unit awarded: who moves on afterwards takes the title along and leaves the number behind.
    """

    subject: str
    unit: str | None
    code: str


@dataclass(frozen=True, slots=True)
class ScoreLine:
    """The score of a subject that counts, as the stream wrote it."""

    version: int
    lane: str
    points: str
    maximum: str


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
    scores: Mapping[str, ScoreLine]
    clusters: Mapping[str, str]
    disciplines: Mapping[str, tuple[Discipline, ...]]
    holds: Mapping[str, date]
    trainings: Mapping[str, tuple[Training, ...]]
    confirmations: Mapping[str, Answers]
    named: Mapping[str, frozenset[str]]
    awards: tuple[AwardLine, ...]
    earlier: Earlier
    votes: Mapping[str, Mapping[str, Vote]] = field(default_factory=dict)
    notices: Mapping[str, Mapping[str, Notice]] = field(default_factory=dict)
    proposals: Mapping[str, Mapping[str, date]] = field(default_factory=dict)
    filed: Mapping[str, Mapping[str, Filed]] = field(default_factory=dict)
    later: Mapping[str, Mapping[str, Mapping[str, Filed]]] = field(default_factory=dict)
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

    def aiming(self, titles: frozenset[str]) -> list[str]:
        """Return who registered one of these or is named for it, in order."""
        aims = [*((item.subject, item.titles) for item in self.registrations), *self.named.items()]
        return sorted({subject for subject, aimed in aims if titles.intersection(aimed)})

    def declaring(self) -> list[str] | None:
        """Return whose declarations count: the subjects and their units."""
        if self.subjects is None:
            return None
        homes = (*(one.unit for one in self.people), *(item.unit for item in self.registrations))
        return sorted({*self.subjects, *homes})


async def gather(tx: Transaction, campaign: Campaign, units: Mapping[str, Unit], looked_at: LookedAt) -> Gathered:
    """Read the inputs of a review of those looked at, and what shares and quotas need of others."""
    reach_of = _reach_of_units if looked_at.subjects is None else _reach_of_subjects
    reach = await reach_of(tx, campaign, units, looked_at)
    regime = regime_of(campaign.year, tx.settings.law_overrides_file)
    asked = _asked(tx, campaign, reach, regime, units)
    sets = await _read(tx, looked_at, reach, asked)
    found = _gathered(campaign, asked["as_of"], units, reach, sets, regime)
    return replace(found, notices=await _notices(tx, sets["notices"]))


def _asked(
    tx: Transaction, campaign: Campaign, reach: _Reach, regime: Regime, units: Mapping[str, Unit]
) -> dict[str, Any]:
    """Return the parameters of every read."""
    last_day, subjects = review_date(campaign.year), reach.subjects
    every = _with_included(reach, regime)
    today = tx.clock.today()
    return {
        "campaign": campaign.id,
        "year": campaign.year,
        # Columns of replicas are text, whatever the body holds; those of own tables are integers.
        "text_year": str(campaign.year),
        "first_day": last_day.replace(month=1, day=1),
        "last_day": last_day,
        "as_of": today,
        "today": today,
        "subjects": subjects,
        "members": reach.members,
        "declaring": reach.declaring(),
        "units": reach.units,
        "long": reach.aiming(OVER_YEARS),
        "ever": reach.aiming(EVERY_DISCIPLINE),
        "voted": subjects if every & VOTED_ON else [],
        "shown": subjects if every & SHOWN_FIRST else [],
        "with_teams": subjects is None or not units.keys().isdisjoint(subjects),
        "with_flags": bool(every & ON_FLAGS),
        "first": regime.rating_bands.from_year if regime.rating_bands else campaign.year,
        "sets": list(regime.rating_bands.sets) if regime.rating_bands else [],
        "states": RECOGNISED_STATES,
    }


ASKED_BY: Final = {
    "long": ("history", "past_ratings", "works"),
    "ever": ("service",),
    "voted": ("votes",),
    "shown": ("notices",),
    "with_teams": ("clusters",),
    "with_flags": ("flags",),
    "sets": ("bands",),
}
"""What need not be read where nobody asks for it."""


async def _read(
    tx: Transaction, looked_at: LookedAt, reach: _Reach, asked: Mapping[str, Any]
) -> Mapping[str, Sequence[Any]]:
    if looked_at.subjects is not None and len(looked_at.subjects) <= FEW:
        return await OF_SINGLE.at_once(tx, **asked)
    # Null is everybody, and asks for all.
    without = {name for by, names in ASKED_BY.items() if not asked[by] and asked[by] is not None for name in names}
    of = OF_SINGLE if looked_at.subjects is not None else OF_EVERYBODY if reach.units is None else OF_UNITS
    works = WORKS_OF_FEW if len(asked["long"]) <= FEW else WORKS
    return await of.instead(works=works).one_by_one(tx, without, **asked)


def _gathered(
    campaign: Campaign,
    as_of: date,
    units: Mapping[str, Unit],
    reach: _Reach,
    sets: Mapping[str, Sequence[Any]],
    regime: Regime,
) -> Gathered:
    proposals, filed, later, held = _filed(sets["filed"])
    return Gathered(
        campaign=campaign,
        as_of=as_of,
        units=units,
        people={person.id: person for person in reach.people},
        registrations={item.subject: item for item in reach.registrations},
        ratings={subject: RatingLevel(level) for subject, level in sets["ratings"]},
        initiatives=_by_author(_bodies(sets["initiatives"], INITIATIVE), campaign.year),
        scores={subject: ScoreLine(*line) for subject, *line in sets["scores"] if None not in line[2:]},
        clusters=_by_member(_bodies(sets["clusters"], CLUSTER)),
        disciplines=_disciplines(sets["disciplines"]),
        holds=held | {subject: min(since, held.get(subject, since)) for subject, since in sets["holds"]},
        trainings=_trainings(sets["trainings"]),
        confirmations=answers_of(sets["confirmations"]),
        named=reach.named,
        awards=tuple(AwardLine(*row) for row in sets["awards"]),
        earlier=earlier_of(sets["history"], sets["past_ratings"], sets["works"], reach.aiming(OVER_YEARS)),
        votes=_votes(sets["votes"]),
        proposals=proposals,
        filed=filed,
        later=later,
        ledger=ledger_of(sets["ledger"]),
        service={subject: Service(*times) for subject, *times in sets["service"]},
        flags=next(((flags, firsts) for flags, firsts in sets["flags"]), None),
        bands=rated_by_bands(sets["bands"], regime.rating_bands),
    )


async def _reach_of_units(
    tx: Transaction, campaign: Campaign, units: Mapping[str, Unit], looked_at: LookedAt
) -> _Reach:
    listed, at = looked_at.listed_units, {"campaign": campaign.id}
    people = _bodies(await tx.rows(PEOPLE, units=listed, **at), PERSON)
    ids = [person.id for person in people]
    registrations = _bodies(await tx.rows(REGISTRATIONS, units=listed, people=ids, **at), REGISTRATION)
    subjects = None if listed is None else sorted({*listed, *ids, *(item.subject for item in registrations)})
    named = _named(await tx.rows(CANDIDATES, subjects=subjects, **at))
    return _Reach(people, registrations, named, subjects, subjects, listed)


async def _reach_of_subjects(
    tx: Transaction, campaign: Campaign, units: Mapping[str, Unit], looked_at: LookedAt
) -> _Reach:
    subjects = looked_at.listed_subjects or []
    asked: dict[str, Any] = {"campaign": campaign.id, "subjects": subjects, "below": []}
    sets = await (SINGLE.at_once(tx, **asked) if len(subjects) <= FEW else SINGLE.one_by_one(tx, **asked))
    registrations, named = _bodies(sets["registrations"], REGISTRATION), _named(sets["candidates"])
    people = _bodies(sets["people"], PERSON)
    # The members of a collective are read only where it is a candidate.
    teams = units.keys() & {*named, *(item.subject for item in registrations)}
    if teams:
        below = sorted(unit for unit in units if teams.intersection(chain(units, unit)))
        people = _bodies(await tx.rows(PEOPLE_OF, below=below, subjects=subjects), PERSON)
    homes = {*(one.unit for one in people), *(item.unit for item in registrations), *(units.keys() & set(subjects))}
    groups = {deciding_unit(units, home) for home in homes}
    together = sorted({*groups, *(unit for unit in units if deciding_unit(units, unit) in groups)})
    members = sorted({*subjects, *(person.id for person in people)})
    return _Reach(people, registrations, named, subjects, members, together)


def _with_included(reach: _Reach, regime: Regime) -> frozenset[str]:
    aims = (*(item.titles for item in reach.registrations), *reach.named.values())
    named = {title for titles in aims for title in titles}
    known = [regime.titles[title] for title in named if title in regime.titles]
    return frozenset(named.union(*(one.includes for one in known)))


def _votes(rows: Iterable[Any]) -> dict[str, dict[str, Vote]]:
    found: dict[str, dict[str, Vote]] = defaultdict(dict)
    for subject, title, yes, members, asked, _, matter in rows:
        need = votes.need_of(asked)
        found[subject][of_matter(title, matter)] = Vote(members, yes, 0, need.share, need.clause, need.mark)
    return dict(found)


async def _notices(tx: Transaction, rows: Sequence[Any]) -> dict[str, dict[str, Notice]]:
    found: dict[str, dict[str, Notice]] = defaultdict(dict)
    announced = await dossiers.announced_days(tx) if rows else {}
    for subject, title, matter, posted_on, begun_on, council_on in rows:
        if council_on is not None:
            between = working_days(posted_on, announced).between(posted_on, council_on)
            found[subject][of_matter(title, matter)] = Notice(posted_on, council_on, between, begun_on)
    return dict(found)


def _filed(
    rows: Iterable[Any],
) -> tuple[dict[str, dict[str, date]], dict[str, dict[str, Filed]], dict[str, Later], dict[str, date]]:
    """Return when what was sent, what dossiers say and what later ones, and since when whose dossier is held."""
    sent: dict[str, dict[str, date]] = defaultdict(dict)
    filed: dict[str, dict[str, Filed]] = defaultdict(dict)
    later: dict[str, Later] = defaultdict(lambda: defaultdict(dict))
    held: dict[str, date] = {}
    for subject, title, achieved_on, achievement, sent_on, received_on, held_since, matter, is_another in rows:
        if held_since is not None:
            held[subject] = min(held_since, held.get(subject, held_since))
        if matter:
            later[subject][title][matter] = Filed(received_on, achieved_on, achievement, sent_on, is_another)
            continue
        if sent_on is not None:
            sent[subject][title] = sent_on
        filed[subject][title] = Filed(received_on, achieved_on, achievement)
    return dict(sent), dict(filed), dict(later), held


Later = dict[str, dict[str, Filed]]
"""What later dossiers of a subject say, by title and matter."""


def _bodies(rows: Iterable[Any], adapter: TypeAdapter[S]) -> list[S]:
    return [adapter.validate_json(body) for (body,) in rows]


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
    for subject, kind, form, decided_on, ends_on, counted_in in rows:
        known = DisciplineForm(form) if form else None
        found[subject].append(Discipline(subject, kind, known, decided_on, ends_on, counted_in))
    return {subject: tuple(every) for subject, every in found.items()}


def _trainings(rows: Iterable[Any]) -> dict[str, tuple[Training, ...]]:
    found: dict[str, list[Training]] = defaultdict(list)
    for subject, months, result in rows:
        found[subject].append(Training(months, TrainingResult(result) if result else None))
    return {subject: tuple(every) for subject, every in found.items()}


def _named(rows: Iterable[Any]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for subject, title in rows:
        found[subject].add(title)
    return {subject: frozenset(titles) for subject, titles in found.items()}
