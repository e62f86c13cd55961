"""Prize money of a decision: multiplier times the base salary of its date, the highest only for one achievement."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from thidua.contracts import SubjectKind
from thidua.contracts.judgement import Award
from thidua_awards.law.prizes import PrizeRules, Salary
from thidua_awards.law.rules import Mark


@dataclass(frozen=True, slots=True)
class Prize:
    """What a line of a decision pays, in đồng; None where no source gives a multiplier.

    `marks`: what the figures rest on. `note` says why nothing is paid, or what a person must look up. `beside`: numbers
    of other decisions of the same date that reward the same achievement.
    """

    award: Award
    times: Fraction | None
    salary: Salary | None
    amount: int | None
    marks: tuple[Mark, ...]
    note: str = ""
    beside: tuple[str, ...] = ()


def prizes(awards: Sequence[Award], dated: date, rules: PrizeRules, regime: str) -> tuple[Prize, ...]:
    """Return the prize of every line of one decision, in the order of the decision.

    Of several titles and forms a subject gets by it for one achievement, the highest alone is paid; while a figure
    among them is not known, none of them is.
    """
    found = [_prize(award, dated, rules, regime) for award in awards]
    together: dict[Achievement, list[Prize]] = defaultdict(list)
    for one in found:
        together[achievement_of(one.award)].append(one)
    return tuple(_among(one, together[achievement_of(one.award)], rules) for one in found)


Achievement = tuple[str, int, str | None, tuple[str, ...]]
"""Subject, year, and what tells a thematic or sudden achievement from the merit of the year: its kind and deeds."""


def achievement_of(award: Award) -> Achievement:
    """Return for which achievement a line is given; lines of one achievement are paid once."""
    deeds = sorted(use for use in award.uses if use.startswith("deed:")) if award.kind else ()
    return award.subject, award.year, award.kind, tuple(deeds)


def beside_others(found: Sequence[Prize], others: Mapping[Achievement, Collection[str]]) -> tuple[Prize, ...]:
    """Say of each line which other decisions of the same date reward its achievement; which is paid a person says."""
    return tuple(_beside(one, sorted(others.get(achievement_of(one.award), ()))) for one in found)


def _beside(one: Prize, numbers: Sequence[str]) -> Prize:
    if not numbers:
        return one
    named = ", ".join(numbers)
    note = f"Cùng ngày, cùng thành tích còn quyết định số {named}: chỉ chi một mức cao nhất; kế toán xem xét."
    return replace(one, note=f"{one.note} {note}".strip(), beside=tuple(numbers))


def _among(one: Prize, others: Sequence[Prize], rules: PrizeRules) -> Prize:
    amounts = [other.amount for other in others if other.amount is not None]
    if one.amount is None:
        return one
    if len(amounts) < len(others):
        note = "Chưa xác định: cùng thành tích có hình thức chưa rõ mức thưởng, chỉ chi mức cao nhất; kế toán tra cứu."
        return replace(one, amount=None, note=note)
    best = next(other for other in others if other.amount == max(amounts))
    return one if one is best else _not_paid(one, rules)


def _prize(award: Award, dated: date, rules: PrizeRules, regime: str) -> Prize:
    multiplier, salary = rules.multiplier(regime, award.code), rules.salary(dated)
    if multiplier is None:
        return Prize(award, None, salary, None, (), "Chưa tìm thấy mức thưởng; kế toán tra cứu văn bản.")
    if salary is None:
        return Prize(award, multiplier.times, None, None, (), "Chưa có lương cơ sở tại ngày quyết định.")
    is_collective = award.subject_kind is SubjectKind.COLLECTIVE
    times, mark = multiplier.times, multiplier.mark
    if is_collective and multiplier.collective is not None:
        times, mark = multiplier.collective, multiplier.collective_mark
    # Multipliers are whole tenths and salaries whole thousands: nothing is ever cut off here.
    amount = times * salary.amount
    return Prize(award, times, salary, int(amount), (mark, salary.mark), multiplier.note)


def _not_paid(one: Prize, rules: PrizeRules) -> Prize:
    note = f"Không chi: {rules.highest_only.note}"
    return Prize(one.award, one.times, one.salary, 0, (*one.marks, rules.highest_only.mark), note)
