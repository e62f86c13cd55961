"""Criteria sets: what they may say, the case they are given, and the score that comes of it.

    criteria_set = load_criteria_set("tnmt_2022_tap_the")   # checked; refused with line and column
    result = score(criteria_set, case)                      # pure: the same case, the same bytes

The form of criteria.yaml is `schemas/criteria-1.schema.json`; what one field cannot say is in `checks.py`.
"""

from __future__ import annotations

from thidua.criteria.case import (
    Case,
    Decision,
    Discipline,
    Fact,
    Initiative,
    Member,
    MemberBand,
    Month,
    ParameterChange,
    Peer,
    PeriodScore,
    RegisteredTarget,
    Registration,
    Subject,
    WorkTally,
)
from thidua.criteria.declared import DeclaredInput, DueDate, declared_inputs
from thidua.criteria.engine import ENGINE, score
from thidua.criteria.errors import (
    CaseDoesNotFit,
    CriteriaSetNotFound,
    CriteriaSetRefused,
    ParameterRefused,
    Problem,
    RuleBroken,
)
from thidua.criteria.lines import CriterionResult
from thidua.criteria.loader import CriteriaSet, installed_criteria_sets, load_criteria_set
from thidua.criteria.quotas import QuotaFinding, judge_quotas
from thidua.criteria.ranking import Apart, Place, RankGroup, rank
from thidua.criteria.recorded import InputUsed
from thidua.criteria.resolved import Outcome, Resolved
from thidua.criteria.score import EliminationResult, Score
from thidua.criteria.seen import BySource, CaseSeen, PeerSeen

__all__ = [
    "ENGINE",
    "Apart",
    "BySource",
    "Case",
    "CaseDoesNotFit",
    "CaseSeen",
    "CriteriaSet",
    "CriteriaSetNotFound",
    "CriteriaSetRefused",
    "CriterionResult",
    "Decision",
    "DeclaredInput",
    "Discipline",
    "DueDate",
    "EliminationResult",
    "Fact",
    "Initiative",
    "InputUsed",
    "Member",
    "MemberBand",
    "Month",
    "Outcome",
    "ParameterChange",
    "ParameterRefused",
    "Peer",
    "PeerSeen",
    "PeriodScore",
    "Place",
    "Problem",
    "QuotaFinding",
    "RankGroup",
    "RegisteredTarget",
    "Registration",
    "Resolved",
    "RuleBroken",
    "Score",
    "Subject",
    "WorkTally",
    "declared_inputs",
    "installed_criteria_sets",
    "judge_quotas",
    "load_criteria_set",
    "rank",
    "score",
]
