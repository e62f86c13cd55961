"""Papers of the council: invitation, ballot paper, counting minutes, minutes of the meeting."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from thidua_awards.documents.paper import Blocks, Paper, Paragraph, Signature, Table

ROLE_WORDS = {"chair": "Chủ tịch", "deputy": "Phó Chủ tịch", "secretary": "Thư ký", "member": "Ủy viên"}
PRESENCE_WORDS = {"present": "có mặt", "written": "gửi ý kiến bằng văn bản", "absent": "vắng mặt"}


def day_words(day: str) -> str:
    """Write an ISO date the Vietnamese way."""
    return f"{date.fromisoformat(day):%d/%m/%Y}"


def invitation(meeting: Mapping[str, Any], head: Mapping[str, str]) -> Paper:
    """Return the invitation (giấy mời) to a meeting, with its agenda."""
    agenda = tuple(Paragraph(f"{number}. {item}") for number, item in enumerate(meeting["agenda"], 1))
    blocks: Blocks = (
        Paragraph(f"{meeting['council']} trân trọng kính mời các thành viên Hội đồng dự họp."),
        Paragraph(f"Thời gian: …… giờ …… ngày {day_words(meeting['held_on'])}."),
        Paragraph(f"Địa điểm: {meeting['place']}. Chủ trì: {meeting['chair']}."),
        *((Paragraph("Nội dung", "heading"), *agenda) if agenda else ()),
    )
    receivers = ("Các thành viên Hội đồng;", "Lưu: VT.")
    about = f"Họp {meeting['council']}"
    signed = (Signature("Thường trực Hội đồng"),)
    return Paper("giay-moi", **_head(head, "GM"), kind="Giấy mời", about=about, blocks=blocks, signatures=signed,
                 receivers=receivers)  # fmt: skip


def ballot_paper(vote: Mapping[str, Any], title: str, head: Mapping[str, str]) -> Paper:
    """Return the ballot paper (phiếu bầu): the list with a box for yes and a box for no, and no name of a voter."""
    rows = tuple((str(one["place"]), one["name"], "", "") for one in vote["cases"])
    blocks: Blocks = (
        Paragraph("Đánh dấu x vào một ô ở mỗi dòng. Phiếu để trống hoặc đánh dấu cả hai ô là phiếu không hợp lệ."),
        Table("Phiếu bầu", ("Số TT", "Họ và tên, tập thể", "Đồng ý", "Không đồng ý"), rows, (1, 6, 2, 2)),
    )
    about = f"Xét, đề nghị tặng {title}"
    return Paper("phieu-bau", **_head(head, ""), kind="Phiếu bầu", about=about, blocks=blocks, signatures=())


def counting_minutes(
    vote: Mapping[str, Any],
    meeting: Mapping[str, Any],
    title: str,
    head: Mapping[str, str],
    chain: Mapping[str, Any],
) -> Paper:
    """Return the counting minutes (biên bản kiểm phiếu); totals only of a closed vote, written opinions included."""
    closed = vote["state"] == "closed"
    rows = tuple(
        (str(one["place"]), one["name"], *((str(one[key]) if closed else "") for key in ("yes", "no", "invalid")),
         one["result"] if closed else "")
        for one in vote["cases"]
    )  # fmt: skip
    headers = ("Số TT", "Họ và tên, tập thể", "Đồng ý", "Không đồng ý", "Không hợp lệ", "Kết quả")
    blocks: Blocks = (
        Paragraph(f"Ngày {day_words(meeting['held_on'])}, tại {meeting['place']}."),
        Paragraph(f"Hình thức: {vote['method_label']}. Tổng số thành viên Hội đồng: {vote['members']}."),
        Paragraph(_presence(meeting)),
        *_interests(vote, meeting),
        Table("Kiểm phiếu", headers, rows, (1, 4, 2, 2, 2, 6)),
        Paragraph("Số phiếu trên đã gồm ý kiến bằng văn bản; không thống kê riêng."),
        *_checked(vote),
    )
    about = f"Kết quả bỏ phiếu {title}"
    secretary, chair = (Signature("Thư ký", meeting["secretary"]), Signature("Chủ trì", meeting["chair"]))
    signed = (Signature("Ban kiểm phiếu"), secretary, chair)
    return Paper("bien-ban-kiem-phieu", **_head(head, "BB"), kind="Biên bản kiểm phiếu", about=about, blocks=blocks,
                 signatures=signed, foot=chain_words(chain))  # fmt: skip


def _presence(meeting: Mapping[str, Any]) -> str:
    how = Counter(one["presence"] for one in meeting["members"])
    counts = ", ".join(f"{words} {how[name]}" for name, words in PRESENCE_WORDS.items())
    return f"Số thành viên tham gia, kể cả ý kiến bằng văn bản: {meeting['taking_part']}/{meeting['total']} ({counts})."


def _interests(vote: Mapping[str, Any], meeting: Mapping[str, Any]) -> tuple[Paragraph, ...]:
    """Return who declared an interest in which case, and so did not vote on it."""
    names = {one["id"]: one["name"] for one in meeting["members"]}
    said = [
        f"{', '.join(names.get(member, member) for member in one['interests'])} (trường hợp số {one['place']})"
        for one in vote["cases"]
        if one["interests"]
    ]
    return (Paragraph(f"Khai báo có liên quan, không bỏ phiếu: {'; '.join(said)}."),) if said else ()


def _checked(vote: Mapping[str, Any]) -> tuple[Paragraph, ...]:
    if not vote["checked_by"]:
        return ()
    return (Paragraph(f"Đối chiếu với biên bản giấy: {', '.join(vote['checked_by'])}."),)


def minutes(
    meeting: Mapping[str, Any],
    votes: Sequence[tuple[str, Mapping[str, Any]]],
    head: Mapping[str, str],
    chain: Mapping[str, Any],
) -> Paper:
    """Return the minutes of a meeting; `votes` are its closed ones, each with the name of its title."""
    people = tuple(
        (str(number), one["name"], ROLE_WORDS[one["role"]], PRESENCE_WORDS.get(one["presence"], "chưa ghi"))
        for number, one in enumerate(meeting["members"], 1)
    )
    blocks: Blocks = (
        Paragraph(f"Ngày {day_words(meeting['held_on'])}, tại {meeting['place']}, {meeting['council']} họp."),
        Paragraph(f"Chủ trì: {meeting['chair']}. Thư ký: {meeting['secretary']}."),
        Paragraph(_presence(meeting)),
        Table("Thành viên", ("Số TT", "Họ và tên", "Vai trò", "Tham gia"), people, (1, 5, 3, 4)),
        Paragraph("Nội dung", "heading"),
        *(Paragraph(f"{number}. {item}") for number, item in enumerate(meeting["agenda"], 1)),
        *(block for title, vote in votes for block in _result(title, vote)),
    )
    signed = (Signature("Thư ký", meeting["secretary"]), Signature("Chủ trì", meeting["chair"]))
    return Paper("bien-ban-hop", **_head(head, "BB"), kind="Biên bản", about=f"Họp {meeting['council']}",
                 blocks=blocks, signatures=signed, foot=chain_words(chain))  # fmt: skip


def _result(title: str, vote: Mapping[str, Any]) -> tuple[Paragraph | Table, ...]:
    rows = tuple((str(one["place"]), one["name"], one["result"]) for one in vote["cases"])
    interests = sum(len(one["interests"]) for one in vote["cases"])
    note = f" Có {interests} lượt khai báo liên quan, không bỏ phiếu." if interests else ""
    return (
        Paragraph(f"{title} ({vote['method_label']}). Tổng số thành viên: {vote['members']}.{note}", "heading"),
        Table(f"Kết quả {title}", ("Số TT", "Họ và tên, tập thể", "Kết quả"), rows, (1, 4, 7)),
    )


def chain_words(chain: Mapping[str, Any]) -> str:
    """Return the line that lets anybody prove later that nothing before it was altered."""
    return f"Mã kiểm chứng (mắt xích {chain['number']}): {chain['head']}"


def _head(head: Mapping[str, str], symbol: str) -> dict[str, Any]:
    return {**head, "symbol": symbol}
