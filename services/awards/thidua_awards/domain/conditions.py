"""Which title asks for what, and how findings become a verdict."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, Final

from thidua.contracts.judgement import Finding, FindingStatus, Verdict
from thidua_awards.domain import collectives, commendations, common, fighters, individuals, uses
from thidua_awards.domain.answers import stands
from thidua_awards.domain.findings import conclude, day_text, not_applicable, person
from thidua_awards.domain.records import Case, Confirmation
from thidua_awards.domain.transition import Judged, softened
from thidua_awards.law import Mark, Regime, Rule

Check = Callable[[Any, Rule], Finding]

COMMON: Final[Mapping[str, Check]] = {
    "g.registered": common.registered,
    "g.hold": common.on_hold,
    "g.discipline_period": common.discipline_period,
    "g.route": common.route,
    "g.once": common.once,
    "g.head": common.head,
}
FORM: Final[Mapping[str, Check]] = {**COMMON, "g.registered": common.title_only, "g.thematic": common.thematic}
BLOCK_OF_THREE: Final[Mapping[str, Check]] = {
    **COMMON,
    "cstdb.three": fighters.three_in_a_row,
    "cstdb.timing": fighters.timing_of_third,
    "cstdb.influence": fighters.influence,
    "cstdb.vote": fighters.vote,
    "cstdb.quota": fighters.local_quota,
}
FLAG: Final[Mapping[str, Check]] = {
    **COMMON,
    "ctdb.targets": collectives.targets,
    "ctdb.cluster": collectives.best_of_cluster,
    "ctdb.number": collectives.number_of_flags,
}
ORDER: Final[Mapping[str, Check]] = {
    **FORM,
    "hcld3.notice": fighters.notice,
    "hcld3.hiepy": commendations.stated,
}
"""What every class of the order asks for; the keys bear the name of the first one reviewed."""

CONDITIONS: Final[Mapping[str, Mapping[str, Check]]] = {
    "LDTT": {
        **COMMON,
        "ldtt.rating": individuals.rating,
        "ldtt.recruited": individuals.recruited,
        "ldtt.discipline": individuals.discipline,
        "ldtt.absence": individuals.absence,
        "ldtt.transfer": individuals.transfer,
        "ldtt.conduct": individuals.judged_by_people,
    },
    "CSTDCS": {
        **COMMON,
        "cstdcs.ldtt": individuals.holds_ldtt,
        "cstdcs.merit": individuals.merit,
    },
    "TTLDTT": {
        **COMMON,
        "ttldtt.plan": collectives.plan,
        "ttldtt.movement": individuals.judged_by_people,
        "ttldtt.share": collectives.share_of_ldtt,
        "ttldtt.discipline": collectives.discipline,
        "ttldtt.unity": individuals.judged_by_people,
    },
    "TTLDXS": {
        **COMMON,
        "ttldxs.base": collectives.holds_ttldtt,
        "ttldxs.excellent": individuals.rating,
        "ttldxs.all": collectives.all_complete,
        "ttldxs.share": collectives.share_of_ldtt,
        "ttldxs.cstdcs": collectives.has_cstdcs,
        "ttldxs.discipline": collectives.discipline,
        "ttldxs.quota": fighters.local_quota,
    },
    "CSTDB": BLOCK_OF_THREE,
    "CSTDT": BLOCK_OF_THREE,
    "CSTDTQ": {
        **COMMON,
        "cstdtq.two": fighters.two_blocks,
        "cstdtq.influence": fighters.influence,
        "cstdtq.timing": fighters.timing_of_second,
        "cstdtq.notice": fighters.notice,
        "cstdtq.vote": fighters.vote,
    },
    "CTDB": FLAG,
    "CTDT": FLAG,
    "CTDCP": {
        **COMMON,
        "ctdcp.first": collectives.best_of_cluster,
        "ctdcp.quota": collectives.quota_of_flags,
        "ctdcp.vote": fighters.vote,
    },
    "GK": {**FORM, "gk.merit": individuals.judged_by_people},
    "BKB": {
        **FORM,
        "bkb.movement": individuals.judged_by_people,
        "bkb.many": individuals.judged_by_people,
        "bkb.contribution": individuals.judged_by_people,
        "bkb.worker": individuals.judged_by_people,
        "bkb.years": commendations.two_years,
        "bkb.initiatives": commendations.two_works,
    },
    "BKT": {**FORM, "bkt.merit": individuals.judged_by_people},
    "BKTTG": {
        **FORM,
        "bkttg.years": commendations.years_after_award,
        "bkttg.other": individuals.judged_by_people,
    },
    "HCLD3": {
        **ORDER,
        "hcld3.years": commendations.years_after_award,
        "hcld3.service": individuals.judged_by_people,
    },
    "HCLD2": {**ORDER, "hcld2.years": commendations.years_after_award},
    "HCLD1": {**ORDER, "hcld1.years": commendations.years_after_award},
    "KNC": {
        **FORM,
        "knc.years": commendations.service_years,
        "knc.once": commendations.never_before,
        "knc.discipline": commendations.discipline_ever,
    },
}
"""Title → checks in the order of the page; a title's quota comes after all of its candidates are known."""


