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


class HoldRuns(Conflict):
    """A hold on a subject whose review is held already: lifting one of two would free nobody."""

    sentence = "Đã ghi việc tạm dừng xem xét {subject} từ ngày {since}; hãy kết thúc lần tạm dừng đó trước."
    english = "A hold on the review of {subject} from {since} on is entered already; lift that hold first."


class DecisionRepeated(Conflict):
    """A list names the same decision twice."""

    sentence = "Danh sách gửi lên ghi quyết định số {number} ngày {dated} của {authority} hai lần; chưa ghi gì."
    english = "The list names decision {number} of {dated} by {authority} twice; nothing was recorded."


class DecisionExists(Conflict):
    """Number, date and authority are already taken by another decision."""

    sentence = "Quyết định số {number} ngày {dated} của {authority} đã được ghi; hãy mở quyết định đó để xem."
    english = "Decision {number} of {dated} by {authority} is already recorded."


class DecisionNeedsReason(Conflict):
    """Something speaks against a decision, and the reason why it was made all the same is not recorded."""

    sentence = "Chưa ghi quyết định số {number}: {why}. Người có thẩm quyền vẫn quyết định thì ghi lý do (reason)."
    english = "Decision {number} was not recorded: {why}. If it was made all the same, say why (reason)."


class DecisionCancelled(Conflict):
    """A cancelled decision cannot be cancelled again."""

    sentence = "Quyết định số {number} đã bị hủy bỏ trước đó: {reason}"
    english = "Decision {number} was cancelled before: {reason}"


class NoSuchLine(NotFound):
    """A decision has no such line in force."""

    sentence = "Quyết định số {number} không có dòng {code} năm {year} còn hiệu lực của {subject}."
    english = "Decision {number} has no line {code} of {year} in force for {subject}."


class PersonStillListed(Conflict):
    """An erasure was asked for while the register of people still has the person."""

    sentence = (
        "{person} còn trong sổ đăng ký cá nhân; hãy xóa theo văn bản ở dịch vụ đăng ký (POST /erasures) trước, "
        "rồi xóa tại đây."
    )
    english = "{person} is still in the register of people; erase it there (POST /erasures) first, then here."


class ReviewPending(Conflict):
    """Official quotas were asked for while something that arrived was not reviewed yet."""

    sentence = (
        "Phong trào {campaign} còn thay đổi chưa được rà soát lại; hệ thống tự rà soát trong vài giây, "
        "hãy gửi lại yêu cầu sau đó."
    )
    english = "Campaign {campaign} has changes not reviewed yet; the review runs within seconds, then ask again."


class NotAMember(Refused):
    """Somebody is named who is no member of the council on the day of its meeting."""

    sentence = "{member} không phải là thành viên Hội đồng vào ngày họp; hãy kiểm tra danh sách và nhiệm kỳ."
    english = "{member} is no member of the council on the day of the meeting."


class NotAMemberHere(Refused):
    """A token that belongs to no member who may vote here."""

    sentence = "Mã bỏ phiếu không thuộc thành viên nào được bỏ phiếu tại lượt này; hãy liên hệ thư ký Hội đồng."
    english = "This token belongs to no member who may vote here."
    status = 403


class AlreadyVoted(Conflict):
    """A member who voted electronically cannot also be absent or give a written opinion."""

    sentence = "Thành viên {member} đã bỏ phiếu điện tử tại lượt đang mở; không ghi vắng mặt hoặc ý kiến bằng văn bản."
    english = "{member} has voted in an open ballot, and can neither be absent nor give a written opinion."


class PresenceCounted(Conflict):
    """Who took part is what the minutes of a counted vote state; it does not change behind them."""

    sentence = (
        "Phiên họp đã có lượt biểu quyết được kiểm phiếu, thành phần tham gia của {member} đã nằm trong biên bản; "
        "lượt biểu quyết có thành phần khác thì lập phiên họp mới."
    )
    english = "A vote of this meeting is counted and its minutes state how {member} took part; call another meeting."


class DayAhead(Refused):
    """A decision, correction or discipline bears a day that is still to come: what is typed in here is signed."""

    sentence = "{what} ghi ngày {day}, sau hôm nay ({today}); chỉ ghi văn bản đã ký, hãy xem lại ngày."
    english = "{named} bears the date {day}, after today ({today}); only what is signed is recorded."


class TokenInUse(Conflict):
    """A member who has voted gets no new token until the vote is closed: whoever had it could replace the ballot."""

    sentence = (
        "Thành viên {member} đã bỏ phiếu tại lượt đang mở; mã mới cấp lúc này có thể dùng để thay phiếu đó. "
        "Hãy cấp lại mã sau khi lượt biểu quyết kết thúc."
    )
    english = "{member} has voted in an open ballot, which a new token could replace; give it after the closing."


