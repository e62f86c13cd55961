"""The tables of every room of this service, for the one who migrates and compares them."""

from __future__ import annotations

from thidua_awards import chain_tables, council_tables, dossier_tables, history_tables
from thidua_awards.tables import metadata

ROOMS = (chain_tables, council_tables, dossier_tables, history_tables)
"""Modules that declare their tables on `metadata` when they are imported."""

__all__ = ["ROOMS", "metadata"]
