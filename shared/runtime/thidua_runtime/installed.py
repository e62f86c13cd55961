"""Which services are installed; asking imports none of them."""

from __future__ import annotations

from importlib.metadata import entry_points

GROUP = "thidua.services"
"""Entry points whose values are services."""


def installed_services() -> tuple[str, ...]:
    """Return the names of all installed services, sorted."""
    return tuple(sorted(point.name for point in entry_points(group=GROUP)))
