"""Facts: which statements an input takes, and when a stated value counts.

The inputs come from the criteria sets a campaign uses and from no second list.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Final

from thidua.contracts.judgement import DeclaredInput
from thidua.contracts.work import FactEntry, FactStatus
from thidua_monitoring.domain.months import period_end, period_start

FACT_ORIGIN: Final = "fact"
RECURRING: Final = frozenset({"month", "quarter", "half", "year"})
MOST_DIGITS: Final = 30
"""A stated number longer than this is a mistake, not an amount."""


@dataclass(frozen=True)
class DueFact:
    """A value that is due: which input, for which period, since when, and who can still state it."""

    input: str
    title: str
    period: str
    due_on: date


def inputs_stated_by_people(inputs: Iterable[DeclaredInput]) -> dict[str, DeclaredInput]:
    """Return the inputs of origin `fact` by their name."""
    return {each.name: each for each in inputs if each.origin == FACT_ORIGIN}


def refusal(declared: DeclaredInput, entry: FactEntry) -> str | None:
    """Say in Vietnamese why a value does not fit the input's kind; None if it does."""
    check = CHECKS.get(declared.kind)
    if check is None:
        return f"loại chỉ tiêu “{declared.kind}” chưa được hỗ trợ"
    why = check(declared, entry)
    return None if why is None else f"“{declared.title or declared.name}” {why}"


def has_evidence(declared: DeclaredInput, entry: FactEntry) -> bool:
    """Whether the entry carries the evidence the input requires; without it the value does not count."""
    return declared.evidence != "required" or entry.document is not None or bool(entry.evidence)


def counts(declared: DeclaredInput, stated_by: str, entry: FactEntry) -> bool:
    """Whether an entry is a value that counts in an official score; a refused one is missing, never zero."""
    accepted = declared.counts or declared.stated_by
    fits = not accepted or stated_by in accepted
    return fits and entry.status is not FactStatus.REFUSED and has_evidence(declared, entry)


def due_periods(declared: DeclaredInput, starts_on: date, ends_on: date) -> tuple[tuple[str, date], ...]:
    """Return the periods of a campaign for which the input owes a value, each with its due date.

    An input due on a date owes one value for the campaign's year; one due `day` days after each month,
    quarter, half or year owes one per such period; one without a due date owes nothing.
    """
    due = declared.due
    if due is None:
        return ()
    if due.on is not None:
        return ((str(due.on.year), due.on),)
    if due.after not in RECURRING:
        return ()
    return _recurring(due.after, due.day or 0, starts_on, ends_on)


# Asked for every person and input each night; a campaign has a handful of answers.
@lru_cache(maxsize=256)
def _recurring(kind: str, days: int, starts_on: date, ends_on: date) -> tuple[tuple[str, date], ...]:
    periods = periods_between(kind, starts_on, ends_on)
    return tuple((period, period_end(period) + timedelta(days=days)) for period in periods)


def periods_between(kind: str, starts_on: date, ends_on: date) -> tuple[str, ...]:
    """Return the months, quarters, half-years or years that begin and end within two days, in order."""
    found: list[str] = []
    day = starts_on
    while day <= ends_on:
        period = _period(kind, day)
        if period_start(period) >= starts_on.replace(day=1) and period not in found:
            found.append(period)
        day = period_end(period) + timedelta(days=1)
    return tuple(found)


def missing_values(
    inputs: Mapping[str, DeclaredInput],
    stated: Iterable[tuple[str, str, FactEntry]],
    span: tuple[date, date],
    due_before: date,
    reported: frozenset[str] = frozenset(),
) -> tuple[DueFact, ...]:
    """Return what one subject owes and has no counting value for, oldest due date first.

    `due_before`: due dates from this day on are left out. `stated`: input, who states it, entry.
    `reported`: periods whose report was received; a log that is
    "zero when reported" is not missing then.
    """
    present = {
        (name, entry.period)
        for name, stated_by, entry in stated
        if name in inputs and counts(inputs[name], stated_by, entry)
    }
    owed = []
    for declared in inputs.values():
        if declared.absent == "zero":
            continue
        for period, due_on in due_periods(declared, *span):
            silent_is_zero = declared.absent == "zero_when_reported" and period in reported
            if due_on < due_before and not silent_is_zero and not _present(present, declared.name, period):
                owed.append(DueFact(declared.name, declared.title or declared.name, period, due_on))
    return tuple(sorted(owed, key=lambda fact: (fact.due_on, fact.input)))


def _present(present: set[tuple[str, str]], name: str, period: str) -> bool:
    # A value due once in the year may be stated for any period of that year.
    if (name, period) in present:
        return True
    return len(period) == 4 and any(n == name and p.startswith(period) for n, p in present)


def _period(kind: str, day: date) -> str:
    if kind == "quarter":
        return f"{day.year}-Q{(day.month + 2) // 3}"
    if kind == "half":
        return f"{day.year}-H{1 if day.month <= 6 else 2}"
    return f"{day.year}-{day.month:02d}" if kind == "month" else f"{day.year}"


def _yes_no(declared: DeclaredInput, entry: FactEntry) -> str | None:
    return None if entry.value in {"yes", "no"} else "phải là yes (có) hoặc no (không)"


def _count(declared: DeclaredInput, entry: FactEntry) -> str | None:
    whole = entry.value.isascii() and entry.value.isdigit() and len(entry.value) <= MOST_DIGITS
    return None if whole else "phải là số nguyên không âm"


def _number(text: str) -> Decimal | None:
    try:
        found = Decimal(text) if len(text) <= MOST_DIGITS and "e" not in text.casefold() else None
    except InvalidOperation:
        return None
    return found if found is not None and found.is_finite() else None


def _amount(declared: DeclaredInput, entry: FactEntry) -> str | None:
    return None if _number(entry.value) is not None else "phải là số, ví dụ 137.5"


def _mark(declared: DeclaredInput, entry: FactEntry) -> str | None:
    mark = _number(entry.value)
    if mark is None or mark < 0 or (declared.out_of is not None and mark > declared.out_of):
        return f"phải là điểm từ 0 đến {declared.out_of}"
    return None


def _date(declared: DeclaredInput, entry: FactEntry) -> str | None:
    try:
        date.fromisoformat(entry.value)
    except ValueError:
        return "phải là ngày, ví dụ 2022-03-31"
    return None


def _document(declared: DeclaredInput, entry: FactEntry) -> str | None:
    return None if entry.document is not None else "phải kèm số và ngày văn bản"


def _log(declared: DeclaredInput, entry: FactEntry) -> str | None:
    if entry.value in declared.cases:
        return None
    return f"phải là một trong các trường hợp: {', '.join(declared.cases)}"


Check = Callable[[DeclaredInput, FactEntry], str | None]
CHECKS: Final[Mapping[str, Check]] = {
    "yes_no": _yes_no, "count": _count, "amount": _amount, "date": _date,
    "document": _document, "mark": _mark, "log": _log,
}  # fmt: skip
"""Kinds of fact of criteria.md section 2."""
