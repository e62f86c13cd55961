"""Errors of the awards service, one sentence each for the one who must act."""

from __future__ import annotations

from thidua.errors import Conflict, NotFound, Refused
from thidua_runtime.errors import OperatorError


class NoLawForYear(Refused):
    """No regime in the law files covers the achievement year."""

    sentence = "Chưa có dữ liệu pháp luật cho thành tích năm {year} (có từ năm {first}); không rà soát được."
    english = "There is no law data for achievements of {year} (from {first} on); nothing was reviewed."


class UnknownCampaign(NotFound):
    """No campaign of that code has arrived."""

    sentence = "Không có phong trào thi đua mang mã {code}; hãy kiểm tra lại mã."
    english = "There is no campaign {code}; check the code."


class UnknownSubject(NotFound):
    """A unit or person of that id or code has not arrived."""

    sentence = "Không tìm thấy đơn vị hoặc cá nhân {subject}; hãy kiểm tra lại mã."
    english = "Unit or person {subject} is unknown; check the code."


class UnknownDecision(NotFound):
    """No decision has that id."""

    sentence = "Không tìm thấy quyết định {decision}."
    english = "There is no decision {decision}."


class TitleNotReviewed(Refused):
    """The software has no conditions for that title."""

    sentence = "Danh hiệu {title} chưa được rà soát tự động; các danh hiệu được rà soát: {known}."
    english = "Title {title} is not reviewed by the software; reviewed: {known}."


class UnknownConfirmation(Refused):
    """A confirmation names neither a check nor a declaration."""

    sentence = "Không có nội dung xác nhận “{key}”; các nội dung có thể xác nhận: {known}."
    english = "There is nothing named {key} to confirm; possible: {known}."


class RecordOfAnother(Conflict):
    """An id was sent that belongs to a record of another subject."""

    sentence = "Mã bản ghi gửi lên thuộc về một đơn vị, cá nhân khác; hãy bỏ mã để tạo bản ghi mới."
    english = "A record id belongs to another unit or person; leave the id out to make a new record."


class DecisionRepeated(Conflict):
    """A list names the same decision twice."""

    sentence = "Danh sách gửi lên ghi quyết định số {number} ngày {dated} của {authority} hai lần; chưa ghi gì."
    english = "The list names decision {number} of {dated} by {authority} twice; nothing was recorded."


class DecisionExists(Conflict):
    """Number, date and authority are already taken by another decision."""

    sentence = "Quyết định số {number} ngày {dated} của {authority} đã được ghi; hãy mở quyết định đó để xem."
    english = "Decision {number} of {dated} by {authority} is already recorded."


class DecisionCancelled(Conflict):
    """A cancelled decision cannot be cancelled again."""

    sentence = "Quyết định số {number} đã bị hủy bỏ trước đó: {reason}"
    english = "Decision {number} was cancelled before: {reason}"


class ReviewPending(Conflict):
    """Official quotas were asked for while something that arrived was not reviewed yet."""

    sentence = (
        "Phong trào {campaign} còn thay đổi chưa được rà soát lại; hệ thống tự rà soát trong vài giây, "
        "hãy gửi lại yêu cầu sau đó."
    )
    english = "Campaign {campaign} has changes not reviewed yet; the review runs within seconds, then ask again."


class LawOverridesRefused(OperatorError):
    """The file of local values for the law cannot be used."""

    sentence = "THIDUA_LAW_OVERRIDES_FILE={file} was refused: {why}. Mend the file and start the service again."
