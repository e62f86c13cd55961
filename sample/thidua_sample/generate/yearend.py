"""What personnel officers enter at the end of the year: ratings, and the few disciplinary decisions."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from thidua_sample.generate.draw import Draw
from thidua_sample.generate.organisation import paper
from thidua_sample.generate.records import SampleDiscipline, SamplePerson, SampleRating, SampleUnit

DISCIPLINED: Final = (("khien_trach", 6), ("canh_cao", 3))
IN_FORCE_DAYS: Final = {"khien_trach": 90, "canh_cao": 180}
RATING_MISSING_PERCENT: Final = 1
RATED_ON: Final = date(2022, 12, 28)

# Ratings out of 100 people by how the unit does; the rest is "not completed", which stays rare.
LEVELS: Final = {
    "strong": (("excellent", 22), ("good", 76), ("completed", 2)),
    "middling": (("excellent", 14), ("good", 76), ("completed", 10)),
    "weak": (("excellent", 6), ("good", 52), ("completed", 40), ("not_completed", 2)),
}
UNIT_LEVELS: Final = {
    "strong": (("excellent", 3), ("good", 7)),
    "middling": (("excellent", 1), ("good", 9)),
    "weak": (("good", 3), ("completed", 1)),
}


def standing(months_passed: int) -> str:
    """Return how a unit does, by the months in which its on-time rate passed."""
    return "strong" if months_passed >= 10 else "middling" if months_passed >= 4 else "weak"


def ratings(
    draw: Draw,
    units: tuple[SampleUnit, ...],
    people: tuple[SamplePerson, ...],
    best: frozenset[str],
    months_passed: dict[str, int],
) -> tuple[SampleRating, ...]:
    """Return the ratings of 2022 of units and people; one person in a hundred is not rated yet."""
    made = []
    for unit in units:
        doing = standing(months_passed.get(unit.code, 8))
        decision = paper(f"{draw.between(100, 990)}/QĐ-XL-{unit.code.upper()}", RATED_ON, unit.name)
        level = draw.weighted(UNIT_LEVELS[doing])
        made.append(SampleRating(unit.code, "collective", unit.code, 2022, level, decision))
        for person in people:
            if person.unit == unit.code and not draw.chance(RATING_MISSING_PERCENT):
                level = _level(draw, doing, best=person.code in best)
                made.append(SampleRating(person.code, "individual", unit.code, 2022, level, decision))
    return tuple(made)


def _level(draw: Draw, doing: str, *, best: bool) -> str:
    if best:
        return draw.weighted((("excellent", 7), ("good", 3)))
    return draw.weighted(LEVELS[doing])


def discipline(draw: Draw, people: tuple[SamplePerson, ...]) -> tuple[SampleDiscipline, ...]:
    """Return the disciplinary decisions of the year, each in another unit."""
    forms = [form for form, number in DISCIPLINED for _ in range(number)]
    units = draw.sample(dict.fromkeys(person.unit for person in people), len(forms))
    made = []
    for unit, form in zip(units, forms, strict=True):
        person = draw.pick([p for p in people if p.unit == unit and not p.leads_unit])
        dated = draw.workday(date(2022, 2, 7), date(2022, 11, 30))
        number = paper(f"{draw.between(10, 990)}/QĐ-KL-{unit.upper()}", dated)
        ends = dated + timedelta(days=IN_FORCE_DAYS[form])
        made.append(SampleDiscipline(person.code, unit, form, number, ends))
    return tuple(sorted(made, key=lambda one: one.person))
