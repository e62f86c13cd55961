"""Conditions of Tập thể lao động tiên tiến, Tập thể lao động xuất sắc and Cờ thi đua của Bộ."""

from __future__ import annotations

from thidua.contracts.judgement import Finding, Verdict
from thidua.contracts.organisation import RatingLevel
from thidua_awards.domain.common import disciplined_in_year
from thidua_awards.domain.findings import met, no_data, not_met, person
from thidua_awards.domain.individuals import RATING_WORDS, rating
from thidua_awards.domain.records import TeamCase
from thidua_awards.law import Rule, Share, decimal_text, percent_of, share_text


def plan(case: TeamCase, rule: Rule) -> Finding:
    """Check that tasks and plan are done well: by the rating of the unit, with its score shown beside it."""
    finding = rating(case, rule)
    score = case.score
    if score is None:
        return finding
    kind = "chính thức" if score.official else "tạm tính"
    shown = f"{finding.sentence} Điểm {kind}: {score.points}/{score.maximum}."
    return finding.model_copy(update={"sentence": shown})


def share_of_ldtt(case: TeamCase, rule: Rule) -> Finding:
    """Check the share of members who hold Lao động tiên tiến by decision, on the review date."""
    if case.members == 0:
        return no_data(rule, "Chưa có danh sách thành viên của tập thể.")
    if case.ldtt is None:
        return no_data(rule, f"Chưa có quyết định Lao động tiên tiến năm {case.year} của đơn vị.")
    have = f"{share_text(case.ldtt, case.members)} thành viên đạt Lao động tiên tiến"
    if rule.share is None:
        return person(rule, f"{have}; chưa rõ tỷ lệ yêu cầu.")
    sentence = f"{have}; yêu cầu {rule.share}."
    return (met if rule.share.allows(case.ldtt, case.members) else not_met)(rule, sentence)


def discipline(case: TeamCase, rule: Rule) -> Finding:
    """Check disciplines of members decided in the year; no name appears in the sentence."""
    return disciplined_in_year(case, rule, case.member_disciplines, "Thành viên của tập thể")


def holds_ttldtt(case: TeamCase, rule: Rule) -> Finding:
    """Check that the collective is Tập thể lao động tiên tiến, by decision or in the same list."""
    if "TTLDTT" in case.awarded:
        return met(rule, f"Có quyết định Tập thể lao động tiên tiến năm {case.year}.")
    verdict = case.verdicts.get("TTLDTT")
    if verdict is Verdict.ELIGIBLE:
        return met(rule, "Đủ điều kiện Tập thể lao động tiên tiến theo dữ liệu, cùng danh sách rà soát.")
    if verdict is Verdict.NOT_MET:
        return not_met(rule, f"Chưa đạt điều kiện Tập thể lao động tiên tiến năm {case.year}.")
    return no_data(rule, f"Chưa có kết quả Tập thể lao động tiên tiến năm {case.year}.")


def all_complete(case: TeamCase, rule: Rule) -> Finding:
    """Check that every member is rated at the asked level; one missing rating leaves it open."""
    if case.members == 0:
        return no_data(rule, "Chưa có danh sách thành viên của tập thể.")
    level = rule.rating_at_least or RatingLevel.COMPLETED
    below = case.members_below(level)
    if below:
        count = f"{below}/{case.members}"
        return not_met(rule, f"{count} thành viên dưới mức {RATING_WORDS[level]}; yêu cầu 100 %.")
    if case.unrated:
        return no_data(rule, f"Còn {case.unrated}/{case.members} thành viên chưa có kết quả xếp loại.")
    return met(rule, f"{case.members}/{case.members} thành viên từ mức {RATING_WORDS[level]} trở lên.")


def has_cstdcs(case: TeamCase, rule: Rule) -> Finding:
    """Check that a member is Chiến sĩ thi đua cơ sở of the year by decision."""
    if case.cstdcs is None:
        return no_data(rule, f"Chưa có quyết định Chiến sĩ thi đua cơ sở năm {case.year} của đơn vị.")
    wanted = rule.titles_at_least or 1
    sentence = f"{case.cstdcs} thành viên đạt Chiến sĩ thi đua cơ sở; yêu cầu từ {wanted} người."
    return (met if case.cstdcs >= wanted else not_met)(rule, sentence)


def targets(case: TeamCase, rule: Rule) -> Finding:
    """Leave "exceeds all targets, year's lead" to the appraiser; registered targets are counted."""
    count = case.registration.targets if case.registration else 0
    return person(rule, f"Đã đăng ký {count} chỉ tiêu; người thẩm định đối chiếu kết quả từng chỉ tiêu.")


def best_of_cluster(case: TeamCase, rule: Rule) -> Finding:
    """Check that the minutes of the cluster name the collective; the score beside it decides nothing."""
    where = case.cluster or "khối, cụm thi đua"
    beside = f" Điểm: {case.score.points}/{case.score.maximum}." if case.score else ""
    minutes = case.confirmations.get(rule.key)
    if minutes is None:
        return no_data(rule, f"Chưa có biên bản suy tôn của {where}.{beside}")
    if minutes.answer:
        return met(rule, f"Được {where} suy tôn (theo {minutes.document}).{beside}")
    return not_met(rule, f"Không được {where} suy tôn (theo {minutes.document}).{beside}")


def number_of_flags(case: TeamCase, rule: Rule) -> Finding:
    """Leave the number of flags per cluster to a person: no source gives it."""
    return person(rule, "Số cờ của khối, cụm theo hướng dẫn hằng năm của Bộ; chưa có số trong dữ liệu.")


def quota_of_flags(case: TeamCase, rule: Rule) -> Finding:
    """Show the places under both denominators the texts give; the standing office chooses which one counts."""
    if rule.share is None:
        return person(rule, "Chưa có tỷ lệ áp dụng.")
    counts = ((case.flags, "cờ thi đua của Bộ"), (case.firsts, "tập thể đứng đầu khối, cụm"))
    shown = "; ".join(_places(count, what, rule.share) for count, what in counts if count is not None)
    return person(rule, f"{shown or 'Chưa có số cờ của Bộ và số tập thể đứng đầu'}.")


def _places(count: int, what: str, share: Share) -> str:
    exact = decimal_text(count * share.limit)
    return f"{percent_of(share.limit)} của {count} {what} = {exact} → {share.places(count)} suất"
