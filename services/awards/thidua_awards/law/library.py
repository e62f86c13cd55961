"""Loads the regimes that lie beside this file, and finds the one that judges a year."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from hashlib import sha256
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import yaml
from pydantic import TypeAdapter, ValidationError

from thidua_awards.errors import LawOverridesRefused, NoLawForYear
from thidua_awards.law.overrides import Override, apply
from thidua_awards.law.rules import Mark, Regime, Rule

FILES: Final = ("R03.yaml", "R24.yaml", "R25.yaml", "R26.yaml")


def read_regime(text: str, earlier: Sequence[Regime] = ()) -> Regime:
    """Read one regime; a rule without a date of its own is in force as long as its regime.

    A regime that `extends` one of `earlier` takes over every name and rule it does not write itself; with
    `kept_because`, the reason why they are no longer sure, as rules that refuse nobody.
    Raises pydantic.ValidationError for an unknown field, an official rule without source, or an unknown mark.
    """
    content: dict[str, Any] = yaml.safe_load(text)
    span = {"valid_from": content["valid_from"], "valid_to": content.get("valid_to")}
    rules = [{**span, **rule} for rule in content["rules"]]
    content["time_limits"] = [{**span, **one} for one in content.get("time_limits", ())]
    extends = content.pop("extends", None)
    if extends is None:
        return Regime.model_validate({**content, "rules": rules})
    base = next(regime for regime in earlier if regime.code == extends)
    written = {one["key"] for one in rules}
    kept = (_kept(rule, content.get("kept_because", "")) for rule in base.rules if rule.key not in written)
    names = {"titles": base.titles, "commendations": {**base.commendations, **content.pop("commendations", {})}}
    names["authorities"] = {**base.authorities, **content.pop("authorities", {})}
    # A limit refuses nobody: kept, it says by its clause and source which text it was read in.
    limits = content.pop("time_limits") or [one.model_copy(update=span) for one in base.time_limits]
    return Regime.model_validate(
        {**names, **content, "time_limits": limits, "rules": [*(rule.model_copy(update=span) for rule in kept), *rules]}
    )


def _kept(rule: Rule, because: str) -> Rule:
    """Return a rule of the regime before; `because`: why it is no longer sure, and then it refuses nobody."""
    if not because or not rule.mark.binds:
        return rule
    note = rule.note if not rule.applies else f"{rule.note} {because}".strip()
    return rule.model_copy(update={"mark": Mark.UNOFFICIAL, "note": note})


def _shipped() -> tuple[Regime, ...]:
    found: tuple[Regime, ...] = ()
    for name in FILES:
        found = (*found, read_regime(resources.files(__package__).joinpath(name).read_text(encoding="utf-8"), found))
    return found


@cache
def condition_names() -> Mapping[str, str]:
    """Return the Vietnamese name of every condition by its key."""
    text = resources.files(__package__).joinpath("names.yaml").read_text(encoding="utf-8")
    return MappingProxyType(yaml.safe_load(text))


@cache
def local_values(overrides_file: Path | None) -> tuple[Override, ...]:
    """Return the local values of a file (THIDUA_LAW_OVERRIDES_FILE), read once; raises LawOverridesRefused."""
    if overrides_file is None:
        return ()
    try:
        given = yaml.safe_load(overrides_file.read_text(encoding="utf-8")) or []
        return TypeAdapter(tuple[Override, ...]).validate_python(given)
    except (OSError, yaml.YAMLError, ValidationError) as error:
        raise LawOverridesRefused(file=overrides_file, why=error) from error


@cache
def regimes(overrides_file: Path | None = None) -> tuple[Regime, ...]:
    """Return all regimes, oldest first, with the local values of `overrides_file`; raises LawOverridesRefused."""
    try:
        return apply(_shipped(), local_values(overrides_file))
    except ValueError as error:
        raise LawOverridesRefused(file=overrides_file, why=error) from error


@cache
def review_date(year: int) -> date:
    """Return the day on which an achievement year is looked at: its last."""
    return date(year, 12, 31)


def regime_of(year: int, overrides_file: Path | None = None) -> Regime:
    """Return the regime that judges the achievements of `year`; raises NoLawForYear where none is known."""
    day = review_date(year)
    every = regimes(overrides_file)
    for regime in every:
        if regime.in_force(day):
            return regime
    raise NoLawForYear(year=year, first=every[0].valid_from.year)


def basis_of(usual: Regime, every: Sequence[Regime]) -> str:
    """Return what a review of a year rests on besides its inputs: its regime and those that may judge in its place.

    These are the later ones: the transition clause of a later regime may keep a dossier or take it.
    """
    later = (one.basis for one in every if one.valid_from > usual.valid_from)
    return f"{usual.basis} {sha256(' '.join(later).encode()).hexdigest()}"
