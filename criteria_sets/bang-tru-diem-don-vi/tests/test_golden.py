"""The golden cases of the set, and what every criteria set owes."""

from __future__ import annotations

from thidua.testkit import CriteriaSetSuite


class TestCriteriaSet(CriteriaSetSuite):
    package = "bang_tru_diem_don_vi"