class TermOfVoter(Conflict):
    """A term would begin or end so that the members of a meeting are others than those of its votes."""

    sentence = "Phiên họp ngày {held_on} đã biểu quyết; nhiệm kỳ của {member} không được thay đổi thành viên hôm đó."
    english = "The meeting of {held_on} has voted with other members; the term of {member} may not change them."


class ElectronicNotAllowed(Refused):
    """The council's rules of procedure do not allow an electronic secret ballot."""

    sentence = "Quy chế của {council} không ghi nhận bỏ phiếu điện tử; hãy bỏ phiếu kín trên giấy."
    english = "The rules of {council} do not allow an electronic ballot; vote on paper."


class NoQuorum(Conflict):
    """Too few members take part for the council to decide."""

    sentence = "Có {taking_part}/{members} thành viên tham gia, Quy chế yêu cầu {quorum}; chưa mở được lượt biểu quyết."
    english = "{taking_part} of {members} members take part, the rules ask for {quorum}; the vote was not opened."


class CannotPass(Conflict):
    """Cases that cannot reach their share whatever those present vote; opened only on purpose."""

    sentence = (
        "Các trường hợp số {cases} không thể đạt {share} của {members} thành viên dù mọi người tham gia đều đồng ý. "
        "Hãy lấy ý kiến bằng văn bản của thành viên vắng mặt, hoặc xác nhận vẫn mở và ghi lý do (despite, reason)."
    )
    english = (
        "Cases {cases} cannot reach {share} of {members} members even if all who take part agree. "
        "Ask absent members in writing, or open it all the same and say why (despite, reason)."
    )


class VoteNotInState(Conflict):
    """What was asked for is not possible in the state the vote is in."""

    sentence = "Lượt biểu quyết {state}; việc này không thực hiện được."
    english = "The vote is not in a state for this: {state}."


class BallotMisread(Refused):
    """A ballot or interest does not fit the list."""

    sentence = "Phiếu không hợp với danh sách: {why}."
    english = "The ballot does not fit the list: {why}."


class TooManyVotes(Refused):
    """More votes on a case than members who may vote on it."""

    sentence = "Trường hợp số {case} có {votes} phiếu, chỉ có {most} thành viên tham gia được bỏ phiếu."
    english = "Case {case} has {votes} votes, only {most} members taking part may vote on it."


class WrittenMissing(Refused):
    """The written opinions entered are not as many as members who gave one."""

    sentence = "Trường hợp số {case}: có {expected} ý kiến bằng văn bản, số nhập vào là {sent}."
    english = "Case {case}: {expected} members wrote an opinion, {sent} were entered."


class TooFewWriters(Conflict):
    """An electronic vote would take the total of written opinions of one or two members, and so tell what they said."""

    sentence = (
        "Các trường hợp số {cases} chỉ có một hoặc hai ý kiến bằng văn bản, nhập riêng sẽ lộ ý kiến của thành viên; "
        "hãy bỏ phiếu kín trên giấy, hoặc lấy ý kiến bằng văn bản của ít nhất {fewest} thành viên."
    )
    english = (
        "Cases {cases} have written opinions of only one or two members, whose total would tell what they said; "
        "vote on paper, or ask at least {fewest} members in writing."
    )


class CountsDiffer(Conflict):
    """What a checker read from the minutes differs from what was entered."""

    sentence = "Số liệu đối chiếu khác số đã nhập tại: {cases}; tổ kiểm phiếu xem lại biên bản và nhập lại."
    english = "What was read differs from what was entered at: {cases}; the counting team enters it anew."


class NotAnotherPerson(Conflict):
    """Totals are checked by two people, neither of whom entered them."""

    sentence = "Số liệu phải do người khác đối chiếu, không phải người đã nhập hoặc đã đối chiếu."
    english = "Totals are checked by somebody who neither entered nor checked them."


class NotReviewed(Refused):
    """A dossier is begun for a subject that was not reviewed for the title."""

    sentence = "{subject} chưa được rà soát điều kiện về {title}; hãy nêu tên trong danh sách đề nghị rồi rà soát."
    english = "{subject} was not reviewed for {title}; name it as a candidate and review first."


class DossierExists(Conflict):
    """There is a dossier of that subject for that title that leaves no room for another."""

    sentence = "Chưa lập được hồ sơ {title} của {subject}: {why}."
    english = "No dossier of {subject} for {title} is begun: {why_en}."


class AlreadyMoved(Conflict):
    """A dossier is begun for a title on which a decision stands already; its findings would change again."""

    sentence = "{title} của {subject}: {state}; không lập hồ sơ mới trên kết quả rà soát đã chốt."
    english = "{title} of {subject} is past its review ({state}); no dossier is begun on findings that stand."


