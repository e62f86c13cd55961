"""What has happened bears a day that has come; deadlines alone may lie ahead."""

from __future__ import annotations

from datetime import date

from thidua_monitoring.errors import DayAhead


def check_document(number: str, dated: date, today: date) -> None:
    """Raise DayAhead for a document dated after today: whoever records it would know it before it was signed."""
    if dated > today:
        raise DayAhead(what=f"Văn bản {number}", named=f"The document {number}", **_days(dated, today))


def check_report(unit: str, period: str, sent_on: date | None, today: date) -> None:
    """Raise DayAhead for a report that is said to come in after today; None is today."""
    if sent_on is not None and sent_on > today:
        what, named = f"Báo cáo kỳ {period} của {unit}", f"The report {period} of {unit}"
        raise DayAhead(what=what, named=named, **_days(sent_on, today))


def _days(day: date, today: date) -> dict[str, str]:
    return {"day": f"{day:%d/%m/%Y}", "today": f"{today:%d/%m/%Y}"}
