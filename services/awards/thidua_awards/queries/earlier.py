"""Read what earlier years say of subjects that aim at a title or form resting on several years."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from pydantic import TypeAdapter
from sqlalchemy import text

from thidua.contracts import Initiative
from thidua.contracts.organisation import RatingLevel
from thidua_awards.domain.individuals import RECOGNISED
from thidua_awards.domain.records import Held, Use, Work
from thidua_awards.law.rules import RatingBands
from thidua_runtime.database import Transaction

LEDGER: Final = text("""
-- What awards in force counted; whoever else wrote the same initiative keeps a share of it, so each has a ledger.
select a.subject, u.name, a.code, a.year, a.route, d.number, i.body->>'title' as title, d.dated
  from decision_award a join decision d on d.id = a.decision
 cross join lateral unnest(a.uses) as u (name)
  left join replica_initiatives i on u.name = 'initiative:' || split_part(i.key, '/', 2) and not i.deleted
 where not d.cancelled and a.cancelled_by is null and a.uses <> '{}'
   and (cast(:subjects as text[]) is null or a.subject = any(cast(:subjects as text[])))
 order by a.subject, u.name, a.year, a.code, d.id
""")
HISTORY: Final = text("""
select a.subject, a.code, a.year, a.route, a.kind, d.number, d.dated
  from decision_award a join decision d on d.id = a.decision
 where not d.cancelled and a.cancelled_by is null and a.year <= :year and a.subject = any(cast(:long as text[]))
 order by a.subject, a.year, a.code, d.id
""")
RATINGS: Final = text("""
select subject, cast(year as int) as year, level from replica_ratings
 where not deleted and subject = any(cast(:long as text[])) and cast(year as int) <= :year
""")
BANDS: Final = text("""
-- Official bands of whole years, the newest of each; only the years from which they stand for a rating.
select distinct on (subject, period) subject, cast(period as int) as year, body->>'band' as band from replica_scores
 where not deleted and lane = 'official' and period ~ '^[0-9]{4}$' and cast(period as int) between :first and :year
   and body->>'criteria_set' = any(cast(:sets as text[])) and body->>'band' is not null
   and (cast(:subjects as text[]) is null or subject = any(cast(:subjects as text[])))
 order by subject, period, version desc
""")
WORKS: Final = text("""
select i.body::text as body from replica_initiatives i
 where not i.deleted and i.body->>'state' = any(cast(:states as text[]))
   and exists (select from jsonb_array_elements(i.body->'authors') as a
                where a->>'person' = any(cast(:long as text[])))
 order by i.key
""")
WORKS_OF_FEW: Final = text("""
select distinct on (i.key) i.body::text as body
  from unnest(cast(:long as text[])) as s (subject)
 cross join lateral (
       select key, body from replica_initiatives
        where body->'authors' @> jsonb_build_array(jsonb_build_object('person', s.subject))
          and not deleted and body->>'state' = any(cast(:states as text[])) offset 0) as i
 order by i.key
""")
FEW: Final = 1000
"""Up to so many authors are looked up one by one in the index; of more, all initiatives are read once."""

RECOGNISED_STATES: Final = [state.value for state in RECOGNISED]
INITIATIVE: Final = TypeAdapter(Initiative)
Rows = Iterable[Sequence[Any]]
"""Rows told by the places of their columns."""


@dataclass(frozen=True)
class Earlier:
    """By subject: awards in force, ratings by year, recognised works; a subject not asked about is absent."""

    history: Mapping[str, tuple[Held, ...]] = field(default_factory=dict)
    ratings: Mapping[str, Mapping[int, RatingLevel]] = field(default_factory=dict)
    works: Mapping[str, tuple[Work, ...]] = field(default_factory=dict)


async def earlier_years(tx: Transaction, subjects: Sequence[str], year: int) -> Earlier:
    """Return what is known of these subjects up to `year`; three queries whatever their number, none for nobody."""
    if not subjects:
        return Earlier()
    of = {"long": list(subjects)}
    history, ratings = await tx.rows(HISTORY, year=year, **of), await tx.rows(RATINGS, year=year, **of)
    works = await tx.rows(WORKS_OF_FEW if len(subjects) <= FEW else WORKS, states=RECOGNISED_STATES, **of)
    return earlier_of(history, ratings, works, subjects)


def earlier_of(history: Rows, ratings: Rows, works: Rows, subjects: Iterable[str]) -> Earlier:
    """Return what these rows say of `subjects`."""
    held: dict[str, list[Held]] = defaultdict(list)
    for subject, code, year, route, kind, number, dated in history:
        held[subject].append(Held(code, year, number, dated, route or "", kind or ""))
    rated: dict[str, dict[int, RatingLevel]] = defaultdict(dict)
    for subject, year, level in ratings:
        rated[subject][year] = RatingLevel(level)
    written = _works(works, frozenset(subjects))
    return Earlier({subject: tuple(every) for subject, every in held.items()}, dict(rated), written)


def rated_by_bands(rows: Rows, rule: RatingBands | None) -> dict[str, dict[int, RatingLevel]]:
    """Return ratings read off the bands of criteria sets, by subject and year; {} where none may be."""
    found: dict[str, dict[int, RatingLevel]] = defaultdict(dict)
    for subject, year, band in rows if rule else ():
        if rule and band in rule.levels:
            found[subject][year] = rule.levels[band]
    return dict(found)


def ledger_of(rows: Rows) -> dict[str, dict[str, tuple[Use, ...]]]:
    """Return, by subject and by name of what was used, the awards in force that counted it."""
    found: dict[str, dict[str, tuple[Use, ...]]] = defaultdict(dict)
    for subject, name, code, year, route, number, title, dated in rows:
        use = Use(code, year, number, route or "", use_words(name, title), dated)
        found[subject][name] = (*found[subject].get(name, ()), use)
    return dict(found)


def use_words(name: str, title: str | None) -> str:
    """Return what was counted as an official reads it."""
    kind, _, rest = name.partition(":")
    words = {"initiative": f"“{title or rest}”", "year": f"thành tích năm {rest}", "deed": rest}
    return words.get(kind, name)


def _works(rows: Rows, wanted: frozenset[str]) -> dict[str, tuple[Work, ...]]:
    found: dict[str, list[Work]] = defaultdict(list)
    for one in (INITIATIVE.validate_json(body) for (body,) in rows):
        for author in one.authors:
            if author.person in wanted and one.recognition is not None:
                found[author.person].append(_work(one, one.recognition.dated.year))
    return {person: tuple(works) for person, works in found.items()}


def _work(one: Initiative, year: int) -> Work:
    base = one.recognition.number if one.recognition else ""
    decision = one.scope_recognition.number if one.scope_recognition else ""
    on = one.scope_recognition.dated if one.scope_recognition else None
    return Work(one.title, year, one.kind, one.scope or "", decision, decision=base, id=one.id, scope_on=on)
