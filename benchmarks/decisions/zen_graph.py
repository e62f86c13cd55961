"""The rules of `nd335-2025-ca-nhan` for a month as a decision graph, evaluated with trace by zen-engine.

    python zen_graph.py ITEMS RESULTS [--plain]

Runs in an environment of its own that holds zen-engine and nothing of the suite. ITEMS: a JSON list of dictionaries;
RESULTS gets the CPU seconds and, for each item, points, status and band. One node per group of criteria, whose
results fan in to the total: of the shapes tried (one node after the other, contexts passed through, JSON text instead
of dictionaries) the fastest one.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import zen

Node = dict[str, Any]
Pair = tuple[str, str]
"""A name in the graph and the expression it stands for."""

CUTS = "sum(map(work.{split}, #.weight * max([0, 1 - 0.25 * #.times])))"


def nodes() -> list[Node]:
    """Return the nodes: marks, work items, leaders' parts, total, band."""
    common = [*mark("Ca", "ethics"), *mark("Cb", "competence"), *mark("Cc", "innovation")]
    common += [("C.points", "$.Ca.points + $.Cb.points + $.Cc.points")]
    work = [*share("Ka", "work.done")]
    work += [*share("Kb", CUTS.format(split="by_failures")), *share("Kc", CUTS.format(split="by_delays"))]
    leader = [*staff("Kd"), *answer("Kdd", "organised"), *answer("Ke", "united")]
    of_leader = "(Ka.percent + Kb.percent + Kc.percent + Kd.percent + Kdd.percent + Ke.percent) / 600"
    of_others = "(Ka.percent + Kb.percent + Kc.percent) / 300"
    open_lines = " or ".join(f'{code}.status == "missing"' for code in ("Ca", "Cb", "Cc", "Kd", "Kdd", "Ke"))
    total = [
        ("K.points", f"round((subject.leads_unit ? {of_leader} : {of_others}) * 70, 2)"),
        ("total", "$.K.points + C.points"),
        ("missing", open_lines),
    ]
    groups = {"common": common, "work": work, "leader": leader, "total": total}
    made: list[Node] = [{"id": "request", "name": "request", "type": "inputNode"}]
    made += [expressions(name, pairs) for name, pairs in groups.items()]
    return [*made, bands(), {"id": "response", "name": "response", "type": "outputNode"}]


def mark(code: str, name: str) -> Iterator[Pair]:
    """A mark out of ten by the appraiser: who counts, refused and missing ones, points and status."""
    stated = f"facts.{name}.appraiser"
    usable = f'{stated} != null and {stated}.status != "refused"'
    status = f'{stated}.value == 10 ? "met" : {stated}.value > 0 ? "partly" : "not_met"'
    yield f"{code}.status", f'{usable} ? ({status}) : "missing"'
    yield f"{code}.points", f"{usable} ? round({stated}.value / 10 * 10, 2) : 0"


def share(code: str, done: str) -> Iterator[Pair]:
    """A share of the assigned weight in percent, and its status."""
    yield f"{code}.percent", f"work.assigned == 0 ? null : round(min([1, {done} / work.assigned]) * 100, 2)"
    percent = f"$.{code}.percent"
    status = f'{percent} == 100 ? "met" : {percent} > 0 ? "partly" : "not_met"'
    yield f"{code}.status", f'{percent} == null ? "not_applicable" : {status}'


def staff(code: str) -> Iterator[Pair]:
    """Whether everybody in a leader's unit reached the band; unknown while one is not judged."""
    reached = 'all(members, #.band in ["xuat_sac", "tot", "hoan_thanh"]) ? 100 : 50'
    unknown = "some(members, not(#.judged))"
    yield f"{code}.percent", f"not(subject.leads_unit) ? null : {unknown} ? 0 : {reached}"
    status = f'{unknown} ? "missing" : $.{code}.percent == 100 ? "met" : "partly"'
    yield f"{code}.status", f'not(subject.leads_unit) ? "not_applicable" : {status}'


def answer(code: str, name: str) -> Iterator[Pair]:
    """Yes or no about a leader by the appraiser."""
    stated = f"facts.{name}.appraiser"
    points = f'{stated} == null ? 0 : {stated}.value == "yes" ? 100 : 50'
    yield f"{code}.percent", f"not(subject.leads_unit) ? null : {points}"
    status = f'{stated} == null ? "missing" : {stated}.value == "yes" ? "met" : "partly"'
    yield f"{code}.status", f'not(subject.leads_unit) ? "not_applicable" : {status}'


def expressions(name: str, pairs: Iterable[Pair]) -> Node:
    """Return an expression node."""
    listed = [{"id": f"{name}{at}", "key": key, "value": value} for at, (key, value) in enumerate(pairs)]
    content = {"expressions": listed, "passThrough": False}
    return {"id": name, "name": name, "type": "expressionNode", "content": content}


def bands() -> Node:
    """Return the decision table of the bands; a score with something missing has none."""
    limits = (("xuat_sac", ">= 90"), ("tot", ">= 70"), ("hoan_thanh", ">= 50"), ("khong_hoan_thanh", ""))
    rules = [{"_id": "open", "missing": "true", "total": "", "band": "null"}]
    rules += [{"_id": band, "missing": "", "total": limit, "band": f'"{band}"'} for band, limit in limits]
    content = {
        "hitPolicy": "first",
        "passThrough": False,
        "inputs": [{"id": one, "name": one, "field": one} for one in ("missing", "total")],
        "outputs": [{"id": "band", "name": "band", "field": "band"}],
        "rules": rules,
    }
    return {"id": "band", "name": "band", "type": "decisionTableNode", "content": content}


def graph() -> str:
    """Return the whole graph as JSON."""
    groups = ("common", "work", "leader")
    pairs = [("request", one) for one in (*groups, "total")] + [(one, "total") for one in groups]
    pairs += [("total", "band"), *((one, "response") for one in (*groups, "total", "band"))]
    edges = [{"id": f"e{at}", "sourceId": a, "targetId": b, "type": "edge"} for at, (a, b) in enumerate(pairs)]
    return json.dumps({"contentType": "application/vnd.gorules.decision", "nodes": nodes(), "edges": edges})


def main() -> None:
    """Evaluate a tenth of the items to warm up, then all of them with the clock on."""
    items = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    decision = zen.ZenEngine().create_decision(graph())
    for item in items[: len(items) // 10]:
        decision.evaluate(item, {"trace": True})
    began = time.process_time()
    for item in items:
        decision.evaluate(item, {"trace": True})
    seconds = time.process_time() - began
    results = [decision.evaluate(item)["result"] for item in items]
    Path(sys.argv[2]).write_text(json.dumps({"seconds": seconds, "results": results}), "utf-8")


if __name__ == "__main__":
    main()
