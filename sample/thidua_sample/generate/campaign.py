"""The movement of 2022 as letter 8240/BTNMT-TĐKTTT launched it; dates no source gives are proposals."""

from __future__ import annotations

from datetime import date
from typing import Final

from thidua.contracts import Document
from thidua_sample.generate.records import SampleCampaign, SamplePeriod, SampleUnit

CODE: Final = "btnmt-2022"
YEAR: Final = 2022
COLLECTIVE_SET: Final = ("tnmt-2022-tap-the", "1.0.0", "collective")
INDIVIDUAL_SET: Final = ("tnmt-2022-ca-nhan", "2.0.0", "individual")

LETTER: Final = Document(number="8240/BTNMT-TĐKTTT", dated=date(2021, 12, 31), issuer="Bộ Tài nguyên và Môi trường")

# No source gives a deadline for registering; 31 March is a proposal and is shown as one.
REGISTRATION_DUE: Final = date(2022, 3, 31)
REGISTRATION_DUE_MARK: Final = "proposal"

REPORT_DAY: Final = 5
OBJECTION_DAY: Final = 10
CLOSING_DAY: Final = 15


def campaign(units: tuple[SampleUnit, ...]) -> SampleCampaign:
    """Return the campaign in which `units` take part."""
    return SampleCampaign(
        code=CODE,
        title="Phong trào thi đua ngành Tài nguyên và Môi trường năm 2022",
        theme="Kỷ cương, trách nhiệm, đổi mới, hội nhập, hiệu quả",
        launched_by=LETTER,
        registration_due=REGISTRATION_DUE,
        registration_due_mark=REGISTRATION_DUE_MARK,
        calendar=calendar(),
        criteria_sets=(COLLECTIVE_SET, INDIVIDUAL_SET),
        participants=tuple(unit.code for unit in units),
    )


def calendar() -> tuple[SamplePeriod, ...]:
    """Return twelve months, the half-year and the year, each with its three dates."""
    months = [_period(f"{YEAR}-{month:02d}", *following(month)) for month in range(1, 13)]
    half = SamplePeriod(f"{YEAR}-H1", date(2022, 7, 8), date(2022, 7, 15), date(2022, 7, 20))
    year = SamplePeriod(str(YEAR), date(2023, 1, 10), date(2023, 1, 16), date(2023, 1, 20))
    return (*months, half, year)


def following(month: int) -> tuple[int, int]:
    """Return year and month after a month of 2022."""
    return (YEAR + 1, 1) if month == 12 else (YEAR, month + 1)


def _period(period: str, year: int, month: int) -> SamplePeriod:
    return SamplePeriod(
        period,
        report_due=date(year, month, REPORT_DAY),
        objection_until=date(year, month, OBJECTION_DAY),
        closes_on=date(year, month, CLOSING_DAY),
    )
