"""Conditions of every title: registration, hold, discipline period."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Final

from thidua.contracts.campaign import RegistrationState
from thidua.contracts.judgement import Finding
from thidua_awards.domain.findings import day_text, met, no_data, not_applicable, not_met, person
from thidua_awards.domain.records import DISCIPLINE_COMPLETE, DISCIPLINE_EVER, REGISTRATION_NONE, Case, Discipline
from thidua_awards.law import Regime, Rule, regime_of, regimes

IN_FORCE: Final = (
    RegistrationState.SUBMITTED,
    RegistrationState.ACCEPTED,
    RegistrationState.AMENDED,
    RegistrationState.SUCCEEDED,
    RegistrationState.CLOSED,
)
"""States in which a registration was sent and stands."""

STATE_WORDS: Final = {
    RegistrationState.DRAFT: "đang soạn, chưa gửi",
    RegistrationState.RETURNED: "được trả lại để hoàn thiện",
    RegistrationState.DECLINED: "không được tiếp nhận",
    RegistrationState.WITHDRAWN: "đã rút",
}

ADMINISTRATIVE: Final = "hanh_chinh"
"""The kind of discipline the law's list of forms belongs to; other kinds (party, union) need a person."""


BELONGS: Final = {
    True: "đơn vị thuộc, trực thuộc Bộ; ",
    False: "đơn vị không thuộc, trực thuộc Bộ (cơ quan chuyên môn của tỉnh, thành viên cụm thi đua); ",
    None: "chưa rõ đơn vị thuộc Bộ hay thuộc tỉnh; ",
}
"""Whether a unit belongs to the Ministry; a provincial Sở is a member of its clusters and does not."""


@cache
def law_of(year: int) -> Regime:
    """Return the regime that names the awards of a year; the oldest one for years before the law data begin."""
    return regime_of(max(year, regimes()[0].valid_from.year))


def name_of(code: str, year: int) -> str:
    """Return the name the regime of `year` gives a title or form; the oldest known name before the law data begin."""
    return law_of(year).label(code)


def route(case: Case, rule: Rule) -> Finding:
    """Check who decides: the head of a legal person for titles of the base, else the standing office confirms.

    Of the Ministry's titles it says whether the unit belongs to it or, as a provincial department, to the province.
    """
    authority = law_of(case.year).authorities.get(case.title)
    if authority is None:
        return person(rule, "Thẩm quyền đề nghị và quyết định do Thường trực Hội đồng xác nhận.")
    if authority.of == "base":
        if case.legal_person:
            return met(rule, "Thủ trưởng đơn vị có tư cách pháp nhân quyết định.")
        return person(rule, "Đơn vị không có hoặc chưa rõ tư cách pháp nhân; Thường trực Hội đồng xác nhận thẩm quyền.")
    belongs = BELONGS[case.under_ministry] if authority.of in ("ministry", "province") else ""
    return person(rule, f"Do {authority.label} quyết định; {belongs}Thường trực Hội đồng xác nhận ai đề nghị.")


def title_only(case: Case, rule: Rule) -> Finding:
    """Say that registration is a ground of titles and not of commendation forms."""
    return not_applicable(rule, "Đăng ký thi đua là căn cứ xét danh hiệu, không phải căn cứ của hình thức khen thưởng.")


def once(case: Case, rule: Rule) -> Finding:
    """Check that the achievement was not rewarded before; a second use is shown and goes to a person."""
    if not case.uses:
        return met(rule, "Thành tích chưa được dùng cho hình thức khen thưởng khác, theo dữ liệu hiện có.")
    shown = "; ".join(f"{name_of(use.code, use.year)} năm {use.year}, quyết định {use.decision}" for use in case.uses)
    return person(rule, f"Thành tích đã được dùng: {shown}.")


def thematic(case: Case, rule: Rule) -> Finding:
    """Say which thematic or sudden awards were left out of the count of merit."""
    left_out = [one for one in case.history if one.kind]
    if not left_out:
        return met(rule, "Không có khen thưởng chuyên đề, đột xuất nào trong dữ liệu.")
    shown = ", ".join(f"{name_of(one.code, one.year)} năm {one.year}" for one in left_out)
    return met(rule, f"Không tính khen thưởng chuyên đề, đột xuất: {shown}.")


def head(case: Case, rule: Rule) -> Finding:
    """Leave a head of a unit to be judged by the collective; nobody else is concerned."""
    if not case.leads:
        return not_applicable(rule, "Không ghi nhận là người đứng đầu đơn vị.")
    return person(rule, f"Người đứng đầu {case.leads}: xem xét theo kết quả của tập thể.")