class NoSuchStep(Conflict):
    """A dossier cannot go there from where it is; no step is skipped in silence."""

    sentence = (
        "Hồ sơ đang ở bước “{state}”, chưa thể sang “{to}”; các bước tiếp theo: {open}. "
        "Việc đã làm trên giấy thì ghi từng bước."
    )
    english = "From here the dossier cannot go to {to}; next: {open}. Record each step that happened on paper."


class StepIncomplete(Refused):
    """A step lacks what it must name."""

    sentence = "Chưa ghi được bước này: {why}."
    english = "The step is incomplete: {why}."


class NoDecision(Conflict):
    """A dossier would be handed over, paid or corrected on which no decision in force stands."""

    sentence = "{title} của {name} chưa có quyết định còn hiệu lực; ghi quyết định trước (kể cả sau khi khiếu nại)."
    english = "No decision in force gives {title} to {name}; record it first, also after a complaint."


class AppraisalOpen(Conflict):
    """An appraisal ends while conditions still wait for a person's answer."""

    sentence = "Phiếu thẩm định còn nội dung chưa có người xác nhận: {names}."
    english = "Conditions still wait for a person's answer: {names}."


class OpinionsOpen(Conflict):
    """Opinions were asked for and are not all in and answered."""

    sentence = "Chưa kết thúc hoặc chưa giải trình xong: {kinds}."
    english = "Opinions are not all in and answered: {kinds}."


class CouncilSaysOtherwise(Conflict):
    """A step goes against the counting minutes, or there are none."""

    sentence = "Bước này chưa phù hợp với kết quả của Hội đồng: {why}."
    english = "The step does not agree with the council's vote: {why}."


class SecretBallotAsked(Conflict):
    """A show of hands was drawn up for a title on which the law asks for a secret ballot."""

    sentence = "{clause} yêu cầu bỏ phiếu kín đối với danh hiệu này; không lấy biểu quyết."
    english = "{clause} asks for a secret ballot on this title; no show of hands is taken."


class VotedBefore(Conflict):
    """The council would vote again on cases whose counting minutes stand; opened only on purpose."""

    sentence = (
        "Các trường hợp số {cases} đã có kết quả kiểm phiếu còn giá trị ({documents}). Hãy trả hồ sơ về bước thẩm định "
        "trước, hoặc xác nhận vẫn mở và ghi lý do (despite_voted, reason)."
    )
    english = "Counting minutes on cases {cases} stand ({documents}); open it with despite_voted and a reason."


class CaseHeld(Conflict):
    """The council would vote on somebody whose review is held; opened only on purpose."""

    sentence = (
        "Việc xem xét các trường hợp số {cases} đang tạm dừng. Hãy lập danh sách không có các trường hợp này, "
        "hoặc xác nhận vẫn mở và ghi lý do (despite_held, reason)."
    )
    english = "The review of cases {cases} is held; leave them out, or open it with despite_held and a reason."


class NoticeTooShort(Conflict):
    """The council would meet before the public notice has lasted its working days."""

    sentence = (
        "Danh sách công khai ngày {posted}, ngày làm việc thứ {days} là {last}; Hội đồng họp sớm nhất ngày {earliest}. "
        "Hãy dời phiên họp, hoặc xác nhận vẫn mở và ghi lý do (despite_notice, reason)."
    )
    english = (
        "The list was posted on {posted}, its working day {days} is {last}; the council meets on {earliest} at the "
        "earliest, or opens it all the same and says why (despite_notice, reason)."
    )


class NoticeMissing(Conflict):
    """The council would vote on cases of which no public notice is recorded, where the law asks for one."""

    sentence = (
        "Chưa ghi nhận việc công khai {days} ngày làm việc đối với các trường hợp số {cases}. "
        "Hãy ghi thông báo công khai rồi mở lượt, hoặc xác nhận vẫn mở và ghi lý do (despite_notice, reason)."
    )
    english = (
        "No public notice of {days} working days is recorded for cases {cases}; record it and then open the vote, or "
        "open it all the same and say why (despite_notice, reason)."
    )


class NoBallotKeys(OperatorError):
    """There is no folder in which the private key of a vote could be kept."""

    sentence = (
        "THIDUA_BALLOT_KEYS_FOLDER cannot take the key of a vote: {why}. Name a folder that only the service may "
        "read, outside the database and its backups; until then councils vote on paper."
    )


class BallotKeyMissing(OperatorError):
    """The private key of a vote is not where it was written."""

    sentence = (
        "The key of this vote, {file}, cannot be read: {why}. Bring the file back; without it the ballots can be "
        "opened by nobody, and the council votes again (`despite_voted`)."
    )


class LawOverridesRefused(OperatorError):
    """The file of local values for the law cannot be used."""

    sentence = "THIDUA_LAW_OVERRIDES_FILE={file} was refused: {why}. Mend the file and start the service again."
