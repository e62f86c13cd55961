"""Conditions of Chiến sĩ thi đua cấp Bộ, cấp tỉnh and toàn quốc."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from thidua.contracts.judgement import Finding, FindingStatus, Verdict
from thidua_awards.domain.findings import conclude, day_text, met, no_data, not_met, person
from thidua_awards.domain.past import held, knows_year, last_years, listed, years_held
from thidua_awards.domain.records import INITIATIVES_COMPLETE, Case, Held, PersonCase, Work
from thidua_awards.law import Mark, Rule, share_text

UNKNOWN_BLOCK: Final = "Chưa rõ một lần Chiến sĩ thi đua cấp Bộ, tỉnh cần mấy năm Chiến sĩ thi đua cơ sở."

SCOPES: Final = {"CSTDB": ("bo", "toan_quoc"), "CSTDT": ("tinh", "toan_quoc"), "CSTDTQ": ("toan_quoc",)}
SCOPE_WORDS: Final = {"CSTDB": "trong Bộ", "CSTDT": "trong tỉnh", "CSTDTQ": "trong toàn quốc"}


def three_in_a_row(case: PersonCase, rule: Rule) -> Finding:
    """Check three consecutive years of CSTĐCS up to the year of the case, not counted for an earlier title."""
    block = rule.block_years
    if block is None:
        return person(rule, UNKNOWN_BLOCK)
    wanted = last_years(case, block)
    have = years_held(case, "CSTDCS")
    missing = [year for year in wanted if year not in have]
    if missing:
        return _missing_years(case, rule, missing)
    # A title of the province for this very year has used the same three years as well.
    others = (one for one in held(case, "CSTDB", "CSTDT") if (one.code, one.year) != (case.title, case.year))
    used = [one for one in others if 0 <= case.year - one.year < block]
    if used:
        named = "; ".join(f"năm {one.year} (quyết định {one.decision or 'chưa ghi số'})" for one in used)
        return person(rule, f"Có năm đã tính cho danh hiệu cấp Bộ, tỉnh {named}.")
    return met(rule, f"Đạt Chiến sĩ thi đua cơ sở liên tục các năm {listed(wanted)}.")


def _missing_years(case: PersonCase, rule: Rule, missing: list[int]) -> Finding:
    only_this = missing == [case.year]
    if only_this and case.verdicts.get("CSTDCS") is Verdict.ELIGIBLE:
        return no_data(rule, f"Năm {case.year} mới đủ điều kiện Chiến sĩ thi đua cơ sở, chưa có quyết định.")
    known = [year for year in missing if knows_year(case, year)]
    if case.history and known:
        return not_met(rule, f"Không liên tục: không có Chiến sĩ thi đua cơ sở năm {listed(known)}.")
    return no_data(rule, f"Chưa có dữ liệu Chiến sĩ thi đua cơ sở năm {listed(missing)}.")


def influence(case: PersonCase, rule: Rule) -> Finding:
    """Check that an initiative or topic has its scope recognised by the competent person for this title."""
    scopes, words = SCOPES[case.title], SCOPE_WORDS[case.title]
    known = [one for one in case.works if one.scope in scopes]
    shown, wanted = influential(case, rule), rule.initiatives_at_least or 1
    usable = [one for one in shown if not _is_used_up(one, case, rule)]
    if len(usable) >= wanted:
        return met(rule, f"Phạm vi ảnh hưởng {words} được công nhận: {_recognised(usable)}.")
    if len(shown) >= wanted and rule.usable:
        sentence = f"Phạm vi ảnh hưởng {words} được công nhận đã quá {rule.usable.years} năm: {_recognised(shown)}."
        return not_met(rule.resting_on(rule.usable), sentence)
    if known:
        return no_data(rule, f"Chưa ghi quyết định công nhận phạm vi ảnh hưởng {words} của “{known[0].title}”.")
    if case.declared(INITIATIVES_COMPLETE):
        return not_met(rule, f"Không có sáng kiến, đề tài được công nhận phạm vi ảnh hưởng {words}.")
    return no_data(rule, f"Chưa ghi nhận sáng kiến, đề tài được công nhận phạm vi ảnh hưởng {words}.")


def influential(case: PersonCase, rule: Rule | None) -> list[Work]:
    """Return the works whose scope is recognised by a decision for the title of the case, those still usable first."""
    shown = [one for one in case.works if one.scope_decision and one.scope in SCOPES[case.title]]
    return sorted(shown, key=lambda one: _is_used_up(one, case, rule))


def _is_used_up(one: Work, case: PersonCase, rule: Rule | None) -> bool:
    """Whether a recognition is older than the rule allows; without a rule or a date nobody can say so."""
    term = rule.usable if rule else None
    if term is None or one.scope_on is None or (term.titles and case.title not in term.titles):
        return False
    return case.year > one.scope_on.year + term.years


def _recognised(works: Iterable[Work]) -> str:
    # The day stands there for whoever judges how old a recognition may be.
    dated = ((one, f" ngày {day_text(one.scope_on)}" if one.scope_on else "") for one in works)
    return "; ".join(f"“{one.title}”, quyết định {one.scope_decision}{day}" for one, day in dated)


def vote(case: Case, rule: Rule) -> Finding:
    """Check the yes votes against all members of the council, whoever was absent or stood aside.

    What the vote was opened with decides, as in its minutes: the regime's figure, or where that binds nobody what the
    council's own rules of procedure ask for.
    """
    if case.vote is None:
        absent = no_data if rule.key != "ctdcp.vote" else person
        return absent(rule, "Chưa có biên bản kiểm phiếu của Hội đồng.")
    if case.vote.own_share is not None and (case.vote.own_mark or not rule.mark.binds):
        mark = Mark(case.vote.own_mark) if case.vote.own_mark else Mark.LOCAL
        note = rule.note if mark is rule.mark else ""
        own = {"share": case.vote.own_share, "clause": case.vote.own_rules or rule.clause, "mark": mark, "note": note}
        rule = rule.model_copy(update=own)
    yes = case.vote.yes + case.vote.written_yes
    have = f"{share_text(yes, case.vote.members)} tổng số thành viên Hội đồng đồng ý"
    if rule.share is None:
        return person(rule, f"{have}; chưa rõ tỷ lệ yêu cầu.")
    enough = rule.share.allows(yes, case.vote.members)
    return (met if enough else not_met)(rule, f"{have}; yêu cầu {rule.share}.")


def timing_of_third(case: PersonCase, rule: Rule) -> Finding:
    """Check the year of the proposal against the year of the third CSTĐCS."""
    if case.proposed_on is None:
        return person(rule, "Chưa có ngày đề nghị.")
    sentence = f"Đề nghị ngày {day_text(case.proposed_on)}, năm cuối của giai đoạn xét là {case.year}"
    if rule.years_after is None:
        return person(rule, f"{sentence}; chưa rõ thời điểm quy định.")
    late = case.proposed_on.year - case.year
    return (met if 0 <= late <= rule.years_after else not_met)(rule, f"{sentence}.")


def two_blocks(case: PersonCase, rule: Rule) -> Finding:
    """Check two titles of ministry or province that rest on adjacent blocks of three years, not adjacent years."""
    block = rule.block_years
    if block is None:
        return person(rule, UNKNOWN_BLOCK)
    *earlier, last = _titles(case) or (None,)
    if last is None or not earlier:
        return _too_few(case, rule, last, block)
    held_in = {one.year for one in (*earlier, last) if one}
    years = listed(sorted(held_in))
    second = max((year for year in held_in if year - block in held_in), default=None)
    if second is not None:
        blocks = " và ".join(f"{year - block + 1}–{year}" for year in (second - block, second))
        said = f"Hai lần liên tục Chiến sĩ thi đua cấp Bộ, tỉnh, theo hai giai đoạn {block} năm {blocks}"
        if second == last.year:
            return met(rule, f"{said}.")
        return person(rule, f"{said}; ghi nhận các năm {years}, có lần đạt sau hai giai đoạn đó.")
    if not _knows(case, last.year - block):
        return no_data(rule, f"Ghi nhận các năm {years}; chưa có dữ liệu năm {last.year - block}, chưa đủ lịch sử.")
    return not_met(rule, f"Các lần đạt năm {years} không phải hai giai đoạn {block} năm liền nhau.")


def _titles(case: PersonCase) -> tuple[Held | None, ...]:
    return held(case, "CSTDB", "CSTDT")


def _too_few(case: PersonCase, rule: Rule, last: Held | None, block: int) -> Finding:
    count = 0 if last is None else 1
    since = (last.year if last else case.year) - block
    sentence = f"Ghi nhận {count} lần Chiến sĩ thi đua cấp Bộ, tỉnh; cần hai lần liên tục"
    return not_met(rule, f"{sentence}.") if _knows(case, since) else no_data(rule, f"{sentence}, chưa đủ lịch sử.")


def _knows(case: PersonCase, year: int) -> bool:
    return bool(case.history) and knows_year(case, year)


def timing_of_second(case: PersonCase, rule: Rule) -> Finding:
    """Check that the proposal comes in the year after the decision on the second title."""
    last = next(iter(reversed(held(case, "CSTDB", "CSTDT"))), None)
    if case.proposed_on is None or last is None or last.decided_on is None:
        return person(rule, "Chưa có ngày đề nghị hoặc ngày quyết định của lần thứ hai.")
    sentence = f"Lần thứ hai quyết định ngày {day_text(last.decided_on)}, đề nghị ngày {day_text(case.proposed_on)}"
    if rule.years_after is None:
        return person(rule, f"{sentence}; chưa rõ thời điểm quy định.")
    adjacent = case.proposed_on.year - last.decided_on.year == rule.years_after
    asked = "năm liền kề" if rule.years_after == 1 else f"sau {rule.years_after} năm"
    return (met if adjacent else not_met)(rule, f"{sentence}; yêu cầu {asked}.")


def notice(case: Case, rule: Rule) -> Finding:
    """Check that the list was made public, and so many working days before the council where a number is set."""
    if case.notice is None:
        status = FindingStatus.NO_DATA if rule.working_days is None or rule.mark.binds else FindingStatus.PERSON
        return conclude(rule, status, "Chưa ghi nhận việc công khai lấy ý kiến.")
    posted, council = day_text(case.notice.posted_on), day_text(case.notice.council_on)
    have = f"Công khai ngày {posted}, Hội đồng họp ngày {council}, đủ {case.notice.working_days} ngày làm việc"
    if rule.working_days is not None:
        have = f"{have}; yêu cầu ít nhất {rule.working_days} ngày làm việc"
        if case.notice.working_days < rule.working_days:
            return not_met(rule, f"{have}.")
    begun_on = case.notice.begun_on
    if begun_on is not None and case.notice.posted_on < begun_on:
        return person(rule, f"{have}. Hồ sơ bắt đầu ngày {day_text(begun_on)}, sau ngày công khai; cần người xem xét.")
    if case.notice.working_days == 0:
        return person(rule, f"{have}; quy định không nêu số ngày, cần người xem xét.")
    return met(rule, f"{have}.")


def local_quota(case: Case, rule: Rule) -> Finding:
    """Show a quota that only a local document sets; the council chooses within it."""
    return person(rule, f"Tỷ lệ tại nơi triển khai: {rule.share or 'chưa rõ'}; Hội đồng chọn trong tỷ lệ.")
