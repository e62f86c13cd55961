"""Titles within a quota that was counted on awards which fall away: the places are fewer, the titles stand."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, Final

from sqlalchemy import Row, text

from thidua.contracts import Unit
from thidua.contracts.judgement import Award
from thidua_awards.domain.assessment import quota_rule
from thidua_awards.domain.common import name_of
from thidua_awards.domain.conditions import QUOTAS
from thidua_awards.domain.quotas import QuotaGroup, quota_place
from thidua_awards.domain.units import deciding_unit
from thidua_awards.law import in_force_on, regimes, review_date
from thidua_runtime.database import Transaction

LDTT: Final = "LDTT"
COUNTED: Final = text("""
-- Who holds the title that quotas are counted on, without those who are about to lose it by this decision.
select a.unit, a.year, count(distinct a.subject)::integer as holders
  from decision_award a join decision d on d.id = a.decision
 where a.year = any(cast(:years as int[])) and a.code = :code and a.kind is null
   and not d.cancelled and a.cancelled_by is null
   and not (d.id = :decision and (a.subject, a.year) in (
            select * from unnest(cast(:subjects as text[]), cast(:lost as int[]))))
 group by a.unit, a.year
""")
HELD: Final = text("""
select a.subject, a.unit, a.code, a.year, d.id as decision, d.number, d.dated
  from decision_award a join decision d on d.id = a.decision
 where a.year = any(cast(:years as int[])) and a.code = any(cast(:codes as text[])) and a.kind is null
   and not d.cancelled and a.cancelled_by is null
 order by a.year, a.code, a.subject, d.id
""")

Place = tuple[str, str, int]
"""A title with a quota, the unit that decides on it, and the year."""


async def relied(
    tx: Transaction, decision: str, awards: Iterable[Award], units: Mapping[str, Unit]
) -> list[tuple[Row[Any], str]]:
    """Return the titles whose number was counted on these awards of a decision, each with what the quota is now."""
    lost = [award for award in awards if award.code == LDTT and not award.kind]
    if not lost:
        return []
    years = sorted({award.year for award in lost})
    touched = {(deciding_unit(units, award.unit), award.year) for award in lost}
    columns = {"subjects": [award.subject for award in lost], "lost": [award.year for award in lost]}
    counted: Counter[tuple[str, int]] = Counter()
    for row in await tx.rows(COUNTED, decision=decision, code=LDTT, years=years, **columns):
        counted[deciding_unit(units, row.unit), row.year] += row.holders
    found: dict[Place, list[Row[Any]]] = defaultdict(list)
    for row in await tx.rows(HELD, years=years, codes=sorted(QUOTAS)):
        group = deciding_unit(units, row.unit)
        if (group, row.year) in touched:
            found[row.code, group, row.year].append(row)
    return [
        (row, _reason(tx, place, counted[place[1:]], len({one.subject for one in rows}), units))
        for place, rows in found.items()
        for row in rows
    ]


def _reason(tx: Transaction, of: Place, awarded: int, have: int, units: Mapping[str, Unit]) -> str:
    code, group, year = of
    regime = in_force_on(regimes(tx.settings.law_overrides_file), review_date(year))
    rule = quota_rule(code, year, regime) if regime else None
    place = quota_place(QuotaGroup(group, awarded, 0, 0), rule) if rule else None
    label, unit = name_of(code, year), units[group].name if group in units else group
    counted = f"Hạn mức {label} năm {year} của {unit} tính trên số {name_of(LDTT, year)} được tặng"
    if place is None:
        return f"{counted}, còn {awarded}; đã tặng {have}."
    beyond = ", vượt hạn mức" if have > place.places else ""
    return f"{counted}: {place.sentence.rpartition(',')[0]}, đã tặng {have}{beyond}."
