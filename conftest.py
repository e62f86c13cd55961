"""Test configuration of the whole workspace."""

import gc

pytest_plugins = ["thidua_runtime.testing"]


def pytest_collection_finish() -> None:
    """Leave what was imported out of every later search for garbage: it lives as long as the tests."""
    gc.collect()
    gc.freeze()


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Name files by their parameter: an archive holds the moment it was made, and workers must collect equal names."""
    return argname if isinstance(val, bytes) else None
