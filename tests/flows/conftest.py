from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from .thidua_command import demo, state


@dataclass(frozen=True)
class Played:
    """A small sample year played without disturbance."""

    folder: Path
    result: dict[str, Any]
    state: str


@pytest.fixture(scope="session")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    folder = tmp_path_factory.mktemp("undisturbed") / "data"
    result = demo(folder)
    return Played(folder, result, state(folder))