def titles_asking(ending: str) -> frozenset[str]:
    """Return the titles with a condition of this kind, by the last part of its key.

    >>> sorted(titles_asking(".notice"))
    ['CSTDTQ', 'HCLD1', 'HCLD2', 'HCLD3']
    """
    return frozenset(title for title, checks in CONDITIONS.items() if any(key.endswith(ending) for key in checks))


VOTED_ON: Final = titles_asking(".vote")
"""Titles whose review reads what the council voted."""

SHOWN_FIRST: Final = titles_asking(".notice")
"""Titles and forms whose review reads the public notice."""

ON_FLAGS: Final = frozenset({"CTDCP"})
"""Titles whose quota counts flags and firsts of all units."""

QUOTAS: Final[Mapping[str, str]] = {"CSTDCS": "cstdcs.quota"}
"""Titles with a quota, and the rule that gives it."""

OVER_YEARS: Final = frozenset({"CSTDB", "CSTDT", "CSTDTQ", "BKB", "BKTTG", "HCLD3", "HCLD2", "HCLD1", "KNC"})
"""Titles and forms that rest on earlier years, for which alone these are read."""

EVERY_DISCIPLINE: Final = frozenset({"KNC"})
"""Forms that look at every discipline ever recorded, not at those of the year alone."""

ROUTES: Final[Mapping[str, tuple[tuple[str, ...], ...]]] = {
    "BKB": (
        ("bkb.movement",),
        ("bkb.many",),
        ("bkb.contribution",),
        ("bkb.worker",),
        ("bkb.years", "bkb.initiatives"),
    ),
    "BKTTG": (("bkttg.years",), ("bkttg.other",)),
    "HCLD3": (("hcld3.years",), ("hcld3.service",)),
}
"""Forms with alternative routes: all checks of one route suffice, so a failed one refuses nobody by itself."""

CHOSEN_AMONG: Final[Mapping[str, str]] = {"CSTDCS": "LDTT", "TTLDXS": "TTLDTT"}
"""A title whose review reads the verdict of another title of the same subject."""

REVIEWED: Final = tuple(CONDITIONS)
"""Titles this release reviews, each after the one it is chosen among."""


SHARED: Final = frozenset({"g.hold", "g.discipline_period", "g.once", "g.head", "g.thematic"})
"""Conditions that look at the same for every title of one subject under one regime; what people answer may differ."""

Shared = dict[str, Finding]
"""Findings on the conditions of SHARED, kept from the first title of a subject to its last."""


@dataclass(frozen=True, slots=True)
class Line:
    """A condition of a title as it is checked: its rule, and the finding where that is the same for everybody."""

    key: str
    check: Check
    rule: Rule | None
    fixed: Finding | None


def findings_of(case: Case, regime: Regime, shared: Shared | None = None) -> tuple[Finding, ...]:
    """Check every condition of `case.title`; a failed check never hides the next."""
    kept = {} if shared is None else shared
    found = tuple(_checked(line, case, kept) for line in _plan(case.title, regime, case.review_date))
    return _with_second_uses(found, case, regime) if case.ledger else found


def _plan(title: str, regime: Regime, review_date: date) -> tuple[Line, ...]:
    # A review asks for the same rules for each of thousands; looked up once per title they cost nothing.
    return regime.once(title, review_date, lambda: tuple(_lines(title, regime, review_date)))


def _lines(title: str, regime: Regime, review_date: date) -> Iterator[Line]:
    day = regime.nearest(review_date)
    for key, check in CONDITIONS[title].items():
        yield _line(key, check, regime.rule(key, day), review_date)


def _line(key: str, check: Check, rule: Rule | None, day: date) -> Line:
    if rule is None:
        return Line(key, check, None, _unknown_rule(key, day))
    return Line(key, check, rule, None if rule.applies else not_applicable(rule, rule.note))


def findings_under(case: Case, judged: Judged, shared: Shared | None = None) -> tuple[Finding, ...]:
    """Check every condition under the regime that judges the case; while that is open, nothing is "chưa đạt"."""
    found = findings_of(case, judged.regime, shared)
    if judged.finding is None:
        return found
    return (judged.finding, *(map(softened, found) if judged.is_open else found))


def _with_second_uses(found: tuple[Finding, ...], case: Case, regime: Regime) -> tuple[Finding, ...]:
    """Put what was counted before in the place of "not used yet"; a person's answer stands over it as over others."""
    before = uses.earlier(case, uses.counted(case, found, regime).uses, case.ledger)
    rule = regime.rule("g.once", regime.nearest(case.review_date))
    if not before or rule is None or not rule.applies:
        return found
    shown = uses.second_use(case, rule, (*case.uses, *before))
    said = case.confirmations.get("g.once")
    if said is not None and any(use.dated and use.dated > said.dated for use in before):
        # Whoever answered knew nothing of what was decided after.
        note = f"Trả lời theo {said.document} ngày {day_text(said.dated)} có trước quyết định nêu trên."
        shown = shown.model_copy(update={"sentence": f"{shown.sentence} {note}"})
    else:
        shown = answered(shown, rule, said)
    return tuple(shown if one.key == "g.once" else one for one in found)


