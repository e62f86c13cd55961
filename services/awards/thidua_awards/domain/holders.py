"""Who may hold which title or form."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Final
from unicodedata import normalize

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


def _folded(written: str) -> str:
    return "".join(normalize("NFC", written).casefold().replace("đ", "d").split())


def _codes_by_name() -> dict[str, str]:
    """Return every code by what officials write for it: with Đ, or its name under any regime that means one code."""
    named: dict[str, set[str]] = defaultdict(set)
    for code in KNOWN_CODES:
        named[_folded(code)].add(code)
        for regime in regimes():
            if code in regime.titles or code in regime.commendations:
                named[_folded(regime.label(code))].add(code)
    return {name: next(iter(codes)) for name, codes in named.items() if len(codes) == 1}


CODES_BY_NAME: Final = _codes_by_name()


def code_of(written: str) -> str:
    """Return the code of a title or form: its own, with Đ, or its name. Raises Refused for one that nobody knows."""
    code = CODES_BY_NAME.get(_folded(written))
    if code is None:
        raise _unknown(written)
    return code


def check_holder(code: str, kind: SubjectKind, name: str) -> None:
    """Raise Refused for a code nobody knows, or one that subjects of this kind do not hold; `name` says whose."""
    if code not in KNOWN_CODES:
        raise _unknown(code)
    wanted = KNOWN_CODES[code]
    if wanted is not None and wanted is not kind:
        words, whose = ("tập thể", "collectives") if wanted is SubjectKind.COLLECTIVE else ("cá nhân", "persons")
        what, named = ("hình thức khen thưởng", "form") if _is_form(code) else ("danh hiệu", "title")
        raise Refused(
            why=f"{code} là {what} của {words}, không tặng cho {name}",
            why_en=f"{code} is a {named} of {whose}, not for {name}",
        )


def _unknown(code: str) -> Refused:
    return Refused(
        why=f"không có danh hiệu, hình thức khen thưởng mang mã {code}; các mã: {', '.join(KNOWN_CODES)}",
        why_en=f"no title or form has the code {code}; codes: {', '.join(KNOWN_CODES)}",
    )


def _is_form(code: str) -> bool:
    return any(code in regime.commendations for regime in regimes())
