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
from thidua_awards.law import Regime, Rule


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
    outcomes = [one for candidate in candidates for one in _titles_of(candidate, regime, regimes)]
    return tuple(_with_quotas(outcomes, regime, ldtt_awarded))


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


def _with_quotas(outcomes: Sequence[Reviewed], regime: Regime, ldtt_awarded: Mapping[str, int]) -> Iterable[Reviewed]:
    groups = quota_groups(outcomes, ldtt_awarded)
    for one in outcomes:
        key = QUOTAS.get(one.case.title)
        rule = regime.rule(key, one.case.review_date) if key else None
        yield one if rule is None else _placed(one, rule, groups[one.case.title, one.case.group])


def quota_groups(outcomes: Iterable[Reviewed], ldtt_awarded: Mapping[str, int]) -> dict[tuple[str, str], QuotaGroup]:
    """Count, per title with a quota and deciding unit, who is eligible and who still waits."""
    eligible: Counter[tuple[str, str]] = Counter()
    waiting: Counter[tuple[str, str]] = Counter()
    for one in outcomes:
        if one.case.title in QUOTAS:
            place = (one.case.title, one.case.group)
            eligible[place] += one.verdict is Verdict.ELIGIBLE
            waiting[place] += one.verdict in (Verdict.PERSON, Verdict.NO_DATA)
    return {
        place: QuotaGroup(place[1], ldtt_awarded.get(place[1]), eligible[place], waiting[place]) for place in eligible
    }


def _placed(one: Reviewed, rule: Rule, group: QuotaGroup) -> Reviewed:
    place = quota_place(group, rule)
    findings = (*one.findings, within_quota(group, place, rule))
    verdict, first = verdict_of(findings)
    return replace(one, findings=findings, verdict=verdict, first_unmet=first, quota=place)


def is_person(case: Case) -> bool:
    """Whether the subject is an individual."""
    return isinstance(case, PersonCase)
