"""Law as dated data with a source: regimes, titles, rules, limits."""

from thidua_awards.law.library import (
    basis_of,
    condition_names,
    in_force_on,
    local_values,
    read_regime,
    regime_of,
    regimes,
    review_date,
)
from thidua_awards.law.limits import Share, decimal_text, percent_of, share_text
from thidua_awards.law.rules import DisciplineForm, Mark, Regime, Rule, TitleLabel, TrainingResult

__all__ = [
    "DisciplineForm",
    "Mark",
    "Regime",
    "Rule",
    "Share",
    "TitleLabel",
    "TrainingResult",
    "basis_of",
    "condition_names",
    "decimal_text",
    "in_force_on",
    "local_values",
    "percent_of",
    "read_regime",
    "regime_of",
    "regimes",
    "review_date",
    "share_text",
]  # fmt: skip
