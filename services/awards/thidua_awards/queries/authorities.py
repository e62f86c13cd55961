"""Read who decides on the lines of a list, and the heads of the papers they sign."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from thidua.contracts import Unit
from thidua.ordering import by_alphabet
from thidua_awards.domain.authorities import DOTS, Authority, authority, deciding
from thidua_awards.domain.units import deciding_unit
from thidua_awards.law import Regime
from thidua_awards.queries import lookups
from thidua_awards.queries.asked import Asked, head_of
from thidua_runtime.database import Transaction

OFFICE: Final = "Thường trực Hội đồng Thi đua - Khen thưởng"
MINISTRY: Final = "bo"
"""The kind of a unit that is a ministry."""

PROVINCE: Final = "Ủy ban nhân dân "
LEVELS: Final = ("base", "ministry", "province", "state")
FEW: Final = 3


@dataclass(frozen=True, slots=True)
class Chosen:
    """The lines one authority decides on; `remark` says whose the others are."""

    authority: Authority
    lines: Sequence[Mapping[str, Any]]
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Bodies:
    """The bodies known here: every unit, and the names of ministry and province, empty where there is none."""

    units: Mapping[str, Unit]
    ministry: str
    province: str

    def of(self, regime: Regime, line: Mapping[str, Any]) -> Authority:
        """Return who decides on a line with its `title` and `unit_id`, as the law of its year has it."""
        law = regime.authorities.get(line["title"])
        return deciding(*((law.of, law.label) if law else ("base", "")), self.base(line["unit_id"]), self.ministry,
                        self.province)  # fmt: skip

    def base(self, unit: str) -> str:
        """Return the name of the nearest unit with legal personality."""
        return self.name(deciding_unit(self.units, unit))

    def name(self, unit: str) -> str:
        """Return the name of a unit; its id where nobody knows it."""
        return self.units[unit].name if unit in self.units else unit

    def above(self, body: str) -> str:
        """Return the name of the body above one of these units, empty where there is none or nobody knows it."""
        unit = next((one for one in self.units.values() if body in (one.name, one.id)), None)
        if unit is None:
            return ""
        return unit.managed_by or (self.name(unit.parent) if unit.parent else "")


async def bodies(tx: Transaction, council_unit: str = "") -> Bodies:
    """Return the bodies known here; where there are several ministries or provinces, that of `council_unit` leads."""
    units = await lookups.units(tx)
    ordered = sorted(
        units.values(), key=lambda one: (one.id != council_unit, one.parent is not None, by_alphabet(one.name))
    )
    ministry = next((one.name for one in ordered if one.kind == MINISTRY), "")
    province = next((one.name for one in ordered if one.name.startswith(PROVINCE)), "")
    return Bodies(units, ministry, province)


def chosen(known: Bodies, regime: Regime, lines: Sequence[Mapping[str, Any]], asked: str, council: str) -> Chosen:
    """Return the lines of one authority: of the body asked for, else the council's own, else the nearest the base."""
    found: dict[Authority, list[Mapping[str, Any]]] = {}
    order = {line["title"]: _level(regime, line["title"]) for line in lines}
    for line in sorted(lines, key=lambda line: order[line["title"]]):
        found.setdefault(known.of(regime, line), []).append(line)
    wanted = (authority(name).body for name in (asked, council) if name)
    named = next((one for name in wanted for one in found if one.body == name), None)
    one = named or next(iter(found), None) or authority(asked or council or known.ministry or known.province or DOTS)
    others = Counter({other.named: len(own) for other, own in found.items() if other != one})
    shown = authority(asked) if asked and named is None else one
    return Chosen(shown, found.get(one, []), _remark(others))


def _level(regime: Regime, title: str) -> int:
    law = regime.authorities.get(title)
    return LEVELS.index(law.of) if law else 0


def _remark(others: Counter[str]) -> str:
    if not others:
        return ""
    named = "; ".join(sorted(others, key=by_alphabet)[:FEW])
    more = f" và {len(others) - FEW} nơi khác" if len(others) > FEW else ""
    return (
        f"Không gồm {others.total()} trường hợp thuộc thẩm quyền của {named}{more}: in riêng, chọn theo danh hiệu "
        "(title) hoặc cơ quan (agency)."
    )


def head_of_authority(
    tx: Transaction, asked: Asked, known: Bodies, one: Authority, *, draft: bool = True
) -> dict[str, Any]:
    """Return the head of what an authority signs: its own body, and above it whatever that belongs to."""
    head = head_of(tx, asked, one.body, draft=draft)
    superior = "" if one.is_highest else asked.superior or known.above(one.body)
    return {**head, "agency": one.body, "superior": superior}


async def office_head(tx: Transaction, asked: Asked) -> dict[str, Any]:
    """Return the head of what the standing office writes, under its ministry or province."""
    known = await bodies(tx)
    return {**head_of(tx, asked, OFFICE), "superior": asked.superior or known.ministry or known.province}


async def unit_head(tx: Transaction, asked: Asked, name: str, *, draft: bool = True) -> dict[str, Any]:
    """Return the head of what a unit writes, under the body it belongs to."""
    known = await bodies(tx)
    return {**head_of(tx, asked, name, draft=draft), "superior": asked.superior or known.above(name)}
