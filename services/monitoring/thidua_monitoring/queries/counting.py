"""How much counters move, counted in memory before any SQL: many tasks move the same counter."""

# ruff: noqa: S608 (statements are put together from constants, never from values)

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from typing import Any, Final

from thidua_monitoring.domain.deadlines import Standing
from thidua_monitoring.domain.months import CONTRIBUTIONS

FIGURES: Final = ("due", "on_time", "late", "open", "ahead", "overdue", "excluded", "without_weight")
"""The counters of a subject in a month, in the order of their columns."""

# All figures of a counter in one number, so that it moves by one addition; often first, so that it stays small.
_BITS: Final = 24
_MASK: Final = (1 << _BITS) - 1
_FREQUENT_FIRST: Final = ("due", "on_time", "without_weight", "late", "overdue", "open", "ahead", "excluded")
_SHIFT: Final = {name: place * _BITS for place, name in enumerate(_FREQUENT_FIRST)}


def _moved(standing: Standing) -> int:
    """Return what a task without a converted weight adds."""
    figures = CONTRIBUTIONS[standing]
    moved = sum(int(getattr(figures, name)) << _SHIFT[name] for name in FIGURES if name != "without_weight")
    return moved + (0 if standing is Standing.EXCLUDED else 1 << _SHIFT["without_weight"])


MOVED: Final[Mapping[Standing, int]] = {standing: _moved(standing) for standing in Standing}
"""What one task adds to a counter of `Counts`, by where it stands."""


@dataclass(frozen=True)
class Counts:
    """What new tasks without converted weights add (`MOVED`) to the counters of units and of people, by month and
    subject."""

    units: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    people: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))

    def columns(self) -> dict[str, Any]:
        """Return the counters by column, as lists joined by commas and U+001F: the driver is slow with long lists."""
        named, values = [*self.units, *self.people], [*self.units.values(), *self.people.values()]
        # Many counters move alike: what each way comes to is written once.
        written = {value: [str((value >> shift) & _MASK) for shift in _SHIFT.values()] for value in set(values)}
        columns = list(zip(*[written[value] for value in values], strict=True)) or [()] * len(_SHIFT)
        moved = reduce(or_, written, 0)
        figures = {
            f"counted_{name}": ",".join(column) if (moved >> shift) & _MASK else ""
            for (name, shift), column in zip(_SHIFT.items(), columns, strict=True)
        }
        return {
            "counted_months": "\x1f".join([month for month, _ in named]),
            "counted_subjects": "\x1f".join([subject for _, subject in named]),
            "counted_units": len(self.units),
            **figures,
        }


COUNTED: Final = """
select month, subject, place > :counted_units as individual, {figures}
  from rows from (
           unnest(string_to_array(nullif(cast(:counted_months as text), ''), chr(31))),
           unnest(string_to_array(nullif(cast(:counted_subjects as text), ''), chr(31))),
           {columns}
       ) with ordinality as c (month, subject, {names}, place)
""".format(
    figures=", ".join(f"coalesce({name}, 0) as {name}" for name in FIGURES),
    columns=", ".join(
        f"unnest(cast(string_to_array(nullif(cast(:counted_{name} as text), ''), ',') as integer[]))"
        for name in FIGURES
    ),
    names=", ".join(FIGURES),
)
"""Selects what `Counts.columns` gives: month, subject, individual and figures."""

_UNNESTED: Final = ", ".join(
    f"unnest(cast(string_to_array(nullif(p.{name}, ''), ',') as integer[]))" for name in FIGURES
)
_SUMMED: Final = ", ".join(f"sum({name}) as {name}" for name in FIGURES)


def summed(rows: str) -> str:
    """Select what is set aside in `rows` (see `queries.set_aside`): month, subject and figures, each subject once."""
    return f"""
select month, subject, {_SUMMED}
  from (select m.month, m.subject, {", ".join(f"coalesce(m.{name}, 0) as {name}" for name in FIGURES)}
          from {rows} as p cross join lateral rows from (
                   unnest(string_to_array(p.months, chr(31))), unnest(string_to_array(p.subjects, chr(31))),
                   {_UNNESTED}
               ) as m (month, subject, {", ".join(FIGURES)})) as m
 group by month, subject
"""
