"""A source vouches: everything up to a moment was sent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final

from thidua_monitoring.commands.months import months_vouched, publish_reported
from thidua_monitoring.domain.sources import load_sources
from thidua_monitoring.errors import MarkAhead, NotYours
from thidua_monitoring.queries import names, periods, sources
from thidua_runtime.access import Principal
from thidua_runtime.database import Transaction

CLOCKS_APART_MINUTES: Final = 10
"""How far the clock of a source may be ahead of ours."""
MARK_STAYS: Final = "Mốc chỉ tiến, không lùi: đề nghị {until}, vẫn giữ mốc đã xác nhận {stored}."
"""Said to a source that vouches for less than before."""


async def vouch_source(tx: Transaction, name: str, until: datetime, principal: Principal) -> dict[str, Any]:
    """Take a mark through the API; a source vouches for itself only. Answers with the mark that stands.

    Raises NotYours, and MarkAhead for a moment that has not come.
    """
    if principal.role == "source" and principal.scope != name:
        raise NotYours(
            why=f"mã truy cập này chỉ dùng cho nguồn {principal.scope}",
            why_en=f"this token acts for source {principal.scope} alone",
        )
    if until > tx.clock.now() + timedelta(minutes=CLOCKS_APART_MINUTES):
        raise MarkAhead(source=name, until=until.isoformat())
    await take_marks(tx, {name: until})
    row = await tx.row(sources.SOURCE, name=name)
    assert row is not None
    answer: dict[str, Any] = {"source": name, "complete_until": row.complete_until}
    if until < row.complete_until:
        answer["notice"] = MARK_STAYS.format(until=until.isoformat(), stored=row.complete_until.isoformat())
    return answer


async def take_marks(tx: Transaction, marks: Mapping[str, datetime]) -> None:
    """Move marks forward; the months a source now vouches for become reported."""
    # Alone: a batch that is storing the first task of a unit's month right now must not be overtaken by a result that
    # knows of none.
    as_of = await periods.lock_as_of(tx)
    moved = await sources.vouch(tx, dict(marks))
    if not moved:
        return
    await _note_configured_units(tx, moved, as_of)
    pairs = [(name, unit) for name in moved for unit in await sources.units_of(tx, [name])]
    await publish_vouched(tx, pairs, marks, as_of)


async def publish_vouched(
    tx: Transaction, pairs: Iterable[tuple[str, str]], marks: Mapping[str, datetime], as_of: date
) -> None:
    """Publish the open months that sources vouch for; `pairs`: a source and a unit it speaks for."""
    units: dict[str, list[str]] = {}
    for name, unit in pairs:
        if name in marks:
            units.setdefault(name, []).append(unit)
    calendar = await periods.months(tx, None, 1000, 0) if units else ()
    for name, named in units.items():
        await publish_reported(tx, named, months_vouched(calendar, marks[name]), as_of)


async def _note_configured_units(tx: Transaction, moved: Iterable[str], day: date) -> None:
    # A source vouches for the units its configuration names, even for those it never had a task of.
    config = load_sources(tx.settings.sources_file)
    named = [source for source in map(config.named, moved) if source is not None]
    known = await names.names_of(tx, {code for source in named for code in source.units.values()}, ())
    pairs = ((s.name, known.unit(code, day)) for s in named for code in s.units.values())
    await sources.note_units(tx, [(name, unit) for name, unit in pairs if unit is not None])
