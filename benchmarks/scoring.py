"""CPU time of scoring one case, in one process, without database and bus.

    python benchmarks/scoring.py [--cases 5000] [--json FILE]

Generates cases of individuals for the set `tnmt-2022-ca-nhan`: twelve months, a registration, an initiative of
every fifth and four facts each, all with values and evidence of their own, no two cases alike. Measures

* rules: a case in memory to its score with the whole tree, the hash of the case included;
* worker: an order as it arrives in a worker process to the packed outcomes as they leave it, that is unpickling,
  building and checking the case, scoring, tree, hash and published state, pickling. Orders hold fifty cases.

Every case is scored once; others warm up. Prints cases per second and CPU milliseconds per case of the process,
which others on the machine disturb less than wall time.
"""

from __future__ import annotations

import argparse
import gc
import json
import pickle
import random
import sys
import time
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final, TypeVar

from thidua.contracts import Fact, Initiative, MonthlyResult, Person, Registration, Unit
from thidua.criteria import score
from thidua_scoring.domain.cases import Wanted, case_of
from thidua_scoring.domain.material import Frame, Material
from thidua_scoring.domain.outcomes import SetUsed
from thidua_scoring.domain.reads import reads_of
from thidua_scoring.domain.scoring import Item, Order, load, score_order
from thidua_scoring.scorer.turn import ORDER_CASES

PLACE: Final = "tnmt_2022_ca_nhan"
FRAME: Final = Frame(campaign="phong-trao-2022", year=2022, as_of=date(2023, 1, 20))
WARM_UP: Final = 200
PEOPLE_OF_A_UNIT: Final = 30
VIOLATIONS: Final = ("muon_som", "ruou_bia", "thuoc_la", "phong_dich", "noi_quy")

Given = TypeVar("Given")


