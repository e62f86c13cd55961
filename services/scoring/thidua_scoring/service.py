"""The scoring service, put together."""

from __future__ import annotations

from typing import Final

from thidua.contracts import (
    Campaign,
    Cluster,
    CriteriaSetState,
    Decision,
    Erasure,
    Fact,
    Initiative,
    MonthlyResult,
    Person,
    Registration,
    ScoreState,
    Unit,
)
from thidua_runtime.service import Service
from thidua_scoring import api, deriving, handlers, jobs, keeping, metrics, tables_beside
from thidua_scoring.queries.marks import WAITING
from thidua_scoring.scorer.loop import score_what_changes

SERVICE: Final = Service(
    name="scoring",
    owns=(CriteriaSetState, ScoreState),
    follows={
        Unit: (handlers.keep_units,),
        Cluster: (handlers.keep_clusters,),
        Person: (handlers.keep_people,),
        Erasure: (handlers.keep_erasures,),
        Campaign: (handlers.keep_campaigns,),
        Registration: (handlers.keep_registrations,),
        Initiative: (handlers.keep_initiatives,),
        MonthlyResult: (handlers.keep_months,),
        Fact: (handlers.keep_facts,),
        Decision: (handlers.keep_decisions,),
    },
    api=api.router,
    metadata=tables_beside.METADATA,
    migrations="thidua_scoring:migrations",
    jobs=jobs.JOBS,
    gauges=(metrics.score_gauges, metrics.set_gauges, metrics.shadow_gauges),
    loops=(score_what_changes,),
    waiting=WAITING,
    keeps=keeping.KEEPS,
    derive=deriving.derive,
)
"""What scoring owns, follows and serves."""
