"""What several tests of scoring need once."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from thidua.criteria.loader import folder_of

from .test_installing import bring_golden_up_to_date


@pytest.fixture(scope="session")
def draft(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Version 2 of the collectives' set: months pass above 96 % on time instead of 90 %."""
    folder = tmp_path_factory.mktemp("version-2") / "draft"
    shutil.copytree(folder_of("tnmt_2022_tap_the"), folder, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "__init__.py").unlink(missing_ok=True)
    file = folder / "criteria.yaml"
    text = file.read_text("utf-8").replace("version: 1.0.0", "version: 2.0.0", 1)
    file.write_text(text.replace("more_than: 9/10", "more_than: 96/100"), "utf-8")
    bring_golden_up_to_date(folder)
    return folder