def _checked(line: Line, case: Case, kept: Shared) -> Finding:
    key, rule = line.key, line.rule
    if line.fixed is not None or rule is None:
        return line.fixed or _unknown_rule(key, case.review_date)
    finding = kept.get(key)
    if finding is None:
        finding = line.check(case, rule)
        if key in SHARED:
            kept[key] = finding
    if rule.asks_person and finding.status is FindingStatus.MET:
        finding = person(rule, f"{finding.sentence} {rule.note}")
    said = case.confirmations.get(key)
    if said is None or finding.status is not FindingStatus.PERSON:
        return finding
    return answered(finding, rule, said) if stands(key, said, case.title, case.year) else _open(finding, rule, said)


def _open(finding: Finding, rule: Rule, said: Confirmation) -> Finding:
    """Say why an answer that names no title leaves a question about this one open."""
    document = f"{said.document} ngày {day_text(said.dated)}"
    note = (
        f"Trả lời theo {document} không nêu danh hiệu, chỉ dùng cho danh hiệu do cơ sở quyết định; cần trả lời riêng."
    )
    return person(rule, f"{finding.sentence} {note}")


def _unknown_rule(key: str, on: date) -> Finding:
    sentence = f"Dữ liệu pháp luật không có quy định {key} cho ngày {day_text(on)}; cần người xem xét."
    return Finding(key=key, status=FindingStatus.PERSON, sentence=sentence, mark=Mark.NOT_FOUND.value)


def answered(finding: Finding, rule: Rule, confirmation: Confirmation | None) -> Finding:
    """Put a person's answer in place of "needs a person"; it answers nothing else, a hold least of all."""
    if confirmation is None or finding.status is not FindingStatus.PERSON or rule.key == "g.hold":
        return finding
    status = FindingStatus.MET if confirmation.answer else FindingStatus.NOT_MET
    words = "xác nhận đạt" if confirmation.answer else "xác nhận chưa đạt"
    document = f"{confirmation.document} ngày {day_text(confirmation.dated)}"
    return conclude(rule, status, f"{finding.sentence} {confirmation.by} {words} theo {document}.")


VERDICTS: Final = {
    FindingStatus.NOT_MET: (0, Verdict.NOT_MET),
    FindingStatus.NO_DATA: (1, Verdict.NO_DATA),
    FindingStatus.PERSON: (2, Verdict.PERSON),
    FindingStatus.UNKNOWN: (3, Verdict.PERSON),
}
"""The gravest finding decides, 0 being the gravest; what is not met stays so whatever data still comes."""


def verdict_of(findings: Sequence[Finding]) -> tuple[Verdict, str]:
    """Return the verdict and the sentence of the first finding that gives it; eligible has none."""
    beside = _beside(findings)
    gravest, verdict, sentence = len(VERDICTS), Verdict.ELIGIBLE, ""
    for finding in findings:
        found = VERDICTS.get(finding.status)
        if found is not None and found[0] < gravest and finding.key not in beside:
            (gravest, verdict), sentence = found, finding.sentence
    return verdict, sentence


BEST_FIRST: Final = (FindingStatus.MET, FindingStatus.PERSON, FindingStatus.UNKNOWN, FindingStatus.NO_DATA)
"""Which of several routes decides; a route that is closed or not reached comes last."""

FORMS_BY_ROUTE: Final = {routes[0][0]: form for form, routes in ROUTES.items()}
ON_A_ROUTE: Final = frozenset(key for routes in ROUTES.values() for route in routes for key in route)


def _beside(findings: Sequence[Finding]) -> frozenset[str]:
    """Return the keys that do not decide: those of every route but the most promising one."""
    on_routes = tuple((one.key, one.status) for one in findings if one.key in ON_A_ROUTE)
    return _less_promising(on_routes) if on_routes else frozenset()


def beside_a_met_route(findings: Sequence[Finding]) -> frozenset[str]:
    """Return the keys of the other routes where one route is met whole: nobody has to answer them any more."""
    beside = _beside(findings)
    deciding = [one.status for one in findings if one.key in ON_A_ROUTE and one.key not in beside]
    is_met = bool(deciding) and all(status is FindingStatus.MET for status in deciding)
    return beside if is_met else frozenset()


@lru_cache(maxsize=4096)
def _less_promising(found: tuple[tuple[str, FindingStatus], ...]) -> frozenset[str]:
    statuses = dict(found)
    form = next((FORMS_BY_ROUTE[key] for key in statuses if key in FORMS_BY_ROUTE), None)
    if form is None:
        return frozenset()
    best = min(ROUTES[form], key=lambda route: _distance([statuses[key] for key in route]))
    return frozenset(key for key in statuses if key not in best)


def _distance(route: Sequence[FindingStatus]) -> int:
    return max(BEST_FIRST.index(one) if one in BEST_FIRST else len(BEST_FIRST) for one in route)
