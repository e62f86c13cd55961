"""Criteria sets of third parties for tests: a package and the metadata an installation leaves."""

from __future__ import annotations

from pathlib import Path

import pytest

INDIVIDUAL = """
format: 1
id: {id}
version: 1.0.0
title: Tiêu chí thử đối với cá nhân
legal_basis: [Quy chế thử]
valid: {{from: 2022-01-01, to: 2022-12-31}}
subject: individual
period: {{scored: [year]}}
points: {{scale: 100, mark: illustrative}}
not_applicable: rescale
missing_at_close: not_met
inputs:
  months: {{feed: month_results}}
  done: {{feed: completed_tasks}}
  titles: {{feed: registered, what: titles, by: 2022-03-31}}
  effort: {{fact: mark, out_of: 10, title: Tinh thần trách nhiệm, stated_by: [self], due: 2022-12-10}}
criteria:
- {{code: A, title: Tỷ lệ đúng hạn hằng tháng, maximum: 50, rule: {{kind: months, input: months, limit: {{more_than: 9/10}}, credit: pro_rata}}}}
- {{code: B, title: Hoàn thành nhiệm vụ, maximum: 30, rule: {{kind: ratio, of: done, limit: {{at_least: 1}}, credit: pro_rata}}}}
- {{code: C, title: Đăng ký danh hiệu, maximum: 10, rule: {{kind: threshold, input: titles, limit: {{at_least: 1}}}}}}
- {{code: D, title: Tinh thần trách nhiệm, maximum: 10, rule: {last}}}
ranking: {{within: subject.unit, by: [total], ties: shared}}
"""  # noqa: E501

# `_sys` is a way round the checks of the text: what these sets do must be withstood also where nothing was noticed.
CODE = """
from collections import _sys
from fractions import Fraction

from thidua.criteria import Outcome

{head}


def {name}(inputs, parameters):
{body}
"""


def install(
    folder: Path,
    patch: pytest.MonkeyPatch,
    name: str,
    *,
    code: str = "",
    head: str = "",
    text: str | None = None,
    version: str = "1.0.0",
) -> str:
    """Install a set as `pip` would; `code` is the body of its own rule, `head` what its module does when it is
    imported. Returns the id of the set."""
    package = name.replace("-", "_")
    home = folder / package
    home.mkdir()
    rule = "{kind: mark, input: effort}"
    if code:
        rule = f"{{kind: rule, call: {package}.rules:judge, inputs: [effort]}}".replace("{{", "{").replace("}}", "}")
        (home / "rules.py").write_text(CODE.format(name="judge", body=code, head=head), "utf-8")
    (home / "__init__.py").write_text("", "utf-8")
    (home / "criteria.yaml").write_text(text or INDIVIDUAL.format(id=name, last=rule), "utf-8")
    metadata = folder / f"{package}-{version}.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n", "utf-8")
    (metadata / "entry_points.txt").write_text(f"[thidua.criteria_sets]\n{name} = {package}\n", "utf-8")
    patch.syspath_prepend(str(folder))
    return name
