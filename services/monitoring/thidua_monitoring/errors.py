"""Errors of the monitoring service: one sentence each, for the person who must act."""

from __future__ import annotations

from typing import Final

from thidua.errors import Conflict, NotFound, Reader, Refused, ThiduaError


class SourcesFileRefused(ThiduaError):
    """The file of THIDUA_SOURCES_FILE cannot be used."""

    reader = Reader.OPERATOR
    sentence = "The sources file {path} was refused: {why}. Mend it and start monitoring again."
    status = 503


class UnitUnknown(NotFound):
    """A unit code or id that no registered unit has."""

    sentence = "Không có đơn vị nào mang mã {code}; hãy kiểm tra danh sách đơn vị."
    english = "No unit has the code {code}; check the list of units."


class TasksRefused(Refused):
    """A request with more tasks than one transaction takes."""

    sentence = "Không nhận danh sách nhiệm vụ: {why}."
    english = "The list of tasks was refused: {why}."


class TaskUnknown(NotFound):
    """A decision or question about a task that no source has reported."""

    sentence = "Chưa có nhiệm vụ {source}/{source_id}; hãy kiểm tra nguồn và mã nhiệm vụ."
    english = "No task {source}/{source_id} is known; check source and id."


class DecisionUnknown(NotFound):
    """A decision id that does not exist."""

    sentence = "Không có quyết định hoặc đề nghị {id}."
    english = "There is no decision or request {id}."


SETTLED: Final = {"approved": "đã đồng ý", "refused": "đã từ chối", "rejected": "đã từ chối"}
"""What came of something that was decided."""


class AlreadyDecided(Conflict):
    """Something that waits for nobody any more."""

    sentence = "Việc này đã được xử lý ({state}); không thể quyết định lần nữa."
    english = "This was settled already ({state}); it cannot be decided again."


class DecisionRefused(Refused):
    """A decision without what its kind needs."""

    sentence = "Quyết định chưa đủ nội dung: {why}."
    english = "The decision is not complete: {why}."


class MarkAhead(Refused):
    """A source vouches for a moment that has not come: later tasks would find their month closed."""

    sentence = "Nguồn {source} chưa thể xác nhận đã gửi đủ đến {until}: thời điểm này chưa đến."
    english = "Source {source} cannot vouch up to {until}: that moment has not come."


class DayAhead(Refused):
    """Something that is said to have happened on a day that has not come yet."""

    sentence = "{what} ghi ngày {day}, sau hôm nay ({today}); chỉ ghi việc đã diễn ra."
    english = "{named} bears the date {day}, after today ({today}); record it once it has happened."


class MonthUnknown(NotFound):
    """A month that no campaign calendar has."""

    sentence = "Tháng {month} không có trong lịch của phong trào nào."
    english = "Month {month} is in no campaign's calendar."


class MonthClosed(Conflict):
    """Figures of a closed month change only by a correction."""

    sentence = "Tháng {month} đã chốt ngày {closed_on}; muốn sửa số liệu, hãy lập đề nghị điều chỉnh."
    english = "Month {month} was closed on {closed_on}; propose a correction instead."


class MonthNotOver(Conflict):
    """A month closes only when it is over."""

    sentence = "Tháng {month} chưa kết thúc (số liệu đến ngày {as_of}); chưa chốt được."
    english = "Month {month} is not over (figures as of {as_of}); it cannot be closed."


class CloseBlocked(Conflict):
    """A month waits for sources, lag or dead letters."""

    sentence = "Chưa chốt được tháng {month}: {why} Chỉ chốt cưỡng bức khi có quyết định, kèm lý do."
    english = "Month {month} cannot be closed yet: {why} Force it only with a decision and a reason."


class ReasonNeeded(Refused):
    """An act that must say why."""

    sentence = "Việc này phải nêu lý do."
    english = "This act needs a reason."


class ObjectionTooLate(Conflict):
    """After the last day for objections."""

    sentence = "Hạn kiến nghị về số liệu tháng {month} đã hết ngày {until}."
    english = "Objections to {month} were possible until {until}."


class ObjectionUnknown(NotFound):
    """An objection id that does not exist."""

    sentence = "Không có kiến nghị {id}."
    english = "There is no objection {id}."


class CorrectionUnknown(NotFound):
    """A correction id that does not exist."""

    sentence = "Không có đề nghị điều chỉnh {id}."
    english = "There is no correction {id}."


class ReportUnknown(NotFound):
    """A report that no calendar asks of the unit."""

    sentence = "Đơn vị {unit} không phải nộp báo cáo kỳ {period} của phong trào này."
    english = "Unit {unit} owes no report for {period} of this campaign."


class MoveRefused(Conflict):
    """A report that cannot go from its state to the wanted one."""

    sentence = "Báo cáo kỳ {period} của {unit} đang ở trạng thái {state}, không chuyển sang {to} được."
    english = "The report {period} of {unit} is {state}; it cannot become {to}."


class CampaignUnknown(NotFound):
    """A campaign id or code that is not known here."""

    sentence = "Không có phong trào {campaign}."
    english = "There is no campaign {campaign}."


class FactRefused(Refused):
    """A statement that no criteria set asks for, or that does not fit."""

    sentence = "Không nhận số liệu: {why}."
    english = "The statement was refused: {why}."


class FactUnknown(NotFound):
    """A statement that does not exist."""

    sentence = "Không có số liệu {input} của {subject}."
    english = "There is no statement {input} of {subject}."


class SamePerson(Conflict):
    """Somebody checks their own statement."""

    sentence = "Người đã khai số liệu không được tự xác nhận hoặc bác bỏ; cần người khác thực hiện."
    english = "Whoever stated a value cannot verify or refuse it; another person must."


class TotalsRefused(Refused):
    """Declared totals that contradict themselves."""

    sentence = "Số tự khai báo không hợp lý: {why}."
    english = "The declared totals contradict themselves: {why}."


class SourceUnknown(NotFound):
    """A source nobody configured and nobody heard of."""

    sentence = "Chưa có nguồn {name}."
    english = "There is no source {name}."


class NotYours(ThiduaError):
    """A source or unit that acts for another."""

    sentence = "Không được phép: {why}."
    english = "Not allowed: {why}."
    status = 403
