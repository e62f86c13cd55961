"""What a criteria set reads, as tags: who must be scored again after an event follows from these."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from thidua.criteria import CriteriaSet
from thidua.criteria.compiled import Node
from thidua.criteria.declarations import CaseFeed, DocumentFact, FactInput, HavingBand, Members
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

WHOLE: Final = "whole:"
WHOLE_PEERS: Final = f"{WHOLE}peers"
PEERS_MONTHS: Final = "peers_months"
"""Prefix of parts that code sees as they are, beyond what is counted of them; and the months of peers."""

_PARTS: Final = {
    "registrations": REGISTRATIONS,
    "initiatives": INITIATIVES,
    "months": MONTHS,
    "members": MEMBERS,
    "decisions": DECISIONS,
}

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
    inputs = frozenset(_of_inputs(criteria_set))
    reads_months = f"{WHOLE}months" in inputs or any(_FEEDS.get(str(feed)) == MONTHS for feed in feeds)
    return frozenset((*inputs, *_of_rules(criteria_set), *parts, *boundary_tags(criteria_set, reads_months)))


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
        elif isinstance(declared, CaseFeed):
            yield from _of_case(declared)
        else:
            tag = _FEEDS.get(str(getattr(declared, "feed", "")))
            if tag:
                yield tag


def _of_case(declared: CaseFeed) -> Iterator[str]:
    for part in declared.parts:
        yield f"{WHOLE}{part}"
        if part in _PARTS:
            yield _PARTS[part]
    if "peers" in declared.parts:
        yield from (f"{PEER}{name}" for name in declared.facts or ())
        if "months" in declared.parts:
            yield PEERS_MONTHS


def _of_rules(criteria_set: CriteriaSet) -> Iterator[str]:
    rules = criteria_set.rules(criteria_set.manifest.valid.first)
    waiting: list[Node] = [*rules.criteria, *rules.adjustments]
    for node in waiting:
        waiting += node.parts
        if isinstance(node.rule, TargetRule):
            yield f"{PEER}{node.rule.actual}"
            yield f"{PEER}{node.rule.target}"
            asked = {name for condition in node.of_peers for name in condition.names()}
            yield from (f"{PEER}{name}" for name in asked & set(rules.inputs))
