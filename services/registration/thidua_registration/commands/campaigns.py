"""Open, change and close campaigns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from thidua.contracts import Campaign
from thidua.contracts.campaign import CampaignState, ParameterChange, StepDeadline
from thidua_registration.commands import batch
from thidua_registration.commands.batch import Draft
from thidua_registration.commands.registrations import close_items
from thidua_registration.domain import campaign as calendar
from thidua_registration.domain import organisation
from thidua_registration.entries.campaign import CampaignEntry, DeadlineEntry
from thidua_registration.errors import UnknownUnit
from thidua_registration.queries import lists, lookups, moves, store
from thidua_runtime.database import Transaction
from thidua_runtime.ids import new_id
from thidua_runtime.web import Versioned

SAME_NAMES = (
    "title", "theme", "kind", "year", "starts_on", "ends_on", "launched_by", "state", "registration_due",
    "amend_until", "calendar", "criteria_sets", "deadline_rolls_to_working_day",
)  # fmt: skip


async def save_campaign(tx: Transaction, code: str, entry: CampaignEntry, expected: int | None = None) -> Versioned:
    """Open a campaign or replace what is stored of it; every date that moves needs a reason.

    Closing it closes every registration in force. Criteria sets that scoring has not published are
    named in `warnings`: they may still be installed. Raises Stale, CalendarRefused, DateMovedSilently,
    UnknownUnit.
    """
    await store.take_turns(tx, [f"campaign/{code}"])
    stored = await lookups.campaign(tx, code)
    batch.check_expected(expected, stored)
    before = stored.state if stored else None
    after = await _campaign(tx, code, entry, before)
    calendar.check_calendar(after)
    known = await lookups.known_sets(tx, set_keys(after))
    calendar.check_facts(after, known)
    date_moves = calendar.date_moves(before, after, entry.moved_because) if before else ()
    calendar.check_reasons(date_moves)
    if before is not None:
        after = calendar.with_reasons(before, after, entry.moved_because)
    await batch.keep(tx, Campaign, [Draft(0, code, before, after)])
    await moves.keep_date_moves(tx, after.id, [asdict(move) for move in date_moves])
    if after.state is CampaignState.CLOSED and before is not None:
        await close_items(tx, after)
    return await _answer(tx, code, sorted(set_keys(after) - set(known)))


def set_keys(campaign: Campaign) -> set[str]:
    """Return the criteria sets a campaign uses, as scoring's stream names them."""
    return {f"{use.id}/{use.version}" for use in campaign.criteria_sets}


async def _campaign(tx: Transaction, name: str, entry: CampaignEntry, before: Campaign | None) -> Campaign:
    day = organisation.clamped(tx.clock.today(), entry.starts_on, max(entry.starts_on, entry.ends_on))
    proposers = [one.proposer for one in entry.deadlines if one.proposer]
    units = await lookups.units_on(tx, {*entry.participants, *proposers}, day)
    for column, codes in (("participants", entry.participants), ("deadlines", proposers)):
        for code in codes:
            if code not in units:
                raise UnknownUnit(code=code, day=day, column=column)
    given: dict[str, Any] = {name: getattr(entry, name) for name in SAME_NAMES}
    return Campaign(
        id=before.id if before else new_id(),
        code=name,
        participants=tuple(dict.fromkeys(units[participant] for participant in entry.participants)),
        deadlines=tuple(_deadline(one, units) for one in entry.deadlines),
        parameters=tuple(ParameterChange(**change.model_dump()) for change in entry.parameters),
        **given,
    )


def _deadline(entry: DeadlineEntry, units: Mapping[str, str]) -> StepDeadline:
    proposer = units[entry.proposer] if entry.proposer else None
    return StepDeadline(**{**entry.model_dump(), "proposer": proposer})


async def _answer(tx: Transaction, code: str, unknown: Sequence[str]) -> Versioned:
    warnings = [f"Chưa thấy bộ tiêu chí {key} ở dịch vụ chấm điểm; hãy cài đặt trước khi chấm." for key in unknown]
    shown = await lists.campaign(tx, code)
    return Versioned({**shown.body, "warnings": warnings}, shown.revision)
