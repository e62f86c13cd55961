"""The JSON API: lists and single records to read, batches and single records to write, files to import."""

from __future__ import annotations

from thidua_registration.doors import campaigns, files, initiatives, organisation, reading, registrations
from thidua_runtime.web import join_routers

router = join_routers(
    organisation.router, campaigns.router, registrations.router, reading.router, initiatives.router, files.router
)
