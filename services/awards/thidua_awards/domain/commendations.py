"""Conditions of commendation forms: bằng khen, huân chương, kỷ niệm chương."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from thidua.contracts.judgement import Finding
from thidua.contracts.organisation import RatingLevel
from thidua_awards.domain.common import ADMINISTRATIVE
from thidua_awards.domain.findings import met, no_data, not_applicable, not_met, person
from thidua_awards.domain.past import (
    below,
    held,
    knows_year,
    last_years,
    level_words,
    listed,
    rating_in,
    unrated,
    works_in,
    years_held,
)
from thidua_awards.domain.records import (
    DISCIPLINE_COMPLETE,
    DISCIPLINE_EVER,
    INITIATIVES_COMPLETE,
    Case,
    PersonCase,
    Use,
    Work,
)
from thidua_awards.law import Rule

UNKNOWN_YEARS: Final = "Chưa rõ quy định xét mấy năm, mấy sáng kiến."

AWARD_WORDS: Final = {
    "BKB": "bằng khen của Bộ trưởng",
    "BKT": "bằng khen của Chủ tịch Ủy ban nhân dân tỉnh",
    "BKTTG": "bằng khen của Thủ tướng Chính phủ",
    "HCLD3": "Huân chương Lao động hạng Ba",
    "HCLD2": "Huân chương Lao động hạng Nhì",
}


OF_PERSONS: Final = "Danh hiệu và sáng kiến mà khoản này nêu là của cá nhân; tập thể do người thẩm định xem xét."
"""What a collective cannot have must not tell against it."""


def two_years(case: Case, rule: Rule) -> Finding:
    """Check the route by years of Bằng khen của Bộ: CSTĐCS twice in a row, or excellent years in a row."""
    if rule.ministry_only and case.under_ministry is not True:
        return _not_of_the_ministry(case, rule)
    if rule.titles_at_least and not isinstance(case, PersonCase):
        return person(rule, OF_PERSONS)
    if rule.years_at_least is None:
        return person(rule, UNKNOWN_YEARS)
    years = last_years(case, rule.years_at_least)
    titles = years_held(case, "CSTDCS")
    if rule.titles_at_least and titles.issuperset(years):
        return met(rule, f"Đạt Chiến sĩ thi đua cơ sở các năm {listed(years)}.")
    low = below(case, years, RatingLevel.EXCELLENT)
    if not low and not unrated(case, years):
        return met(rule, f"Hoàn thành xuất sắc nhiệm vụ các năm {listed(years)}.")
    if rule.titles_at_least and len(titles) >= rule.titles_at_least:
        return person(rule, f"Đạt Chiến sĩ thi đua cơ sở năm {listed(titles)}, không phải {len(years)} năm liền kề.")
    return _years_short(case, rule, years, low)


def _not_of_the_ministry(case: Case, rule: Rule) -> Finding:
    if case.under_ministry is None:
        return person(rule, "Chưa rõ đơn vị có thuộc, trực thuộc Bộ hay không.")
    return not_applicable(rule, "Con đường này chỉ mở cho đơn vị thuộc, trực thuộc Bộ.")


def _years_short(case: Case, rule: Rule, years: Sequence[int], low: Sequence[int]) -> Finding:
    open_years = unrated(case, years)
    if open_years and not low:
        return no_data(rule, f"Chưa có xếp loại năm {listed(open_years)}.")
    missing = [year for year in years if year not in years_held(case, "CSTDCS")]
    if rule.titles_at_least and not all(knows_year(case, year) for year in missing):
        return no_data(rule, f"Năm {listed(low)} dưới mức xuất sắc; chưa có dữ liệu danh hiệu năm {listed(missing)}.")
    return not_met(
        rule, f"Năm {listed(low)} dưới mức hoàn thành xuất sắc; chưa đủ {len(years)} năm Chiến sĩ thi đua cơ sở."
    )


def two_works(case: Case, rule: Rule) -> Finding:
    """Check two initiatives or two topics not already spent on CSTĐCS; a second use is shown and left to a person."""
    if rule.ministry_only and case.under_ministry is False:
        return _not_of_the_ministry(case, rule)
    wanted = rule.initiatives_at_least
    if wanted is None or rule.years_at_least is None:
        return person(rule, UNKNOWN_YEARS)
    found = works_in(case, last_years(case, rule.years_at_least))
    free = [one for one in found if not spent(case, one)]
    if any(sum(one.kind == kind for one in free) >= wanted for kind in {one.kind for one in free}):
        return met(rule, f"{len(free)} sáng kiến, đề tài được công nhận, chưa dùng cho danh hiệu nào.")
    if len(free) >= wanted:
        return person(rule, f"Có cả sáng kiến và đề tài; quy định nêu {wanted} sáng kiến hoặc {wanted} đề tài.")
    used = "; ".join(f"“{one.title}” đã dùng cho {_use_words(case, one)}" for one in found if spent(case, one))
    return person(rule, f"{len(free)}/{wanted} sáng kiến, đề tài chưa dùng{f'; {used}' if used else ''}.")


def counted_works(case: Case, wanted: int, years: Sequence[int]) -> tuple[Work, ...]:
    """Return the works a form counts by its route of years: as many as the law asks for, unspent ones first."""
    return tuple(sorted(works_in(case, years), key=lambda one: (bool(spent(case, one)), one.year))[:wanted])


def spent(case: Case, work: Work) -> tuple[Use, ...]:
    """Return the uses of a work for CSTĐCS by the initiative route, by the ledger or by the route recorded."""
    ledger = [use for use in work.uses if use.code == "CSTDCS" and use.route != "excellent"]
    by_route = (one for one in held(case, "CSTDCS") if one.route == "initiative" and one.year == work.year)
    return tuple(ledger) or tuple(Use(one.code, one.year, one.decision, one.route) for one in by_route)


def _use_words(case: Case, work: Work) -> str:
    first = spent(case, work)[0]
    return f"Chiến sĩ thi đua cơ sở năm {first.year} (quyết định {first.decision or 'chưa ghi số'})"


def years_after_award(case: Case, rule: Rule) -> Finding:
    """Check the route by years of Bằng khen của Thủ tướng and Huân chương: a commendation and years of merit."""
    if (rule.titles_at_least or rule.initiatives_at_least) and not isinstance(case, PersonCase):
        return person(rule, OF_PERSONS)
    if rule.years_at_least is None:
        return person(rule, UNKNOWN_YEARS)
    years = last_years(case, rule.years_at_least)
    named = " hoặc ".join(AWARD_WORDS[code] for code in rule.awards)
    before = [one for one in held(case, *rule.awards) if not rule.after_award or one.year < years[0]]
    if not before:
        return _without_award(case, rule, named, years)
    wanted = rule.rating_at_least or RatingLevel.GOOD
    low, open_years = below(case, years, wanted), unrated(case, years)
    if low:
        return not_met(rule, f"Năm {listed(low)} dưới mức {level_words(wanted)}; yêu cầu {len(years)} năm liên tục.")
    if open_years:
        return no_data(rule, f"Chưa có xếp loại năm {listed(open_years)}.")
    short = _too_few_excellent(case, rule, years) or _too_few_titles(case, rule, years)
    short = short or _too_few_works(case, rule, years)
    words = f"Có {named} năm {before[-1].year}; {years[0]}–{years[-1]} đều từ mức {level_words(wanted)}"
    return short or met(rule, f"{words}.")


def _without_award(case: Case, rule: Rule, named: str, years: Sequence[int]) -> Finding:
    later = held(case, *rule.awards)
    if later:
        after = f"mới có {case.year - later[0].year} năm sau {named} năm {later[0].year}"
        return not_met(rule, f"{after[0].upper()}{after[1:]}; yêu cầu {len(years)} năm liên tục tiếp theo.")
    sentence = f"Chưa ghi nhận {named}."
    return not_met(rule, sentence) if _whole_history(case) else no_data(rule, sentence)


def _whole_history(case: Case) -> bool:
    return case.declared("history.complete")


def _too_few_excellent(case: Case, rule: Rule, years: Sequence[int]) -> Finding | None:
    have = sum(rating_in(case, year) is RatingLevel.EXCELLENT for year in years)
    if rule.excellent_years is None or have >= rule.excellent_years:
        return None
    return not_met(rule, f"{have} năm hoàn thành xuất sắc nhiệm vụ; yêu cầu từ {rule.excellent_years} năm.")


def _too_few_titles(case: Case, rule: Rule, years: Sequence[int]) -> Finding | None:
    have = years_held(case, "CSTDCS").intersection(years)
    if rule.titles_at_least is None or len(have) >= rule.titles_at_least:
        return None
    sentence = f"{len(have)} lần Chiến sĩ thi đua cơ sở trong {years[0]}–{years[-1]}; yêu cầu {rule.titles_at_least}."
    known = all(knows_year(case, year) for year in years if year not in have)
    return not_met(rule, sentence) if known else no_data(rule, sentence)


def _too_few_works(case: Case, rule: Rule, years: Sequence[int]) -> Finding | None:
    found = works_in(case, years)
    if "BKTTG" in rule.awards:
        found = tuple(one for one in found if one.scope in ("bo", "toan_quoc") and one.scope_decision)
    if rule.initiatives_at_least is None or len(found) >= rule.initiatives_at_least:
        return None
    sentence = f"{len(found)} sáng kiến trong {years[0]}–{years[-1]}; yêu cầu {rule.initiatives_at_least}."
    return not_met(rule, sentence) if case.declared(INITIATIVES_COMPLETE) else no_data(rule, sentence)


def stated(case: Case, rule: Rule) -> Finding:
    """Check what only a document says; without one there is no data."""
    found = case.confirmations.get(rule.key)
    if found is None:
        return no_data(rule, f"Chưa có văn bản. {rule.note or rule.clause}")
    words = "Đã có" if found.answer else "Không đồng ý theo"
    return (met if found.answer else not_met)(rule, f"{words} {found.document}.")


def service_years(case: PersonCase, rule: Rule) -> Finding:
    """Check years of service for the medal of the sector, by sex and by whether the person comes from outside."""
    found = case.service
    if found is None:
        return no_data(rule, "Chưa có thời gian công tác trong ngành.")
    wanted = rule.service_outside if found.outsider else rule.service
    if wanted is None:
        return person(rule, f"{found.years} năm công tác; chưa rõ số năm yêu cầu.")
    years, here = (wanted.women, wanted.women_here) if found.woman else (wanted.men, wanted.men_here)
    inside = f", trong ngành {found.years_here}/{here} năm" if here else ""
    enough = found.years >= years and found.years_here >= here
    return (met if enough else not_met)(rule, f"{found.years}/{years} năm công tác{inside}.")


def never_before(case: Case, rule: Rule) -> Finding:
    """Check that the medal was not given before; silence is enough, and the sentence says so."""
    before = [one for one in case.history if one.code == "KNC"]
    if before:
        return not_met(rule, f"Đã được tặng kỷ niệm chương năm {before[0].year} (quyết định {before[0].decision}).")
    return met(rule, "Chưa được tặng kỷ niệm chương, theo dữ liệu hiện có.")


def discipline_ever(case: Case, rule: Rule) -> Finding:
    """Check every discipline recorded against the form from which the medal is not given."""
    floor = rule.discipline_from
    heavy = [
        one for one in case.disciplines if one.form and one.kind == ADMINISTRATIVE
        and (floor is None or one.form.weight >= floor.weight)
    ]  # fmt: skip
    if heavy:
        names = ", ".join(one.form.label for one in heavy if one.form)
        return not_met(rule, f"Cá nhân bị kỷ luật: {names}.")
    if not case.declared(DISCIPLINE_EVER):
        only = f"chỉ có xác nhận cho năm {case.year}" if case.declared(DISCIPLINE_COMPLETE) else "chưa có xác nhận nào"
        return no_data(rule, f"Chưa có xác nhận về kỷ luật trong cả quá trình công tác ({only}).")
    return met(rule, f"Không bị kỷ luật từ mức bị loại (theo {case.confirmations[DISCIPLINE_EVER].document}).")