def main() -> int:
    """Generate, measure, print; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=5000, help="number of cases that are measured")
    parser.add_argument("--json", type=Path, metavar="FILE", help="keep the figures")
    chosen = parser.parse_args()
    if chosen.cases < 1:
        parser.error("--cases: measure one case or more")
    figures = {"cases": chosen.cases, **measure(chosen.cases)}
    for name in ("rules", "worker"):
        one = figures[name]
        print(f"{name:<6}  {one['cases_per_second']:>6,} cases/s  {one['cpu_ms_per_case']:.3f} ms CPU per case")
    if chosen.json is not None:
        chosen.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    return 0


def measure(count: int) -> dict[str, Any]:
    """Return the figures of both measurements over `count` generated cases."""
    criteria_set = load(PLACE)
    wanted = Wanted("2022", "official", reads_of(criteria_set), frozenset(criteria_set.parameters))
    chance = random.Random(2022)
    items = [(_material(number, chance), wanted) for number in range(WARM_UP + 2 * count)]
    warm_up, first, second = items[:WARM_UP], items[WARM_UP : WARM_UP + count], items[WARM_UP + count :]
    _work(_orders(warm_up))
    cases = [case_of(*item) for item in first]
    orders = _orders(second)
    # What was generated is no part of a worker; the collector need not walk through it.
    gc.freeze()
    return {
        "rules": _measured(lambda given: [score(criteria_set, case).canonical() for case in given], cases),
        "worker": _measured(_work, orders, count),
    }


def _measured(do: Callable[[Sequence[Given]], object], given: Sequence[Given], count: int = 0) -> dict[str, Any]:
    began = time.process_time()
    do(given)
    seconds = (time.process_time() - began) / (count or len(given))
    return {"cpu_ms_per_case": round(seconds * 1000, 4), "cases_per_second": round(1 / seconds)}


def _work(orders: Sequence[bytes]) -> None:
    for order in orders:
        packed = score_order(pickle.loads(order))
        pickle.dumps(packed)
        failures = [one.failure for one in packed if one.failure is not None]
        if failures:
            raise RuntimeError(f"{len(failures)} of the generated cases have no score: {failures[0]}")


def _orders(items: Sequence[Item]) -> list[bytes]:
    criteria_set = load(PLACE)
    used = SetUsed(criteria_set.id, criteria_set.version, criteria_set.artefact)
    starts = range(0, len(items), ORDER_CASES)
    # Some seconds are far beyond the time of a score; the alarm that guards each one is part of the measurement.
    return [pickle.dumps(Order(PLACE, used, tuple(items[at : at + ORDER_CASES]), seconds=5)) for at in starts]


def _material(number: int, chance: random.Random) -> Material:
    person, unit = f"nguoi-{number:06d}", f"don-vi-{number // PEOPLE_OF_A_UNIT:04d}"
    common = {"subject": person, "subject_kind": "individual", "unit": unit}
    initiatives = (_initiative(person, unit),) if number % 5 == 0 else ()
    return Material(
        frame=FRAME,
        subject=person,
        kind="individual",
        unit_id=unit,
        unit=_unit(unit),
        person=_person(person, unit, chance),
        cluster="khoi-1",
        registration=_registration(common, chance),
        months=tuple(_month(common, month, chance) for month in range(1, 13)),
        facts=_facts(common, chance),
        initiatives=initiatives,
    )


def _unit(unit: str) -> str:
    code = {"code": unit.upper(), "valid_from": "2020-01-01"}
    return Unit.model_validate(
        {"id": unit, "name": f"Đơn vị {unit}", "kind": "phong", "codes": [code], "valid_from": "2020-01-01"}
    ).model_dump_json()


def _person(person: str, unit: str, chance: random.Random) -> str:
    joined = f"{chance.randint(1990, 2021)}-03-01"
    given = {"id": person, "unit": unit, "code": person, "name": "", "post": "Chuyên viên", "joined_unit": joined}
    return Person.model_validate(given).model_dump_json()


def _registration(common: dict[str, str], chance: random.Random) -> str:
    targets = [{"name": f"Chỉ tiêu {place}"} for place in range(chance.randint(0, 4))]
    ideas = [{"name": "Sáng kiến"}] * chance.randint(0, 2)
    submitted = f"2022-{chance.choice(('02', '03', '04'))}-{chance.randint(10, 28)}"
    given = {
        **common, "campaign": FRAME.campaign, "titles": ["LDTT"], "targets": targets, "initiatives": ideas,
        "state": "accepted", "first_submitted_on": submitted,
    }  # fmt: skip
    return Registration.model_validate(given).model_dump_json()


def _month(common: dict[str, str], month: int, chance: random.Random) -> str:
    due = chance.randint(0, 12)
    late = chance.randint(0, min(2, due))
    given = {
        **common, "month": f"2022-{month:02d}", "state": "closed", "reported": True, "due": due, "late": late,
        "on_time": due - late, "as_of": "2023-01-20",
    }  # fmt: skip
    return MonthlyResult.model_validate(given).model_dump_json()


def _facts(common: dict[str, str], chance: random.Random) -> tuple[str, ...]:
    violations = [chance.choice(VIOLATIONS) for _ in range(chance.choice((0, 0, 0, 1, 2)))]
    stated = (
        ("reprimands", "appraiser", [str(chance.choice((0, 0, 0, 0, 1)))]),
        ("studies", "appraiser", [chance.choice(("yes", "no"))]),
        ("unity", "council", [f"{chance.randint(10, 20) / 2:g}"]),
        ("conduct", "appraiser", violations),
    )
    return tuple(_fact(common, name, by, values) for name, by, values in stated if values)


def _fact(common: dict[str, str], name: str, by: str, values: Sequence[str]) -> str:
    entries = [
        {"id": f"{common['subject']}.{name}.{place}", "period": "2022", "dated": "2022-12-05", "value": value,
         "evidence": [f"mc-{common['subject']}-{name}"]}
        for place, value in enumerate(values)
    ]  # fmt: skip
    given = {**common, "campaign": FRAME.campaign, "input": name, "stated_by": by, "entries": entries}
    return Fact.model_validate(given).model_dump_json()


def _initiative(person: str, unit: str) -> str:
    given = {
        "id": f"sk-{person}", "unit": unit, "campaign": FRAME.campaign, "code": f"SK-{person}", "title": "Sáng kiến",
        "authors": [{"person": person, "share": 100}], "state": "recognised",
        "recognition": {"number": "12/QĐ", "dated": "2022-11-20"},
    }  # fmt: skip
    return Initiative.model_validate(given).model_dump_json()


if __name__ == "__main__":
    sys.exit(main())
