"""Errors of the registration service: Vietnamese sentences for officials, the same in English for integrators."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from thidua.errors import NotFound, Refused


class ItemRefused(Refused):
    """One item of a batch breaks a rule of the field; its neighbours are not affected."""

    column: ClassVar[str] = ""
    sentence = "{why}."
    english = "{why}."


class UnknownUnit(ItemRefused):
    """No unit had this official code on that day."""

    column = "unit"
    sentence = "Không có đơn vị mang mã “{code}” ngày {day}; hãy kiểm tra mã hoặc nhập đơn vị trước."
    english = "No unit had the code {code!r} on {day}; check the code or enter the unit first."


class UnknownPerson(ItemRefused):
    """No person has this staff code."""

    column = "person"
    sentence = "Không có người mang mã cán bộ “{code}”; hãy kiểm tra mã hoặc nhập người này trước."
    english = "No person has the staff code {code!r}; check it or enter the person first."


class CampaignNotFound(NotFound):
    """No campaign has this code."""

    sentence = "Không có phong trào mang mã “{code}”."
    english = "There is no campaign with the code {code!r}."


class RecordNotFound(NotFound):
    """A unit, person, cluster, initiative or registration asked for by its code does not exist."""

    sentence = "Không tìm thấy {what} “{code}”; hãy kiểm tra lại mã hoặc ngày."
    english = "{what} {code!r} was not found; check the code or the date."


class MoveRefused(ItemRefused):
    """A move that the state does not allow."""

    sentence = "Không thể {move} khi đang ở trạng thái “{state}”; chỉ được từ: {allowed}."
    english = "{move} is not possible in the state {state}; only from: {allowed}."


class MoveNeeds(ItemRefused):
    """A move that lacks its document, reason, named official or another detail."""

    sentence = "Muốn {move} thì phải nêu {what}."
    english = "{move} needs {what}."


class MoveReserved(ItemRefused):
    """A move that belongs to another body."""

    sentence = "Việc {move} thuộc thẩm quyền của {whose}."
    english = "{move} is reserved to {whose}."


class MoveInFuture(ItemRefused):
    """A move dated after today."""

    sentence = "Ngày thực hiện {done_on} ở sau hôm nay ({today})."
    english = "The date {done_on} lies after today ({today})."


class AmendmentOver(ItemRefused):
    """An amendment after the campaign's amendment date."""

    sentence = "Đã quá hạn điều chỉnh đăng ký ({until}); văn bản điều chỉnh đề ngày {done_on}."
    english = "The amendment date {until} has passed; the amendment is dated {done_on}."


class PersonHasRecords(Refused):
    """The removal of somebody of whom something is kept: that is an erasure, and rests on a document."""

    status = 409
    sentence = "Người mang mã {code} đã có xếp loại hoặc đăng ký; xóa dữ liệu cá nhân theo văn bản tại POST /erasures."
    english = "The person {code!r} has ratings or registrations; erase by a document at POST /erasures."


class AlreadySent(ItemRefused):
    """A change of an item that was sent: it changes by moves only."""

    sentence = "Nội dung của {whom} đang ở trạng thái “{state}” nên không sửa trực tiếp được; hãy {remedy}."
    english = "The item of {whom} is {state} and cannot be edited; {remedy}."


class NotAParticipant(ItemRefused):
    """A unit outside the campaign."""

    sentence = "Đơn vị “{code}” không thuộc danh sách tham gia phong trào “{campaign}”."
    english = "The unit {code!r} does not take part in the campaign {campaign!r}."


class DateMovedSilently(Refused):
    """A date of the calendar moved without a reason."""

    sentence = "Đổi {what} từ {old} sang {new} phải nêu lý do."
    english = "Moving {what} from {old} to {new} needs a reason."


class SetsClash(Refused):
    """Two criteria sets of a campaign that mean different things by one name of a fact."""

    sentence = (
        "Hai bộ tiêu chí {one} và {other} cùng hỏi “{input}” nhưng khai khác nhau, số liệu khai cho bộ này sẽ ghi đè "
        "của bộ kia; hãy đổi tên đầu vào ở một bộ."
    )
    english = (
        "The sets {one} and {other} both ask for {input!r} and declare it differently, so that statements for one "
        "would replace those for the other; rename the input in one of them."
    )


class CalendarRefused(Refused):
    """Dates of a campaign that contradict one another."""

    sentence = "Lịch của phong trào không hợp lệ: {why}."
    english = "The campaign's calendar is not valid: {why}."


class InitiativeTooLate(ItemRefused):
    """A request for recognition more than a year after the first application."""

    sentence = (
        "Sáng kiến áp dụng lần đầu ngày {applied}, đã quá thời hiệu một năm (đến {until}) khi nộp đơn ngày {done_on}; "
        "Thường trực Hội đồng phải xác nhận và nêu lý do."
    )
    english = "First applied on {applied}: the year ended on {until}, before {done_on}; the office must confirm it."


class NotYetLapsed(ItemRefused):
    """A lapse before the year is over."""

    sentence = "Sáng kiến còn thời hiệu đến hết ngày {until}."
    english = "The initiative may be submitted until {until}."


class MarkRefused(ItemRefused):
    """A mark from somebody who may not give it now."""

    column = "points"
    sentence = "Không nhận điểm chấm sáng kiến “{code}”: {why}."
    english = "The mark of the initiative {code!r} is not taken: {why}."


class NotYetMarked(ItemRefused):
    """An initiative recorded as assessed before its readers settled on a mark."""

    sentence = "Chưa ghi nhận “Đã chấm” cho sáng kiến “{code}”: {why}."
    english = "The initiative {code!r} cannot be recorded as assessed: {why}."


class AssessedAlready(ItemRefused):
    """Readers named for an initiative that was assessed: another submission alone is read again."""

    sentence = "Sáng kiến “{code}” ở bước “{state}”, không phân công người chấm được; nộp lại thì mới chấm lại."
    english = "The initiative {code!r} was assessed already ({state_en}); it is read again only when submitted anew."


class RuleInUse(Refused):
    """A rule for marks changed after marks were given under it."""

    sentence = "Phong trào “{code}” đã có {marks} điểm chấm sáng kiến; quy tắc chấm phải công bố trước khi chấm."
    english = "The campaign {code!r} has {marks} marks already; the rule is declared before anybody marks."


class TooManyItems(Refused):
    """A batch beyond what one request may hold."""

    sentence = "Mỗi lần gửi tối đa {limit:,} mục (bạn gửi {sent:,}); hãy chia nhỏ, hoặc nhập bằng tệp."
    english = "One request holds at most {limit} items, not {sent}; split it, or import a file."
    status = 413


class NothingTaken(Refused):
    """Every item of a batch was refused; `errors` lists where and why."""

    sentence = "Không mục nào trong {sent:,} mục được nhận; mục đầu tiên: {first}"
    english = "None of the {sent} items was taken; the first: {first}"

    def __init__(self, sent: int, first: str, first_en: str, errors: Sequence[Mapping[str, object]]) -> None:
        super().__init__(sent=sent, first=first, first_en=first_en)
        self.errors = list(errors)


class RecordRefused(Refused):
    """A change of a single record that breaks a rule."""

    sentence = "{why}"
    english = "{why}"
