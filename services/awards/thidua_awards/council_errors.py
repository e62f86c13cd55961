"""Errors of votes that are under way or taken back."""

from __future__ import annotations

from thidua.errors import Conflict


class VoteUnderWay(Conflict):
    """The council would vote on cases that another vote, opened and not closed, is about; opened only on purpose."""

    sentence = (
        "Các trường hợp số {cases} đang ở một lượt biểu quyết khác đã mở và chưa kiểm phiếu xong. Hãy kiểm phiếu hoặc "
        "rút lượt đó trước, hoặc xác nhận vẫn mở và ghi lý do (despite_voted, reason)."
    )
    english = (
        "Another open vote is about cases {cases}; count or withdraw it first, or open this one with despite_voted and "
        "a reason."
    )


class BallotsCast(Conflict):
    """A vote would be withdrawn in which members have voted: their ballots are counted, whatever they say."""

    sentence = "Lượt biểu quyết đã có {voted} thành viên bỏ phiếu, không rút được; hãy kiểm phiếu rồi kết thúc lượt."
    english = "{voted} members have voted already; the vote is closed and counted, not withdrawn."
