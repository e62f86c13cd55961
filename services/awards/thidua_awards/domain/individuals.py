"""Conditions of Lao động tiên tiến and Chiến sĩ thi đua cơ sở."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

from thidua.contracts.campaign import InitiativeState
from thidua.contracts.judgement import Finding, Verdict
from thidua.contracts.organisation import RatingLevel
from thidua_awards.domain.common import disciplined_in_year
from thidua_awards.domain.findings import day_text, met, no_data, not_applicable, not_met, person
from thidua_awards.domain.records import INITIATIVES_COMPLETE, Case, Merit, PersonCase, Training
from thidua_awards.law import Rule

RATING_WORDS: Final = {
    RatingLevel.EXCELLENT: "hoàn thành xuất sắc nhiệm vụ",
    RatingLevel.GOOD: "hoàn thành tốt nhiệm vụ",
    RatingLevel.COMPLETED: "hoàn thành nhiệm vụ",
    RatingLevel.NOT_COMPLETED: "không hoàn thành nhiệm vụ",
}
RATING_ORDER: Final = tuple(RATING_WORDS)
"""From the best to the worst; an unknown level is in no order."""

RECOGNISED: Final = (
    InitiativeState.RECOGNISED,
    InitiativeState.INFLUENCE_REQUESTED,
    InitiativeState.INFLUENCE_RECOGNISED,
)
OPEN: Final = (
    InitiativeState.SUBMITTED,
    InitiativeState.RETURNED,
    InitiativeState.FORMALLY_OK,
    InitiativeState.ASSESSED,
    InitiativeState.COUNCIL,
)


def full_months(start: date, last_day: date) -> int:
    """Return the full months from `start` to the end of `last_day`, both days included.

    >>> full_months(date(2022, 3, 1), date(2022, 12, 31)), full_months(date(2022, 3, 2), date(2022, 12, 31))
    (10, 9)
    """
    end = last_day + timedelta(days=1)
    months = (end.year - start.year) * 12 + end.month - start.month
    return months - 1 if end.day < start.day else months


def rating(case: Case, rule: Rule) -> Finding:
    """Check the yearly quality rating against the level the rule asks for."""
    wanted = rule.rating_at_least
    if case.rating not in RATING_ORDER:
        return no_data(rule, f"Chưa có kết quả xếp loại chất lượng năm {case.year}.")
    if wanted is None:
        return person(rule, f"Xếp loại năm {case.year}: {RATING_WORDS[case.rating]}; chưa rõ mức yêu cầu.")
    enough = RATING_ORDER.index(case.rating) <= RATING_ORDER.index(wanted)
    by = f" ({case.rated_by})" if case.rated_by else ""
    have = f"Xếp loại năm {case.year}{by}: {RATING_WORDS[case.rating]}"
    sentence = f"{have}; yêu cầu từ {RATING_WORDS[wanted]} trở lên."
    return (met if enough else not_met)(rule, sentence)


def judged_by_people(case: Case, rule: Rule) -> Finding:
    """Leave the condition to the people named by the rule; `PUT /confirmations` answers it."""
    return person(rule, f"{rule.note or rule.clause} Do người có trách nhiệm xác nhận.".replace("..", "."))


def recruited(case: PersonCase, rule: Rule) -> Finding:
    """Check full months from the first recruitment to the end of the year."""
    if case.first_recruited is None:
        return no_data(rule, "Chưa có ngày tuyển dụng lần đầu.")
    if rule.months_at_least is None:
        return person(rule, "Chưa có quy định về thời gian công tác tối thiểu.")
    months = full_months(case.first_recruited, case.review_date)
    sentence = (
        f"Tuyển dụng ngày {day_text(case.first_recruited)}: đủ {max(months, 0)} tháng đến "
        f"{day_text(case.review_date)}; yêu cầu từ {rule.months_at_least} tháng trở lên."
    )
    return (met if months >= rule.months_at_least else not_met)(rule, sentence)


def discipline(case: PersonCase, rule: Rule) -> Finding:
    """Check the person's disciplines decided in the year."""
    return disciplined_in_year(case, rule, case.disciplines, "Cá nhân")


