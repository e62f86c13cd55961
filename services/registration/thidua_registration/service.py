"""The registration service, put together."""

from __future__ import annotations

from typing import Final

from thidua.contracts import (
    Campaign,
    Cluster,
    CriteriaSetState,
    Erasure,
    Initiative,
    Person,
    Rating,
    Registration,
    Unit,
)
from thidua_registration import api, jobs, keeping, metrics, reading_tables
from thidua_registration.doors.files import IMPORTS
from thidua_runtime import replicas
from thidua_runtime.service import Service

SERVICE: Final = Service(
    name="registration",
    owns=(Unit, Cluster, Person, Erasure, Rating, Campaign, Registration, Initiative),
    follows={CriteriaSetState: (replicas.keep,)},
    api=api.router,
    metadata=reading_tables.METADATA,
    migrations="thidua_registration:migrations",
    jobs=jobs.JOBS,
    keeps=keeping.KEEPS,
    imports={kind.value: found.model for kind, found in IMPORTS.items()},
    gauges=(metrics.unit_gauges, metrics.registration_gauges, metrics.waiting_gauges),
)
"""What registration owns, follows and serves."""
