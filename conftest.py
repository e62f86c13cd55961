"""Test configuration of the whole workspace."""

import gc
from pathlib import Path

import pytest

import thidua

pytest_plugins = ["thidua_runtime.testing"]


def pytest_configure() -> None:
    """Refuse to test what was compiled of older sources: Python takes it before them."""
    refuse_older(Path(thidua.__file__).parent / "criteria")


def refuse_older(folder: Path) -> None:
    """Raise UsageError if any source is newer: constants of modules that stay Python are in what is compiled."""
    compiled = [file.stat().st_mtime for file in folder.rglob("*.so")]
    newest = max(folder.rglob("*.py"), key=lambda file: file.stat().st_mtime)
    if compiled and newest.stat().st_mtime > min(compiled):
        raise pytest.UsageError(f"{newest.name} is newer than what is compiled; run: make venv")


def pytest_collection_finish() -> None:
    """Leave what was imported out of every later search for garbage: it lives as long as the tests."""
    gc.collect()
    gc.freeze()


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Name files by their parameter: an archive holds the moment it was made, and workers must collect equal names."""
    return argname if isinstance(val, bytes) else None
