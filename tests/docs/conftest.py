"""What the tests of the documents share: the generator of the reference tables, and the files of the project."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
BINARY = {".xlsx", ".png", ".gz", ".zip", ".ico", ".woff2"}


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def reference() -> ModuleType:
    spec = importlib.util.spec_from_file_location("thidua_docs_generate", ROOT / "docs" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def tracked() -> dict[Path, str]:
    """Every text file under version control, by its path; what git does not know is somebody's draft."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True).stdout
    files = [ROOT / name for name in listed.split("\0") if name]
    return {file: file.read_text(encoding="utf-8") for file in files if file.is_file() and file.suffix not in BINARY}


@pytest.fixture(scope="session")
def documents(tracked: dict[Path, str]) -> dict[Path, str]:
    return {file: text for file, text in tracked.items() if file.suffix == ".md"}
