"""The streams of the suite: one frozen model per aggregate, with the JSON Schema of each beside them.

A producer or follower needs nothing but these models. They ignore unknown fields, read unknown
enumeration values as `unknown`, refuse U+0000, and change only compatibly.
"""

from thidua.contracts.base import Document, Part, State, SubjectKind
from thidua.contracts.campaign import Campaign, Initiative, Registration
from thidua.contracts.judgement import CriteriaSetState, Decision, Recommendation, ScoreState
from thidua.contracts.organisation import Cluster, Erasure, Person, Rating, Unit
from thidua.contracts.work import Fact, MonthlyResult, Reminder, Report, SourceMark, TaskReport

STREAMS: dict[str, type[State]] = {
    model.stream: model
    for model in (
        Unit, Cluster, Person, Erasure, Rating, Campaign, Registration, Initiative,
        TaskReport, SourceMark,
        MonthlyResult, Report, Fact, Reminder,
        CriteriaSetState, ScoreState,
        Recommendation, Decision,
    )
}  # fmt: skip
"""Every stream by its name."""

REFERENCE_STREAMS = ("units", "clusters", "people", "campaigns", "criteria-sets")
"""Read to their end before a service starts on its other streams."""

__all__ = [
    "REFERENCE_STREAMS", "STREAMS", "Campaign", "Cluster", "CriteriaSetState", "Decision", "Document", "Erasure",
    "Fact", "Initiative", "MonthlyResult", "Part", "Person", "Rating", "Recommendation", "Registration", "Reminder",
    "Report", "ScoreState", "SourceMark", "State", "SubjectKind", "TaskReport", "Unit",
]  # fmt: skip
