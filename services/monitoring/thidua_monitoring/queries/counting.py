"""How much counters move, counted in memory before any SQL: many tasks move the same counter."""

# ruff: noqa: S608 (statements are put together from constants, never from values)

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from thidua_monitoring.domain.deadlines import Standing
from thidua_monitoring.domain.months import CONTRIBUTIONS

SEPARATOR: Final = "\x1f"
FIGURES: Final = ("due", "on_time", "late", "open", "ahead", "overdue", "excluded", "without_weight")
"""The counters of a subject in a month, in the order of their columns."""

Move = tuple[str, Standing]
"""A month and where a task stands: what it adds to the counters of its subjects there."""

Moves = Mapping[Move, Mapping[str, int]]
"""For each way to move a counter: how many tasks move which subjects so."""


def _added(standing: Standing) -> frozenset[str]:
    figures = CONTRIBUTIONS[standing]
    weight = () if standing is Standing.EXCLUDED else ("without_weight",)
    return frozenset([*weight, *[name for name in FIGURES if getattr(figures, name, 0)]])


ADDED: Final[Mapping[Standing, frozenset[str]]] = {standing: _added(standing) for standing in Standing}
"""The figures to which a task without a converted weight adds one, by where it stands."""


@dataclass(frozen=True)
class Counts:
    """What new tasks without converted weights add to the counters of units and of people.

    There are few ways to move a counter, and all subjects that are moved alike are counted and worded together: with
    a number for every counter of its own this took twice the time, a tenth of the worker's.
    """

    units: Moves = field(default_factory=dict)
    people: Moves = field(default_factory=dict)

    def columns(self) -> dict[str, Any]:
        """Return what is added by column, as lists joined by commas and U+001F: the driver is slow with long lists.

        A counter that is moved in several ways comes as often.
        """
        moves = [*self.units.items(), *self.people.items()]
        numbers = [",".join(map(str, counted.values())) for _, counted in moves]
        return {
            "counted_months": SEPARATOR.join([SEPARATOR.join([month] * len(counted)) for (month, _), counted in moves]),
            "counted_subjects": SEPARATOR.join([SEPARATOR.join(counted) for _, counted in moves]),
            "counted_units": sum(map(len, self.units.values())),
            **{f"counted_{name}": _column(name, moves, numbers) for name in FIGURES},
        }


def counters(moves: Moves) -> int:
    """Return how many counters are moved."""
    subjects: dict[str, set[str]] = {}
    for (month, _), counted in moves.items():
        subjects.setdefault(month, set()).update(counted)
    return sum(map(len, subjects.values()))


def _column(name: str, moves: Sequence[tuple[Move, Mapping[str, int]]], numbers: Sequence[str]) -> str:
    adding = [name in ADDED[standing] for (_, standing), _ in moves]
    if not any(adding):
        return ""
    return ",".join([
        number if adds else ",".join("0" * len(counted))
        for adds, (_, counted), number in zip(adding, moves, numbers, strict=True)
    ])  # fmt: skip


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
