"""Which title asks for what, and how findings become a verdict."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from thidua.contracts.judgement import Finding, FindingStatus, Verdict
from thidua_awards.domain import collectives, common, individuals
from thidua_awards.domain.findings import conclude, day_text, not_applicable
from thidua_awards.domain.records import Case, Confirmation
from thidua_awards.law import Mark, Regime, Rule

Check = Callable[[Any, Rule], Finding]

COMMON: Final[Mapping[str, Check]] = {
    "g.registered": common.registered,
    "g.hold": common.on_hold,
    "g.discipline_period": common.discipline_period,
}

CONDITIONS: Final[Mapping[str, Mapping[str, Check]]] = {
    "LDTT": {
        **COMMON,
        "ldtt.rating": individuals.rating,
        "ldtt.recruited": individuals.recruited,
        "ldtt.discipline": individuals.discipline,
        "ldtt.absence": individuals.absence,
        "ldtt.transfer": individuals.transfer,
        "ldtt.conduct": individuals.judged_by_people,
    },
    "CSTDCS": {
        **COMMON,
        "cstdcs.ldtt": individuals.holds_ldtt,
        "cstdcs.merit": individuals.merit,
    },
    "TTLDTT": {
        **COMMON,
        "ttldtt.plan": collectives.plan,
        "ttldtt.movement": individuals.judged_by_people,
        "ttldtt.share": collectives.share_of_ldtt,
        "ttldtt.discipline": collectives.discipline,
        "ttldtt.unity": individuals.judged_by_people,
    },
    "TTLDXS": {
        **COMMON,
        "ttldxs.base": collectives.holds_ttldtt,
        "ttldxs.excellent": individuals.rating,
        "ttldxs.all": collectives.all_complete,
        "ttldxs.share": collectives.share_of_ldtt,
        "ttldxs.cstdcs": collectives.has_cstdcs,
        "ttldxs.discipline": collectives.discipline,
    },
    "CTDB": {
        **COMMON,
        "ctdb.targets": collectives.targets,
        "ctdb.cluster": collectives.best_of_cluster,
        "ctdb.number": collectives.number_of_flags,
    },
}
"""Title → checks in the order of the page; a title's quota comes after all of its candidates are known."""

QUOTAS: Final[Mapping[str, str]] = {"CSTDCS": "cstdcs.quota"}
"""Titles with a quota, and the rule that gives it."""

CHOSEN_AMONG: Final[Mapping[str, str]] = {"CSTDCS": "LDTT", "TTLDXS": "TTLDTT"}
"""A title whose review reads the verdict of another title of the same subject."""

REVIEWED: Final = tuple(CONDITIONS)
"""Titles this release reviews, each after the one it is chosen among."""


def findings_of(case: Case, regime: Regime) -> tuple[Finding, ...]:
    """Check every condition of `case.title`; a failed check never hides the next."""
    return tuple(_checked(key, check, case, regime) for key, check in CONDITIONS[case.title].items())


def _checked(key: str, check: Check, case: Case, regime: Regime) -> Finding:
    rule = regime.rule(key, case.review_date)
    if rule is None:
        return _unknown_rule(key, case)
    if not rule.applies:
        return not_applicable(rule, rule.note)
    return answered(check(case, rule), rule, case.confirmations.get(key))


def _unknown_rule(key: str, case: Case) -> Finding:
    day = day_text(case.review_date)
    sentence = f"Dữ liệu pháp luật không có quy định {key} cho ngày {day}; cần người xem xét."
    return Finding(key=key, status=FindingStatus.PERSON, sentence=sentence, mark=Mark.NOT_FOUND.value)


def answered(finding: Finding, rule: Rule, confirmation: Confirmation | None) -> Finding:
    """Put a person's answer in place of "needs a person"; it answers nothing else, a hold least of all."""
    if confirmation is None or finding.status is not FindingStatus.PERSON or rule.key == "g.hold":
        return finding
    status = FindingStatus.MET if confirmation.answer else FindingStatus.NOT_MET
    words = "xác nhận đạt" if confirmation.answer else "xác nhận chưa đạt"
    document = f"{confirmation.document} ngày {day_text(confirmation.dated)}"
    return conclude(rule, status, f"{finding.sentence} {confirmation.by} {words} theo {document}.")


VERDICTS: Final = (
    (FindingStatus.NOT_MET, Verdict.NOT_MET),
    (FindingStatus.NO_DATA, Verdict.NO_DATA),
    (FindingStatus.PERSON, Verdict.PERSON),
    (FindingStatus.UNKNOWN, Verdict.PERSON),
)
"""The gravest finding decides; what is not met stays so whatever data still comes."""


def verdict_of(findings: Sequence[Finding]) -> tuple[Verdict, str]:
    """Return the verdict and the sentence of the first finding that gives it; eligible has none."""
    for status, verdict in VERDICTS:
        for finding in findings:
            if finding.status is status:
                return verdict, finding.sentence
    return Verdict.ELIGIBLE, ""
