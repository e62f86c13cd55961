"""Every kind of document: its name, and what it is printed of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Of = Literal[
    "campaign", "meeting", "vote", "closed_vote", "notice", "letter", "consultation", "dossier", "refused",
    "complaint", "decision", "cancelled",
]  # fmt: skip
"""What a document is of; `closed_vote`, `refused`, `complaint` and `cancelled` are so much further on their way."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of document: its Vietnamese name and what it is of."""

    label: str
    of: Of


KINDS: Final[dict[str, Kind]] = {
    "giay-moi": Kind("Giấy mời họp Hội đồng", "meeting"),
    "bien-ban-hop": Kind("Biên bản họp Hội đồng", "meeting"),
    "phieu-bau": Kind("Phiếu bầu", "vote"),
    "bien-ban-kiem-phieu": Kind("Biên bản kiểm phiếu", "closed_vote"),
    "phieu-tham-dinh": Kind("Phiếu thẩm định", "dossier"),
    "bao-cao-thanh-tich": Kind("Báo cáo thành tích (mẫu 01, 02)", "dossier"),
    "thong-bao-khong-khen-thuong": Kind("Thông báo không khen thưởng", "refused"),
    "giai-trinh": Kind("Báo cáo giải trình khiếu nại", "complaint"),
    "thong-bao-cong-khai": Kind("Thông báo công khai lấy ý kiến", "notice"),
    "xin-y-kien": Kind("Công văn hiệp y, xin ý kiến cấp ủy", "letter"),
    "bang-tiep-thu": Kind("Bảng tiếp thu, giải trình ý kiến", "consultation"),
    "to-trinh": Kind("Tờ trình", "meeting"),
    "danh-sach": Kind("Danh sách trích ngang", "meeting"),
    "du-thao-quyet-dinh": Kind("Dự thảo quyết định", "meeting"),
    "bang-chi-thuong": Kind("Bảng chi tiền thưởng", "decision"),
    "du-lieu-in-bang": Kind("Dữ liệu in bằng, giấy chứng nhận", "decision"),
    "du-thao-huy-bo": Kind("Dự thảo quyết định hủy bỏ", "cancelled"),
}
"""By the word that stands in the address of the door."""
