"""Papers of dossiers: appraisal sheet, notice of non-award, explanation for a complaint, public notice, submission."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from thidua.ordering import by_alphabet
from thidua_awards.documents.council_papers import day_words
from thidua_awards.documents.paper import Blocks, Paper, Paragraph, Signature, Table
from thidua_awards.domain.authorities import Authority
from thidua_awards.domain.dossier import AWAY
from thidua_awards.law.rules import MARK_WORDS, Mark

STATUS_WORDS = {
    "met": "đạt",
    "not_met": "chưa đạt",
    "na": "không áp dụng",
    "no_data": "chưa đủ dữ liệu",
    "person": "cần người xem xét",
    "withheld": "chỉ có trong bản sao lưu",
}
DOTS = "……………………………………"
RIGHT = "Đơn vị, cá nhân có quyền có ý kiến về nội dung này với Thường trực Hội đồng Thi đua - Khen thưởng."


def _findings(case: Mapping[str, Any], names: Mapping[str, str]) -> Table:
    rows = tuple(
        (
            str(number),
            names.get(one["key"], one["key"]),
            STATUS_WORDS.get(one["status"], one["status"]),
            one["sentence"],
            f"{one['clause']} ({_mark(one['mark'])})",
        )
        for number, one in enumerate(case["findings"], 1)
    )
    return Table("Điều kiện", ("Số TT", "Điều kiện", "Kết quả", "Số liệu", "Căn cứ"), rows, (1, 4, 3, 7, 6))


def _mark(mark: str | None) -> str:
    return MARK_WORDS[Mark(mark)] if mark else "chưa rõ nguồn"


def _whose(case: Mapping[str, Any]) -> str:
    """Return name, post and unit, as many of them as say something: the unit of a unit is itself."""
    return ", ".join(dict.fromkeys(one for one in (case["name"], case["post"], case["unit_name"]) if one))


def appraisal(case: Mapping[str, Any], names: Mapping[str, str], head: Mapping[str, Any]) -> Paper:
    """Return the appraisal sheet: every condition with status, figures, clause and the mark of its source."""
    blocks: Blocks = (
        Paragraph(f"Đối tượng: {_whose(case)}."),
        Paragraph(f"Danh hiệu, hình thức: {case['title_label']}. Chế độ pháp lý: {case['regime_name']}."),
        Paragraph(f"Kết quả rà soát theo dữ liệu: {case['verdict_label']}."),
        _findings(case, names),
        Paragraph("Nhận xét của người thẩm định: ……………………………………………………………"),
    )
    return Paper("phieu-tham-dinh", **head, symbol="", kind="Phiếu thẩm định", about=case["title_label"],
                 blocks=blocks, signatures=(Signature("Người thẩm định"),))  # fmt: skip


REFUSED_BY = {
    "refused": "Người có thẩm quyền",
    "not_passed": "Hội đồng Thi đua - Khen thưởng",
    "not_forwarded": "Thường trực Hội đồng Thi đua - Khen thưởng",
}
"""State that ends a dossier without an award → who brought it there."""


def refusal(steps: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """Return the step that refused; one that came back from a complaint bears why that ended, which no unit is told."""
    return next((one for one in reversed(steps) if one["to"] in REFUSED_BY and one["from"] not in AWAY), None)


def _unmet(case: Mapping[str, Any], names: Mapping[str, str], by: str) -> Blocks:
    unmet = [one for one in case["findings"] if one["status"] == "not_met"]
    if unmet:
        return (Paragraph("Điều kiện chưa đạt", "heading"), _findings({"findings": unmet}, names))
    none = f"Theo dữ liệu, không có điều kiện nào chưa đạt; {by} xem xét, kết luận."
    judged = [one for one in case["findings"] if one["status"] not in ("met", "na")]
    if not judged:
        return (Paragraph(none),)
    heading = Paragraph("Điều kiện do người, cơ quan có thẩm quyền xem xét", "heading")
    return (Paragraph(none), heading, _findings({"findings": judged}, names))


def non_award(
    case: Mapping[str, Any],
    names: Mapping[str, str],
    head: Mapping[str, Any],
    step: Mapping[str, Any],
    votes: Sequence[tuple[str, ...]] = (),
) -> Paper:
    """Return the notice of non-award: the unmet conditions with clause and figure, and the right to comment.

    Where the data show none, it says who refused and which conditions no data could settle. `step`: the one that
    refused. `votes`: minutes, day and totals of the council's votes on the case; the newest is named.
    """
    reason = step["reason"]
    blocks: Blocks = (
        Paragraph(f"Hồ sơ đề nghị tặng {case['title_label']} của {_whose(case)} không được trình, tặng."),
        *_unmet(case, names, REFUSED_BY[step["to"]]),
        *(
            Paragraph(f"Hội đồng biểu quyết: đồng ý {yes} tổng số thành viên (biên bản {minutes} ngày {day}).")
            for minutes, day, yes in votes[-1:]
        ),
        *((Paragraph(f"Lý do: {reason}."),) if reason else ()),
        Paragraph(RIGHT),
        Paragraph(f"Liên hệ: Thường trực Hội đồng Thi đua - Khen thưởng, điện thoại, thư điện tử: {DOTS}"),
    )
    return Paper("thong-bao-khong-khen-thuong", **head, symbol="TB", kind="Thông báo",
                 about=f"Về việc không tặng {case['title_label']}", blocks=blocks,
                 signatures=(Signature("Thường trực Hội đồng"),), receivers=(case["unit_name"] + ";", "Lưu: VT."),
                 )  # fmt: skip


def explanation(
    case: Mapping[str, Any],
    dossier: Mapping[str, Any],
    history: Sequence[Mapping[str, Any]],
    names: Mapping[str, str],
    told: Mapping[str, Sequence[tuple[str, ...]]],
    head: Mapping[str, Any],
    chain: str,
) -> Paper:
    """Return the dossier of explanation for a complaint: the case as judged, steps, history; no ballot is in it.

    Reasons of holds and complaints are in it neither: it leaves the hands of those who may read them.
    `told`: rows of the sources in force (`sources`), of the votes with their minutes (`votes`: totals alone), and of
    the notices and letters (`notices`).
    """
    steps = tuple(
        (day_words(one["acted_on"]), one["label"], one["document"], one["on_behalf"],
         ("ghi sau; " if one["recorded_afterwards"] else "") + _why(one))
        for one in dossier["steps"]
    )  # fmt: skip
    held = tuple(
        (str(one["year"]), one["label"], one["number"], day_words(one["dated"]),
         f"Đã hủy bỏ: {one['cancelled_because']}" if one["cancelled"] else "")
        for one in history
    )  # fmt: skip
    blocks: Blocks = (
        Paragraph(f"Đối tượng: {_whose(case)}. Danh hiệu, hình thức: {case['title_label']}."),
        Paragraph("Điều kiện đã áp dụng và kết quả", "heading"),
        _findings(case, names),
        Paragraph("Nguồn của quy định đã áp dụng", "heading"),
        Table("Nguồn", ("Quy định", "Hiệu lực", "Nguồn"), tuple(told["sources"]), (6, 3, 7)),
        Paragraph("Quá trình xử lý hồ sơ", "heading"),
        Table("Quá trình", ("Ngày", "Bước", "Văn bản", "Người thực hiện", "Ghi chú"), steps, (3, 5, 4, 4, 5)),
        Paragraph("Thông báo, văn bản lấy ý kiến", "heading"),
        Table("Văn bản", ("Loại", "Văn bản", "Từ ngày", "Đến ngày"), tuple(told["notices"]), (5, 5, 3, 3)),
        Paragraph("Biên bản kiểm phiếu", "heading"),
        Table("Kiểm phiếu", ("Biên bản", "Ngày", "Đồng ý / tổng số thành viên"), tuple(told["votes"]), (5, 3, 5)),
        Paragraph("Danh hiệu, hình thức đã có", "heading"),
        Table("Lịch sử", ("Năm", "Danh hiệu, hình thức", "Số quyết định", "Ngày", "Ghi chú"), held, (2, 5, 4, 3, 4)),
    )
    return Paper("giai-trinh", **head, symbol="BC", kind="Báo cáo giải trình", about=case["title_label"],
                 blocks=blocks, signatures=(Signature("Thường trực Hội đồng"),), foot=chain)  # fmt: skip


def _why(step: Mapping[str, Any]) -> str:
    # Why there was a hold or a complaint, and how it ended, may name who complained or what is verified of whom.
    is_kept = step["reason"] and not set(AWAY).isdisjoint((step["from"], step["to"]))
    return "lý do xem trong hồ sơ thẩm định" if is_kept else str(step["reason"])


def public_notice(asked: Mapping[str, Any], labels: Mapping[str, str], head: Mapping[str, Any]) -> Paper:
    """Return the public notice: name, post, unit and form of everybody on the list, and nothing more."""
    rows = tuple(
        (str(number), one["name"], one["post"], one["unit"], labels.get(one["title"], one["title"]))
        for number, one in enumerate(asked["list"], 1)
    )
    headers = ("Số TT", "Họ và tên, tập thể", "Chức vụ", "Đơn vị", "Danh hiệu, hình thức")
    posted, until = day_words(asked["posted_on"]), day_words(asked["until"])
    span = f"từ ngày {posted} đến hết ngày {until} ({asked['working_days']} ngày làm việc)"
    blocks: Blocks = (
        Paragraph(f"Công khai lấy ý kiến {span}."),
        Table("Danh sách", headers, rows, (1, 5, 4, 5, 5)),
        Paragraph(f"Nơi công khai, nơi nhận ý kiến: {asked['addressee']}."),
    )
    return Paper("thong-bao-cong-khai", **head, symbol="TB", kind="Thông báo",
                 about="Về việc công khai, lấy ý kiến danh sách đề nghị khen thưởng", blocks=blocks,
                 signatures=(Signature("Thường trực Hội đồng"),))  # fmt: skip


LIST_HEADERS = ("Số TT", "Họ và tên, tập thể", "Chức vụ", "Đơn vị", "Danh hiệu, hình thức", "Kết quả biểu quyết")


def short_list(lines: Sequence[Mapping[str, Any]], head: Mapping[str, Any]) -> Paper:
    """Return the list (danh sách trích ngang) that goes with a submission: achievement, proof and vote of each."""
    return Paper("danh-sach", **head, symbol="", kind="Danh sách trích ngang", about="Đề nghị tặng danh hiệu thi đua, "
                 "hình thức khen thưởng", blocks=(_long_list(lines),), signatures=(Signature("Thường trực Hội đồng"),),
                 wide=True)  # fmt: skip


LONG_HEADERS = (
    "Số TT", "Ông (bà), tập thể", "Chức vụ", "Đơn vị", "Danh hiệu, hình thức", "Tóm tắt thành tích",
    "Căn cứ (số, ngày quyết định)", "Kết quả biểu quyết",
)  # fmt: skip


def _long_list(lines: Sequence[Mapping[str, Any]]) -> Table:
    rows = tuple(
        (str(number), one["name"], one["post"], one["unit"], one["label"], one["achievement"] or DOTS,
         one["proof"] or DOTS, one["vote"])
        for number, one in enumerate(lines, 1)
    )  # fmt: skip
    return Table("Danh sách", LONG_HEADERS, rows, (1, 4, 3, 4, 4, 6, 6, 2))


def _list(lines: Sequence[Mapping[str, Any]]) -> Table:
    rows = tuple(
        (str(number), one["name"], one["post"], one["unit"], one["label"], one["vote"])
        for number, one in enumerate(lines, 1)
    )
    return Table("Danh sách", LIST_HEADERS, rows, (1, 5, 4, 5, 5, 3))


def _annex(lines: Sequence[Mapping[str, Any]], of: str) -> Blocks:
    return (Paragraph("DANH SÁCH", "center"), Paragraph(f"(Kèm theo {of})", "to"), _list(lines))


MOST_ADDRESSEES = 3


def submission(
    lines: Sequence[Mapping[str, Any]], bases: Sequence[str], to: Sequence[str], head: Mapping[str, Any]
) -> Paper:
    """Return the submission (tờ trình): bases, minutes, numbers per title and form, the list attached.

    `to`: who decides; of many, one word for all of them.
    """
    addressee = "; ".join(to) if 0 < len(to) <= MOST_ADDRESSEES else "Người có thẩm quyền quyết định khen thưởng"
    numbers = Counter(one["label"] for one in lines)
    cited = sorted({one["minutes"] for one in lines if one["minutes"]})
    last = len(numbers) - 1
    counted = tuple(
        Paragraph(f"- {label}: {number} trường hợp{'.' if at == last else ';'}")
        for at, (label, number) in enumerate(sorted(numbers.items(), key=lambda one: by_alphabet(one[0])))
    )
    blocks: Blocks = (
        Paragraph(f"Kính gửi: {addressee}", "to"),
        *_bases((*bases, *(f"Biên bản kiểm phiếu {one}" for one in cited)), "."),
        Paragraph(f"Kính trình xem xét, quyết định tặng {len(lines)} trường hợp, gồm:"),
        *counted,
        Paragraph("Các trường hợp nêu trên chấp hành tốt chủ trương của Đảng, chính sách, pháp luật của Nhà nước; đơn "
                  "vị trình chịu trách nhiệm về tính chính xác của hồ sơ."),
        Paragraph("(Danh sách kèm theo)."),
    )  # fmt: skip
    return Paper("to-trinh", **head, symbol="TTr", kind="Tờ trình", about="Về việc đề nghị khen thưởng", blocks=blocks,
                 signatures=(Signature("Thường trực Hội đồng"),), receivers=("Như trên;", "Lưu: VT."),
                 annex=_annex(lines, "Tờ trình số            ngày            ") if lines else ())  # fmt: skip


def _bases(bases: Sequence[str], end: str) -> tuple[Paragraph, ...]:
    """Return the bases one a line, as the decree has them: a semicolon behind each, `end` behind the last."""
    last = len(bases) - 1
    return tuple(Paragraph(f"Căn cứ {one}{end if at == last else ';'}", "base") for at, one in enumerate(bases))


def draft_decision(
    lines: Sequence[Mapping[str, Any]], bases: Sequence[str], by: Authority, head: Mapping[str, Any]
) -> Paper:
    """Return the draft of a decision with its list; number and date come from the register after signing."""
    blocks: Blocks = (
        Paragraph(by.named.upper(), "center"),
        *_bases(bases, ";"),
        Paragraph("Theo đề nghị của Thường trực Hội đồng Thi đua - Khen thưởng.", "base"),
        Paragraph("QUYẾT ĐỊNH:", "center"),
        Paragraph(f"Điều 1. Tặng danh hiệu thi đua, hình thức khen thưởng cho {len(lines)} trường hợp (danh sách kèm "
                  "theo)."),
        Paragraph("Điều 2. Tiền thưởng trích từ quỹ thi đua, khen thưởng theo quy định."),
        Paragraph("Điều 3. Quyết định có hiệu lực kể từ ngày ký. Thủ trưởng các đơn vị và các trường hợp có tên tại "
                  "Điều 1 chịu trách nhiệm thi hành Quyết định này."),
    )  # fmt: skip
    return Paper("du-thao-quyet-dinh", **head, symbol="QĐ", kind="Quyết định", about="Về việc khen thưởng",
                 blocks=blocks, signatures=(Signature(by.post),), receivers=("Như Điều 3;", "Lưu: VT."),
                 annex=_annex(lines, "Quyết định số            ngày            ") if lines else (),
                 )  # fmt: skip
