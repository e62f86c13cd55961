"""Local values for what the sources leave open, each with the document it comes from."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Final, Literal

from pydantic import Field

from thidua.contracts.organisation import RatingLevel
from thidua_awards.law.limits import Share
from thidua_awards.law.rules import DisciplineForm, Law, Mark, Regime, Rule, TrainingResult

ABOUT: Final = ("regime", "key", "document", "reason")


class Override(Law):
    """A local value of one rule; `document` is the text that sets it, `reason` why it holds here."""

    regime: str
    key: str
    document: str = Field(min_length=3)
    reason: str = Field(min_length=3)

    share: Share | None = None
    min_one: bool | None = None
    months_at_least: int | None = Field(None, ge=0, le=12)
    years_after: int | None = Field(None, ge=0, le=10)
    years_at_least: int | None = Field(None, ge=1, le=30)
    initiatives_at_least: int | None = Field(None, ge=1, le=30)
    working_days: int | None = Field(None, ge=1, le=60)
    rating_at_least: RatingLevel | None = None
    discipline_from: DisciplineForm | None = None
    training_result: TrainingResult | None = None
    decided_by: Literal["received_on", "proposed_on"] | None = None
    refused_pairs: tuple[Annotated[str, Field(pattern=r"^[A-Z0-9]+>[A-Z0-9]+$")], ...] | None = None


def apply(regimes: Iterable[Regime], overrides: Iterable[Override]) -> tuple[Regime, ...]:
    """Return the regimes with local values in force.

    Raises ValueError for a rule that does not exist, and for changing a figure that was read in the law itself:
    there, only a lower quota, `min_one` and pairs of awards that share no achievement are local.
    """
    wanted = tuple(overrides)
    every = tuple(regimes)
    known = {(regime.code, rule.key) for regime in every for rule in regime.rules}
    for one in wanted:
        if (one.regime, one.key) not in known:
            raise ValueError(f"regime {one.regime} has no rule {one.key}")
    return tuple(_with_local_values(regime, wanted) for regime in every)


def _with_local_values(regime: Regime, overrides: tuple[Override, ...]) -> Regime:
    by_key = {one.key: one for one in overrides if one.regime == regime.code}
    return regime.with_rules(
        _overridden(rule, by_key[rule.key]) if rule.key in by_key else rule for rule in regime.rules
    )


def _overridden(rule: Rule, local: Override) -> Rule:
    figures = {name: value for name, value in local if value is not None and name not in ABOUT}
    if rule.mark.binds and not _may_be_local(rule, figures):
        allowed = "a lower quota, min_one or refused_pairs"
        raise ValueError(f"{rule.key} of {local.regime} was read in the law; only {allowed} is local")
    note = f"{local.reason} ({local.document})."
    if "share" in figures:
        figures["applies"] = True
    return rule.model_copy(update={**figures, "mark": Mark.LOCAL, "note": note, "source": local.document})


def _may_be_local(rule: Rule, figures: dict[str, object]) -> bool:
    if set(figures) - {"share", "min_one", "refused_pairs"}:
        return False
    share = figures.get("share")
    if not isinstance(share, Share):
        return True
    cap = rule.share.at_most if rule.share else None
    return cap is not None and share.at_most is not None and share.at_most <= cap
