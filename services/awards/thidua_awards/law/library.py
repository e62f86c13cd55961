"""Loads the regimes that lie beside this file, and finds the one that judges a year."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
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
from thidua_awards.law.rules import Mark, Regime, Rule, TimeLimit
from thidua_runtime.settings import Settings

FILES: Final = ("R03.yaml", "R24.yaml", "R25.yaml", "R26.yaml")


def read_regime(text: str, earlier: Sequence[Regime] = ()) -> Regime:
    """Read one regime; a rule without a date of its own is in force as long as its regime.

    A regime that `extends` one of `earlier` takes over every name and rule it does not write itself, and its time
    limits unless it has a list of its own, be it empty; with `kept_because`, the reason why they are no longer sure,
    as rules that refuse nobody and limits of no official source. What ended before the other regime did is not revived.
    Raises pydantic.ValidationError for an unknown field, an official rule without source, or an unknown mark.
    """
    content: dict[str, Any] = yaml.safe_load(text)
    span = {"valid_from": content["valid_from"], "valid_to": content.get("valid_to")}
    rules = [{**span, **rule} for rule in content["rules"]]
    limits = [{**span, **one} for one in content.pop("time_limits", ())] if "time_limits" in content else None
    extends = content.pop("extends", None)
    if extends is None:
        return Regime.model_validate({**content, "time_limits": limits or (), "rules": rules})
    base = next(regime for regime in earlier if regime.code == extends)
    because, last = content.get("kept_because", ""), base.valid_to or content["valid_from"]
    written = {one["key"] for one in rules}
    kept = [_kept(one, because) for one in base.rules if one.key not in written and one.in_force(last)]
    kept_limits = [_kept_limit(one, because).model_copy(update=span) for one in base.time_limits if one.in_force(last)]
    names = {"titles": base.titles, "commendations": {**base.commendations, **content.pop("commendations", {})}}
    names["authorities"] = {**base.authorities, **content.pop("authorities", {})}
    return Regime.model_validate(
        {
            **names,
            **content,
            "time_limits": kept_limits if limits is None else limits,
            "rules": [*(rule.model_copy(update=span) for rule in kept), *rules],
        }
    )


def _kept(rule: Rule, because: str) -> Rule:
    """Return a rule of the regime before; `because`: why it is no longer sure, and then it refuses nobody."""
    if not because or not rule.mark.binds:
        return rule
    note = rule.note if not rule.applies else f"{rule.note} {because}".strip()
    return rule.model_copy(update={"mark": Mark.UNOFFICIAL, "note": note})


def _kept_limit(limit: TimeLimit, because: str) -> TimeLimit:
    """Return a limit of the regime before; `because`: why nobody knows whether it still holds."""
    return limit.model_copy(update={"mark": Mark.UNOFFICIAL}) if because and limit.mark.binds else limit


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
    except (OSError, yaml.YAMLError) as error:
        raise LawOverridesRefused(file=overrides_file, why=" ".join(str(error).split())) from error
    except ValidationError as error:
        raise LawOverridesRefused(file=overrides_file, why=_places(error)) from error


def _places(error: ValidationError) -> str:
    found = error.errors(include_url=False, include_context=False, include_input=False)
    return "; ".join(f"{'.'.join(map(str, one['loc'])) or 'the file'}: {one['msg']}" for one in found)


def local_law_found(settings: Settings) -> str:
    """Say how many local values there are, before the service starts; raises LawOverridesRefused."""
    file = settings.law_overrides_file
    regimes(file)
    return f"{len(local_values(file))} local values" if file else "no THIDUA_LAW_OVERRIDES_FILE: the law as it is"


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
    every = regimes(overrides_file)
    found = in_force_on(every, review_date(year))
    if found is None:
        raise NoLawForYear(year=year, first=every[0].valid_from.year)
    return found


def in_force_on(every: Iterable[Regime], day: date) -> Regime | None:
    """Return the regime among `every` that judges achievements that end on `day`; None where none is known."""
    return next((regime for regime in every if regime.in_force(day)), None)


def basis_of(usual: Regime, every: Sequence[Regime]) -> str:
    """Return what a review of a year rests on besides its inputs: its regime and those that may judge in its place.

    These are the later ones: the transition clause of a later regime may keep a dossier or take it.
    """
    later = (one.basis for one in every if one.valid_from > usual.valid_from)
    return f"{usual.basis} {sha256(' '.join(later).encode()).hexdigest()}"
