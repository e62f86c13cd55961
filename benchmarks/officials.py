"""Generated civil servants for decree 335/2025: the bodies that scoring holds of each, no two people alike.

Thirty people to a unit, one of them its head. Each has a month of eight to forty weighted work items, some with
failed reviews or delays, and three marks, each stated by the person and by the appraiser, with evidence of its own.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
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
    month: str
    facts: tuple[tuple[str, str], ...]
    """Each with its key."""


def officials(count: int, seed: int = 335) -> Iterator[Official]:
    """Generate that many people; the same seed gives the same ones."""
    chance = random.Random(seed)
    return (_official(number, chance) for number in range(count))


def unit_of(number: int) -> str:
    """Return the id of the unit that a person of that number is in."""
    return f"don-vi-{number // PEOPLE_OF_A_UNIT:05d}"


def _official(number: int, chance: random.Random) -> Official:
    person, unit, leads = f"cc-{number:07d}", unit_of(number), number % PEOPLE_OF_A_UNIT == 0
    given = {
        "id": person, "unit": unit, "code": person, "name": "Nguyễn Văn Thử", "post": "Chuyên viên",
        "leads_unit": leads, "comparable_group": "truong" if leads else "chuyen-vien",
        "joined_unit": f"{chance.randint(1990, 2024)}-03-01",
    }  # fmt: skip
    common = {"subject": person, "subject_kind": "individual", "unit": unit}
    return Official(
        person, unit, leads, _json(given), _json(_month(common, chance)), tuple(_facts(common, leads, chance))
    )


def _month(common: dict[str, str], chance: random.Random) -> dict[str, Any]:
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
        **common, "month": PERIOD, "state": "closed", "reported": True, "due": len(assigned), "late": late,
        "on_time": len(done) - late, "as_of": AS_OF.isoformat(), "work": work,
    }  # fmt: skip


def _times(chance: random.Random) -> int:
    return chance.choice((0, 0, 0, 0, 0, 0, 1, 1, 2, 5))


def _split(weights: Counter[int]) -> list[dict[str, Any]]:
    return [{"count": times, "weight": _decimal(Fraction(weight))} for times, weight in sorted(weights.items())]


def _facts(common: dict[str, str], leads: bool, chance: random.Random) -> Iterator[tuple[str, str]]:
    for name in MARKS:
        mark = chance.randint(10, 20)
        yield _fact(common, name, "appraiser", f"{mark / 2:g}", number=chance.randint(1, 999))
        yield _fact(common, name, "self", f"{min(20, mark + chance.randint(0, 2)) / 2:g}", number=0)
    if leads:
        yield _fact(common, "organised", "appraiser", chance.choice(("yes", "yes", "no")), number=1)
        yield _fact(common, "united", "appraiser", chance.choice(("yes", "yes", "no")), number=2)


def _fact(common: dict[str, str], name: str, by: str, value: str, number: int) -> tuple[str, str]:
    key = f"{common['subject']}/{CAMPAIGN}/{name}/{by}"
    entry = {
        "id": f"{common['subject']}.{name}.{by}", "period": PERIOD, "dated": "2026-02-03", "value": value,
        "evidence": [f"mc-{common['subject']}-{name}-{number}"],
    }  # fmt: skip
    return key, _json({**common, "campaign": CAMPAIGN, "input": name, "stated_by": by, "entries": [entry]})


def _decimal(number: Fraction) -> str:
    return f"{float(number):g}"


def _json(given: dict[str, Any]) -> str:
    return orjson.dumps(given).decode()
