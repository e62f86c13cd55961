"""The JSON API: lists and single records to read, batches and single records to write, files to import."""

from __future__ import annotations

from fastapi import APIRouter

from thidua_registration.doors import campaigns, files, initiatives, organisation, registrations

router = APIRouter()
router.include_router(organisation.router, tags=["organisation"])
router.include_router(campaigns.router, tags=["campaigns"])
router.include_router(registrations.router, tags=["registrations"])
router.include_router(initiatives.router, tags=["initiatives"])
router.include_router(files.router, tags=["imports"])
