"""What Pydantic found wrong, in Vietnamese, for whoever filled in the form or the file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from pydantic_core import ErrorDetails

REASONS: Final[Mapping[str, str]] = {
    "missing": "thiếu giá trị bắt buộc",
    "extra_forbidden": "không có trường này",
    "string_type": "phải là văn bản",
    "string_unicode": "có ký tự không hợp lệ trong Unicode",
    "string_too_short": "không được để trống",
    "string_too_long": "dài quá {max_length} ký tự",
    "string_pattern_mismatch": "không đúng mẫu {pattern}",
    "int_type": "phải là số nguyên",
    "int_parsing": "phải là số nguyên",
    "int_parsing_size": "số quá lớn",
    "int_from_float": "phải là số nguyên",
    "decimal_type": "phải là số (1,5 hoặc 1.5)",
    "decimal_parsing": "phải là số (1,5 hoặc 1.5)",
    "decimal_max_digits": "không được quá {max_digits} chữ số",
    "decimal_max_places": "không được quá {decimal_places} chữ số sau dấu phẩy",
    "finite_number": "phải là số hữu hạn",
    "bool_type": "phải là có hoặc không",
    "bool_parsing": "phải là có hoặc không",
    "greater_than_equal": "phải từ {ge} trở lên",
    "less_than_equal": "không được quá {le}",
    "greater_than": "phải lớn hơn {gt}",
    "less_than": "phải nhỏ hơn {lt}",
    "too_long": "nhiều quá {max_length} phần tử",
    "too_short": "phải có ít nhất {min_length} phần tử",
    "enum": "phải là một trong: {expected}",
    "literal_error": "phải là một trong: {expected}",
    "date_type": "phải là ngày (31/03/2022 hoặc 2022-03-31)",
    "date_parsing": "phải là ngày (31/03/2022 hoặc 2022-03-31)",
    "date_from_datetime_parsing": "phải là ngày (31/03/2022 hoặc 2022-03-31)",
    "date_from_datetime_inexact": "phải là ngày, không kèm giờ",
    "datetime_type": "phải là thời điểm (2022-03-31T16:30:00+07:00)",
    "datetime_parsing": "phải là thời điểm (2022-03-31T16:30:00+07:00)",
    "datetime_from_date_parsing": "phải là thời điểm (2022-03-31T16:30:00+07:00)",
    "timezone_aware": "thời điểm phải kèm múi giờ",
    "model_type": "phải là một đối tượng gồm các trường",
    "model_attributes_type": "phải là một đối tượng gồm các trường",
    "dict_type": "phải là một đối tượng gồm các trường",
    "list_type": "phải là danh sách",
    "tuple_type": "phải là danh sách",
    "json_invalid": "không phải là JSON",
}
"""What a validation error means to the person who sent it, by Pydantic's error type."""


IN_JSON: Final[Mapping[str, str]] = {
    REASONS["date_parsing"]: "phải là ngày (2022-03-31)",
    REASONS["decimal_parsing"]: "phải là số, viết dấu chấm trước phần thập phân (1.5)",
}
"""A file may hold days and decimals as officials write them, JSON may not."""


class WrongEntry(ValueError):
    """What a validator of our own finds wrong, in Vietnamese for `reason` and in English for `reason_en`."""

    def __init__(self, vietnamese: str, english: str) -> None:
        super().__init__(vietnamese)
        self.english = english


def english_of(error: ErrorDetails) -> str:
    """Say in English what Pydantic, or a validator of our own, found wrong."""
    ours = error.get("ctx", {}).get("error")
    return ours.english if isinstance(ours, WrongEntry) else error["msg"]


def reason_of(error: ErrorDetails, *, in_json: bool = False) -> str:
    """Say in Vietnamese what Pydantic found wrong; an unknown error type keeps its English sentence.

    `in_json`: in a JSON body, where a day and a decimal have one spelling alone.
    """
    if "U+0000" in error["msg"]:
        return "có ký tự U+0000, không lưu được; hãy xóa ký tự này"
    kind, figures = error["type"], _Figures(error.get("ctx", {}))
    if kind in ("too_long", "too_short") and figures.get("field_type") == "Value":
        # A text whose length is checked after another validator is not called a string by Pydantic.
        kind = f"string_{kind}"
    known = REASONS.get(kind)
    if known is None:
        return error["msg"].removeprefix("Value error, ")
    if in_json and known in IN_JSON:
        return IN_JSON[known]
    return known.format_map(figures).replace("' or '", "', '")


# Behind a validator of ours Pydantic names a bound as Python writes it.
_BOUND: Final = re.compile(r"(?:Decimal|Fraction)\('?([^')]+)'?\)")


class _Figures(dict[str, Any]):
    def __getitem__(self, name: str) -> Any:
        value = super().__getitem__(name)
        written = _BOUND.fullmatch(value) if isinstance(value, str) else None
        return written[1] if written else value

    def __missing__(self, key: str) -> str:
        return "…"
