"""Every kind of document: its name, and what it is printed of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Of = Literal[
    "campaign", "unit", "cluster", "initiative", "recognised", "meeting", "vote", "closed_vote", "notice", "letter",
    "consultation", "dossier", "sudden", "thematic", "form", "refused", "complaint", "decision", "cancelled",
    "subject",
]  # fmt: skip
"""What a document is of; `closed_vote`, `recognised`, `refused`, `complaint` and `cancelled` are further on their way.

A `form` and the history of a `subject` are printed when asked for and listed nowhere.
"""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of document: its Vietnamese name and what it is of."""

    label: str
    of: Of


KINDS: Final[dict[str, Kind]] = {
    "phat-dong": Kind("Văn bản phát động phong trào", "campaign"),
    "ban-dang-ky": Kind("Bản đăng ký thi đua", "unit"),
    "giao-uoc": Kind("Giao ước thi đua", "cluster"),
    "don-sang-kien": Kind("Đơn yêu cầu công nhận sáng kiến", "initiative"),
    "phieu-cham-sang-kien": Kind("Phiếu chấm sáng kiến", "initiative"),
    "bien-ban-sang-kien": Kind("Biên bản họp Hội đồng sáng kiến", "campaign"),
    "quyet-dinh-sang-kien": Kind("Dự thảo quyết định công nhận sáng kiến", "campaign"),
    "chung-nhan-sang-kien": Kind("Giấy chứng nhận sáng kiến", "recognised"),
    "bang-tu-cham": Kind("Bảng tự chấm điểm", "unit"),
    "bien-ban-cum": Kind("Biên bản khối, cụm thi đua", "cluster"),
    "bien-ban-binh-xet": Kind("Biên bản bình xét của tập thể", "unit"),
    "so-ket": Kind("Báo cáo sơ kết 6 tháng", "campaign"),
    "tong-ket": Kind("Báo cáo tổng kết năm", "campaign"),
    "bao-cao-thanh-tich": Kind("Báo cáo thành tích (mẫu 01, 02)", "dossier"),
    "bao-cao-cong-hien": Kind("Báo cáo quá trình cống hiến (mẫu 03)", "form"),
    "bao-cao-anh-hung": Kind("Báo cáo thành tích danh hiệu Anh hùng (mẫu 04, 05)", "form"),
    "bao-cao-dot-xuat": Kind("Báo cáo thành tích đột xuất (mẫu 06)", "sudden"),
    "bao-cao-chuyen-de": Kind("Báo cáo thành tích chuyên đề (mẫu 07)", "thematic"),
    "bao-cao-nuoc-ngoai": Kind("Báo cáo thành tích của tổ chức, cá nhân nước ngoài (mẫu 08, 09)", "form"),
    "bao-cao-tom-tat": Kind("Báo cáo tóm tắt thành tích", "dossier"),
    "phieu-tham-dinh": Kind("Phiếu thẩm định", "dossier"),
    "thong-bao-cong-khai": Kind("Thông báo công khai lấy ý kiến", "notice"),
    "xin-y-kien": Kind("Công văn hiệp y, xin ý kiến cấp ủy", "letter"),
    "bang-tiep-thu": Kind("Bảng tiếp thu, giải trình ý kiến", "consultation"),
    "giay-moi": Kind("Giấy mời họp Hội đồng", "meeting"),
    "phieu-bau": Kind("Phiếu bầu", "vote"),
    "bien-ban-kiem-phieu": Kind("Biên bản kiểm phiếu", "closed_vote"),
    "bien-ban-hop": Kind("Biên bản họp Hội đồng", "meeting"),
    "to-trinh": Kind("Tờ trình", "meeting"),
    "danh-sach": Kind("Danh sách trích ngang", "meeting"),
    "du-thao-quyet-dinh": Kind("Dự thảo quyết định", "meeting"),
    "danh-sach-quyet-dinh": Kind("Danh sách kèm theo quyết định", "decision"),
    "thong-bao-khong-khen-thuong": Kind("Thông báo không khen thưởng", "refused"),
    "du-thao-dinh-chinh": Kind("Dự thảo quyết định đính chính", "decision"),
    "du-thao-huy-bo": Kind("Dự thảo quyết định hủy bỏ", "cancelled"),
    "du-thao-cap-doi": Kind("Dự thảo quyết định cấp đổi, cấp lại", "decision"),
    "du-lieu-in-bang": Kind("Dữ liệu in bằng, giấy chứng nhận", "decision"),
    "phieu-in-bang": Kind("Phiếu dữ liệu in từng bằng, giấy chứng nhận", "decision"),
    "so-vang": Kind("Sổ vàng", "campaign"),
    "bang-chi-thuong": Kind("Bảng chi tiền thưởng", "decision"),
    "quy-khen-thuong": Kind("Tổng hợp quỹ khen thưởng", "campaign"),
    "giai-trinh": Kind("Báo cáo giải trình khiếu nại", "complaint"),
    "ket-qua-ra-soat": Kind("Danh sách kết quả rà soát điều kiện", "campaign"),
    "han-muc": Kind("Danh sách hạn mức danh hiệu", "campaign"),
    "danh-sach-ho-so": Kind("Danh sách hồ sơ", "campaign"),
    "so-quyet-dinh": Kind("Danh mục quyết định", "campaign"),
    "ly-lich-khen-thuong": Kind("Lý lịch khen thưởng", "subject"),
}
"""By the word that stands in the address of the door, in the order of the year."""
