"""Which regime judges a case: dates of achievement, proposal and reception apart, and the clause between regimes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from thidua.contracts.judgement import Finding, FindingStatus
from thidua_awards.domain.answers import stands
from thidua_awards.domain.findings import conclude, day_text
from thidua_awards.domain.records import Case
from thidua_awards.law import Regime, Rule, in_force_on

KEY: Final = "g.regime"
"""The question which regime applies; a person's "yes" is the regime of the achievement, "no" that of the reception."""

ANSWERS: Final = (
    "Người có thẩm quyền xác nhận g.regime: đúng là áp dụng chế độ của thành tích, sai là áp dụng chế độ khi tiếp nhận."
)


@dataclass(frozen=True, slots=True)
class Judged:
    """The regime a case is judged by; `finding` says how it was picked where the dates lie in two of them."""

    regime: Regime
    finding: Finding | None = None

    @property
    def is_open(self) -> bool:
        """Whether a person still has to say which regime applies; until then nobody is refused by either."""
        return self.finding is not None and self.finding.status is FindingStatus.PERSON


def judged(case: Case, usual: Regime, regimes: Sequence[Regime]) -> Judged:
    """Return the regime of a case for its title; `usual` is that of the achievement year.

    A dossier received (or, while it is on its way, proposed) under a later regime is judged as the transition clause
    of that regime says; without a clause, or with one that was not read in an official text, a person says.
    """
    own = in_force_on(regimes, case.achieved_on) if case.achieved_on else usual
    own = own or usual
    reached_on = case.received_on or case.proposed_on
    if reached_on is None or reached_on <= (own.valid_to or date.max):
        return Judged(own)
    later = in_force_on(regimes, reached_on)
    rule = later.rule(KEY, later.valid_from) if later else None
    if later is None or rule is None or not rule.applies:
        return Judged(own)
    return _by_clause(case, own, later, rule)


def _by_clause(case: Case, own: Regime, later: Regime, rule: Rule) -> Judged:
    answer = case.confirmations.get(KEY)
    said = _dates(case, own, later)
    if answer is not None and stands(KEY, answer, case.title, case.year):
        chosen = own if answer.answer else later
        words = f"{answer.by} xác nhận áp dụng {chosen.code} theo {answer.document} ngày {day_text(answer.dated)}"
        return Judged(chosen, conclude(rule, FindingStatus.MET, f"{said}. {words}."))
    decisive = getattr(case, rule.decided_by) if rule.decided_by else None
    if decisive is None:
        return Judged(own, conclude(rule, FindingStatus.PERSON, f"{said}. {rule.note or rule.clause} {ANSWERS}"))
    chosen = own if decisive < later.valid_from else later
    words = f"{said}. Theo điều khoản chuyển tiếp thì áp dụng {chosen.code}. {rule.note}".rstrip()
    if rule.mark.binds:
        return Judged(chosen, conclude(rule, FindingStatus.MET, words))
    return Judged(chosen, conclude(rule, FindingStatus.PERSON, f"{words} Căn cứ này {rule.mark.words}. {ANSWERS}"))


def _dates(case: Case, own: Regime, later: Regime) -> str:
    achieved = case.achieved_on or case.review_date
    parts = [f"Thành tích đến ngày {day_text(achieved)} ({own.code})"]
    if case.proposed_on:
        parts.append(f"đề nghị ngày {day_text(case.proposed_on)}")
    if case.received_on:
        parts.append(f"tiếp nhận ngày {day_text(case.received_on)}")
    return f"{', '.join(parts)}, khi {later.code} đã có hiệu lực từ ngày {day_text(later.valid_from)}"


def softened(finding: Finding) -> Finding:
    """Turn "chưa đạt" into a question while it is open which regime applies."""
    if finding.status is not FindingStatus.NOT_MET:
        return finding
    sentence = f"{finding.sentence} Chưa xác định chế độ pháp lý áp dụng, cần người xem xét."
    return finding.model_copy(update={"status": FindingStatus.PERSON, "sentence": sentence})
