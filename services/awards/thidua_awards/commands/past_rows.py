"""What an import of past awards refuses of a row, and what it tells of one that it takes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Final

from sqlalchemy import text

from thidua.contracts.judgement import Award
from thidua.errors import Refused
from thidua_awards.domain.common import name_of
from thidua_awards.domain.findings import day_text
from thidua_awards.domain.signing import before_its_year
from thidua_awards.entries import PastAward
from thidua_awards.law import regimes
from thidua_awards.queries.records import register_of
from thidua_runtime.database import Transaction
from thidua_runtime.imports import Refusal

HELD: Final = text("""
-- Titles that the subjects of these rows hold for the same year by another decision in force.
select i.place, d.number, d.dated
  from unnest(cast(:subjects as text[]), cast(:codes as text[]), cast(:years as int[]), cast(:numbers as text[]),
              cast(:dated as date[]), cast(:authorities as text[]))
       with ordinality as i (subject, code, year, number, dated, authority, place)
  join decision_award a on (a.subject, a.year, a.code) = (i.subject, i.year, i.code)
   and a.kind is null and a.cancelled_by is null
  join decision d on d.id = a.decision and not d.cancelled
 where (d.number, d.dated, d.authority) <> (i.number, i.dated, i.authority)
 order by i.place, d.dated, d.number
""")
SIGNED: Final = text("""
select i.place, d.signer
  from unnest(cast(:numbers as text[]), cast(:dated as date[]), cast(:authorities as text[]),
              cast(:signers as text[]))
       with ordinality as i (number, dated, authority, signer, place)
  join decision d on (d.number, d.dated, d.authority) = (i.number, i.dated, i.authority)
 where d.signer <> i.signer order by i.place
""")

Row = tuple[int, PastAward, Award]
"""A row of the file: its number, what it says, and the line of a decision it becomes."""


def refuse(row: PastAward, code: str, today: date) -> tuple[str, Refused] | None:
    """Return the column and why a row is not taken, as the door of decisions would not take it; None where it is."""
    if row.dated > today:
        why = f"ngày quyết định {day_text(row.dated)} ở tương lai"
        return "dated", Refused(why=why, why_en=f"the decision is dated {row.dated}, a day still to come")
    too_early = before_its_year(row.dated, row.year)
    if too_early is not None:
        return "year", too_early
    if row.kind is not None and code in _titles():
        why = "danh hiệu thi đua không có loại chuyên đề, đột xuất"
        return "kind", Refused(why=why, why_en="a title is neither thematic nor sudden")
    return None


def _titles() -> frozenset[str]:
    return frozenset(code for regime in regimes() for code in regime.titles)


async def notices(tx: Transaction, rows: Sequence[Row]) -> tuple[Refusal, ...]:
    """Tell of rows that are taken: a title of a year that its subject holds already, a decision signed by another."""
    return tuple(sorted((*await _held(tx, rows), *await _signed(tx, rows)), key=lambda one: (one.row, one.column)))


async def _held(tx: Transaction, rows: Sequence[Row]) -> Iterable[Refusal]:
    once = [one for one in rows if one[2].code in _titles()]
    others: dict[int, set[tuple[str, date]]] = defaultdict(set)
    stored = await tx.rows(
        HELD,
        subjects=[award.subject for _, _, award in once],
        codes=[award.code for _, _, award in once],
        years=[award.year for _, _, award in once],
        **_heads(row for _, row, _ in once),
    )
    for found in stored:
        others[once[found.place - 1][0]].add((found.number, found.dated))
    in_file: dict[tuple[str, str, int], dict[tuple[str, date, str], PastAward]] = defaultdict(dict)
    for number, row, award in once:
        before = in_file[award.subject, award.code, award.year]
        others[number] |= {(one.number, one.dated) for key, one in before.items() if key != register_of(row)}
        before[register_of(row)] = row
    return [_held_notice(number, row, award, others[number]) for number, row, award in once if others[number]]


def _held_notice(number: int, row: PastAward, award: Award, others: Iterable[tuple[str, date]]) -> Refusal:
    named = ", ".join(f"{one} ngày {day_text(dated)}" for one, dated in sorted(others, key=lambda one: one[::-1]))
    said = f"{row.subject} đã có {name_of(award.code, award.year)} năm {award.year} theo quyết định số {named}"
    named_en = ", ".join(sorted(one for one, _ in others))
    return Refusal(number, "code", f"{said}.", f"{row.subject} holds {award.code} of {award.year} by {named_en}.")


async def _signed(tx: Transaction, rows: Sequence[Row]) -> Iterable[Refusal]:
    heads = [row for _, row, _ in rows]
    told = {
        found.place - 1: found.signer
        for found in await tx.rows(SIGNED, **_heads(heads), signers=[row.signer for row in heads])
    }
    first: dict[tuple[str, date, str], str] = {}
    for place, row in enumerate(heads):
        signer = first.setdefault(register_of(row), row.signer)
        if signer != row.signer:
            told.setdefault(place, signer)
    return [
        Refusal(rows[place][0], "signer", f"Quyết định số {heads[place].number} đã ghi người ký {signer}; giữ nguyên.",
                f"The decision {heads[place].number} was recorded as signed by {signer}, which stays.")
        for place, signer in told.items()
    ]  # fmt: skip


def _heads(rows: Iterable[PastAward]) -> Mapping[str, list[object]]:
    listed = list(rows)
    return {
        "numbers": [row.number for row in listed],
        "dated": [row.dated for row in listed],
        "authorities": [row.authority for row in listed],
    }
