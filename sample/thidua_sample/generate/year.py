"""The sample year put together: each part draws from a stream of its own."""

from __future__ import annotations

from collections import Counter
from typing import Final

from thidua_sample.generate import (
    campaign,
    facts,
    history,
    initiatives,
    organisation,
    people,
    plan,
    registrations,
    reports,
    tasks,
    yearend,
)
from thidua_sample.generate.draw import Draw
from thidua_sample.generate.plan import YearPlan
from thidua_sample.generate.records import LABEL, SampleYear
from thidua_sample.generate.registrations import Ambition

# Streams are numbered for good: a new part takes a new number and leaves the others' draws as they are.
PEOPLE, PLAN, TASKS, BEST, AIM, REGISTER, IDEAS, HISTORY, RATINGS, DISCIPLINE, REPORTS, TOTALS, FACTS = range(
    1, 14
)
DEFAULT_SEED: Final = 2022


def months_passed(year_plan: YearPlan) -> dict[str, int]:
    """Return, by unit that sends tasks, the months with N * 10 > D * 9."""
    passed = Counter(month.unit for month in year_plan.months if month.on_time * 10 > month.due * 9)
    return {unit: passed[unit] for unit, _ in year_plan.open_in_time}


def generate(seed: int = DEFAULT_SEED) -> SampleYear:
    """Return the sample year of a seed: the same seed gives equal records, whatever machine or run."""
    units = organisation.units()
    members = tuple(unit for unit in units if unit.code != organisation.MINISTRY)
    everybody = people.people(Draw(seed, PEOPLE), members)
    year_plan = plan.year_plan(Draw(seed, PLAN), members)
    passed = months_passed(year_plan)
    best = registrations.best_people(Draw(seed, BEST), everybody)
    aim = history.aim_at_ministry(Draw(seed, AIM), best)
    best_codes = frozenset(person.code for person in best)
    return SampleYear(
        seed=seed,
        label=LABEL,
        units=units,
        clusters=organisation.clusters(members),
        people=everybody,
        campaign=campaign.campaign(members),
        registrations=registrations.registrations(
            Draw(seed, REGISTER), members, everybody, Ambition(best_codes, aim, passed)
        ),
        initiatives=initiatives.initiatives(Draw(seed, IDEAS), best, aim),
        ratings=yearend.ratings(Draw(seed, RATINGS), members, everybody, best_codes, passed),
        discipline=yearend.discipline(Draw(seed, DISCIPLINE), everybody),
        decisions=history.decisions(Draw(seed, HISTORY), members, everybody, best, aim),
        facts=facts.collective_facts(Draw(seed, FACTS), members, passed),
        totals=reports.declared_totals(Draw(seed, TOTALS), members),
        reports=reports.reports(Draw(seed, REPORTS), members),
        events=tasks.events(Draw(seed, TASKS), year_plan, everybody),
    )
