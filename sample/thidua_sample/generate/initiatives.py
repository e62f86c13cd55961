"""Initiatives of 2022 with their authors: most recognised at the base, some not, one lapsed."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import count
from typing import Final

from thidua_sample.generate.draw import Draw
from thidua_sample.generate.organisation import paper
from thidua_sample.generate.records import SampleInitiative, SamplePerson
from thidua_sample.generate.wording import initiative_title

WITHOUT_PERCENT: Final = 9
NOT_RECOGNISED_PERCENT: Final = 8
UNDECIDED_PERCENT: Final = 2
KINDS: Final = (("sang_kien", 8), ("de_tai", 1), ("de_an", 1))
SHARES: Final = {1: ((100,),), 2: ((60, 40), (50, 50), (70, 30)), 3: ((50, 30, 20), (40, 30, 30))}


def initiatives(draw: Draw, best: tuple[SamplePerson, ...], ministry: frozenset[str]) -> tuple[SampleInitiative, ...]:
    """Return the initiatives in the order of their codes.

    Authors of one initiative are of one unit. Those who aim at CSTĐ of the ministry (`ministry`, staff
    codes) get their initiative's scope recognised by the Minister, some excepted. The first initiative
    of all lapses: it was asked for more than a year after it was first applied.
    """
    made: list[SampleInitiative] = []
    for unit in dict.fromkeys(person.unit for person in best):
        numbers = count(1)
        authors = [p.code for p in best if p.unit == unit and not draw.chance(WITHOUT_PERCENT)]
        while authors:
            team, authors = _team(draw, authors)
            code = f"SK-{unit}-{next(numbers):02d}"
            made.append(_initiative(draw, unit, code, team, ministry, lapses=not made))
    return tuple(made)


def _team(draw: Draw, authors: list[str]) -> tuple[list[str], list[str]]:
    size = min(draw.weighted(((1, 6), (2, 3), (3, 1))), len(authors))
    return authors[:size], authors[size:]


def _initiative(
    draw: Draw, unit: str, code: str, team: list[str], ministry: frozenset[str], *, lapses: bool
) -> SampleInitiative:
    submitted = draw.workday(date(2022, 4, 4), date(2022, 9, 30))
    applied = date(2021, 3, 10) if lapses else submitted - timedelta(days=draw.between(30, 300))
    outcome = "lapsed" if lapses else _outcome(draw, team, ministry)
    recognised = outcome in ("recognised", "influence_recognised")
    scoped = outcome == "influence_recognised"
    return SampleInitiative(
        code=code,
        unit=unit,
        title=initiative_title(draw),
        kind=draw.weighted(KINDS),
        authors=tuple(zip(team, draw.pick(SHARES[len(team)]), strict=True)),
        applied_on=applied,
        submitted_on=date(2022, 4, 20) if lapses else submitted,
        outcome=outcome,
        recognition=paper(f"{draw.between(100, 999)}/QĐ-SK", draw.workday(date(2022, 10, 10), date(2022, 11, 25)))
        if recognised
        else None,
        scope="bo" if scoped else None,
        scope_recognition=paper("3120/QĐ-SK-BTNMT", date(2022, 12, 12)) if scoped else None,
    )


def _outcome(draw: Draw, team: list[str], ministry: frozenset[str]) -> str:
    if ministry.intersection(team):
        return "influence_recognised" if draw.chance(80) else "recognised"
    roll = draw.below(100)
    if roll < NOT_RECOGNISED_PERCENT:
        return "not_recognised"
    return "submitted" if roll < NOT_RECOGNISED_PERCENT + UNDECIDED_PERCENT else "recognised"
