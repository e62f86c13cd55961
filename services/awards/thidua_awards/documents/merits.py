"""What a list says beside a name: the achievement in short, and the documents that prove it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from thidua.contracts.organisation import RatingLevel
from thidua_awards.domain.common import law_of
from thidua_awards.domain.individuals import RATING_WORDS
from thidua_awards.domain.records import Held, Work

YEARS_SHOWN: Final = 3
"""The year of the list and the two before it: what a title resting on three years is proved by."""


def achievement(own: str, ratings: Mapping[int, RatingLevel], works: Sequence[Work], year: int) -> str:
    """Return the achievement in short: what the dossier says, else the year's rating and the recognised works.

    >>> achievement("", {2022: RatingLevel.EXCELLENT}, (), 2022)
    'Hoàn thành xuất sắc nhiệm vụ năm 2022'
    """
    if own:
        return own
    level = ratings.get(year)
    rated = f"{RATING_WORDS.get(level, 'chưa rõ xếp loại')} năm {year}" if level else ""
    titles = ", ".join(f"“{one.title}”" for one in works if _is_shown(one.year, year))
    words = "; ".join(one for one in (rated, f"sáng kiến, đề tài: {titles}" if titles else "") if one)
    return words[:1].upper() + words[1:]


def proofs(title: str, history: Sequence[Held], works: Sequence[Work], year: int) -> str:
    """Return number and day of the decisions behind a proposal for `title`: awards of three years, recognised works.

    What another award of the same year includes (Lao động tiên tiến) and the proposed award itself are left out.
    """
    shown = [one for one in history if _is_shown(one.year, year) and (one.code, one.year) != (title, year)]
    law = law_of(year)
    included = {(code, one.year) for one in shown if one.code in law.titles for code in law.titles[one.code].includes}
    awards = [
        f"{law_of(one.year).label(one.code)} năm {one.year}: {one.decision}, {one.decided_on:%d/%m/%Y}"
        for one in shown
        if one.decided_on and (one.code, one.year) not in included
    ]
    recognised = [f"sáng kiến, đề tài: {one.decision}" for one in works if _is_shown(one.year, year) and one.decision]
    return "; ".join((*awards, *dict.fromkeys(recognised)))


def _is_shown(of: int, year: int) -> bool:
    return year - YEARS_SHOWN < of <= year
