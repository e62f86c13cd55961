"""What a criteria set owes, as one table: three tiers of rules, each with an address to read about it.

Bronze: it may be installed. Silver: who is scored can follow it. Gold: it stands before an inspector.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final, Literal, NamedTuple, get_args

from thidua.testkit import checks
from thidua.testkit.exam import Exam

Tier = Literal["none", "bronze", "silver", "gold"]
TIERS: Final = get_args(Tier)
"""From the lowest to the highest; a set has a tier if it keeps the rules of it and of all lower ones."""

ADDRESS: Final = "docs/conformance.md"


class TierRule(NamedTuple):
    """One rule: its key, its tier, and the check that lists what breaks it; the check's docstring is the promise."""

    key: str
    tier: Tier
    check: Callable[[Exam], list[str]]

    @property
    def promise(self) -> str:
        """What a set that keeps the rule promises."""
        return (self.check.__doc__ or "").strip()

    @property
    def address(self) -> str:
        """Where the rule is explained."""
        return f"{ADDRESS}#{self.key}"


RULES: Final = (
    TierRule("golden", "bronze", checks.golden),
    TierRule("deterministic", "bronze", checks.deterministic),
    TierRule("pure", "bronze", checks.pure),
    TierRule("bounded", "bronze", checks.bounded),
    TierRule("quick", "bronze", checks.quick),
    TierRule("explained", "silver", checks.explained),
    TierRule("in-vietnamese", "silver", checks.in_vietnamese),
    TierRule("missing-is-not-zero", "silver", checks.missing_is_not_zero),
    TierRule("better", "silver", checks.better),
    TierRule("covered", "silver", checks.covered),
    TierRule("covered-when-silent", "gold", checks.covered_when_silent),
    TierRule("settled", "gold", checks.settled),
    TierRule("due", "gold", checks.due),
)
"""The table; docs/conformance.md explains each row."""


def is_enough(tier: str, demanded: str) -> bool:
    """Whether a tier is the demanded one or a higher one; an unknown tier is none."""
    return tier in TIERS and TIERS.index(tier) >= TIERS.index(demanded)


def tier_reached(broken: Iterable[str]) -> Tier:
    """Return the highest tier none of whose rules, and none of the lower ones', is broken."""
    keys = set(broken)
    lost = {rule.tier for rule in RULES if rule.key in keys}
    reached: Tier = "none"
    for tier in TIERS[1:]:
        if tier in lost:
            break
        reached = tier
    return reached