def registered(case: Case, rule: Rule) -> Finding:
    """Check that the subject registered for the movement; late or for another title needs a person."""
    item = case.registration
    if item is None:
        if case.declared(REGISTRATION_NONE):
            confirmed = case.confirmations[REGISTRATION_NONE]
            return not_met(rule, f"Đơn vị xác nhận không gửi đăng ký thi đua (theo {confirmed.document}).")
        return no_data(rule, "Chưa nhận được đăng ký thi đua và đơn vị chưa xác nhận là không đăng ký.")
    if item.state not in IN_FORCE:
        words = STATE_WORDS.get(item.state, "ở trạng thái chưa biết")
        finding = no_data if item.state is RegistrationState.DRAFT else person
        return finding(rule, f"Bản đăng ký thi đua {words}.")
    if item.late:
        return person(rule, f"Đăng ký nộp muộn{_late_dates(case)}; nộp muộn khác với chưa đăng ký.")
    if item.title_mismatch or case.title not in item.titles:
        named = ", ".join(name_of(title, case.year) for title in item.titles) or "không nêu danh hiệu"
        return person(rule, f"Danh hiệu đề nghị khác danh hiệu đã đăng ký ({named}).")
    sent = f" ngày {day_text(item.sent_on)}" if item.sent_on else ""
    return met(rule, f"Đã đăng ký thi đua{sent}.")


def _late_dates(case: Case) -> str:
    item = case.registration
    if item is None or item.sent_on is None or item.due is None:
        return ""
    return f": gửi ngày {day_text(item.sent_on)}, hạn {day_text(item.due)}"


def on_hold(case: Case, rule: Rule) -> Finding:
    """Check that no hold is entered; a hold suspends the review and is never "not met"."""
    if case.held_since is not None:
        return person(rule, f"Đang tạm dừng xem xét từ ngày {day_text(case.held_since)}.")
    return met(rule, "Không có tạm dừng xem xét nào được ghi nhận.")


def discipline_period(case: Case, rule: Rule) -> Finding:
    """Check that no discipline period runs on the review date; one ended in the year needs a person.

    What is decided after that date is none of the year: it neither runs nor has ended.
    """
    first_day = case.review_date.replace(month=1, day=1)
    decided = [one for one in case.disciplines if one.decided_on <= case.review_date]
    running = [one for one in decided if _reaches(one, case)]
    if any(one.ends_on is None for one in running):
        return person(rule, "Có quyết định kỷ luật chưa ghi ngày hết thời hạn.")
    if running:
        last = day_text(max(one.ends_on for one in running if one.ends_on))
        sentence = f"Đang trong thời hạn kỷ luật đến ngày {last}"
        if all(one.counted_in not in (None, case.year) for one in running):
            return person(rule, f"{sentence}; {_used_for(running)}.")
        return not_met(rule, f"{sentence}.")
    ended = [one.ends_on for one in decided if one.ends_on and one.ends_on >= first_day]
    if ended:
        last = day_text(max(ended))
        return person(rule, f"Hết thời hạn kỷ luật ngày {last}; thành tích tính lại từ sau ngày đó.")
    return none_recorded(case, rule, "Không trong thời hạn kỷ luật, kể cả theo quyết định của các năm trước.")


def _reaches(one: Discipline, case: Case) -> bool:
    return one.ends_on is None or one.ends_on >= case.review_date


def none_recorded(case: Case, rule: Rule, sentence: str) -> Finding:
    """Conclude from an empty list of disciplines: met only where the list is declared complete."""
    declared = next((key for key in (DISCIPLINE_COMPLETE, DISCIPLINE_EVER) if case.declared(key)), None)
    if declared is None:
        return no_data(rule, f"Chưa có xác nhận về kỷ luật năm {case.year}.")
    return met(rule, f"{sentence[:-1]} (theo {case.confirmations[declared].document}).")


def disciplined_in_year(case: Case, rule: Rule, found: Sequence[Discipline], whose: str) -> Finding:
    """Check disciplines decided in the year against the form from which they refuse.

    A violation that already refused the title of another year, another kind of discipline than the
    administrative one, and a form nobody knows are for a person to judge.
    """
    decided = [one for one in found if one.decided_on.year == case.year]
    if not decided:
        return none_recorded(case, rule, f"{whose} không bị kỷ luật trong năm {case.year}.")
    twice = [one for one in decided if one.counted_in not in (None, case.year)]
    plain = [one for one in decided if one not in twice and _weighs(one, rule)]
    if plain:
        return not_met(rule, f"{whose} bị kỷ luật: {_listed(plain)}{_floor(rule)}.")
    if twice:
        return person(rule, f"{whose} bị kỷ luật: {_listed(twice)}; {_used_for(twice)}.")
    unclear = [one for one in decided if one.form is None or one.kind != ADMINISTRATIVE]
    if unclear:
        return person(rule, f"{whose} bị kỷ luật: {_listed(unclear)}; quy định chỉ nêu kỷ luật hành chính.")
    return met(rule, f"{whose} bị kỷ luật: {_listed(decided)}, nhẹ hơn mức bị loại{_floor(rule)}.")


def _used_for(found: Sequence[Discipline]) -> str:
    years = ", ".join(str(one.counted_in) for one in found)
    return f"hành vi vi phạm này đã dùng để không xét năm {years}"


def _weighs(one: Discipline, rule: Rule) -> bool:
    floor = rule.discipline_from
    if one.form is None or one.kind != ADMINISTRATIVE:
        return False
    return floor is None or one.form.weight >= floor.weight


def _listed(found: Sequence[Discipline]) -> str:
    names = (one.form.label if one.form else "hình thức khác" for one in found)
    return ", ".join(
        f"{name}, quyết định ngày {day_text(one.decided_on)}" for name, one in zip(names, found, strict=True)
    )


def _floor(rule: Rule) -> str:
    return f" (từ {rule.discipline_from.label} trở lên)" if rule.discipline_from else ""
