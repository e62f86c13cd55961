"""The golden cases of the set, and what every criteria set owes."""

from __future__ import annotations

from thidua.testkit import CriteriaSetSuite


class TestCriteriaSet(CriteriaSetSuite):
    package = "tnmt_2022_ca_nhan"
