"""Which answers of people stand for a subject: the nearest, about one title or about many."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Final

from thidua_awards.domain.common import law_of
from thidua_awards.domain.records import OF_ONE, Confirmation

BY_TITLE: Final = frozenset({"g.route", "g.registered", "g.regime", "g.head"})
"""Conditions that are another question for every title: who decides, what was registered, which law judges, the head.

Without a title an answer to them stands for titles that the base decides on: these stand on one list of the unit.
"""

Answers = Mapping[str, Mapping[str, Confirmation]]
"""What was answered about a subject: by title ("": by answers without one), then by key."""


def stands(key: str, said: Confirmation, title: str, year: int) -> bool:
    """Whether an answer is one about this title.

    >>> from datetime import date
    >>> of_unit = Confirmation(True, "Thường trực Hội đồng", "8/BB", date(2023, 1, 6))
    >>> [title for title in ("LDTT", "TTLDXS", "HCLD3") if stands("g.route", of_unit, title, 2022)]
    ['LDTT']
    >>> stands("ldtt.conduct", of_unit, "LDTT", 2022)
    True
    """
    return bool(said.title) or key not in BY_TITLE or is_of_base(title, year)


@cache
def is_of_base(title: str, year: int) -> bool:
    """Whether the head of a legal person decides on a title or form (`authorities` of the regime)."""
    authority = law_of(year).authorities.get(title)
    return authority is not None and authority.of == "base"


def nearest(own: Answers, of_unit: Answers, year: int) -> Answers:
    """Lay a subject's own answers over those of its unit, and answers about a title over those about many.

    Of the subject itself one about many titles is nearer than the unit's about this one, as far as it stands for it.
    `of_unit` is what `for_members` made of the unit's.
    """
    if not own:
        return of_unit
    general = own.get("", {})
    found: dict[str, Mapping[str, Confirmation]] = {"": {**of_unit.get("", {}), **general}}
    for title in (own.keys() | of_unit.keys()) - {""}:
        standing = {key: said for key, said in general.items() if stands(key, said, title, year)}
        found[title] = {**of_unit.get(title, of_unit.get("", {})), **standing, **own.get(title, {})}
    return found


def for_members(own: Answers, year: int) -> Answers:
    """Return what the answers of a unit say of its members."""
    covering = {
        title: {key: said for key, said in answers.items() if key not in OF_ONE} for title, answers in own.items()
    }
    return nearest(covering, {}, year)


def denied(answers: Answers, titles: Iterable[str], year: int) -> dict[str, frozenset[str]]:
    """Return, by title, the conditions that were answered "no"."""
    return {
        title: frozenset(
            key
            for key, said in answers.get(title, answers.get("", {})).items()
            if not said.answer and stands(key, said, title, year)
        )
        for title in titles
    }
