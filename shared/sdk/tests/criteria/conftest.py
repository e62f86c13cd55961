"""Small sets written in place, and cases for them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from thidua.criteria import Case, CriteriaSet, load_criteria_set

HEAD = """
format: 1
id: thu-nghiem
version: 1.0.0
title: Bộ tiêu chí thử nghiệm
legal_basis: [Không có]
valid: {from: 2022-01-01}
subject: collective
period: {scored: [year, quarter, month]}
points: {scale: 100, total: {at_least: 0, at_most: 120}}
not_applicable: rescale
missing_at_close: not_met
"""

MakeSet = Callable[..., CriteriaSet]
MakeCase = Callable[..., Case]


@pytest.fixture
def make_set(tmp_path: Path) -> MakeSet:
    """Load a set from its text; `head` is added unless the text brings its own."""

    def make(text: str, head: str = HEAD, **changed: str) -> CriteriaSet:
        for key, value in changed.items():
            lines = [f"{key}: {value}" if line.startswith(f"{key}:") else line for line in head.splitlines()]
            head = "\n".join(lines)
        (tmp_path / "criteria.yaml").write_text(head.strip() + "\n" + text.strip() + "\n", encoding="utf-8")
        return load_criteria_set(tmp_path)

    return make


@pytest.fixture
def make_case() -> MakeCase:
    """Make an official case of 2022; a fact is written as name=value, by the appraiser unless told."""

    def make(facts: dict[str, Any] | None = None, **material: Any) -> Case:
        stated = [
            {"id": f"f-{name}", "input": name, "stated_by": "self", **_fact(value)}
            for name, value in (facts or {}).items()
        ]
        fixed = {"subject": {"kind": "collective", "id": "a", "unit": "a", "cluster": "c"}, "campaign": "2022"}
        usual = {"period": "2022", "as_of": date(2023, 1, 10), "lane": "official"}
        return Case.model_validate({**fixed, **usual, "facts": stated, **material})

    return make


def _fact(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {"value": value}
