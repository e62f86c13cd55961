"""Say which earlier initiatives one is written like: a hint for its readers, decides nothing."""

from __future__ import annotations

from typing import Any, Final

from thidua_registration.domain.similarity import ALIKE, compared
from thidua_registration.errors import RecordNotFound
from thidua_registration.queries import lookups, texts
from thidua_runtime.database import Transaction

MOST_SHOWN: Final = 10
MOST_PASSAGES: Final = 20
ADVICE: Final = (
    "Chỉ để tham khảo: phần mềm so chữ, không so ý; giống nhau không có nghĩa là sao chép, "
    "khác nhau không có nghĩa là mới."
)


async def similar(tx: Transaction, unit: str, code: str) -> dict[str, Any]:
    """Return the initiatives of all years that are written like one, the most alike first, with common passages.

    Raises RecordNotFound.
    """
    units = await lookups.units_on(tx, [unit], tx.clock.today())
    found = await lookups.initiatives(tx, [(units[unit], code)]) if unit in units else {}
    if not found:
        raise RecordNotFound(what="sáng kiến", what_en="The initiative", code=code)
    (item,) = [one.state for one in found.values()]
    own = await texts.own(tx, item.id)
    rows = [] if own is None else await texts.candidates(tx, item.id, own.bands)
    here = "" if own is None else texts.whole(own.title, own.content)
    alike = [(compared(here, texts.whole(row.title, row.content)), row) for row in rows]
    shown = sorted((one for one in alike if one[0].is_alike), key=_most_alike)[:MOST_SHOWN]
    codes = await lookups.codes_of_units(tx, {row.unit for _, row in shown}, tx.clock.today())
    return {
        "code": item.code,
        "title": item.title,
        "advice": ADVICE,
        "is_compared": own is not None,
        "at_least": f"{ALIKE.numerator}/{ALIKE.denominator}",
        "similar": [{**_told(row, codes), **_likeness(likeness)} for likeness, row in shown],
    }


def _most_alike(one: Any) -> Any:
    likeness, row = one
    return (-likeness.likeness, row.id)


def _told(row: Any, codes: dict[str, str]) -> dict[str, Any]:
    told = {name: getattr(row, name) for name in ("code", "title", "state", "campaign", "dated")}
    return {"unit": row.unit, "unit_code": codes.get(row.unit), **told}


def _likeness(likeness: Any) -> dict[str, Any]:
    return {
        "common": likeness.common,
        "whole": likeness.whole,
        "copied": likeness.copied,
        "shorter": likeness.shorter,
        "sentence": (
            f"{likeness.common}/{likeness.whole} âm tiết giống nhau, {len(likeness.passages)} đoạn trùng; "
            f"{likeness.copied}/{likeness.shorter} âm tiết của văn bản ngắn hơn nằm nguyên văn trong văn bản kia."
        ),
        "passages": [{"here": one.here, "there": one.there} for one in likeness.passages[:MOST_PASSAGES]],
    }
