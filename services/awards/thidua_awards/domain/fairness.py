"""Figures a council looks at before it decides: advisory, with their definitions, suppressed where few people stand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from thidua_awards.domain.council import FEWEST_SHOWN_APART as FEWEST
from thidua_awards.law import share_text

SUPPRESSED: Final = f"dưới {FEWEST}, không hiển thị"
"""Stands in the place of a figure on one or two people, awarded or left out."""

HIDDEN_TOO: Final = f"không hiển thị, để không suy ra số dưới {FEWEST}"
"""Stands in the place of the figure from which one on one or two people could be computed."""

DEFINITIONS: Final[Mapping[str, str]] = {
    "leaders": (
        "Tỷ lệ đạt danh hiệu của người đứng đầu đơn vị và của những người còn lại: số người có quyết định còn hiệu lực "
        "trong năm chia cho số người được rà soát danh hiệu đó trong phong trào. Không tính khen thưởng chuyên đề, đột "
        "xuất."
    ),
    "sex": (
        "Tỷ lệ đạt danh hiệu của nữ và của nam theo số tổng hợp do các đơn vị báo cáo: số người đạt chia cho số người "
        "của đơn vị. Hệ thống không lưu giới tính của từng người cho mục đích này."
    ),
    "small_units": (
        "Tỷ lệ đạt danh hiệu theo quy mô đơn vị (số người đang công tác của đơn vị): số người có quyết định còn hiệu "
        "lực trong năm chia cho số người được rà soát. Không tính khen thưởng chuyên đề, đột xuất."
    ),
    "flags": (
        "Cờ luân phiên: trong năm năm gần nhất khối, cụm có từ ba lần được tặng cờ và không tập thể nào được tặng hai "
        "lần. Chỉ là dấu hiệu để Hội đồng xem xét, không phải kết luận."
    ),
    "ballots": (
        "Phiếu nhất trí: trường hợp mà mọi phiếu kiểm được đều đồng ý, chia cho số trường hợp đã kiểm phiếu của danh "
        "hiệu đó trong phong trào."
    ),
    "targets": (
        "Chỉ tiêu trùng nhau: số bản đăng ký có toàn bộ chỉ tiêu (tên, đơn vị tính, giá trị) giống hệt bản của ít nhất "
        "hai đối tượng khác, chia cho số bản đăng ký có chỉ tiêu."
    ),
}
"""What each figure is; printed beside it."""

HEADINGS: Final[Mapping[str, str]] = {
    "leaders": "Người đứng đầu và những người còn lại",
    "sex": "Nữ và nam",
    "small_units": "Quy mô đơn vị",
    "flags": "Cờ trong khối, cụm",
    "ballots": "Phiếu nhất trí",
    "targets": "Chỉ tiêu trùng nhau",
}
NOT_REVIEWED: Final = (
    "Chưa rà soát ai trong phong trào này. Thường trực Hội đồng rà soát điều kiện trước; số liệu sẽ hiện ở đây sau khi "
    "có quyết định."
)
NEXT: Final[Mapping[str, str]] = {
    "leaders": NOT_REVIEWED,
    "sex": "Chưa đơn vị nào báo cáo số nữ, nam. Đơn vị hoặc Thường trực gửi số tổng hợp theo danh hiệu, không nêu tên "
    "ai (PUT /sex-counts).",
    "small_units": NOT_REVIEWED,
    "flags": "Chưa có quyết định tặng cờ nào trong năm năm gần nhất cho thành viên khối, cụm. Nếu đã có, nhập quyết "
    "định các năm trước (thidua import awards).",
    "ballots": "Chưa có lượt bỏ phiếu nào đã kiểm. Số liệu hiện ở đây sau khi biên bản kiểm phiếu được hai người đối "
    "chiếu.",
    "targets": "Chưa có bản đăng ký nào ghi chỉ tiêu. Đơn vị ghi chỉ tiêu khi gửi bản đăng ký thi đua.",
}
"""What to do next where a part has no figures yet."""

ADVISORY: Final = "Số liệu tham khảo cho Hội đồng; không thay thế điều kiện, không xếp hạng và không kết luận về ai."

BANDS: Final = ((1, 9, "dưới 10 người"), (10, 29, "10 đến 29 người"), (30, 10**9, "từ 30 người"))
"""Sizes of units, in people."""

FLAG_YEARS: Final = 5
FEWEST_FLAGS: Final = 3


@dataclass(frozen=True, slots=True)
class Group:
    """How many of a group were awarded; `words` say who they are."""

    words: str
    size: int
    awarded: int


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the report: the group and its figure as an official reads it; `shown` False where it is suppressed."""

    group: str
    figure: str
    shown: bool


def compared(groups: Sequence[Group]) -> tuple[Line, ...]:
    """Return the shares of groups that together are everybody.

    Where exactly one of them is too small to be shown, the smallest other one goes too: from the total, which is known,
    it could be computed.
    """
    hidden = {one.words for one in groups if _tells_of_few(one)}
    seen = [one for one in groups if one.size and one.words not in hidden]
    if len(hidden) == 1 and seen:
        hidden.add(min(seen, key=lambda one: (one.size, one.words)).words)
    return tuple(_line(one, hidden=one.words in hidden) for one in groups)


def _tells_of_few(one: Group) -> bool:
    # Whoever knows a group sees as well who of it was left out.
    return any(is_few(number) for number in (one.size, one.awarded, one.size - one.awarded))


def is_few(number: int) -> bool:
    """Whether a number of people is one or two: then it says something of each of them."""
    return 0 < number < FEWEST


def _line(one: Group, *, hidden: bool) -> Line:
    if hidden:
        return Line(one.words, SUPPRESSED if _tells_of_few(one) else HIDDEN_TOO, False)
    return Line(one.words, share_text(one.awarded, one.size) if one.size else "không có ai", True)


def by_size(units: Iterable[tuple[int, int, int]]) -> tuple[Group, ...]:
    """Group units by how many people they have; of each: people, reviewed, awarded."""
    rows = tuple(units)
    return tuple(
        Group(
            words,
            sum(reviewed for people, reviewed, _ in rows if first <= people <= last),
            sum(awarded for people, _, awarded in rows if first <= people <= last),
        )
        for first, last, words in BANDS
    )


def rotates(holders: Mapping[int, Sequence[str]], year: int) -> bool:
    """Whether the flags of a cluster went round in the last years: at least three, and nobody twice."""
    counted = Counter(holder for one, held in holders.items() if year - FLAG_YEARS < one <= year for holder in held)
    return counted.total() >= FEWEST_FLAGS and max(counted.values()) == 1


def unanimous(ballots: Iterable[tuple[int, int, int]]) -> tuple[int, int]:
    """Return how many cases were voted on with yes alone, and how many at all; of each: yes, no, invalid."""
    rows = tuple(ballots)
    return sum(yes > 0 and no == invalid == 0 for yes, no, invalid in rows), len(rows)


def copied(fingerprints: Iterable[str]) -> tuple[int, int, int]:
    """Return how many registrations share all targets with at least two others, of how many, and the largest group."""
    counts = Counter(fingerprints)
    shared = [number for number in counts.values() if number >= FEWEST]
    return sum(shared), counts.total(), max(shared, default=0)
