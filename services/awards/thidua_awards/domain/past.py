"""What earlier years say: titles held, ratings in a row, works recognised, and what is not known of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from thidua.contracts.organisation import RatingLevel
from thidua_awards.domain.individuals import RATING_ORDER, RATING_WORDS
from thidua_awards.domain.records import HISTORY_COMPLETE, Case, Held, PersonCase, Work


def held(case: Case, *codes: str) -> tuple[Held, ...]:
    """Return the yearly awards of these codes, oldest first; thematic and sudden ones do not count as merit."""
    found = [one for one in case.history if one.code in codes and not one.kind and one.year <= case.year]
    known = {one.code for one in found if one.year == case.year}
    found += [Held(code, case.year) for code in codes if code in case.awarded - known]
    return tuple(sorted(found, key=lambda one: one.year))


def years_held(case: Case, *codes: str) -> frozenset[int]:
    """Return the years of the yearly awards of these codes."""
    return frozenset(one.year for one in held(case, *codes))


def knows_year(case: Case, year: int) -> bool:
    """Whether a missing award of `year` means "not awarded": the records are complete, or begin before it.

    The year of the case itself is open until somebody declares the records complete: its decision may still come.
    """
    return case.declared(HISTORY_COMPLETE) or (year < case.year and any(one.year < year for one in case.history))


def last_years(case: Case, count: int) -> tuple[int, ...]:
    """Return the `count` years up to the year of the case."""
    return tuple(range(case.year - count + 1, case.year + 1))


def rating_in(case: Case, year: int) -> RatingLevel | None:
    """Return the quality rating of that year, or None where it is not known."""
    level = case.rating if year == case.year and case.rating is not None else case.past_ratings.get(year)
    return level if level in RATING_ORDER else None


def unrated(case: Case, years: Iterable[int]) -> tuple[int, ...]:
    """Return the years without a known rating."""
    return tuple(year for year in years if rating_in(case, year) is None)


def below(case: Case, years: Iterable[int], wanted: RatingLevel) -> tuple[int, ...]:
    """Return the rated years under the level `wanted`."""
    limit = RATING_ORDER.index(wanted)
    rated = ((year, rating_in(case, year)) for year in years)
    return tuple(year for year, level in rated if level is not None and RATING_ORDER.index(level) > limit)


def works_in(case: Case, years: Sequence[int]) -> tuple[Work, ...]:
    """Return the recognised initiatives and topics of a person in these years."""
    return tuple(one for one in case.works if one.year in years) if isinstance(case, PersonCase) else ()


def listed(years: Iterable[int]) -> str:
    """Write years: `2020, 2022`."""
    return ", ".join(map(str, sorted(years)))


def level_words(level: RatingLevel) -> str:
    """Write a level of quality with "trở lên" where a better one exists."""
    return RATING_WORDS[level] if level is RATING_ORDER[0] else f"{RATING_WORDS[level]} trở lên"
