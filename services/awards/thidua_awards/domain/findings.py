"""How a check concludes; the one place where a poorly sourced rule is kept from refusing anybody."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import Final

from thidua.contracts.judgement import Finding, FindingStatus
from thidua_awards.law import Mark, Rule

PRIVATE: Final = frozenset(
    {
        "g.hold",
        "g.discipline_period",
        "ldtt.discipline",
        "ldtt.absence",
        "ttldtt.discipline",
        "ttldxs.discipline",
        "knc.years",
        "knc.discipline",
    }
)
"""What the checks on these keys looked at may be on no stream: disciplines, reasons of absence, holds, sex."""

STATUS_PRIVATE: Final = PRIVATE - {"g.hold"}
"""Whose status alone would tell that somebody was disciplined, away, or a woman; that a hold runs may be known."""

KEPT_BACK: Final = "Chi tiết chỉ xem trong hồ sơ thẩm định."
"""Stands on streams and lists in the place of a sentence that only those who appraise read."""

PERSON_WORDS: Final = "cần người xem xét"


def met(rule: Rule, sentence: str) -> Finding:
    """Conclude "đạt"."""
    return conclude(rule, FindingStatus.MET, sentence)


def not_met(rule: Rule, sentence: str) -> Finding:
    """Conclude "chưa đạt"; becomes "cần người xem xét" where the rule's source does not bind."""
    return conclude(rule, FindingStatus.NOT_MET, sentence)


def not_applicable(rule: Rule, sentence: str) -> Finding:
    """Conclude "không áp dụng"."""
    return conclude(rule, FindingStatus.NA, sentence)


def no_data(rule: Rule, sentence: str) -> Finding:
    """Conclude "chưa đủ dữ liệu"."""
    return conclude(rule, FindingStatus.NO_DATA, sentence)


def person(rule: Rule, sentence: str) -> Finding:
    """Conclude "cần người xem xét"."""
    return conclude(rule, FindingStatus.PERSON, sentence)


def conclude(rule: Rule, status: FindingStatus, sentence: str) -> Finding:
    """Make the finding of `rule`.

    A figure that was not read in an official text may say "met" or "needs a person", never "not met":
    nobody loses a title over a rule that no one can show.
    """
    if status is FindingStatus.NOT_MET and not rule.mark.binds:
        status = FindingStatus.PERSON
        sentence = f"{sentence} Căn cứ này {rule.mark.words}, {PERSON_WORDS}."
    if rule.mark is Mark.LOCAL and rule.note and rule.note not in sentence:
        sentence = f"{sentence} Theo quy định tại nơi triển khai: {rule.note}"
    return _finding(rule.key, status, sentence, rule.clause, rule.mark)


# Most subjects get the same sentences, and a frozen finding may stand in many recommendations: checking its fields
# once instead of for everybody takes a third off the review of a province.
@lru_cache(maxsize=8192)
def _finding(key: str, status: FindingStatus, sentence: str, clause: str, mark: Mark) -> Finding:
    return Finding(key=key, status=status, sentence=sentence, clause=clause, mark=mark.value)


def day_text(day: date) -> str:
    """Write a date the Vietnamese way: 31/12/2022."""
    # Not strftime, which takes as long as a whole check; most subjects name the same few days.
    return f"{day.day:02d}/{day.month:02d}/{day.year:04d}"
