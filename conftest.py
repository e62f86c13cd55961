"""Test configuration of the whole workspace."""

pytest_plugins = ["thidua_runtime.testing"]
