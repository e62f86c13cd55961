"""Count a vote: minutes entered and checked by two, sealed ballots opened, recounted and destroyed."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

import orjson

from thidua_awards import keyring, sealing
from thidua_awards.council_entries import CaseTotals, CloseEntry, CountEntry, RecountEntry
from thidua_awards.domain.conditions import VOTED_ON
from thidua_awards.domain.council import FEWEST_SHOWN_APART, Method, Presence, Totals, passed, too_few_writers
from thidua_awards.errors import (
    AlreadyVoted,
    CountsDiffer,
    NotAnotherPerson,
    TooFewWriters,
    TooManyVotes,
    VoteNotInState,
    WrittenMissing,
)
from thidua_awards.queries import chain, marks, voting
from thidua_awards.queries import council as councils
from thidua_awards.queries import votes as queries
from thidua_awards.queries.council import Meeting
from thidua_awards.queries.votes import Vote
from thidua_awards.sealing import Choice
from thidua_runtime.database import Transaction

CHECKERS = 2
"""People beside the counting team who must have read the same totals from the minutes."""


async def write_down(tx: Transaction, id: str, entry: CountEntry) -> dict[str, Any]:
    """Enter the totals of counting minutes, or others in their place before they are checked.

    Raises TooManyVotes where a case has more votes than members who may vote and took part.
    """
    vote = await queries.found_vote(tx, id, alone=True)
    _on_paper(vote, "open", "counted")
    meeting = await councils.found_meeting(tx, vote.row.meeting)
    _check_sums(vote, meeting, entry.totals)
    rows = [one.model_dump() for one in sorted(entry.totals, key=lambda one: one.place)]
    counted = orjson.dumps(rows).decode()
    await tx.execute(queries.WRITTEN_DOWN, id=id, counted=counted, document=entry.document, actor=tx.actor)
    return await voting.shown(tx, id)


async def check(tx: Transaction, id: str, entry: CountEntry) -> dict[str, Any]:
    """Check totals against the paper by sending them again; the second checker closes the vote.

    Raises NotAnotherPerson, CountsDiffer; what differs is for the counting team to enter anew.
    """
    vote = await queries.found_vote(tx, id, alone=True)
    _on_paper(vote, "counted")
    if tx.actor in (vote.row.counted_by, *vote.row.checked_by):
        raise NotAnotherPerson
    counted = orjson.loads(vote.row.counted)
    sent = [one.model_dump() for one in sorted(entry.totals, key=lambda one: one.place)]
    differing = [str(was["place"]) for was in counted if was not in sent]
    if differing or len(sent) != len(counted) or entry.document != vote.row.document:
        raise CountsDiffer(
            cases=", ".join(differing) or "số văn bản", cases_en=", ".join(differing) or "the number of the document"
        )
    row = await tx.row(queries.CHECKED, id=id, actor=tx.actor)
    assert row is not None
    if len(row.checked_by) >= CHECKERS:
        wrote = (await councils.found_meeting(tx, vote.row.meeting)).those(Presence.WRITTEN)
        await _close(tx, vote, queries.counted_totals(counted), entry.document, 0, wrote)
    return await voting.shown(tx, id)


def _on_paper(vote: Vote, *states: str) -> None:
    if vote.row.state not in states or vote.row.method == Method.ELECTRONIC:
        raise VoteNotInState(state=voting.STATE_WORDS[vote.row.state], state_en=vote.row.state)


def _check_sums(vote: Vote, meeting: Meeting, totals: Sequence[CaseTotals]) -> None:
    if sorted(one.place for one in totals) != list(vote.places):
        raise CountsDiffer(cases="danh sách", cases_en="the list")
    for one in totals:
        most = len(meeting.taking_part.intersection(vote.row.members) - vote.recused.get(one.place, frozenset()))
        if one.yes + one.no + one.invalid > most:
            raise TooManyVotes(case=one.place, votes=one.yes + one.no + one.invalid, most=most)


async def close(tx: Transaction, id: str, entry: CloseEntry) -> dict[str, Any]:
    """Close an electronic ballot: open what is sealed, mix it with the written opinions, keep it without members.

    Everything happens in one transaction: killed before its end, the vote is still open and nothing was counted.
    """
    vote = await queries.found_vote(tx, id, alone=True)
    _electronic(vote, "open")
    meeting = await councils.found_meeting(tx, vote.row.meeting, locked=True)
    wrote = meeting.those(Presence.WRITTEN).intersection(vote.row.members)
    refuse_few_writers(vote, wrote)
    opened, unreadable = await _opened(tx, vote, wrote)
    _add_written(vote, wrote, entry.written, opened)
    for choices in opened.values():
        # One order per case, from the system's randomness: neither the rows' order nor a ballot's other lines tell
        # whose a vote was.
        secrets.SystemRandom().shuffle(choices)
    await queries.write_opened(tx, id, opened)
    totals = {place: _totals(choices) for place, choices in opened.items()}
    await _close(tx, vote, totals, entry.document, unreadable, wrote)
    return await voting.shown(tx, id)


async def recount(tx: Transaction, id: str, entry: RecountEntry) -> dict[str, Any]:
    """Open the sealed ballots again and compare with what was kept; nothing but the note of the recount is written.

    What is kept beyond the ballots must be as many votes as members wrote an opinion. Raises VoteNotInState after the
    recount term, when key and ballots are destroyed.
    """
    vote = await queries.found_vote(tx, id, alone=True)
    _electronic(vote, "closed")
    if vote.row.destroyed_at is not None:
        raise VoteNotInState(
            state="hết thời hạn kiểm lại, khóa và phiếu mã hóa đã hủy",
            state_en="the recount term is over, key and ballots are destroyed",
        )
    differing = await _differing(tx, vote)
    note = {"by": tx.actor, "on": tx.clock.today().isoformat(), "document": entry.document, "differing": differing}
    await tx.execute(queries.RECOUNTED, id=id, recount=orjson.dumps([note]).decode(), actor=tx.actor)
    return {**await voting.shown(tx, id), "same": not differing, "differing": differing}


async def _differing(tx: Transaction, vote: Vote) -> list[int]:
    wrote = frozenset(vote.row.wrote)
    opened, _ = await _opened(tx, vote, wrote)
    kept: dict[int, list[Choice]] = {place: [] for place in vote.places}
    for row in await tx.rows(queries.KEPT, id=vote.row.id):
        kept[row.place].append(Choice(row.choice))
    differing = []
    for case in vote.cases:
        ballots, all_votes = Counter(opened[case.place]), Counter(kept[case.place])
        written = len(wrote - vote.recused.get(case.place, frozenset()))
        fits = ballots <= all_votes and (all_votes - ballots).total() == written
        if not fits or _totals(kept[case.place]) != Totals(case.yes, case.no, case.invalid):
            differing.append(case.place)
    return differing


async def destroy_keys(day: date, tx: Transaction) -> None:
    """Destroy keys and sealed ballots whose recount term is over.

    The key goes first: killed in between, the next run finds it gone and goes on.
    """
    over = await tx.rows(queries.TERM_OVER, day=day)
    for row in over:
        keyring.destroy_key(tx.settings.ballot_keys_folder, bytes(row.public_key))
    ids = [row.id for row in over]
    if ids:
        await tx.execute(queries.DESTROY, ids=ids)
        await tx.execute(queries.DESTROYED, ids=ids)


def _electronic(vote: Vote, *states: str) -> None:
    if vote.row.state not in states or vote.row.method != Method.ELECTRONIC:
        raise VoteNotInState(state=voting.STATE_WORDS[vote.row.state], state_en=vote.row.state)


async def _opened(tx: Transaction, vote: Vote, wrote: frozenset[str]) -> tuple[dict[int, list[Choice]], int]:
    """Return the ballots on each case, without written opinions, and how many ballots could not be read.

    Raises AlreadyVoted where a member both voted and wrote.
    """
    private_key = keyring.read_key(tx.settings.ballot_keys_folder, bytes(vote.row.public_key))
    opened: dict[int, list[Choice]] = {place: [] for place in vote.places}
    unreadable = 0
    for row in await tx.rows(queries.BALLOTS, id=vote.row.id):
        if row.member in wrote:
            raise AlreadyVoted(member=row.member)
        read = sealing.unseal(private_key, vote.row.id, row.member, bytes(row.sealed), len(vote.cases))
        unreadable += read is None
        choices = read or (Choice.INVALID,) * len(vote.cases)
        for place, choice in zip(vote.places, choices, strict=True):
            if row.member not in vote.recused.get(place, frozenset()):
                opened[place].append(choice)
    return opened, unreadable


def refuse_few_writers(vote: Vote, wrote: Collection[str]) -> None:
    """Raise TooFewWriters where a total of written opinions would tell what one or two members said."""
    few = too_few_writers(vote.places, wrote, vote.recused)
    if few:
        raise TooFewWriters(cases=", ".join(map(str, few)), fewest=FEWEST_SHOWN_APART)


def _add_written(
    vote: Vote, wrote: frozenset[str], written: Sequence[CaseTotals], opened: dict[int, list[Choice]]
) -> None:
    given = {one.place: one for one in written}
    for place in vote.places:
        one = given.get(place)
        sent = one.yes + one.no + one.invalid if one else 0
        expected = len(wrote - vote.recused.get(place, frozenset()))
        if sent != expected:
            raise WrittenMissing(case=place, expected=expected, sent=sent)
        if one:
            opened[place] += [Choice.YES] * one.yes + [Choice.NO] * one.no + [Choice.INVALID] * one.invalid
        members = len(vote.row.members)
        if len(opened[place]) > members:
            raise TooManyVotes(case=place, votes=len(opened[place]), most=members)


def _totals(choices: Sequence[Choice]) -> Totals:
    counts = {one: sum(choice is one for choice in choices) for one in Choice}
    return Totals(counts[Choice.YES], counts[Choice.NO], counts[Choice.INVALID] + counts[Choice.NONE])


async def _close(
    tx: Transaction, vote: Vote, totals: Mapping[int, Totals], document: str, unreadable: int, wrote: frozenset[str]
) -> None:
    members = len(vote.row.members)
    results = {place: passed(one, members, vote.needs[place]) for place, one in totals.items()}
    await queries.set_results(tx, vote.row.id, totals, results)
    today = tx.clock.today()
    closing = {"closed_on": today, "document": document, "unreadable": unreadable, "wrote": sorted(wrote)}
    await tx.execute(queries.CLOSE, id=vote.row.id, actor=tx.actor, **closing)
    await chain.add_links(tx, "vote", [vote.row.id])
    if vote.row.title in VOTED_ON:
        # The next review reads the minutes: a title that waited for its vote does not any more.
        marks.mark_subjects(tx, {case.subject for case in vote.cases}, vote.row.campaign)
