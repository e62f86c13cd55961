"""The awards service: what it owns, follows and serves."""

from __future__ import annotations

from typing import Final

from thidua.contracts import (
    Campaign,
    Cluster,
    Decision,
    Erasure,
    Initiative,
    MonthlyResult,
    Person,
    Rating,
    Recommendation,
    Registration,
    ScoreState,
    Unit,
)
from thidua_awards import api, deriving, handlers, jobs, keeping, metrics
from thidua_awards.entries import PastAward
from thidua_awards.every_table import metadata
from thidua_awards.law.library import local_law_found
from thidua_runtime import replicas
from thidua_runtime.service import Service

SERVICE: Final = Service(
    name="awards",
    owns=(Recommendation, Decision),
    follows={
        Unit: (handlers.keep_and_mark,),
        Cluster: (handlers.keep_and_mark,),
        Person: (handlers.keep_people,),
        Erasure: (handlers.keep_erasures,),
        Rating: (handlers.keep_and_mark,),
        Campaign: (handlers.keep_campaigns,),
        Registration: (handlers.keep_and_mark,),
        Initiative: (handlers.keep_and_mark,),
        ScoreState: (handlers.keep_and_mark,),
        MonthlyResult: (replicas.keep,),
    },
    metadata=metadata,
    migrations="thidua_awards:migrations",
    api=api.router,
    jobs=(jobs.new_day, jobs.review_changed, jobs.destroy_keys),
    gauges=(metrics.award_gauges,),
    keeps=keeping.KEEPS,
    derive=deriving.derive,
    examines={"local law": local_law_found},
    imports={"awards": PastAward},
)
