"""What is stated about people for the individual set: study, unity, how many disciplines, the few violations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Final

from thidua_sample.generate.draw import Draw
from thidua_sample.generate.facts import APPRAISER, SELF, YEAR
from thidua_sample.generate.records import SampleDiscipline, SampleFact, SamplePerson

COUNCIL: Final = "council"
SENT_ON: Final = date(2022, 12, 8)
APPRAISED_ON: Final = date(2022, 12, 20)
LOG_CASES: Final = (("muon_som", 7), ("noi_quy", 3), ("thuoc_la", 2), ("ruou_bia", 1), ("phong_dich", 1))
VIOLATIONS_PERCENT: Final = 3
UNSTATED_PERCENT: Final = 3


def personal_facts(
    draw: Draw, people: tuple[SamplePerson, ...], best: frozenset[str], discipline: tuple[SampleDiscipline, ...]
) -> tuple[SampleFact, ...]:
    """Return the statements about all people by day; ties by input, person and who states.

    Of a discipline only the number is stated, for everybody: its form, dates and decision stay with awards.
    """
    made = [fact for person in people for fact in _of_person(draw, person, best=person.code in best)]
    measures = Counter(one.person for one in discipline)
    made += [_number_of_measures(person, measures[person.code]) for person in people]
    return tuple(sorted(made, key=lambda f: (f.dated, f.input, f.subject, f.stated_by, f.period)))


def _of_person(draw: Draw, person: SamplePerson, *, best: bool) -> Iterator[SampleFact]:
    if not draw.chance(UNSTATED_PERCENT):
        studied = "yes" if best or draw.chance(85) else "no"
        yield _fact(person, "studies", SELF, SENT_ON, studied)
        yield _fact(person, "studies", APPRAISER, APPRAISED_ON, studied)
    mark = draw.between(9, 10) if best else draw.between(7, 10)
    yield _fact(person, "unity", COUNCIL, APPRAISED_ON, str(mark))
    if draw.chance(VIOLATIONS_PERCENT):
        day = draw.workday(date(2022, 1, 10), date(2022, 12, 16))
        case = draw.weighted(LOG_CASES)
        yield _fact(person, "conduct", APPRAISER, day, case, period=f"2022-{day.month:02d}")


def _number_of_measures(person: SamplePerson, number: int) -> SampleFact:
    return SampleFact(
        person.code, "individual", person.unit, "reprimands", APPRAISER, YEAR, APPRAISED_ON, str(number), evidence=()
    )


def _fact(person: SamplePerson, name: str, by: str, dated: date, value: str, *, period: str = YEAR) -> SampleFact:
    evidence = (f"MC-{person.code}-{name}-{period}",)
    return SampleFact(person.code, "individual", person.unit, name, by, period, dated, value, evidence=evidence)
