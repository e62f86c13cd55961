"""Local values for what the sources leave open, each with the document it comes from."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Annotated, Any, Final, Literal

from pydantic import Field, model_validator

from thidua.contracts.organisation import RatingLevel
from thidua_awards.law.limits import Share
from thidua_awards.law.rules import DisciplineForm, Law, Mark, Regime, Rule, TrainingResult, UsableTerm

ABOUT: Final = ("regime", "key", "document", "reason")
SPAN: Final = ("valid_from", "valid_to")
DAY: Final = timedelta(days=1)


class Override(Law):
    """A local value of one rule; `document` is the text that sets it, `reason` why it holds here.

    `valid_from` and `valid_to`, both included: without them it holds as long as the rule it changes. As for the law
    itself, the last day of the achievement year tells which value judges it.
    """

    regime: str
    key: str
    document: str = Field(min_length=3)
    reason: str = Field(min_length=3)
    valid_from: date | None = None
    valid_to: date | None = None

    share: Share | None = None
    min_one: bool | None = None
    months_at_least: int | None = Field(None, ge=0, le=12)
    years_after: int | None = Field(None, ge=0, le=10)
    years_at_least: int | None = Field(None, ge=1, le=30)
    usable_years: int | None = Field(None, ge=1, le=30)
    initiatives_at_least: int | None = Field(None, ge=1, le=30)
    working_days: int | None = Field(None, ge=1, le=60)
    rating_at_least: RatingLevel | None = None
    discipline_from: DisciplineForm | None = None
    training_result: TrainingResult | None = None
    decided_by: Literal["received_on", "proposed_on"] | None = None
    refused_pairs: tuple[Annotated[str, Field(pattern=r"^[A-Z0-9]+>[A-Z0-9]+$")], ...] | None = None

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Override:
        if (self.valid_from or date.min) > (self.valid_to or date.max):
            raise ValueError("valid_to is before valid_from")
        return self


def apply(regimes: Iterable[Regime], overrides: Iterable[Override]) -> tuple[Regime, ...]:
    """Return the regimes with local values in force.

    Raises ValueError naming every local value for a rule that does not exist, on days on which the rule or another
    local value of it does not stand alone, or for a figure that was read in the law itself: there, only a lower quota,
    `min_one`, pairs of awards that share no achievement, and how long an influence may be used are local.
    """
    every = {regime.code: regime for regime in regimes}
    wrong: list[str] = []
    for one in overrides:
        regime = every.get(one.regime)
        touched = [rule for rule in regime.rules if rule.key == one.key and _meets(rule, one)] if regime else []
        problem = _problem(one, regime, touched)
        if problem or regime is None:
            wrong.append(problem)
            continue
        pieces = (piece for rule in regime.rules for piece in (_pieces(rule, one) if rule in touched else (rule,)))
        every[one.regime] = regime.with_rules(pieces)
    if wrong:
        raise ValueError("; ".join(wrong))
    return tuple(every.values())


def _meets(rule: Rule, local: Override) -> bool:
    last, local_last = rule.valid_to or date.max, local.valid_to or date.max
    return max(rule.valid_from, local.valid_from or date.min) <= min(last, local_last)


def _problem(local: Override, regime: Regime | None, touched: list[Rule]) -> str:
    """Return why a local value cannot be put over these rules, "" where it can."""
    if regime is None or all(rule.key != local.key for rule in regime.rules):
        return f"regime {local.regime} has no rule {local.key}"
    if not touched:
        return f"{local.key} of {local.regime} is not in force from {local.valid_from} to {local.valid_to or 'now'}"
    if any(rule.mark is Mark.LOCAL for rule in touched):
        return f"{local.key} of {local.regime} has two local values for the same days"
    if not all(_may_be_local(rule, _figures(local)) for rule in touched if rule.mark.binds):
        allowed = "a lower quota, min_one, refused_pairs or usable_years"
        return f"{local.key} of {local.regime} was read in the law; only {allowed} is local"
    return ""


def _figures(local: Override) -> dict[str, Any]:
    return {name: value for name, value in local if value is not None and name not in (*ABOUT, *SPAN)}


def _pieces(rule: Rule, local: Override) -> Iterable[Rule]:
    """Yield a rule as it was before a local value, with it, and after it."""
    first, last = max(rule.valid_from, local.valid_from or rule.valid_from), rule.valid_to
    if first > rule.valid_from:
        yield rule.model_copy(update={"valid_to": first - DAY})
    if local.valid_to is not None and (last is None or local.valid_to < last):
        last = local.valid_to
        yield rule.model_copy(update={"valid_from": last + DAY})
    yield _overridden(rule, local).model_copy(update={"valid_from": first, "valid_to": last})


def _overridden(rule: Rule, local: Override) -> Rule:
    figures = _figures(local)
    note = f"{local.reason} ({local.document})."
    if "share" in figures:
        figures["applies"] = True
    if "usable_years" in figures:
        own = {"clause": local.document, "source": local.document, "mark": Mark.LOCAL}
        figures["usable"] = UsableTerm(years=figures.pop("usable_years"), **own)
    return rule.model_copy(update={**figures, "mark": Mark.LOCAL, "note": note, "source": local.document})


def _may_be_local(rule: Rule, figures: dict[str, Any]) -> bool:
    if set(figures) - {"share", "min_one", "refused_pairs", "usable_years"}:
        return False
    if "usable_years" in figures and not rule.key.endswith(".influence"):
        return False
    share = figures.get("share")
    if not isinstance(share, Share):
        return True
    cap = rule.share.at_most if rule.share else None
    return cap is not None and share.at_most is not None and share.at_most <= cap
