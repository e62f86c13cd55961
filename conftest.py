"""Test configuration of the whole workspace."""

import gc
from pathlib import Path

import pytest

import thidua

pytest_plugins = ["thidua_runtime.testing"]


def pytest_configure() -> None:
    """Refuse to test what was compiled of older sources: Python takes it before them."""
    for compiled in Path(thidua.__file__).parent.rglob("*.so"):
        source = compiled.with_name(compiled.name.partition(".")[0] + ".py")
        if source.stat().st_mtime > compiled.stat().st_mtime:
            raise pytest.UsageError(f"{source.name} is newer than what was compiled of it; run: make venv")


def pytest_collection_finish() -> None:
    """Leave what was imported out of every later search for garbage: it lives as long as the tests."""
    gc.collect()
    gc.freeze()


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Name files by their parameter: an archive holds the moment it was made, and workers must collect equal names."""
    return argname if isinstance(val, bytes) else None
