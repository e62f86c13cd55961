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

from thidua.contracts.judgement import AskedWhen, DeclaredInput
from thidua.contracts.work import FactEntry
from thidua_monitoring.domain.months import period_end, period_start

FACT_ORIGIN: Final = "fact"
RECURRING: Final = frozenset({"month", "quarter", "half", "year"})
MOST_DIGITS: Final = 30
"""A stated number longer than this is a mistake, not an amount."""


Said = tuple[str, str]
"""Why a value is refused, in Vietnamese and English."""


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


def refusal(declared: DeclaredInput, entry: FactEntry) -> Said | None:
    """Say in Vietnamese and English why a value does not fit the input's kind; None if it does."""
    check = CHECKS.get(declared.kind)
    if check is None:
        return (
            f"loại chỉ tiêu “{declared.kind}” chưa được hỗ trợ",
            f"inputs of kind {declared.kind!r} are not supported",
        )
    why = check(declared, entry)
    return None if why is None else (f"“{declared.title or declared.name}” {why[0]}", f"{declared.name} {why[1]}")


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


@dataclass(frozen=True)
class Given:
    """What a subject gave of one input, whoever stated it: its periods, those with evidence, the newest value.

    A refused value is not given. Whether an appraiser must still confirm it is not what the unit owes.
    """

    periods: frozenset[str]
    evidenced: frozenset[str]
    newest: str = ""


NOTHING_GIVEN: Final = Given(frozenset(), frozenset())


def due_values(
    inputs: Iterable[DeclaredInput], span: tuple[date, date], due_before: date
) -> tuple[tuple[DeclaredInput, DueFact], ...]:
    """Return what everybody with these inputs owes with a due date before `due_before`, oldest first."""
    owed = [
        (each, DueFact(each.name, each.title or each.name, period, due_on))
        for each in inputs
        if each.absent != "zero"
        for period, due_on in due_periods(each, *span)
        if due_on < due_before
    ]
    return tuple(sorted(owed, key=lambda one: (one[1].due_on, one[1].input)))


def looked_at(owed: Iterable[tuple[DeclaredInput, DueFact]]) -> frozenset[str]:
    """Return the inputs whose values say whether something owed is missing."""
    owed = tuple(owed)
    return conditions(owed) | {declared.name for declared, _ in owed}


def conditions(owed: Iterable[tuple[DeclaredInput, DueFact]]) -> frozenset[str]:
    """Return the inputs under whose answer another one is asked."""
    return frozenset(declared.asked_when.input for declared, _ in owed if declared.asked_when)


def missing_values(
    owed: Iterable[tuple[DeclaredInput, DueFact]],
    given: Mapping[str, Given],
    reported: frozenset[str] = frozenset(),
) -> tuple[DueFact, ...]:
    """Return what one subject owes and has not given.

    `given`: by input. `reported`: periods whose report was received; a log that is "zero when reported" is
    not missing then. An input that is asked only under an answer is owed once that answer is given.
    """
    return tuple(
        fact
        for declared, fact in owed
        if not (declared.absent == "zero_when_reported" and fact.period in reported)
        and _is_asked(declared.asked_when, given)
        and not _is_given(given.get(declared.name, NOTHING_GIVEN), declared, fact.period)
    )


def _is_asked(condition: AskedWhen | None, given: Mapping[str, Given]) -> bool:
    return condition is None or given.get(condition.input, NOTHING_GIVEN).newest == condition.value


def _is_given(given: Given, declared: DeclaredInput, period: str) -> bool:
    periods = given.evidenced if declared.evidence == "required" else given.periods
    # A value due once in the year may be stated for any period of that year.
    return period in periods or (len(period) == 4 and any(each.startswith(period) for each in periods))


def _period(kind: str, day: date) -> str:
    if kind == "quarter":
        return f"{day.year}-Q{(day.month + 2) // 3}"
    if kind == "half":
        return f"{day.year}-H{1 if day.month <= 6 else 2}"
    return f"{day.year}-{day.month:02d}" if kind == "month" else f"{day.year}"


def _yes_no(declared: DeclaredInput, entry: FactEntry) -> Said | None:
    return None if entry.value in {"yes", "no"} else ("phải là yes (có) hoặc no (không)", "is yes or no")


def _count(declared: DeclaredInput, entry: FactEntry) -> Said | None:
    whole = entry.value.isascii() and entry.value.isdigit() and len(entry.value) <= MOST_DIGITS
    return None if whole else ("phải là số nguyên không âm", "is a whole number, not negative")


def _number(text: str) -> Decimal | None:
    try:
        found = Decimal(text) if len(text) <= MOST_DIGITS and "e" not in text.casefold() else None
    except InvalidOperation:
        return None
    return found if found is not None and found.is_finite() else None


def _amount(declared: DeclaredInput, entry: FactEntry) -> Said | None:
    return None if _number(entry.value) is not None else ("phải là số, ví dụ 137.5", "is a number such as 137.5")


def _mark(declared: DeclaredInput, entry: FactEntry) -> Said | None:
    mark = _number(entry.value)
    if mark is None or mark < 0 or (declared.out_of is not None and mark > declared.out_of):
        return (
            f"phải là điểm từ 0 đến {declared.out_of}, phần lẻ viết sau dấu chấm, ví dụ 8.5",
            f"is a mark from 0 to {declared.out_of}, such as 8.5",
        )
    return None


def _date(declared: DeclaredInput, entry: FactEntry) -> Said | None:
    try:
        date.fromisoformat(entry.value)
    except ValueError:
        return "phải là ngày, ví dụ 2022-03-31", "is a day such as 2022-03-31"
    return None


def _document(declared: DeclaredInput, entry: FactEntry) -> Said | None:
    return (
        None if entry.document is not None else ("phải kèm số và ngày văn bản", "names number and date of a document")
    )


def _log(declared: DeclaredInput, entry: FactEntry) -> Said | None:
    if entry.value in declared.cases:
        return None
    cases = ", ".join(declared.cases)
    return f"phải là một trong các trường hợp: {cases}", f"is one of {cases}"


Check = Callable[[DeclaredInput, FactEntry], Said | None]
CHECKS: Final[Mapping[str, Check]] = {
    "yes_no": _yes_no, "count": _count, "amount": _amount, "date": _date,
    "document": _document, "mark": _mark, "log": _log,
}  # fmt: skip
"""Kinds of fact of criteria.md section 2."""
