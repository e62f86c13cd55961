"""Which periods of a campaign are scored, and which months belong to it."""

from __future__ import annotations

from datetime import date

from thidua.criteria.manifest import Manifest
from thidua.criteria.periods import period


def scored_periods(manifest: Manifest, year: int, as_of: date) -> tuple[str, ...]:
    """Return the periods of the year that a set scores and that have begun by `as_of`, in order."""
    kinds = dict.fromkeys((*manifest.period.scored, *(("year",) if manifest.period.year else ())))
    parts = [part for kind in kinds for part in period(f"{year:04d}").parts(kind)]
    return tuple(part.name for part in sorted(parts) if part.first <= as_of)


def can_score(manifest: Manifest, name: str) -> bool:
    """Whether a set scores periods of this kind."""
    kind = period(name).kind
    return kind in manifest.period.scored or (kind == "year" and manifest.period.year is not None)


def month_of(day: date) -> str:
    """Return the month a date lies in, "2022-03"."""
    return f"{day.year:04d}-{day.month:02d}"


def months_of(year: int) -> tuple[str, str]:
    """Return the first and last month whose results belong to a campaign of that year."""
    return f"{year:04d}-01", f"{year:04d}-12"
