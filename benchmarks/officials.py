"""Generated civil servants for decree 335/2025: the bodies that scoring holds of each, no two people alike.

Thirty people to a unit, one of them its head. Each has a month of eight to forty weighted work items, some with
failed reviews or delays, and three marks, each stated by the person and by the appraiser, with evidence of its own.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any, Final

import orjson

from thidua_scoring.domain.material import Frame

SET: Final = "nd335-2025-ca-nhan"
PLACE: Final = "nd335_2025_ca_nhan"
CAMPAIGN: Final = "danh-gia-2026"
PERIOD: Final = "2026-01"
AS_OF: Final = date(2026, 2, 6)
FRAME: Final = Frame(campaign=CAMPAIGN, year=2026, as_of=AS_OF)
PAYROLL: Final = 256_685
"""Civil servants on the national pay-roll of 2022."""

PEOPLE_OF_A_UNIT: Final = 30
WEIGHTS: Final = (Fraction(1, 2), Fraction(1), Fraction(1), Fraction(5, 4), Fraction(3, 2), Fraction(2))
MARKS: Final = ("ethics", "competence", "innovation")


@dataclass(frozen=True, slots=True)
class Official:
    """One person: ids, whether they lead their unit, and the bodies of their states as JSON."""

    id: str
    unit: str
    leads_unit: bool
    person: str
    months: tuple[tuple[str, str], ...]
    facts: tuple[tuple[str, str], ...]
    """Months and facts each with their key."""


def officials(count: int, months: Sequence[str] = (PERIOD,), seed: int = 335) -> Iterator[Official]:
    """Generate that many people with these months; the same seed gives the same ones."""
    chance = random.Random(seed)
    return (_official(number, months, chance) for number in range(count))


def unit_of(number: int) -> str:
    """Return the id of the unit that a person of that number is in."""
    return f"don-vi-{number // PEOPLE_OF_A_UNIT:05d}"


def _official(number: int, names: Sequence[str], chance: random.Random) -> Official:
    person, unit, leads = f"cc-{number:07d}", unit_of(number), number % PEOPLE_OF_A_UNIT == 0
    given = {
        "id": person, "unit": unit, "code": person, "name": "Nguyễn Văn Thử", "post": "Chuyên viên",
        "leads_unit": leads, "comparable_group": "truong" if leads else "chuyen-vien",
        "joined_unit": f"{chance.randint(1990, 2024)}-03-01",
    }  # fmt: skip
    common = {"subject": person, "subject_kind": "individual", "unit": unit}
    months = tuple((f"{person}/{name}", _json(_month(common, name, chance))) for name in names)
    return Official(person, unit, leads, _json(given), months, tuple(_facts(common, names, leads, chance)))


def _month(common: dict[str, str], name: str, chance: random.Random) -> dict[str, Any]:
    assigned = [chance.choice(WEIGHTS) for _ in range(chance.randint(8, 40))]
    done = [(one, _times(chance), _times(chance)) for one in assigned if chance.random() < 0.95]
    late = sum(times > 0 for _, _, times in done)
    failures, delays = Counter[int](), Counter[int]()
    for weight, failed, delayed in done:
        failures[failed] += weight  # type: ignore[assignment]
        delays[delayed] += weight  # type: ignore[assignment]
    work = {
        "assigned": _decimal(sum(assigned, Fraction(0))),
        "done": _decimal(sum((one for one, _, _ in done), Fraction(0))),
        "by_failures": _split(failures), "by_delays": _split(delays),
    }  # fmt: skip
    return {
        **common, "month": name, "state": "closed", "reported": True, "due": len(assigned), "late": late,
        "on_time": len(done) - late, "as_of": AS_OF.isoformat(), "work": work,
    }  # fmt: skip


def _times(chance: random.Random) -> int:
    return chance.choice((0, 0, 0, 0, 0, 0, 1, 1, 2, 5))


def _split(weights: Counter[int]) -> list[dict[str, Any]]:
    return [{"count": times, "weight": _decimal(Fraction(weight))} for times, weight in sorted(weights.items())]


def _facts(
    common: dict[str, str], months: Sequence[str], leads: bool, chance: random.Random
) -> Iterator[tuple[str, str]]:
    for name in MARKS:
        marks = [chance.randint(10, 20) for _ in months]
        own = [min(20, mark + chance.randint(0, 2)) for mark in marks]
        yield fact(common, name, "appraiser", dict(zip(months, (f"{mark / 2:g}" for mark in marks), strict=True)))
        yield fact(common, name, "self", dict(zip(months, (f"{mark / 2:g}" for mark in own), strict=True)))
    if leads:
        for name in ("organised", "united"):
            yield fact(common, name, "appraiser", {month: chance.choice(("yes", "yes", "no")) for month in months})


def fact(common: dict[str, str], name: str, by: str, values: Mapping[str, str], version: int = 1) -> tuple[str, str]:
    """Return the key and the body of a fact: a value for each month, with evidence."""
    person = common["subject"]
    entries = [
        {
            "id": f"{person}.{name}.{by}.{month}",
            "period": month,
            "dated": f"{month}-28",
            "value": value,
            "evidence": [f"mc-{person}-{name}-{by}-{month}"],
        }
        for month, value in values.items()
    ]
    given = {**common, "version": version, "campaign": CAMPAIGN, "input": name, "stated_by": by, "entries": entries}
    return f"{person}/{CAMPAIGN}/{name}/{by}", _json(given)


def common_to(one: Official) -> dict[str, str]:
    """Return what every state about a person says."""
    return {"subject": one.id, "subject_kind": "individual", "unit": one.unit}


def _decimal(number: Fraction) -> str:
    return f"{float(number):g}"


def _json(given: dict[str, Any]) -> str:
    return orjson.dumps(given).decode()
