"""The golden cases of the set, and what every criteria set owes."""

from __future__ import annotations

from thidua.testkit import CriteriaSetSuite


class TestCriteriaSet(CriteriaSetSuite):
    package = "nd335_2025_ca_nhan"
