"""Test configuration of the whole workspace."""

import gc

pytest_plugins = ["thidua_runtime.testing"]


def pytest_collection_finish() -> None:
    """Leave what was imported out of every later search for garbage: it lives as long as the tests."""
    gc.collect()
    gc.freeze()
