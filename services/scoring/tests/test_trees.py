"""The explanation as text: what officials read of a score, line by line."""

from __future__ import annotations

from datetime import date
from typing import Any

from rich.tree import Tree

from thidua.criteria import Case, load_criteria_set, score
from thidua_scoring.terminal.trees import as_tree


def texts(tree: Tree) -> list[str]:
    return [str(tree.label), *(text for child in tree.children for text in texts(child))]


def explained() -> dict[str, Any]:
    subject = {"kind": "collective", "id": "a", "unit": "a", "cluster": "c"}
    fixed = {"campaign": "2022", "period": "2022", "as_of": date(2023, 1, 10), "lane": "official"}
    found = score(load_criteria_set("cong_an_cum"), Case.model_validate({"subject": subject, **fixed}))
    names = {"subject": "a", "unit": "a", "lane": "official", "criteria_set": found.set_id, "period": "2022"}
    return {**names, "set_version": found.set_version, "as_of": "2023-01-10", "tree": found.as_json()}


def test_points_taken_off_stand_with_a_minus_and_say_why() -> None:
    (line,) = [text for text in texts(as_tree(explained())) if text.startswith("PH ")]
    assert line.startswith("PH Điểm phạt: bị phê bình: ? −2,00/2,00 Chưa có số liệu: ")
    assert line.endswith("; trừ đủ 2 điểm vì khi chốt vẫn chưa có số liệu.")
