"""Answers of people as the checks look at them, and which of them are "no"."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import text

from thidua_awards.domain import answers
from thidua_awards.domain.records import Confirmation
from thidua_awards.queries import lookups
from thidua_runtime.database import Transaction

Line = tuple[str, str]
"""A subject and a title."""

# Of a collective the unit is the subject itself: its answers are then its own.
GIVEN: Final = text("""
select r.subject as about, c.subject, c.key, c.title, c.answer, c.by, c.document, c.dated
  from (select distinct subject, unit from recommendation
         where campaign = :campaign and subject = any(cast(:subjects as text[]))) as r
  join confirmation c on c.campaign = :campaign and c.subject in (r.subject, r.unit)
""")


def answers_of(rows: Iterable[Sequence[Any]]) -> dict[str, answers.Answers]:
    """Return what was answered, by subject; a row has the columns of a confirmation without its campaign."""
    found: dict[str, dict[str, dict[str, Confirmation]]] = defaultdict(lambda: defaultdict(dict))
    for subject, key, title, answer, by, document, dated in rows:
        found[subject][title][key] = Confirmation(answer, by, document, dated, title)
    return {subject: dict(by_title) for subject, by_title in found.items()}


async def denied(tx: Transaction, campaign: str, lines: Sequence[Line]) -> Mapping[Line, frozenset[str]]:
    """Return, by subject and title, the conditions a person answered "no"."""
    titles: dict[str, set[str]] = defaultdict(set)
    for subject, title in lines:
        titles[subject].add(title)
    if not titles:
        return {}
    year = (await lookups.campaign(tx, campaign)).year
    given: dict[str, list[Sequence[Any]]] = defaultdict(list)
    for row in await tx.rows(GIVEN, campaign=campaign, subjects=sorted(titles)):
        given[row.about].append(tuple(row)[1:])
    found: dict[Line, frozenset[str]] = {}
    for subject, rows in given.items():
        by_subject = answers_of(rows)
        own = by_subject.pop(subject, {})
        of_unit = answers.for_members(next(iter(by_subject.values()), {}), year)
        keys = answers.denied(answers.nearest(own, of_unit, year), titles[subject], year)
        found |= {(subject, title): denied for title, denied in keys.items()}
    return found
