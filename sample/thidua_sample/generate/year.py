"""The sample year put together: each part draws from a stream of its own."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import IntEnum

from thidua_sample.generate import (
    campaign,
    council,
    facts,
    history,
    initiatives,
    organisation,
    people,
    personal,
    plan,
    registrations,
    reports,
    reviews,
    tasks,
    yearend,
)
from thidua_sample.generate.draw import Draw
from thidua_sample.generate.plan import YearPlan
from thidua_sample.generate.records import LABEL, SampleCluster, SamplePerson, SampleUnit, SampleYear
from thidua_sample.generate.registrations import Ambition
from thidua_sample.seed import DEFAULT_SEED


class Stream(IntEnum):
    """The streams of draws, numbered for good: a new part takes a new number and disturbs no other."""

    PEOPLE = 1
    PLAN = 2
    TASKS = 3
    BEST = 4
    AIM = 5
    REGISTER = 6
    IDEAS = 7
    HISTORY = 8
    RATINGS = 9
    DISCIPLINE = 10
    REPORTS = 11
    TOTALS = 12
    FACTS = 13
    REVIEWS = 14
    PERSONAL = 15
    COUNCIL = 16


@dataclass(frozen=True, slots=True)
class _Cast:
    """Who takes part, and who aims at what: every other part reads this."""

    members: tuple[SampleUnit, ...]
    clusters: tuple[SampleCluster, ...]
    people: tuple[SamplePerson, ...]
    best: tuple[SamplePerson, ...]
    ambition: Ambition


def _cast(seed: int, members: tuple[SampleUnit, ...], year_plan: YearPlan) -> _Cast:
    everybody = people.people(Draw(seed, Stream.PEOPLE), members)
    best = registrations.best_people(Draw(seed, Stream.BEST), everybody)
    ambition = Ambition(
        best=frozenset(person.code for person in best),
        ministry=history.aim_at_ministry(Draw(seed, Stream.AIM), best),
        months_passed=months_passed(year_plan),
    )
    return _Cast(members, organisation.clusters(members), everybody, best, ambition)


def months_passed(year_plan: YearPlan) -> dict[str, int]:
    """Return, by unit that sends tasks, the months with N * 10 > D * 9."""
    passed = Counter(month.unit for month in year_plan.months if month.on_time * 10 > month.due * 9)
    return {unit: passed[unit] for unit, _ in year_plan.open_in_time}


def generate(seed: int = DEFAULT_SEED) -> SampleYear:
    """Return the sample year of a seed: the same seed gives equal records, whatever machine or run."""
    units = organisation.units()
    members = tuple(unit for unit in units if unit.code != organisation.MINISTRY)
    year_plan = plan.year_plan(Draw(seed, Stream.PLAN), members)
    cast = _cast(seed, members, year_plan)
    aims, everybody = cast.ambition, cast.people
    registered = registrations.registrations(Draw(seed, Stream.REGISTER), members, everybody, aims)
    discipline = yearend.discipline(Draw(seed, Stream.DISCIPLINE), everybody)
    return SampleYear(
        seed=seed,
        label=LABEL,
        units=units,
        clusters=cast.clusters,
        people=everybody,
        campaign=campaign.campaign(members),
        registrations=registered,
        initiatives=initiatives.initiatives(Draw(seed, Stream.IDEAS), cast.best, aims.ministry),
        ratings=yearend.ratings(Draw(seed, Stream.RATINGS), members, everybody, aims.best, aims.months_passed),
        discipline=discipline,
        decisions=history.decisions(Draw(seed, Stream.HISTORY), members, everybody, cast.best, aims.ministry),
        confirmations=reviews.confirmations(Draw(seed, Stream.REVIEWS), members, everybody, cast.clusters, registered),
        council=council.council(Draw(seed, Stream.COUNCIL)),
        facts=(
            *facts.collective_facts(Draw(seed, Stream.FACTS), members, aims.months_passed),
            *personal.personal_facts(Draw(seed, Stream.PERSONAL), everybody, aims.best, discipline),
        ),
        totals=reports.declared_totals(Draw(seed, Stream.TOTALS), members),
        reports=reports.reports(Draw(seed, Stream.REPORTS), members),
        events=tasks.events(Draw(seed, Stream.TASKS), year_plan, everybody),
    )
