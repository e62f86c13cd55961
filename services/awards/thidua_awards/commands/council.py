"""Set up councils, their members' terms and tokens, their meetings and who takes part."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from thidua.errors import NotFound, Refused
from thidua_awards.council_entries import CouncilEntry, MeetingEntry, MemberEntry, PresenceEntry
from thidua_awards.domain.council import Presence
from thidua_awards.domain.findings import day_text
from thidua_awards.errors import AlreadyVoted, NotAMember, PresenceCounted, TermOfVoter, TokenInUse
from thidua_awards.queries import council as queries
from thidua_awards.queries import dossiers, lookups, votes
from thidua_runtime.access import fingerprint, new_token
from thidua_runtime.database import Transaction
from thidua_runtime.ids import new_id


async def set_up_council(tx: Transaction, entry: CouncilEntry) -> dict[str, Any]:
    """Record a council with its members, as its decision names them."""
    unit = await lookups.subject(tx, entry.unit)
    id = new_id()
    plain = entry.model_dump(include={"name", "document", "dated", "rules", "electronic"})
    shares = {"quorum": queries.share_json(entry.quorum), "share": queries.share_json(entry.share)}
    await tx.execute(queries.ADD_COUNCIL, id=id, unit=unit.id, actor=tx.actor, **plain, **shares)
    await _add_members(tx, id, entry.members)
    return await queries.shown_council(tx, id, entry.dated)


async def add_members(tx: Transaction, council: str, entries: Sequence[MemberEntry]) -> dict[str, Any]:
    """Record members who came later."""
    await queries.found_council(tx, council)
    await _add_members(tx, council, entries)
    return await queries.shown_council(tx, council, tx.clock.today())


async def _add_members(tx: Transaction, council: str, entries: Iterable[MemberEntry]) -> None:
    rows = [entry.model_dump() for entry in entries]
    columns = {name: [row[name] for row in rows] for name in ("id", "name", "post", "role", "starts_on", "ends_on")}
    await _same_voters(tx, council, columns["id"], columns["starts_on"], columns["ends_on"])
    await tx.execute(queries.ADD_MEMBERS, council=council, actor=tx.actor, **columns)


async def end_term(tx: Transaction, council: str, member: str, ends_on: date) -> dict[str, Any]:
    """End a member's term; raises TermOfVoter where a meeting on a later day has voted with this member."""
    row = await tx.row(queries.MEMBER, council=council, member=member)
    if row is not None and ends_on < row.starts_on:
        raise Refused(why="ngày hết nhiệm kỳ trước ngày bắt đầu", why_en="the term ends before it begins")
    if row is not None:
        await _same_voters(tx, council, [member], [row.starts_on], [ends_on])
    if await tx.row(queries.END_TERM, council=council, member=member, ends_on=ends_on, actor=tx.actor) is None:
        raise NotFound(what=f"thành viên {member}", what_en=f"member {member}")
    return await queries.shown_council(tx, council, tx.clock.today())


async def _same_voters(
    tx: Transaction, council: str, members: Sequence[str], starts_on: Sequence[date], ends_on: Sequence[date | None]
) -> None:
    # Who voted stands in the minutes as the members of that day.
    terms = {"members": list(members), "starts_on": list(starts_on), "ends_on": list(ends_on)}
    row = await tx.row(queries.OTHER_MEMBERS, council=council, **terms)
    if row is not None:
        raise TermOfVoter(held_on=day_text(row.held_on), member=row.member)


async def give_token(tx: Transaction, council: str, member: str) -> dict[str, Any]:
    """Give a member a token to vote with, shown this once; an earlier one is void from now on.

    Raises TokenInUse while the member has a ballot in an open vote, which the new token could replace.
    """
    await tx.execute(votes.LOCK_OPEN, council=council)
    if await tx.row(votes.HAS_BALLOT, council=council, member=member) is not None:
        raise TokenInUse(member=member)
    token = new_token()
    given = {"council": council, "member": member, "token": fingerprint(token), "actor": tx.actor}
    if await tx.row(queries.SET_TOKEN, **given) is None:
        raise NotFound(what=f"thành viên {member}", what_en=f"member {member}")
    return {"member": member, "token": token}


async def call_meeting(tx: Transaction, council: str, entry: MeetingEntry) -> dict[str, Any]:
    """Record a meeting; its members are those whose term covers its day."""
    await queries.found_council(tx, council)
    campaign = await lookups.campaign(tx, entry.campaign)
    id = new_id()
    given = {**entry.model_dump(), "campaign": campaign.id, "agenda": list(entry.agenda)}
    await tx.execute(queries.ADD_MEETING, id=id, council=council, actor=tx.actor, **given)
    # How long a list was shown is counted up to the meeting.
    await dossiers.mark_shown(tx, campaign.id)
    return await queries.shown_meeting(tx, id)


async def record_presence(tx: Transaction, id: str, entries: Sequence[PresenceEntry]) -> dict[str, Any]:
    """Record who takes part how.

    Raises NotAMember; AlreadyVoted where a written opinion would give a member a second vote; PresenceCounted for a
    change after a count, which the minutes of that vote already state.
    """
    meeting = await queries.found_meeting(tx, id, locked=True)
    names = {one.id for one in meeting.members}
    for entry in entries:
        if entry.member not in names:
            raise NotAMember(member=entry.member)
    await _refuse_counted(tx, meeting, entries)
    await _refuse_second_votes(tx, id, entries)
    columns = {"members": [one.member for one in entries], "presences": [one.presence.value for one in entries]}
    await tx.execute(queries.ATTEND, meeting=id, actor=tx.actor, **columns)
    return await queries.shown_meeting(tx, id)


async def _refuse_counted(tx: Transaction, meeting: queries.Meeting, entries: Iterable[PresenceEntry]) -> None:
    changed = [one.member for one in entries if meeting.presence.get(one.member) is not one.presence]
    row = await tx.row(votes.COUNTED_ALREADY, meeting=meeting.row.id, members=changed)
    if row is not None:
        raise PresenceCounted(member=row.member)


async def _refuse_second_votes(tx: Transaction, meeting: str, entries: Iterable[PresenceEntry]) -> None:
    gone = [one.member for one in entries if one.presence is not Presence.PRESENT]
    row = await tx.row(votes.VOTED_ALREADY, meeting=meeting, members=gone)
    if row is not None:
        raise AlreadyVoted(member=row.member)
