"""The HTTP doors of councils, meetings and votes."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Request, Response
from fastapi.security import HTTPAuthorizationCredentials

from thidua_awards.commands import council as commands
from thidua_awards.commands import counting, votes
from thidua_awards.council_entries import (
    LARGEST_COUNCIL,
    LONGEST_LIST,
    BallotEntry,
    CloseEntry,
    CouncilEntry,
    CountEntry,
    InterestEntry,
    MeetingEntry,
    MemberEntry,
    OpenEntry,
    PresenceEntry,
    RecountEntry,
    TermEntry,
    VoteEntry,
    WithdrawalEntry,
)
from thidua_awards.entries import each_once
from thidua_awards.queries import council as councils
from thidua_awards.queries import voting
from thidua_runtime.access import fingerprint
from thidua_runtime.database import Database
from thidua_runtime.errors import WhoAreYou
from thidua_runtime.web import Page, Reader, Writer, page, reader, writer
from thidua_runtime.web.doors import BEARER, as_response

router = APIRouter(tags=["council"])

Office = Annotated[Writer, Depends(writer("office"))]
Appraiser = Annotated[Writer, Depends(writer("office", "appraiser"))]
AnyReader = Annotated[Reader, Depends(reader)]
OnePage = Annotated[Page, Depends(page)]


@router.post("/councils", status_code=201)
async def set_up_council(writer: Office, entry: CouncilEntry) -> Response:
    """Record a council with its members' terms and what its rules of procedure say."""
    return await writer.run(commands.set_up_council, entry, status=201)


@router.get("/councils")
async def list_councils(reader: AnyReader, page: OnePage) -> Response:
    """List the councils, the newest first, each with how many members sit today."""
    return await reader.run(councils.listed_councils, reader.database.clock.today(), page.limit, page.offset)


@router.get("/councils/{id}")
async def read_council(reader: AnyReader, id: str) -> Response:
    """Show a council and its members; who sits today is marked."""
    today = reader.database.clock.today()
    return await reader.run(councils.shown_council, id, today)


@router.post("/councils/{id}/members")
async def add_members(
    writer: Office, id: str, entries: Annotated[list[MemberEntry], Body(min_length=1, max_length=LARGEST_COUNCIL)]
) -> Response:
    """Add members who came later."""
    return await writer.run(commands.add_members, id, entries)


@router.post("/councils/{id}/members/{member}/end")
async def end_term(writer: Office, id: str, member: str, entry: TermEntry) -> Response:
    """End a member's term."""
    return await writer.run(commands.end_term, id, member, entry.ends_on)


@router.post("/councils/{id}/members/{member}/token")
async def give_token(writer: Office, id: str, member: str) -> Response:
    """Give a member a token to vote with; it is shown this once and stored nowhere."""
    return await _unkept(writer, commands.give_token, id, member)


@router.post("/councils/{id}/meetings", status_code=201)
async def call_meeting(writer: Office, id: str, entry: MeetingEntry) -> Response:
    """Record a meeting with its agenda."""
    return await writer.run(commands.call_meeting, id, entry, status=201)


@router.get("/meetings")
async def list_meetings(reader: AnyReader, page: OnePage, campaign: str) -> Response:
    """List the meetings of a campaign, the newest first."""
    return await reader.run(councils.listed_meetings, campaign, page.limit, page.offset)


@router.get("/meetings/{id}")
async def read_meeting(reader: AnyReader, id: str) -> Response:
    """Show a meeting: agenda, members of the day, who takes part how."""
    return await reader.run(councils.shown_meeting, id)


@router.put("/meetings/{id}/attendance")
async def record_presence(
    writer: Office,
    id: str,
    entries: Annotated[list[PresenceEntry], each_once("member"), Body(min_length=1, max_length=LARGEST_COUNCIL)],
) -> Response:
    """Record who is present, absent, or wrote an opinion."""
    return await writer.run(commands.record_presence, id, entries)


@router.post("/meetings/{id}/votes", status_code=201)
async def draw_up(writer: Office, id: str, entry: VoteEntry) -> Response:
    """Draw up a vote on one title; on paper unless said otherwise."""
    return await writer.run(votes.draw_up, id, entry, status=201)


@router.get("/votes")
async def list_votes(reader: AnyReader, page: OnePage, campaign: str) -> Response:
    """List the votes of a campaign with their meetings, newest first; a total only of what is closed."""
    return await reader.run(voting.listed, campaign, page.limit, page.offset)


@router.get("/votes/{id}")
async def read_vote(reader: AnyReader, id: str) -> Response:
    """Show a vote; totals only once it is closed."""
    return await reader.run(voting.shown, id)


@router.get("/votes/{id}/reason")
async def read_reasons(writer: Appraiser, id: str) -> Response:
    """Show why a vote was opened all the same, or withdrawn, for those who appraise."""
    return await writer.run(voting.reasons, id)


@router.put("/votes/{id}/interests")
async def declare_interests(
    writer: Office,
    id: str,
    entries: Annotated[list[InterestEntry], each_once("place", "member"), Body(min_length=1, max_length=LONGEST_LIST)],
) -> Response:
    """Record declared interests before the vote opens."""
    return await writer.run(votes.declare_interests, id, entries)


@router.post("/votes/{id}/open")
async def open_vote(writer: Office, id: str, entry: OpenEntry) -> Response:
    """Open a vote; cases that cannot pass any more are named first."""
    return await writer.run(votes.open_vote, id, entry)


@router.post("/votes/{id}/withdraw")
async def withdraw(writer: Office, id: str, entry: WithdrawalEntry) -> Response:
    """Withdraw a vote that was drawn up by mistake, as long as nobody voted and nothing was counted."""
    return await writer.run(votes.withdraw, id, entry)


@router.put("/votes/{id}/ballot")
async def cast(
    request: Request,
    id: str,
    entry: BallotEntry,
    bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(BEARER)] = None,
) -> Response:
    """Vote, or vote anew until the vote is closed, with the token of a member."""
    if bearer is None:
        raise WhoAreYou
    # No Idempotency-Key here: a hash of the request kept beside the ballot would tell what it says.
    database: Database = request.app.state.database
    async with database.transaction("phiếu kín") as tx:
        answer = await votes.cast(tx, id, fingerprint(bearer.credentials.strip()), entry)
        await tx.reach_disk()
    return as_response(answer)


@router.post("/votes/{id}/counts")
async def write_down(writer: Office, id: str, entry: CountEntry) -> Response:
    """Enter the totals of the counting minutes."""
    return await writer.run(counting.write_down, id, entry)


@router.post("/votes/{id}/counts/check")
async def check(writer: Office, id: str, entry: CountEntry) -> Response:
    """Check the totals by reading them from the minutes again; the second person to do so closes the vote."""
    return await writer.run(counting.check, id, entry)


@router.post("/votes/{id}/close")
async def close(writer: Office, id: str, entry: CloseEntry) -> Response:
    """Close an electronic ballot; totals of written opinions are counted in and kept nowhere apart."""
    return await _unkept(writer, counting.close, id, entry)


@router.post("/votes/{id}/recount")
async def recount(writer: Office, id: str, entry: RecountEntry) -> Response:
    """Count an electronic ballot again, until its key is destroyed."""
    return await _unkept(writer, counting.recount, id, entry)


async def _unkept(writer: Writer, command: Any, *arguments: Any) -> Response:
    """Run a command whose request or answer must not be remembered, whatever Idempotency-Key says."""
    async with writer.database.transaction(writer.principal.actor) as tx:
        answer = await command(tx, *arguments)
        await tx.reach_disk()
    return as_response(answer)
