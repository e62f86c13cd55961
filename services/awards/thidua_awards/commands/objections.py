"""What speaks against a decision: it may be recorded all the same, with the reason of the competent person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from thidua.contracts import Unit
from thidua.contracts.judgement import Award
from thidua_awards.domain.assessment import quota_rule
from thidua_awards.domain.authorities import RANKS, rank_of
from thidua_awards.domain.common import name_of
from thidua_awards.domain.conditions import QUOTAS
from thidua_awards.domain.findings import day_text
from thidua_awards.domain.quotas import QuotaGroup, quota_place
from thidua_awards.domain.units import deciding_unit
from thidua_awards.entries import DecisionEntry
from thidua_awards.errors import DecisionNeedsReason
from thidua_awards.law import Regime, in_force_on, regimes, review_date
from thidua_awards.queries import lookups
from thidua_awards.queries import objections as queries
from thidua_runtime.database import Transaction

LDTT = "LDTT"


@dataclass(frozen=True, slots=True)
class Asked:
    """A decision to be recorded, with its lines."""

    entry: DecisionEntry
    awards: Sequence[Award]

    @property
    def number(self) -> str:
        """Its number in the document register."""
        return self.entry.number

    @property
    def dated(self) -> date:
        """The day it was signed."""
        return self.entry.dated

    @property
    def reasoned(self) -> bool:
        """Whether it says why it was made, whatever speaks against it."""
        return bool(self.entry.reason)


async def take_turn(tx: Transaction) -> None:
    """Let nobody else record a decision until this transaction ends: what speaks against one is what others gave."""
    await tx.execute(queries.TURN)


async def before_recording(tx: Transaction, decisions: Sequence[Asked]) -> None:
    """Raise DecisionNeedsReason for a hold that ran from signing on, or a title the subject has for that year.

    Also where the law leaves a title or form to a higher body than the one that decided.
    Decisions recorded together are held against each other as if they came one by one.
    """
    lines = [(one, award) for one in decisions if not one.reasoned for award in one.awards]
    if not lines:
        return
    _by_whom(lines, await lookups.units(tx), regimes(tx.settings.law_overrides_file))
    columns = queries.of_awards([(one.dated, award) for one, award in lines])
    held = await tx.row(queries.HELD, today=tx.clock.today(), **columns)
    if held is not None:
        raise DecisionNeedsReason(
            number=lines[held.place - 1][0].number,
            why=f"việc xem xét {held.name} tạm dừng từ ngày {day_text(held.starts_on)}",
            why_en=f"the review of {held.name} is held since {held.starts_on}",
        )
    given = await tx.row(queries.GIVEN, titles=_titles(), **columns)
    if given is not None:
        by = f"quyết định số {given.number} ngày {day_text(given.dated)}"
        raise DecisionNeedsReason(
            number=lines[given.place - 1][0].number,
            why=f"{given.name} đã có {name_of(given.code, given.year)} năm {given.year} theo {by}",
            why_en=f"{given.name} has {given.code} of {given.year} by decision {given.number} of {given.dated}",
        )
    await _given_twice(tx, decisions)


def _by_whom(lines: Iterable[tuple[Asked, Award]], known: Mapping[str, Unit], laws: Sequence[Regime]) -> None:
    ranks: dict[str, int | None] = {}
    for one, award in lines:
        written = one.entry.authority
        regime = in_force_on(laws, review_date(award.year))
        law = regime.authorities.get(award.code) if regime else None
        # A mark that does not bind asks nobody, but for what the State gives: no text leaves that to a unit.
        if law is None or not (law.mark.binds or law.of == "state"):
            continue
        rank = ranks.setdefault(written, _rank(written, known))
        if rank is not None and rank < RANKS[law.of]:
            label = name_of(award.code, award.year)
            raise DecisionNeedsReason(
                number=one.number,
                why=f"{label} do {law.label} quyết định, cơ quan ban hành ghi là {_named(written, known)}",
                why_en=f"{award.code} is for {law.of} to decide, not for {_named(written, known)}",
            )


def _rank(written: str, known: Mapping[str, Unit]) -> int | None:
    unit = _unit(written, known)
    return rank_of(written) if unit is None else rank_of(unit.name) or 0


def _named(written: str, known: Mapping[str, Unit]) -> str:
    unit = _unit(written, known)
    return unit.name if unit else written


def _unit(written: str, known: Mapping[str, Unit]) -> Unit | None:
    if written in known:
        return known[written]
    return next((one for one in known.values() if any(dated.code == written for dated in one.codes)), None)


async def _given_twice(tx: Transaction, decisions: Sequence[Asked]) -> None:
    titles, given = frozenset(_titles()), dict[tuple[str, str, int], Asked]()
    for one in decisions:
        for award in one.awards:
            if award.kind or award.code not in titles:
                continue
            before = given.setdefault((award.subject, award.code, award.year), one)
            if before is not one and not one.reasoned:
                name, label = await lookups.name_of(tx, award.subject), name_of(award.code, award.year)
                raise DecisionNeedsReason(
                    number=one.number,
                    why=f"{name} đã có {label} năm {award.year} theo quyết định số {before.number} gửi cùng lượt",
                    why_en=f"{name} has {award.code} of {award.year} by decision {before.number} of the same request",
                )


def _titles() -> list[str]:
    # A commendation may be given many times; a title of a year is held once.
    return sorted({code for regime in regimes() for code in regime.titles})


async def after_recording(tx: Transaction, decisions: Sequence[Asked]) -> None:
    """Raise DecisionNeedsReason where titles with a quota are now more than its places in a deciding unit.

    Only a share that binds limits anybody; without any decision on Lao động tiên tiến nothing can be counted yet.
    """
    plain = [one for one in decisions if not one.reasoned]
    limited = [(one, award) for one in plain for award in one.awards if award.code in QUOTAS and not award.kind]
    if not limited:
        return
    known = await lookups.units(tx)
    laws = regimes(tx.settings.law_overrides_file)
    for code, year in sorted({(award.code, award.year) for _, award in limited}):
        found = _Counted(code, year, await _given(tx, known, code, year))
        for one, award in limited:
            if (award.code, award.year) == (code, year):
                _within(found, one, deciding_unit(known, award.unit), known, laws)


@dataclass(frozen=True, slots=True)
class _Counted:
    """How many hold a title, and Lao động tiên tiến, of a year: by code and deciding unit."""

    code: str
    year: int
    given: Mapping[tuple[str, str], int]


async def _given(tx: Transaction, known: Mapping[str, Unit], code: str, year: int) -> Counter[tuple[str, str]]:
    counts: Counter[tuple[str, str]] = Counter()
    for row in await tx.rows(queries.GIVEN_IN_UNITS, year=year, codes=[code, LDTT]):
        counts[row.code, deciding_unit(known, row.unit)] += row.holders
    return counts


def _within(found: _Counted, one: Asked, group: str, known: Mapping[str, Unit], laws: Sequence[Regime]) -> None:
    regime = in_force_on(laws, review_date(found.year))
    rule = quota_rule(found.code, found.year, regime) if regime else None
    if rule is None or not rule.mark.binds:
        return
    awarded = found.given.get((LDTT, group))
    place = quota_place(QuotaGroup(group, awarded, 0, 0), rule)
    have = found.given.get((found.code, group), 0)
    if place is None or have <= place.places:
        return
    unit = known[group].name if group in known else group
    places = place.sentence.rpartition(",")[0]
    raise DecisionNeedsReason(
        number=one.number,
        why=f"{places}, trong khi {unit} có {have} {name_of(found.code, found.year)} theo quyết định",
        why_en=f"{unit} has {place.places} places for {found.code} of {found.year}, decisions give it to {have}",
    )
