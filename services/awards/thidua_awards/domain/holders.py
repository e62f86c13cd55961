"""Who may hold which title or form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from thidua.contracts import SubjectKind
from thidua.errors import Refused
from thidua_awards.law import regimes

KNOWN_CODES: Final[Mapping[str, SubjectKind | None]] = {
    **{code: title.subject_kind for regime in regimes() for code, title in regime.titles.items()},
    **{
        code: SubjectKind.INDIVIDUAL if form.persons_only else None
        for regime in regimes()
        for code, form in regime.commendations.items()
    },
}
"""Titles and forms with the kind of subject that alone may hold them; None where either may."""


def check_holder(code: str, kind: SubjectKind, name: str) -> None:
    """Raise Refused for a code nobody knows, or one that subjects of this kind do not hold; `name` says whose."""
    if code not in KNOWN_CODES:
        raise Refused(
            why=f"không có danh hiệu, hình thức khen thưởng mang mã {code}",
            why_en=f"no title or form has the code {code}",
        )
    wanted = KNOWN_CODES[code]
    if wanted is not None and wanted is not kind:
        words = "tập thể" if wanted is SubjectKind.COLLECTIVE else "cá nhân"
        what = "hình thức khen thưởng" if _is_form(code) else "danh hiệu"
        raise Refused(why=f"{code} là {what} của {words}, không tặng cho {name}")


def _is_form(code: str) -> bool:
    return any(code in regime.commendations for regime in regimes())
