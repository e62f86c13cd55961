"""Somebody else's set in the sample year."""

from __future__ import annotations

from pathlib import Path

import pytest

from thidua.plugins.packages import unpacked
from thidua.plugins.writing import write_distribution
from thidua_sample.generate import generate
from thidua_sample.tried import read_tried_set

pytestmark = pytest.mark.drill


@pytest.fixture
def written(tmp_path: Path) -> Path:
    write_distribution("bo-mau-2022", tmp_path, "Bộ tiêu chí mẫu", "collective", 2022)
    return tmp_path / "bo-mau-2022"


def test_a_set_is_read_from_its_source_and_used_beside_the_built_in_ones(written: Path) -> None:
    tried = read_tried_set(written)
    assert unpacked(tried.content, "x").package == "bo_mau_2022"
    year = generate()
    used = tried.used_in(year).campaign.criteria_sets
    assert used == (*year.campaign.criteria_sets, ("bo-mau-2022", "1.0.0", "collective"))
