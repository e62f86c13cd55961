"""The sample year as bytes, so that "the same year" can be said exactly."""

from __future__ import annotations

from functools import cache

from pydantic import TypeAdapter

from thidua_sample.generate.records import SampleYear


@cache
def _adapter() -> TypeAdapter[SampleYear]:
    return TypeAdapter(SampleYear)


def year_as_json(year: SampleYear) -> bytes:
    """Return the whole year as JSON: equal years give equal bytes."""
    return _adapter().dump_json(year)
