"""Loads the regimes that lie beside this file, and finds the one that judges a year."""

from __future__ import annotations

from datetime import date
from functools import cache
from importlib import resources
from typing import Any, Final

import yaml

from thidua_awards.errors import NoLawForYear
from thidua_awards.law.rules import Regime

FILES: Final = ("R03.yaml", "R24.yaml")


def read_regime(text: str) -> Regime:
    """Read one regime; a rule without a date of its own is in force as long as its regime.

    Raises pydantic.ValidationError for an unknown field, an official rule without source, or an unknown mark.
    """
    content: dict[str, Any] = yaml.safe_load(text)
    span = {"valid_from": content["valid_from"], "valid_to": content.get("valid_to")}
    return Regime.model_validate({**content, "rules": [{**span, **rule} for rule in content["rules"]]})


@cache
def regimes() -> tuple[Regime, ...]:
    """Return all regimes, oldest first."""
    folder = resources.files(__package__)
    return tuple(read_regime(folder.joinpath(name).read_text(encoding="utf-8")) for name in FILES)


def review_date(year: int) -> date:
    """Return the day on which an achievement year is looked at: its last."""
    return date(year, 12, 31)


def regime_of(year: int) -> Regime:
    """Return the regime that judges the achievements of `year`; raises NoLawForYear where none is known."""
    day = review_date(year)
    for regime in regimes():
        if regime.in_force(day):
            return regime
    raise NoLawForYear(year=year, first=regimes()[0].valid_from.year)
