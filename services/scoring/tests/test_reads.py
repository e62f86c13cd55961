"""What a set reads of others: a tag that is left out here is a fact that never reaches a case."""

from __future__ import annotations

from pathlib import Path

from thidua.criteria import load_criteria_set
from thidua_scoring.domain.reads import PEER, fact_names, reads_of

TEXT = """
format: 1
id: so-sanh
version: 1.0.0
title: So sánh trong cụm
legal_basis: [Quy chế thử]
valid: {from: 2022-01-01}
subject: collective
period: {scored: [year]}
points: {scale: 10}
not_applicable: rescale
missing_at_close: not_met
inputs:
  a: {fact: count, title: Đã làm}
  t: {fact: count, title: Chỉ tiêu}
  has: {fact: yes_no, title: Được giao}
  above: {fact: yes_no, title: Thuộc nhóm được giao}
  own: {fact: yes_no, title: Việc khác}
criteria:
- {code: A, title: Nhóm, maximum: 10, applies_when: {above: true}}
- {code: A.1, title: Chỉ tiêu, maximum: 5, applies_when: {has: true}, rule: {kind: target, actual: a, target: t,
    without_target: share_of_best}}
- {code: A.2, title: Việc khác, maximum: 5, rule: {kind: yes_no, input: own}}
"""


def test_of_peers_is_read_what_is_compared_and_whether_it_concerns_them(tmp_path: Path) -> None:
    (tmp_path / "criteria.yaml").write_text(TEXT.lstrip(), "utf-8")
    assert fact_names(reads_of(load_criteria_set(tmp_path)), PEER) == {"a", "t", "has", "above"}
