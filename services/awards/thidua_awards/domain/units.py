"""Which unit decides, and which collectives a person belongs to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from thidua.contracts import Unit


def chain(units: Mapping[str, Unit], unit: str) -> Iterator[str]:
    """Yield `unit` and the units above it up to the nearest with legal personality, that one included.

    A person belongs to every collective of this chain, and the last one decides on LĐTT and CSTĐCS. A unit not
    known yet decides for itself; a circle of parents ends where it closes.
    """
    seen: set[str] = set()
    here: str | None = unit
    while here is not None and here not in seen:
        seen.add(here)
        yield here
        known = units.get(here)
        if known is None or known.legal_person:
            return
        here = known.parent


def deciding_unit(units: Mapping[str, Unit], unit: str) -> str:
    """Return the unit that decides for `unit`: the nearest with legal personality."""
    *_, last = chain(units, unit)
    return last


def under_ministry(units: Mapping[str, Unit], unit: str) -> bool | None:
    """Return whether `unit` belongs to the Ministry: below a unit of kind `bo`, and never below or a `so`.

    None where the chain of parents says neither.
    """
    seen: set[str] = set()
    here: str | None = unit
    while here is not None and here not in seen and here in units:
        seen.add(here)
        if units[here].kind in ("so", "bo"):
            return units[here].kind == "bo"
        here = units[here].parent
    return None
