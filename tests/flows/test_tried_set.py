from __future__ import annotations

from pathlib import Path

import pytest

from thidua.plugins.writing import write_distribution

from .thidua_command import run

pytestmark = [pytest.mark.xdist_group("sample"), pytest.mark.slow]


@pytest.mark.timeout(300)
def test_the_sample_year_is_scored_with_somebody_elses_set_beside_the_built_in_ones(tmp_path: Path) -> None:
    write_distribution("bo-mau-2022", tmp_path, "Bộ tiêu chí mẫu của ngành", "collective", 2022)
    told = run("demo", "--once", "--small", "--data", tmp_path / "data", "--criteria-set", tmp_path / "bo-mau-2022")
    *_, table = told.partition("Bộ tiêu chí mẫu của ngành (bo-mau-2022 1.0.0)")
    assert "Cụm VIII" in table
    assert "0 đối tượng chưa được chấm." in table
