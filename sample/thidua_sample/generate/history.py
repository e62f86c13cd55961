"""Titles of 2019 to 2021, so that the titles that build on earlier years find their history."""

from __future__ import annotations

from datetime import date
from typing import Final

from thidua_sample.generate.draw import Draw
from thidua_sample.generate.organisation import MINISTRY, paper
from thidua_sample.generate.records import SampleAward, SampleDecision, SamplePerson, SampleUnit

YEARS: Final = (2019, 2020, 2021)
THREE_YEARS_PERCENT: Final = 9
"""Of the best people, those with CSTĐCS in 2020 and 2021, who may reach CSTĐ of the ministry in 2022."""

FLAGS_OF_GOVERNMENT: Final = 10
MINISTER: Final = "Bộ trưởng Bộ Tài nguyên và Môi trường"


def aim_at_ministry(draw: Draw, best: tuple[SamplePerson, ...]) -> frozenset[str]:
    """Return the staff codes of those who hold CSTĐCS of 2020 and 2021 and aim at CSTĐ of the ministry."""
    return frozenset(person.code for person in best if draw.chance(THREE_YEARS_PERCENT))


def decisions(
    draw: Draw,
    units: tuple[SampleUnit, ...],
    people: tuple[SamplePerson, ...],
    best: tuple[SamplePerson, ...],
    ministry: frozenset[str],
) -> tuple[SampleDecision, ...]:
    """Return the decisions of heads of unit, of the Minister and of the Prime Minister by date."""
    made = [_of_head(draw, unit, year, people, best, ministry) for year in YEARS for unit in units]
    made += [_of_minister(draw, units, ministry, year) for year in YEARS]
    flagged = [award for award in made[-1].awards if award.code == "CTDB"]
    made.append(_of_prime_minister(flagged))
    return tuple(sorted(made, key=lambda one: (one.document.dated, one.document.number)))


def _of_head(
    draw: Draw,
    unit: SampleUnit,
    year: int,
    people: tuple[SamplePerson, ...],
    best: tuple[SamplePerson, ...],
    ministry: frozenset[str],
) -> SampleDecision:
    present = [p for p in people if p.unit == unit.code and p.joined_unit < date(year, 3, 1)]
    workers = [p.code for p in present if draw.chance(92) or p.code in ministry]
    fighters = [p.code for p in best if p.unit == unit.code and _was_fighter(draw, p.code, year, ministry)]
    awards = [SampleAward(code, "individual", unit.code, "LDTT", year) for code in workers]
    awards += [SampleAward(c, "individual", unit.code, "CSTDCS", year) for c in fighters if c in set(workers)]
    awards.append(SampleAward(unit.code, "collective", unit.code, "TTLDTT", year))
    dated = draw.workday(date(year, 12, 20), date(year + 1, 1, 20))
    number = f"{draw.between(10, 980)}/QĐ-{unit.code.upper()}-{year}"
    if not unit.legal_person:
        return SampleDecision(paper(number, dated, MINISTER), MINISTER, MINISTRY, tuple(awards))
    return SampleDecision(paper(number, dated, unit.name), "Thủ trưởng đơn vị", unit.code, tuple(awards))


def _was_fighter(draw: Draw, code: str, year: int, ministry: frozenset[str]) -> bool:
    if code in ministry:
        return year > 2019 or draw.chance(40)
    # Nobody else holds both 2020 and 2021: whoever aims at the ministry's title is known by name.
    return year != 2020 and draw.chance(45)


def _of_minister(draw: Draw, units: tuple[SampleUnit, ...], ministry: frozenset[str], year: int) -> SampleDecision:
    excellent = [unit for unit in units if draw.chance(45)]
    flags = [unit for unit in excellent if draw.chance(40)]
    awards = [SampleAward(u.code, "collective", u.code, "TTLDXS", year) for u in excellent]
    awards += [SampleAward(u.code, "collective", u.code, "CTDB", year) for u in flags]
    if year == 2019:
        awards += [
            SampleAward(code, "individual", code.split(".", 1)[0], "CSTDB", year) for code in sorted(ministry)[:3]
        ]
    dated = date(year + 1, 2, 15)
    return SampleDecision(paper(f"{300 + year}/QĐ-BTNMT", dated, MINISTER), MINISTER, MINISTRY, tuple(awards))


def _of_prime_minister(flagged: list[SampleAward]) -> SampleDecision:
    awards = tuple(
        SampleAward(award.subject, "collective", award.unit, "CTDCP", award.year)
        for award in flagged[:FLAGS_OF_GOVERNMENT]
    )
    return SampleDecision(
        paper("802/QĐ-TTg-MẪU", date(2022, 6, 30), "Thủ tướng Chính phủ"),
        "Thủ tướng Chính phủ",
        "ttg",
        awards,
    )