def absence(case: PersonCase, rule: Rule) -> Finding:
    """Check long training by its result; days absent never block, since no rule in force counts them."""
    long = [one for one in case.trainings if rule.training_months and one.months >= rule.training_months]
    if long:
        return _after_training(min(long, key=_result_weight), rule)
    if not case.periods and not case.trainings:
        return not_applicable(rule, "Không có thời gian vắng mặt nào được ghi nhận.")
    return met(rule, f"{_absent_words(case)} {rule.note}".strip())


def _result_weight(one: Training) -> int:
    return one.result.weight if one.result else -1


def _after_training(one: Training, rule: Rule) -> Finding:
    result = f", kết quả {one.result.label}" if one.result else ""
    sentence = f"Đào tạo {one.months} tháng{result}"
    wanted = rule.training_result
    if wanted is None:
        return person(rule, f"{sentence}; {_lower(rule.note)}")
    if one.result is None:
        return no_data(rule, f"{sentence}, chưa có kết quả.")
    asked = f"từ {rule.training_months} tháng trở lên phải đạt từ {wanted.label}"
    enough = one.result.weight >= wanted.weight
    return (met if enough else not_met)(rule, f"{sentence}; {asked}.")


def _lower(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]


def _absent_words(case: PersonCase) -> str:
    first = date(case.year, 1, 1)
    days = {True: 0, False: 0}
    for one in case.periods:
        start, end = max(one.starts_on, first), min(one.ends_on or case.review_date, case.review_date)
        days[one.counted] += max((end - start).days + 1, 0)
    return (
        f"{days[True]} ngày được tính vào thời gian làm việc, {days[False]} ngày nghỉ khác; "
        "không ngày nào làm mất điều kiện."
    )


def transfer(case: PersonCase, rule: Rule) -> Finding:
    """Check a move within the year: the new unit judges, with a comment of the old one."""
    joined = case.joined_unit
    if joined is None:
        return person(rule, "Chưa rõ ngày về đơn vị; đơn vị xác nhận có chuyển công tác trong năm hay không.")
    moved = joined.year == case.year and case.first_recruited is not None and case.first_recruited < joined
    if not moved:
        return met(rule, f"Về đơn vị ngày {day_text(joined)}; không chuyển đơn vị trong năm {case.year}.")
    start = max(case.first_recruited or joined, date(case.year, 1, 1))
    months = full_months(start, joined - timedelta(days=1))
    sentence = f"Về đơn vị ngày {day_text(joined)}, đã có {months} tháng trong năm ở đơn vị cũ"
    if rule.comment_months is not None and months < rule.comment_months:
        return met(rule, f"{sentence}; dưới {rule.comment_months} tháng, không cần nhận xét của đơn vị cũ.")
    return person(rule, f"{sentence}; cần nhận xét của đơn vị cũ.")


def holds_ldtt(case: PersonCase, rule: Rule) -> Finding:
    """Check that the person is Lao động tiên tiến of the year, by decision or in the same list."""
    if "LDTT" in case.awarded:
        return met(rule, f"Có quyết định Lao động tiên tiến năm {case.year}.")
    if case.ldtt_decided:
        return person(rule, f"Quyết định Lao động tiên tiến năm {case.year} của đơn vị không có tên cá nhân này.")
    verdict = case.verdicts.get("LDTT")
    if verdict is Verdict.ELIGIBLE:
        return met(rule, "Đủ điều kiện Lao động tiên tiến theo dữ liệu, trong cùng danh sách rà soát.")
    if verdict is Verdict.NOT_MET:
        return not_met(rule, f"Chưa đạt điều kiện Lao động tiên tiến năm {case.year}.")
    return no_data(rule, f"Chưa có kết quả Lao động tiên tiến năm {case.year}.")


def merit(case: PersonCase, rule: Rule) -> Finding:
    """Check the merit routes of the regime: excellent rating, or a recognised initiative or topic."""
    if "excellent" in rule.routes and case.rating is RatingLevel.EXCELLENT:
        return met(rule, f"Con đường A: hoàn thành xuất sắc nhiệm vụ năm {case.year}.")
    recognised = _recognised(case, rule)
    if len(recognised) >= (rule.initiatives_at_least or 1):
        route = "Con đường B: " if "excellent" in rule.routes else ""
        return met(rule, f"{route}{'; '.join(map(_merit_words, recognised))}.")
    out_of_time = [one for one in case.merits if lapsed(one, rule)]
    if any(one.decision for one in out_of_time):
        return person(_by_term(rule), f"Sáng kiến {_term_words(rule)} nhưng có quyết định công nhận.")
    return _without_merit(case, rule, out_of_time)


