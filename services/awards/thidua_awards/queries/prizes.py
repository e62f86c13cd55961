"""Prize money of decisions, and what a fund must hold."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from typing import Any, Final

from sqlalchemy import text

from thidua.contracts import Decision
from thidua_awards.domain.common import law_of
from thidua_awards.domain.prizes import Achievement, Prize, achievement_of, beside_others, prizes
from thidua_awards.errors import UnknownDecision
from thidua_awards.law import decimal_text
from thidua_awards.law.prizes import prize_rules
from thidua_awards.queries import lookups, records
from thidua_runtime.database import Transaction

OF_CAMPAIGN: Final = text("select id from decision where campaign = :campaign and not cancelled order by dated, id")
# Decisions in force of the same date that reward one of the same subjects for the same year.
SAME_DATE: Final = text("""
select distinct o.id
  from decision d
  join decision_award a on a.decision = d.id and a.cancelled_by is null
  join decision_award b on (b.subject, b.year) = (a.subject, a.year) and b.cancelled_by is null
  join decision o on o.id = b.decision and o.dated = d.dated and o.id <> d.id and not o.cancelled
 where d.id = any(cast(:ids as text[]))
""")


def prizes_of(decision: Decision) -> tuple[Prize, ...]:
    """Return what a decision pays, line by line; each line under the regime of its achievement year."""
    found: list[Prize] = []
    for year in sorted({award.year for award in decision.awards}):
        lines = [award for award in decision.awards if award.year == year]
        found += prizes(lines, decision.dated, prize_rules(), law_of(year).code)
    return tuple(found)


async def _with_others(tx: Transaction, decisions: Sequence[Decision]) -> dict[str, tuple[Prize, ...]]:
    """Return by decision what it pays; a line whose achievement others of that date reward as well says which."""
    ids = [one.id for one in decisions]
    others = await records.decisions(tx, [row.id for row in await tx.rows(SAME_DATE, ids=ids)])
    rewarded: dict[date, dict[Achievement, dict[str, str]]] = defaultdict(lambda: defaultdict(dict))
    for other, _ in others:
        for award in other.awards:
            rewarded[other.dated][achievement_of(award)][other.id] = other.number
    return {
        one.id: beside_others(prizes_of(one), {
            achievement: {number for id, number in by_id.items() if id != one.id}
            for achievement, by_id in rewarded.get(one.dated, {}).items()
        })
        for one in decisions
    }  # fmt: skip


async def of_decision(tx: Transaction, id: str) -> dict[str, Any]:
    """Return the payment table of a decision; raises UnknownDecision."""
    found = await records.decision(tx, id)
    if found is None:
        raise UnknownDecision(decision=id)
    decision, _ = found
    lines = [_line(one) for one in (await _with_others(tx, [decision]))[decision.id]]
    salary = prize_rules().salary(decision.dated)
    return {
        "decision": decision.number,
        "dated": decision.dated.isoformat(),
        "base_salary": salary.amount if salary else None,
        "base_salary_from": salary.from_.isoformat() if salary else None,
        "base_salary_mark": salary.mark.value if salary else None,
        "lines": lines,
        "total": sum(line["amount"] or 0 for line in lines),
        "unknown": sum(line["amount"] is None for line in lines),
    }


def _line(one: Prize) -> dict[str, Any]:
    return {
        "subject": one.award.subject,
        "code": one.award.code,
        "year": one.award.year,
        "times": None if one.times is None else decimal_text(Fraction(one.times)),
        "amount": one.amount,
        "marks": [mark.value for mark in one.marks],
        "note": one.note,
        "beside": list(one.beside),
    }


async def fund(tx: Transaction, code: str) -> dict[str, Any]:
    """Return, for a campaign's decisions in force, how much each title and form takes from the fund."""
    campaign = await lookups.campaign(tx, code)
    ids = [row.id for row in await tx.rows(OF_CAMPAIGN, campaign=campaign.id)]
    sums: dict[str, dict[str, int]] = defaultdict(lambda: {"lines": 0, "paid": 0, "amount": 0, "unknown": 0})
    decisions = [decision for decision, _ in await records.decisions(tx, ids)]
    last = max((decision.dated for decision in decisions), default=None)
    beside = 0
    for paid in (await _with_others(tx, decisions)).values():
        for one in paid:
            beside += bool(one.beside)
            line = sums[one.award.code]
            line["lines"] += 1
            line["paid"] += bool(one.amount)
            line["amount"] += one.amount or 0
            line["unknown"] += one.amount is None
    by_code = [{"code": code, **line} for code, line in sorted(sums.items())]
    up_to = last.isoformat() if last else None
    sums_up = {name: sum(line[name] for line in sums.values()) for name in ("amount", "unknown")}
    return {
        "campaign": campaign.code,
        "decided_up_to": up_to,
        "by_code": by_code,
        "total": sums_up["amount"],
        "unknown": sums_up["unknown"],
        "beside": beside,
    }
