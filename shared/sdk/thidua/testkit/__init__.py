"""For authors of criteria sets: golden cases a lawyer can read, and the suite every set must pass.

A set's test file is one class::

    class TestCriteriaSet(CriteriaSetSuite):
        package = "tnmt_2022_tap_the"
"""

from __future__ import annotations

from thidua.testkit.conformance import CriteriaSetSuite
from thidua.testkit.golden import GoldenCase, failures, inputs_for, read_golden

__all__ = ["CriteriaSetSuite", "GoldenCase", "failures", "inputs_for", "read_golden"]
