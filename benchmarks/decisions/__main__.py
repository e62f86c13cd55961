"""Decisions a second on one core: this engine beside zen-engine, the same rules over the same items.

    python -m benchmarks.decisions [--items 4000] [--times 5] [--python .cache/decisions/bin/python] [--json FILE]

The items are generated civil servants of decree 335/2025 and the rules those of its set for one month: marks of which
the appraiser's counts, work items with cuts, leaders' parts, missing and not applicable ones, rounding per line,
total, band. This engine scores a case in memory to its score with the whole tree, sentences and evidence included;
zen-engine (Rust) evaluates the same figures as a decision graph with trace, both called from Python. They take turns,
all threads of both held to one core; counted is CPU time, of which the medians are printed. Every total, line and band
of both must be equal.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import orjson

from benchmarks.officials import FRAME, PERIOD, PLACE, SET, Official, officials
from thidua.criteria import Case, Score, score
from thidua_runtime.collector import spare_collector
from thidua_scoring.domain.cases import Wanted, case_of
from thidua_scoring.domain.material import Material, MemberSeen
from thidua_scoring.domain.reads import reads_of
from thidua_scoring.domain.scoring import load

GRAPH: Final = Path(__file__).with_name("zen_graph.py")
COMMON: Final = ("C.a", "C.b", "C.c")
PARTS: Final = ("K.a", "K.b", "K.c", "K.d", "K.dd", "K.e")
BANDS: Final = ("xuat_sac", "tot", "tot", "tot", "tot", "hoan_thanh", "khong_hoan_thanh")
MEMBERS: Final = 8


def cases(count: int) -> Iterator[tuple[Official, Case]]:
    """Return generated people with their cases; heads have members, one in six of whom may not do."""
    criteria_set = load(PLACE)
    bands = ((SET, tuple(band.code for band in criteria_set.manifest.bands)),)
    wanted = Wanted(PERIOD, "official", reads_of(criteria_set), frozenset(criteria_set.parameters))
    for number, one in enumerate(officials(count)):
        members = tuple(_member(number, place) for place in range(MEMBERS)) if one.leads_unit else ()
        material = Material(
            FRAME, one.id, "individual", one.unit, None, one.person, months=tuple(body for _, body in one.months),
            facts=tuple(body for _, body in one.facts[number % 7 == 0 :]), members=members,
        )  # fmt: skip
        case = case_of(material, wanted)
        case = case.model_copy(update={"band_orders": dict(bands)})
        # A stored case is known by its hash; taking it is no part of a decision.
        assert case.hash
        yield one, case


def _member(head: int, place: int) -> MemberSeen:
    band = BANDS[head * MEMBERS % 11 * place % len(BANDS)] if head % 3 == 0 else "tot"
    return MemberSeen(f"tv-{head}-{place}", (), ((PERIOD, SET, band),))


def item_of(case: Case) -> dict[str, Any]:
    """Return what a case says, shaped for the graph: no list has to be searched."""
    facts: dict[str, dict[str, Any]] = {}
    for one in case.facts:
        value = float(str(one.value)) if str(one.value)[0].isdigit() else one.value
        said = {"value": value, "status": one.status, "evidence": list(one.evidence)}
        facts.setdefault(one.input, {})[one.stated_by] = said
    work = case.months[0].work
    assert work is not None
    return {
        "subject": {"id": case.subject.id, "leads_unit": bool(case.subject.leads_unit)},
        "facts": facts,
        "work": {
            "assigned": float(work.assigned), "done": float(work.done),
            "by_failures": _split(work.by_failures), "by_delays": _split(work.by_delays),
        },
        "members": [
            {"subject": one.subject, "judged": one.judged, "band": one.bands[0].band if one.bands else None}
            for one in case.members
        ],
    }  # fmt: skip


def _split(pairs: Sequence[tuple[int, Fraction]]) -> list[dict[str, Any]]:
    return [{"times": times, "weight": float(weight)} for times, weight in pairs]


def ours(measured: Sequence[Case]) -> tuple[float, list[Score]]:
    """Score every case; return CPU seconds, and the scores, which like those of the other are made once more."""
    criteria_set = load(PLACE)
    # As in the worker processes of the service.
    spare_collector()
    began = time.process_time()
    for case in measured:
        score(criteria_set, case)
    seconds = time.process_time() - began
    return seconds, [score(criteria_set, case) for case in measured]


def theirs(python: Path, items: Sequence[dict[str, Any]]) -> tuple[float, list[dict[str, Any]]]:
    """Let zen-engine evaluate every item; return CPU seconds and the results."""
    with tempfile.TemporaryDirectory() as folder:
        given, answered = Path(folder) / "items.json", Path(folder) / "results.json"
        given.write_bytes(orjson.dumps(list(items)))
        subprocess.run([python, GRAPH, given, answered], check=True)
        found = json.loads(answered.read_text("utf-8"))
    return found["seconds"], found["results"]


def differences(scores: Sequence[Score], results: Sequence[dict[str, Any]]) -> list[str]:
    """Name the subjects whose lines, total or band differ."""
    return [one.subject.id for one, other in zip(scores, results, strict=True) if _ours(one) != _theirs(other)]


def _ours(found: Score) -> list[object]:
    lines = [found.line(code) for code in (*COMMON, *PARTS)]
    return [found.total, found.band, found.line("K").points, *((one.points, one.status) for one in lines)]


def _theirs(found: dict[str, Any]) -> list[object]:
    common = [found[code.replace(".", "")] for code in COMMON]
    parts = [found[code.replace(".", "")] for code in PARTS]
    lines = [(_decimal(one["points"]), one["status"]) for one in common]
    lines += [(_decimal(one["percent"]), one["status"]) for one in parts]
    total = None if found["missing"] else found["total"]
    return [_decimal(total), found.get("band"), _decimal(found["K"]["points"]), *lines]


def _decimal(number: float | None) -> Decimal | None:
    return None if number is None else Decimal(repr(number)).quantize(Decimal("0.01"))


def measure(count: int, times: int, python: Path) -> dict[str, Any]:
    """Take turns on one core; return the figures. Ends the program if one result differs."""
    # zen-engine starts two threads for every decision: on a second core each hand-over costs it up to half its speed,
    # and how often they get there is up to the system.
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    generated = list(cases(count * (times + 1)))
    ours([case for _, case in generated[:count]])
    seconds: dict[str, list[float]] = {"thidua": [], "zen-engine": []}
    for turn in range(1, times + 1):
        measured = [case for _, case in generated[turn * count : (turn + 1) * count]]
        spent, scores = ours(measured)
        seconds["thidua"].append(spent)
        spent, results = theirs(python, [item_of(case) for case in measured])
        seconds["zen-engine"].append(spent)
        if differing := differences(scores, results):
            sys.exit(f"{len(differing)} results differ, among them that of {differing[0]}: no figure.")
    medians = {name: statistics.median(all_of) for name, all_of in seconds.items()}
    rates = {name: round(count / each) for name, each in medians.items()}
    return {"items": count, "times": times, **rates, "ratio": round(medians["zen-engine"] / medians["thidua"], 2)}


def main() -> None:
    """Read the options, measure, print."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--items", type=int, default=4_000)
    options.add_argument("--times", type=int, default=5)
    options.add_argument("--python", type=Path, default=Path(".cache/decisions/bin/python"), help="has zen-engine")
    options.add_argument("--json", type=Path, metavar="FILE", help="keep the figures")
    chosen = options.parse_args()
    found = measure(chosen.items, chosen.times, chosen.python)
    print("decisions a second on one core, all results equal")
    print("  ".join(f"{name} {figure:,}" for name, figure in found.items()))
    if chosen.json:
        chosen.json.write_text(json.dumps(found, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
