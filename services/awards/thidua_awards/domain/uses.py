"""What an award counts, and what was counted before: the ledger of initiatives, years of merit and deeds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from thidua.contracts.judgement import Finding, FindingStatus
from thidua_awards.domain import commendations, fighters, individuals
from thidua_awards.domain.common import name_of
from thidua_awards.domain.findings import not_met, person
from thidua_awards.domain.past import last_years
from thidua_awards.domain.records import Case, PersonCase, Use
from thidua_awards.law import Regime, Rule

INFLUENCES: Final = {"CSTDB": "cstdb.influence", "CSTDT": "cstdb.influence", "CSTDTQ": "cstdtq.influence"}
YEARS_OF: Final = {"BKB": "bkb.years", "BKTTG": "bkttg.years", "HCLD3": "hcld3.years"} | {
    code: f"{code.lower()}.years" for code in ("HCLD2", "HCLD1")
}
"""Forms that count years of merit by one of their routes."""

WORKS_OF: Final = {"BKB": "bkb.initiatives"}
"""Forms that ask for initiatives beside the years by a condition of its own, which says of how many."""


@dataclass(frozen=True, slots=True)
class Counted:
    """By which route a title is reached, and what is counted for it (see `Award.uses`)."""

    route: str | None = None
    uses: tuple[str, ...] = ()


NOTHING: Final = Counted()


def counted(case: Case, findings: Sequence[Finding], regime: Regime) -> Counted:
    """Return what `case.title` would count, by the findings of its review."""
    deed = (f"deed:{case.achievement}",) if case.achievement else ()
    day = regime.nearest(case.review_date)
    if case.title == "CSTDCS" and isinstance(case, PersonCase):
        return _of_merit(case, regime.rule("cstdcs.merit", day), deed)
    if case.title in INFLUENCES and isinstance(case, PersonCase):
        rule = regime.rule(INFLUENCES[case.title], day)
        works = fighters.influential(case, rule)[: (rule.initiatives_at_least if rule else None) or 1]
        return Counted(None, (*initiatives(one.id for one in works), *deed))
    if case.title in YEARS_OF:
        rule, works_rule = regime.rule(YEARS_OF[case.title], day), regime.rule(WORKS_OF.get(case.title, ""), day)
        wanted = next((one.initiatives_at_least for one in (rule, works_rule) if one and one.initiatives_at_least), 0)
        return _of_years(case, findings, rule, wanted, deed)
    return Counted(None, deed) if deed else NOTHING


def _of_merit(case: PersonCase, rule: Rule | None, deed: tuple[str, ...]) -> Counted:
    route, merits = individuals.merit_route(case, rule) if rule else ("", ())
    return Counted(route or None, (*initiatives(one.id for one in merits), *deed))


def _of_years(
    case: Case, findings: Sequence[Finding], rule: Rule | None, wanted: int, deed: tuple[str, ...]
) -> Counted:
    status = {one.key: one.status for one in findings}
    keys = [of[case.title] for of in (YEARS_OF, WORKS_OF) if case.title in of]
    is_reached = all(status.get(key) is FindingStatus.MET for key in keys)
    if rule is None or rule.years_at_least is None or not is_reached:
        return Counted(None, deed)
    years = last_years(case, rule.years_at_least)
    works = commendations.counted_works(case, wanted, years)
    return Counted("years", (*(f"year:{year}" for year in years), *initiatives(one.id for one in works), *deed))


def initiatives(ids: Iterable[str]) -> tuple[str, ...]:
    """Return how the ledger names initiatives; one without an id cannot be told from others and is left out."""
    return tuple(f"initiative:{id}" for id in ids if id)


def earlier(case: Case, uses: Iterable[str], ledger: Mapping[str, Sequence[Use]]) -> tuple[Use, ...]:
    """Return the awards in force that counted one of `uses` before, this very award left out.

    A later dossier is not decided yet while it is reviewed: what has its title is the award of an earlier one.
    """
    found = (use for name in uses for use in ledger.get(name, ()))
    own = None if case.matter else (case.title, case.year)
    return tuple(dict.fromkeys(use for use in found if (use.code, use.year) != own))


def second_use(case: Case, rule: Rule, found: Sequence[Use]) -> Finding:
    """Show earlier uses with their decisions; only a sourced rule for that pair of awards refuses."""
    words = "; ".join(_words(use) for use in found)
    refused = [use for use in found if f"{use.code}>{case.title}" in rule.refused_pairs]
    if refused:
        return not_met(rule, f"Thành tích đã dùng cho hình thức không được dùng lại: {words}. {rule.note}".rstrip())
    return person(rule, f"Thành tích đã được dùng: {words}.")


def _words(use: Use) -> str:
    decision = f", quyết định {use.decision}" if use.decision else ""
    return f"{name_of(use.code, use.year)} năm {use.year}{decision}{f' ({use.what})' if use.what else ''}"
