"""The review of one deciding unit: every subject, every title, then the quota."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from thidua.contracts.judgement import Finding, QuotaPlace, Verdict
from thidua_awards.domain.conditions import CHOSEN_AMONG, QUOTAS, REVIEWED, Shared, findings_under, verdict_of
from thidua_awards.domain.quotas import QuotaGroup, quota_place, within_quota
from thidua_awards.domain.records import Case, PersonCase
from thidua_awards.domain.transition import judged
from thidua_awards.law import Regime, Rule, review_date


@dataclass(frozen=True, slots=True)
class Candidate:
    """A subject with the titles it is to be reviewed for; `case.title` is filled in per title."""

    case: Case
    titles: frozenset[str]


@dataclass(frozen=True, slots=True)
class Reviewed:
    """The outcome for one subject and title; `findings` end with the quota where the title has one."""

    case: Case
    findings: tuple[Finding, ...]
    verdict: Verdict
    first_unmet: str
    quota: QuotaPlace | None = None
    regime: Regime | None = None


def review(
    candidates: Iterable[Candidate],
    regime: Regime,
    ldtt_awarded: Mapping[str, int],
    regimes: Sequence[Regime] = (),
) -> tuple[Reviewed, ...]:
    """Review candidates against the regime of their year; `ldtt_awarded`: deciding unit → LĐTT by decisions in force.

    A unit without any decision on LĐTT is absent from `ldtt_awarded`, not 0. `regimes`: all there are, for dossiers
    whose dates lie in two of them.
    """
    outcomes = assess(candidates, regime, regimes)
    return placed(outcomes, quota_groups(outcomes, ldtt_awarded), regime)


def assess(candidates: Iterable[Candidate], regime: Regime, regimes: Sequence[Regime] = ()) -> tuple[Reviewed, ...]:
    """Review candidates without quotas, which alone need to know of others."""
    return tuple(one for candidate in candidates for one in _titles_of(candidate, regime, regimes))


def _titles_of(candidate: Candidate, regime: Regime, regimes: Sequence[Regime]) -> Iterable[Reviewed]:
    needed = candidate.titles | {CHOSEN_AMONG[title] for title in candidate.titles & CHOSEN_AMONG.keys()}
    verdicts: dict[str, Verdict] = {}
    shared: dict[str, Shared] = {}
    for title in REVIEWED:
        if title not in needed:
            continue
        case = candidate.case.for_title(title, verdicts)
        under = judged(case, regime, regimes)
        findings = findings_under(case, under, shared.setdefault(under.regime.code, {}))
        verdict, first = verdict_of(findings)
        verdicts[title] = verdict
        if title in candidate.titles:
            yield Reviewed(case, findings, verdict, first, regime=under.regime)
            for matter in candidate.case.later.get(title, ()):
                yield _of_matter(candidate.case.for_matter(title, matter, verdicts), regime, regimes)


def _of_matter(case: Case, regime: Regime, regimes: Sequence[Regime]) -> Reviewed:
    # Nothing is shared with the other titles: what was achieved is something else.
    under = judged(case, regime, regimes)
    findings = findings_under(case, under)
    return Reviewed(case, findings, *verdict_of(findings), regime=under.regime)


Groups = Mapping[tuple[str, str], QuotaGroup]
"""Who is in the running, by title with a quota and deciding unit."""


def placed(outcomes: Iterable[Reviewed], groups: Groups, regime: Regime) -> tuple[Reviewed, ...]:
    """Return outcomes with the quota of their group, under the regime that judged each of them."""
    return tuple(_placed(one, groups, one.regime or regime) for one in outcomes)


def _placed(one: Reviewed, groups: Groups, regime: Regime) -> Reviewed:
    rule = quota_rule(one.case.title, one.case.year, regime)
    if rule is None:
        return one
    found = with_quota(one.findings, groups[one.case.title, one.case.group], rule)
    return replace(
        one, findings=found.findings, verdict=found.verdict, first_unmet=found.first_unmet, quota=found.quota
    )


def quota_rule(title: str, year: int, regime: Regime) -> Rule | None:
    """Return the rule that limits a title in number, or None where none does."""
    key = QUOTAS.get(title)
    return regime.rule(key, regime.nearest(review_date(year))) if key else None


@dataclass(frozen=True, slots=True)
class Placed:
    """Findings that end with the quota, what they come to, and the place itself."""

    findings: tuple[Finding, ...]
    verdict: Verdict
    first_unmet: str
    quota: QuotaPlace | None


def with_quota(findings: Iterable[Finding], group: QuotaGroup, rule: Rule) -> Placed:
    """Put the quota behind findings; one that stood there before is replaced."""
    place = quota_place(group, rule)
    found = (*(one for one in findings if one.key != rule.key), within_quota(group, place, rule))
    verdict, first = verdict_of(found)
    return Placed(found, verdict, first, place)


def quota_groups(outcomes: Iterable[Reviewed], ldtt_awarded: Mapping[str, int]) -> dict[tuple[str, str], QuotaGroup]:
    """Count, per title with a quota and deciding unit, who is eligible and who still waits."""
    eligible: Counter[tuple[str, str]] = Counter()
    waiting: Counter[tuple[str, str]] = Counter()
    for one in outcomes:
        if one.case.title in QUOTAS and not one.case.matter:
            place = (one.case.title, one.case.group)
            eligible[place] += one.verdict is Verdict.ELIGIBLE
            waiting[place] += one.verdict in (Verdict.PERSON, Verdict.NO_DATA)
    return {
        place: QuotaGroup(place[1], ldtt_awarded.get(place[1]), eligible[place], waiting[place]) for place in eligible
    }


def is_person(case: Case) -> bool:
    """Whether the subject is an individual."""
    return isinstance(case, PersonCase)
