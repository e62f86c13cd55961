"""What a criteria set reads, as tags: who must be scored again after an event follows from these."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from thidua.criteria import CriteriaSet
from thidua.criteria.compiled import Node
from thidua.criteria.declarations import DocumentFact, FactInput, HavingBand, Members
from thidua.criteria.kinds.target import TargetRule
from thidua_scoring.domain.boundaries import boundary_tags

MONTHS: Final = "months"
REGISTRATIONS: Final = "registrations"
INITIATIVES: Final = "initiatives"
MEMBERS: Final = "members"
TITLES: Final = "titles"
DECISIONS: Final = "decisions"
DISCIPLINE: Final = "discipline"
PARTS: Final = "parts"
FACT: Final = "fact:"
PEER: Final = "peer:"
DOCUMENT: Final = "document:"
BAND: Final = "band:"
"""Prefixes of facts, peers' facts, facts that are documents, and sets whose bands members are counted by."""

_FEEDS: Final = {
    "registered": REGISTRATIONS,
    "month_results": MONTHS,
    "completed_tasks": MONTHS,
    "overdue_open": MONTHS,
    "work_items": MONTHS,
    "initiatives": INITIATIVES,
    "decisions": DECISIONS,
    "discipline": DISCIPLINE,
}


def reads_of(criteria_set: CriteriaSet) -> frozenset[str]:
    """Return the tags of everything the set reads; discipline is in no stream, so no event moves its readers."""
    parts = (PARTS,) if criteria_set.manifest.period.year else ()
    feeds = {getattr(declared, "feed", "") for declared in criteria_set.manifest.inputs.values()}
    days = boundary_tags(criteria_set, any(_FEEDS.get(str(feed)) == MONTHS for feed in feeds))
    return frozenset((*_of_inputs(criteria_set), *_of_rules(criteria_set), *parts, *days))


@lru_cache(maxsize=64)
def fact_names(reads: frozenset[str], prefix: str = FACT) -> frozenset[str]:
    """Return the names of the facts (or, with PEER, of the peers' facts) among the tags."""
    return frozenset(tag.removeprefix(prefix) for tag in reads if tag.startswith(prefix))


def _of_inputs(criteria_set: CriteriaSet) -> Iterator[str]:
    for name, declared in criteria_set.manifest.inputs.items():
        if isinstance(declared, FactInput):
            yield f"{FACT}{name}"
            if isinstance(declared, DocumentFact):
                yield f"{DOCUMENT}{name}"
            # "No entry means none" holds only once the month was reported.
            if declared.absent == "zero_when_reported":
                yield MONTHS
        elif isinstance(declared, Members):
            yield MEMBERS
            yield f"{BAND}{declared.having.set}" if isinstance(declared.having, HavingBand) else TITLES
        else:
            tag = _FEEDS.get(str(getattr(declared, "feed", "")))
            if tag:
                yield tag


def _of_rules(criteria_set: CriteriaSet) -> Iterator[str]:
    rules = criteria_set.rules(criteria_set.manifest.valid.first)
    waiting: list[Node] = [*rules.criteria, *(node for _, node in rules.adjustments)]
    for node in waiting:
        waiting += node.parts
        if isinstance(node.rule, TargetRule):
            yield f"{PEER}{node.rule.actual}"
            yield f"{PEER}{node.rule.target}"
