"""`thidua plugins show`: a set as a person reads it."""

from __future__ import annotations

from thidua_scoring.terminal.installed import one_set


def test_a_set_is_shown_with_its_state_its_criteria_and_who_states_what() -> None:
    found = {
        "id": "so-y-te-2026", "set_version": "1.0.0", "title": "Tiêu chí Sở Y tế", "state": "disabled",
        "reason": "sai điểm tối đa", "subject_kind": "collective", "artefact": "sha256:ab",
        "manifest": {"legal_basis": ["Quyết định 1"], "criteria": [{"code": "A", "title": "Kế hoạch", "maximum": 50}]},
        "inputs": [{"name": "plan", "kind": "document", "origin": "fact", "stated_by": ["self", "appraiser"],
                    "title": "Kế hoạch năm"}, {"name": "months", "kind": "month_results", "origin": "feed"}],
    }  # fmt: skip
    lines = list(one_set(found))
    assert lines[0] == "so-y-te-2026@1.0.0 · Tiêu chí Sở Y tế"
    assert "disabled (sai điểm tối đa)" in lines[1]
    assert any(line.split() == ["A", "50", "Kế", "hoạch"] for line in lines)
    assert any("self, appraiser" in line and "Kế hoạch năm" in line for line in lines)
    assert any(line.split() == ["months", "month_results", "feed"] for line in lines)
