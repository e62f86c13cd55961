"""Errors of the scoring service."""

from __future__ import annotations

from thidua.errors import Conflict, NotFound, Reader, Refused


class UnknownSet(NotFound):
    """No criteria set of that id and version is registered."""

    sentence = "Không có bộ tiêu chí {set} phiên bản {version}; xem danh sách tại /criteria-sets."
    english = "There is no criteria set {set} {version}; see /criteria-sets."


class UnknownCampaign(NotFound):
    """No campaign of that code has arrived."""

    sentence = "Không có phong trào thi đua mã {code}; hãy kiểm tra lại mã."
    english = "There is no campaign with code {code}; check the code."


class UnknownScore(NotFound):
    """No score with that key."""

    sentence = "Chưa có điểm {key}; hãy kiểm tra lại đối tượng, kỳ và bộ tiêu chí."
    english = "There is no score {key}; check subject, period and criteria set."


class NothingToCompare(NotFound):
    """A draft was to be held against a set, or a period of it, that has no official scores there."""

    sentence = "Không có hồ sơ chính thức nào để chấm thử: {why}."
    english = "There are no official scores to hold the draft against: {why}."


class NothingToReplay(NotFound):
    """A replay that replays nothing would look like a proof."""

    sentence = "Không có điểm chính thức nào để chấm lại: {why}."
    english = "There are no official scores to replay: {why}."


class NothingToExplain(NotFound):
    """No score of the subject is what was asked for; one part of the question is at fault."""

    sentence = "Không có điểm nào để giải trình: {why}."
    english = "There is no score to explain: {why}."


class SetNotLoaded(Conflict):
    """A set cannot be enabled or used while this process could not load it."""

    reader = Reader.OPERATOR
    sentence = "Bộ tiêu chí {set} {version} chưa nạp được trên máy chủ này: {why}."
    english = "Criteria set {set} {version} is not loaded in this process: {why}. Install a version that passes."


class SetRefused(Refused):
    """A set that was sent is none that can be loaded."""

    reader = Reader.INTEGRATOR
    sentence = "Bộ tiêu chí không được cài đặt: {why}"
    english = "The criteria set was not installed: {english}"


class SetDiffers(Conflict):
    """A version of a set is registered with other contents."""

    reader = Reader.INTEGRATOR
    sentence = (
        "Bộ tiêu chí {set} phiên bản {version} đã được cài đặt với nội dung khác ({artefact}); hãy tăng số phiên bản."
    )
    english = "Criteria set {set} {version} is installed with other contents ({artefact}); raise its version."


class TierTooLow(Conflict):
    """A set does not reach the tier that the operator demands."""

    reader = Reader.OPERATOR
    sentence = (
        "Bộ tiêu chí {set} {version} {tier}; máy chủ này đòi hỏi mức {demanded}. "
        "Xem báo cáo kiểm tra tại /criteria-sets/{set}/{version}/report."
    )
    english = (
        "Criteria set {set} {version} has the tier {tier}; THIDUA_MINIMUM_TIER demands {demanded}. "
        "See /criteria-sets/{set}/{version}/report."
    )


class NotExamined(NotFound):
    """Nobody examined that version of a set here: it came with a distribution."""

    sentence = "Bộ tiêu chí {set} phiên bản {version} chưa có báo cáo kiểm tra trên máy chủ này."
    english = "Criteria set {set} {version} was not examined here; run `thidua plugins check`."


class SetWithdrawn(Conflict):
    """A withdrawn set stays withdrawn."""

    sentence = "Bộ tiêu chí {set} {version} đã bị thu hồi; hãy cài đặt phiên bản mới."
    english = "Criteria set {set} {version} was withdrawn; install a new version."


class PeriodNotClosed(Refused):
    """Official scores were asked for before all months of the period were closed."""

    sentence = "Kỳ {period} chưa chốt: {months}. Hãy chốt số liệu các tháng này trước khi chấm chính thức."
    english = "Period {period} is not closed: {months}. Close these months before official scoring."


