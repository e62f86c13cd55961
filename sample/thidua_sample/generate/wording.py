"""What tasks and initiatives are called: invented from the sector's usual work, naming nobody."""

from __future__ import annotations

from typing import Final

from thidua_sample.generate.draw import Draw

WORK: Final = (
    "Báo cáo kết quả", "Xây dựng kế hoạch", "Trình dự thảo văn bản về", "Rà soát, kiểm tra",
    "Tổng hợp số liệu",
    "Thẩm định hồ sơ", "Trả lời kiến nghị cử tri về", "Góp ý dự thảo về", "Tổ chức hội nghị về",
    "Hoàn thiện cơ sở dữ liệu", "Xử lý phản ánh, kiến nghị về", "Đôn đốc thực hiện",
)  # fmt: skip
FIELDS: Final = (
    "quy hoạch sử dụng đất", "cấp giấy chứng nhận quyền sử dụng đất", "giá đất, bồi thường, tái định cư",
    "đánh giá tác động môi trường", "quản lý chất thải rắn sinh hoạt", "quan trắc môi trường không khí",
    "cấp phép khai thác khoáng sản", "quản lý tài nguyên nước", "hành lang bảo vệ nguồn nước",
    "ứng phó với biến đổi khí hậu", "dự báo khí tượng thủy văn", "quản lý tổng hợp tài nguyên biển",
    "đo đạc và bản đồ", "dữ liệu viễn thám", "cải cách thủ tục hành chính", "chuyển đổi số ngành",
    "thanh tra, xử lý sau thanh tra", "đa dạng sinh học và bảo tồn", "dự toán, giải ngân vốn đầu tư",
)  # fmt: skip
SOLUTIONS: Final = (
    "Số hóa hồ sơ", "Rút ngắn quy trình xử lý", "Xây dựng phần mềm theo dõi", "Cải tiến phương pháp kiểm tra",
    "Bộ công cụ tổng hợp số liệu", "Giải pháp liên thông dữ liệu", "Mô hình phối hợp liên ngành",
    "Ứng dụng ảnh viễn thám trong giám sát", "Quy trình điện tử", "Cẩm nang nghiệp vụ",
)  # fmt: skip
INITIATIVE_FIELDS: Final = ("the_che", "cai_cach_hanh_chinh", "cong_nghe_thong_tin", "chuyen_mon")


def task_title(draw: Draw) -> str:
    """Return the title of an invented task."""
    return f"{draw.pick(WORK)} {draw.pick(FIELDS)}"


def initiative_title(draw: Draw) -> str:
    """Return the title of an invented initiative."""
    return f"{draw.pick(SOLUTIONS)} về {draw.pick(FIELDS)}"
