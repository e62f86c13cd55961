"""Vietnamese names: family, middle and given names with rough weights. Every combination is invented."""

from __future__ import annotations

from typing import Final

from thidua_sample.generate.draw import Draw

FAMILY: Final = (
    ("Nguyễn", 38), ("Trần", 11), ("Lê", 10), ("Phạm", 7), ("Hoàng", 4), ("Huỳnh", 3), ("Phan", 4),
    ("Vũ", 3), ("Võ", 3), ("Đặng", 3), ("Bùi", 3), ("Đỗ", 2), ("Hồ", 2), ("Ngô", 2), ("Dương", 1),
    ("Lý", 1), ("Đinh", 1), ("Trịnh", 1), ("Đoàn", 1), ("Lương", 1), ("Mai", 1), ("Tô", 1), ("Cao", 1),
    ("Nông", 1), ("Hà", 1), ("Tạ", 1),
)  # fmt: skip
WOMEN_MIDDLE: Final = ("Thị", "Thu", "Ngọc", "Thanh", "Minh", "Hồng", "Kim", "Bích", "Phương", "Diệu")
WOMEN_GIVEN: Final = (
    "Anh", "Bình", "Chi", "Dung", "Giang", "Hà", "Hạnh", "Hằng", "Hiền", "Hoa", "Huệ", "Hương", "Lan",
    "Liên", "Linh", "Loan", "Mai", "My", "Nga", "Ngân", "Ngọc", "Nhung", "Oanh", "Phương", "Quyên",
    "Tâm", "Thảo", "Thu", "Thủy", "Thúy", "Trang", "Trinh", "Tuyết", "Uyên", "Vân", "Yến",
)  # fmt: skip
MEN_MIDDLE: Final = (
    "Văn", "Đức", "Hữu", "Quang", "Minh", "Quốc", "Công", "Xuân", "Đình", "Trọng", "Thanh", "Anh",
)  # fmt: skip
MEN_GIVEN: Final = (
    "An", "Bảo", "Bình", "Cường", "Chiến", "Dũng", "Duy", "Đạt", "Định", "Giang", "Hải", "Hiếu", "Hòa",
    "Hoàng", "Hùng", "Hưng", "Huy", "Khánh", "Khoa", "Kiên", "Lâm", "Long", "Minh", "Nam", "Nghĩa",
    "Phong", "Phú", "Phúc", "Quân", "Quý", "Sơn", "Tài", "Thắng", "Thành", "Thịnh", "Tiến", "Toàn",
    "Trung", "Tú", "Tuấn", "Tùng", "Việt", "Vinh",
)  # fmt: skip


def full_name(draw: Draw, *, woman: bool) -> str:
    """Return a drawn name, family name first."""
    family = draw.weighted(FAMILY)
    if woman:
        return f"{family} {draw.pick(WOMEN_MIDDLE)} {draw.pick(WOMEN_GIVEN)}"
    return f"{family} {draw.pick(MEN_MIDDLE)} {draw.pick(MEN_GIVEN)}"