class CutRefused(Refused):
    """The moment that every stream must have passed is none that can be used."""

    sentence = "Không dùng được mốc chốt {cut}: {why}. Hãy ghi thời điểm đã qua, hoặc bỏ trống để lấy lúc gửi yêu cầu."
    english = "The cut {cut} cannot be used: {why_en}. Write a moment that has passed, or leave it out for now."


class PeriodNotScored(Refused):
    """No set of the campaign scores periods of that kind."""

    sentence = "Phong trào {code} không chấm điểm theo kỳ {period}; các kỳ chấm được: {known}."
    english = "Campaign {code} does not score period {period}; it scores: {known}."


class NotReplayable(Conflict):
    """Only official scores keep their case; a set that is gone must be installed again."""

    sentence = "Không chấm lại được điểm này: {why}."
    english = "This score cannot be replayed: {why_en}."


class UnknownRescoring(NotFound):
    """No re-scoring of that id."""

    sentence = "Không có đợt chấm lại {id}; xem danh sách tại /campaigns/…/rescorings."
    english = "There is no re-scoring {id}; see /campaigns/…/rescorings."


class NothingToRescore(Refused):
    """A period without official scores of the set cannot be scored again."""

    sentence = (
        "Phong trào {code} chưa có điểm chính thức kỳ {period} theo bộ tiêu chí {set}; hãy chấm chính thức trước."
    )
    english = "Campaign {code} has no official scores of period {period} with the set {set}; make them first."


class RescoringOpen(Conflict):
    """A set of a campaign is scored again by one re-scoring at a time."""

    sentence = "Đợt chấm lại {id} theo bộ tiêu chí {set} đang mở; hãy áp dụng hoặc hủy đợt đó trước."
    english = "The re-scoring {id} with the set {set} is open; apply or cancel it first."


class RescoringClosed(Conflict):
    """A re-scoring is applied once, when it is computed, and not after it was cancelled."""

    sentence = "Đợt chấm lại {id} {state} nên không thực hiện được thao tác này."
    english = "The re-scoring {id} is not in a state for this: {state_en}."


class RescoringOutdated(Conflict):
    """Official scores changed since a re-scoring was computed."""

    sentence = "{number} điểm chính thức đã thay đổi từ khi tính; hãy hủy đợt chấm lại này và mở đợt mới."
    english = "{number} official scores changed since it was computed; cancel this re-scoring and open another."


class OfficialRunWaiting(Conflict):
    """Nothing is scored again while official scores of the campaign are being made."""

    sentence = "Đang chấm chính thức kỳ {period} của phong trào; hãy chờ chấm xong, hoặc hủy yêu cầu chấm, rồi làm lại."
    english = "Official scores of period {period} are being made; wait until they are done, or cancel the run."


class OfficialRunNotWaiting(Conflict):
    """Only a run that still waits for a stream is cancelled: after that half of the scores would be of it."""

    sentence = "Không hủy được yêu cầu chấm chính thức kỳ {period} (trạng thái: {state})."
    english = "The official run of period {period} cannot be cancelled; its state is {state_en}."


class PeriodRescored(Conflict):
    """An official run would replace what a re-scoring put in place."""

    sentence = (
        "Kỳ {period} của phong trào {code} đã được chấm lại (đợt {id}); "
        "hãy mở đợt chấm lại mới thay vì chấm chính thức."
    )
    english = (
        "Period {period} of campaign {code} was scored again (re-scoring {id}); "
        "open another re-scoring instead of an official run."
    )


class SetNotEnabled(Conflict):
    """A set must be enabled before its scores count."""

    reader = Reader.OPERATOR
    sentence = "Bộ tiêu chí {set} {version} chưa được bật (trạng thái: {state}); hãy bật trước khi dùng."
    english = "Criteria set {set} {version} is not enabled (state: {state_en}); enable it first."