def _by_term(rule: Rule) -> Rule:
    return rule.resting_on(rule.request_within) if rule.request_within else rule


def _term_words(rule: Rule) -> str:
    term = rule.request_within
    return f"nộp quá {term.years} năm từ lần áp dụng đầu" if term else "hết thời hiệu yêu cầu công nhận"


def _recognised(case: PersonCase, rule: Rule) -> list[Merit]:
    return [one for one in case.merits if one.state in RECOGNISED and not lapsed(one, rule)]


def merit_route(case: PersonCase, rule: Rule) -> tuple[str, tuple[Merit, ...]]:
    """Return how CSTĐCS is reached: `excellent`, or `initiative` with as many initiatives as are needed; else "".

    Of several initiatives those recognised first are counted: the others stay free for another award.
    """
    if "excellent" in rule.routes and case.rating is RatingLevel.EXCELLENT:
        return "excellent", ()
    wanted = rule.initiatives_at_least or 1
    recognised = sorted(_recognised(case, rule), key=lambda one: (one.decided_on or date.max, one.id))
    return ("initiative", tuple(recognised[:wanted])) if len(recognised) >= wanted else ("", ())


def _without_merit(case: PersonCase, rule: Rule, out_of_time: Sequence[Merit]) -> Finding:
    waiting = [one for one in case.merits if one.state in OPEN and not lapsed(one, rule)]
    if waiting:
        return no_data(rule, f"{len(waiting)} sáng kiến, đề tài đang chờ công nhận.")
    if "excellent" in rule.routes and case.rating not in RATING_ORDER:
        return no_data(rule, f"Chưa có xếp loại năm {case.year} và chưa có sáng kiến, đề tài được công nhận.")
    if any(one.state is InitiativeState.DRAFT for one in case.merits) and not case.declared(INITIATIVES_COMPLETE):
        # Having begun to write must not weigh more than having written nothing.
        return no_data(rule, "Sáng kiến, đề tài mới đang viết, chưa nộp; thủ trưởng cơ sở xác nhận nếu không nộp.")
    if out_of_time:
        # What a head has declared lapsed is so by that act; the others by the figure, as far as that is sure.
        by_figure = any(one.state is not InitiativeState.LAPSED for one in out_of_time)
        own, words = (_by_term(rule), _term_words(rule)) if by_figure else (rule, "đã hết thời hiệu")
        return not_met(own, f"Sáng kiến {words}, chưa được công nhận.")
    if case.merits:
        return not_met(rule, f"{len(case.merits)} sáng kiến, đề tài, không có cái nào được công nhận.")
    if case.declared(INITIATIVES_COMPLETE):
        document = case.confirmations[INITIATIVES_COMPLETE].document
        return not_met(rule, f"Không có sáng kiến, đề tài được công nhận (theo {document}).")
    return no_data(rule, "Chưa ghi nhận sáng kiến, đề tài nào; thủ trưởng cơ sở xác nhận nếu không có.")


def lapsed(one: Merit, rule: Rule) -> bool:
    """Whether recognition was asked for later after the first application than the rule allows."""
    if one.state is InitiativeState.LAPSED:
        return True
    if one.first_applied_on is None or one.submitted_on is None or rule.request_within is None:
        return False
    return one.submitted_on > _years_after(one.first_applied_on, rule.request_within.years)


def _years_after(day: date, years: int) -> date:
    # 29 February has no anniversary; the year then ends with 28 February.
    return day.replace(year=day.year + years, day=28 if (day.month, day.day) == (2, 29) else day.day)


def _merit_words(one: Merit) -> str:
    decision = f", quyết định {one.decision}" if one.decision else ""
    share = f", tỷ lệ đóng góp {one.share} %" if one.share < 100 else ""
    return f"“{one.title}” được công nhận{decision}{share}"
