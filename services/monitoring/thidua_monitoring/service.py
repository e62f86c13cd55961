"""The monitoring service: what it owns, follows and serves."""

from __future__ import annotations

from thidua.contracts import (
    Campaign,
    Cluster,
    CriteriaSetState,
    Erasure,
    Fact,
    MonthlyResult,
    Person,
    Registration,
    Reminder,
    Report,
    SourceMark,
    TaskReport,
    Unit,
)
from thidua_monitoring import deriving, handlers, jobs, keeping, metrics, tables
from thidua_monitoring.api import router
from thidua_monitoring.commands import results
from thidua_monitoring.commands.intake import TaskRow
from thidua_monitoring.domain.sources import sources_found
from thidua_monitoring.queries import months
from thidua_runtime import replicas
from thidua_runtime.service import Service

SERVICE = Service(
    name="monitoring",
    owns=(MonthlyResult, Report, Fact, Reminder),
    follows={
        Unit: (handlers.follow_units,),
        Cluster: (replicas.keep,),
        Person: (handlers.follow_people,),
        Erasure: (handlers.follow_erasures,),
        Campaign: (handlers.follow_campaigns,),
        Registration: (replicas.keep,),
        CriteriaSetState: (replicas.keep,),
        TaskReport: (handlers.record_tasks,),
        SourceMark: (handlers.record_marks,),
    },
    metadata=tables.metadata,
    migrations="thidua_monitoring:migrations",
    api=router,
    jobs=jobs.JOBS,
    gauges=metrics.GAUGES,
    counters=metrics.COUNTERS,
    watches=(results.publish_after_bursts,),
    before_heartbeat=results.publish_put_off,
    waiting=months.PUT_OFF_WAITING,
    keeps=keeping.KEEPS,
    derive=deriving.derive,
    side_by_side=(TaskReport,),
    examines={"task sources": sources_found},
    imports={"tasks": TaskRow},
)
"""Composition root of monitoring."""
