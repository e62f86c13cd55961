"""The table of rule kinds, `kind@version`; a kind that is not in it is refused when a set is loaded."""

from __future__ import annotations

from types import MappingProxyType
from typing import Annotated, Any, Final

from pydantic import Discriminator, Tag

from thidua.criteria.kinds import code, counted, rates, stated, target
from thidua.criteria.kinds.base import Kind
from thidua.criteria.kinds.code import CodeRule
from thidua.criteria.kinds.counted import PerCaseRule, WorkItemsRule
from thidua.criteria.kinds.rates import MonthsRule, RatioRule, StepsRule
from thidua.criteria.kinds.stated import DocumentsRule, MarkRule, ThresholdRule, YesNoRule
from thidua.criteria.kinds.target import TargetRule

_ALL: tuple[Kind, ...] = (*stated.KINDS, *rates.KINDS, *counted.KINDS, *target.KINDS, *code.KINDS)
KINDS: Final = MappingProxyType({kind.name: kind for kind in _ALL})


def full_name(written: str) -> str:
    """Return the versioned name: `ratio` means `ratio@1`."""
    return written if "@" in written else f"{written}@1"


def kind_of(written: str) -> Kind:
    """Return the kind a rule names. Raises KeyError if there is none."""
    return KINDS[full_name(written)]


def _tag(written: Any) -> str | None:
    kind = written.get("kind") if isinstance(written, dict) else getattr(written, "kind", None)
    return full_name(kind) if isinstance(kind, str) else None


Rule = Annotated[
    Annotated[YesNoRule, Tag("yes_no@1")]
    | Annotated[DocumentsRule, Tag("documents@1")]
    | Annotated[ThresholdRule, Tag("threshold@1")]
    | Annotated[RatioRule, Tag("ratio@1")]
    | Annotated[MonthsRule, Tag("months@1")]
    | Annotated[StepsRule, Tag("steps@1")]
    | Annotated[TargetRule, Tag("target@1")]
    | Annotated[PerCaseRule, Tag("per_case@1")]
    | Annotated[WorkItemsRule, Tag("work_items@1")]
    | Annotated[MarkRule, Tag("mark@1")]
    | Annotated[CodeRule, Tag("rule@1")],
    Discriminator(_tag),
]
"""A rule of any kind."""
