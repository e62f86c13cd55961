"""Draw up a vote, open it, and take ballots."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final, NamedTuple

from thidua.errors import Refused
from thidua_awards import keyring, sealing
from thidua_awards.commands import later
from thidua_awards.commands.counting import refuse_few_writers
from thidua_awards.council_entries import BallotEntry, InterestEntry, OpenEntry, VoteEntry, WithdrawalEntry
from thidua_awards.council_errors import BallotsCast, VoteUnderWay
from thidua_awards.domain.council import METHOD_WORDS, Limit, Method, Presence, limit_of, may_meet, out_of_reach
from thidua_awards.domain.dossier import ENDED
from thidua_awards.domain.findings import day_text
from thidua_awards.domain.holders import check_holder
from thidua_awards.errors import (
    BallotMisread,
    CannotPass,
    CaseHeld,
    ElectronicNotAllowed,
    NoQuorum,
    NotAMember,
    NotAMemberHere,
    NoticeMissing,
    NoticeTooShort,
    SecretBallotAsked,
    VotedBefore,
    VoteNotInState,
)
from thidua_awards.law import regime_of, regimes, review_date
from thidua_awards.queries import chain, dossiers, lookups, marks, matters, notices, voting
from thidua_awards.queries import council as councils
from thidua_awards.queries import votes as queries
from thidua_awards.queries.council import Meeting
from thidua_awards.queries.review_sets import HOLDS
from thidua_awards.queries.votes import Vote
from thidua_runtime.database import Transaction
from thidua_runtime.ids import new_id


async def draw_up(tx: Transaction, meeting_id: str, entry: VoteEntry) -> dict[str, Any]:
    """Draw up the list of a vote; raises ElectronicNotAllowed, SecretBallotAsked where rules or law ask otherwise."""
    meeting = await councils.found_meeting(tx, meeting_id)
    if entry.method is Method.ELECTRONIC and not meeting.council.electronic:
        raise ElectronicNotAllowed(council=meeting.council.name)
    subjects = await _listed(tx, entry)
    of = await _matters(tx, meeting, entry.title, subjects, entry.dossiers)
    needs = await _needs(tx, meeting, entry.title, of)
    if entry.method is Method.HANDS:
        _refuse_hands((needs.usual, *(need for need in needs.own.values() if need)))
    id = new_id()
    given = {"campaign": meeting.row.campaign, "title": entry.title, "method": entry.method.value, "actor": tx.actor}
    members = [one.id for one in meeting.members]
    await tx.execute(
        queries.ADD_VOTE, id=id, meeting=meeting_id, members=members, need=queries.need_json(needs.usual), **given
    )
    await tx.execute(queries.ADD_CASES, vote=id, subjects=subjects, matters=list(of.values()))
    await queries.set_needs(tx, id, needs.own)
    return await voting.shown(tx, id)


def _refuse_hands(needs: Iterable[Limit]) -> None:
    asked = next((need for need in needs if need.secret), None)
    if asked is not None:
        raise SecretBallotAsked(clause=asked.clause)


async def _listed(tx: Transaction, entry: VoteEntry) -> list[str]:
    """Return the subjects of a list; raises Refused for a title nobody knows, of the other kind, or a name twice."""
    found = [await lookups.subject(tx, name) for name in entry.subjects]
    for name, subject in zip(entry.subjects, found, strict=True):
        check_holder(entry.title, subject.kind, name)
    subjects = [subject.id for subject in found]
    if len(set(subjects)) < len(subjects):
        raise Refused(why="danh sách biểu quyết ghi một trường hợp hai lần", why_en="the list names a case twice")
    return subjects


async def _matters(
    tx: Transaction, meeting: Meeting, title: str, subjects: Sequence[str], chosen: Sequence[str]
) -> dict[str, str]:
    """Return, in the order of the list, which matter of each subject is voted on."""
    meant = await later.meant(tx, meeting.row.campaign, [(subject, title) for subject in subjects], chosen)
    return {subject: meant.get((subject, title), "") for subject in subjects}


async def _listed_matters(tx: Transaction, vote: Vote) -> dict[str, str]:
    """Return which matter of each case is voted on: that of the list, unless it has ended since and another began."""
    named = [(case.subject, vote.row.title) for case in vote.cases]
    dossiers = await matters.before(tx, vote.row.campaign, named)
    listed = {case.subject: case.matter for case in vote.cases}
    chosen = [
        row.id
        for (subject, _), rows in dossiers.items()
        for row in rows
        if row.matter == listed[subject] and row.state not in ENDED
    ]
    meant = await later.meant(tx, vote.row.campaign, named, chosen)
    return {subject: meant.get((subject, title), "") for subject, title in named}


class _Needs(NamedTuple):
    """What a vote needs, and by subject what a case of another regime needs instead; None where that is the same."""

    usual: Limit
    own: dict[str, Limit | None]


async def _needs(tx: Transaction, meeting: Meeting, title: str, of: Mapping[str, str]) -> _Needs:
    campaign = await lookups.campaign(tx, meeting.row.campaign)
    share, rules = councils.share_of(meeting.council.share), meeting.council.rules
    day = review_date(campaign.year)
    laws = {one.code: one for one in regimes(tx.settings.law_overrides_file)}
    usual = limit_of(title, day, regime_of(campaign.year, tx.settings.law_overrides_file), share, rules)
    picked = await queries.regimes_of(tx, campaign.id, title, of)
    limits = {code: limit_of(title, laws[code].nearest(day), laws[code], share, rules) for code in set(picked.values())}
    found = {subject: limits[picked[subject]] if subject in picked else usual for subject in of}
    return _Needs(usual, {subject: None if need == usual else need for subject, need in found.items()})


async def declare_interests(tx: Transaction, id: str, entries: Sequence[InterestEntry]) -> dict[str, Any]:
    """Record declared interests before the vote opens; the member stays in the number of members."""
    vote = await queries.found_vote(tx, id, alone=True)
    _in_state(vote, "drafted")
    for entry in entries:
        if entry.member not in vote.row.members:
            raise NotAMember(member=entry.member)
        if entry.place not in vote.places:
            raise BallotMisread(
                why=f"danh sách không có số thứ tự {entry.place}", why_en=f"the list has no place {entry.place}"
            )
    await tx.execute(
        queries.DECLARE,
        vote=id,
        places=[one.place for one in entries],
        members=[one.member for one in entries],
        documents=[one.document for one in entries],
        actor=tx.actor,
    )
    return await voting.shown(tx, id)


async def open_vote(tx: Transaction, id: str, entry: OpenEntry) -> dict[str, Any]:
    """Open a vote; the members of the day are its denominator from now on.

    Raises NoQuorum; CannotPass, naming the cases that nobody's yes can save, unless `despite`; NoticeMissing and
    NoticeTooShort unless `despite_notice`; VotedBefore and VoteUnderWay unless `despite_voted`; CaseHeld unless
    `despite_held`; for an electronic ballot TooFewWriters and NoBallotKeys.
    """
    vote = await queries.found_vote(tx, id, alone=True)
    _in_state(vote, "drafted")
    meeting = await councils.found_meeting(tx, vote.row.meeting, locked=True)
    members = [one.id for one in meeting.members]
    if not may_meet(len(meeting.taking_part), len(members), meeting.quorum):
        raise NoQuorum(taking_part=len(meeting.taking_part), members=len(members), quorum=meeting.quorum)
    of = await _listed_matters(tx, vote)
    needs = await _needs(tx, meeting, vote.row.title, of)
    by_place = {case.place: needs.own[case.subject] or needs.usual for case in vote.cases}
    lost = out_of_reach(vote.places, meeting.taking_part, vote.recused, len(members), by_place)
    if lost and not entry.despite:
        shares = " / ".join(sorted({str(by_place[place].share) for place in lost}))
        raise CannotPass(cases=", ".join(map(str, lost)), members=len(members), share=shares)
    if not entry.despite_notice:
        await _shown_long_enough(tx, vote, meeting, of)
    if not entry.despite_voted:
        await _not_voted_yet(tx, vote, of)
    if not entry.despite_held:
        await _none_held(tx, vote, meeting)
    if vote.row.method == Method.ELECTRONIC:
        refuse_few_writers(vote, meeting.those(Presence.WRITTEN).intersection(members))
    public_key, days = _sealed_for(tx, vote, entry)
    await tx.execute(
        queries.OPEN,
        id=id,
        members=members,
        need=queries.need_json(needs.usual),
        public_key=public_key,
        recount_days=days,
        waived=list(entry.waived),
        waived_reason=entry.reason or None,
        actor=tx.actor,
    )
    await queries.set_needs(tx, id, needs.own)
    await tx.execute(queries.SET_MATTERS, vote=id, subjects=list(of), matters=list(of.values()))
    if vote.row.title in NOTICE_RULES:
        # Which meeting votes tells how long the list was shown before it.
        marks.mark_subjects(tx, [case.subject for case in vote.cases], vote.row.campaign)
    return await voting.shown(tx, id)


async def _not_voted_yet(tx: Transaction, vote: Vote, of: Mapping[str, str]) -> None:
    # A second ballot would take the place of the first without anybody having said why.
    places = {case.subject: case.place for case in vote.cases}
    known = {"campaign": vote.row.campaign, "title": vote.row.title}
    await tx.execute(queries.TURN, **known)
    asked = {"subjects": list(of), "matters": list(of.values())}
    open_ones = await tx.rows(queries.UNDER_WAY, id=vote.row.id, **asked, **known)
    if open_ones:
        raise VoteUnderWay(cases=", ".join(map(str, sorted(places[row.subject] for row in open_ones))))
    rows = await tx.rows(queries.RESULTS, campaign=vote.row.campaign, voted=list(places))
    before = [row for row in rows if row.title == vote.row.title and row.matter == of[row.subject]]
    if before:
        cases = ", ".join(map(str, sorted(places[row.subject] for row in before)))
        raise VotedBefore(cases=cases, documents=", ".join(sorted({row.document for row in before})))


async def _none_held(tx: Transaction, vote: Vote, meeting: Meeting) -> None:
    places = {case.subject: case.place for case in vote.cases}
    rows = await tx.rows(HOLDS, as_of=meeting.row.held_on, subjects=list(places))
    if rows:
        raise CaseHeld(cases=", ".join(map(str, sorted(places[row.subject] for row in rows))))


async def withdraw(tx: Transaction, id: str, entry: WithdrawalEntry) -> dict[str, Any]:
    """Take back a vote; its cases are free for another one. A key it has is destroyed with those that are over.

    Raises VoteNotInState once totals were entered, BallotsCast once a member has voted.
    """
    vote = await queries.found_vote(tx, id, alone=True)
    _in_state(vote, "drafted", "open")
    row = await tx.row(queries.VOTED, id=id)
    if row and row.voted:
        raise BallotsCast(voted=row.voted)
    await tx.execute(queries.WITHDRAW, id=id, reason=entry.reason, actor=tx.actor)
    await chain.add_links(tx, "vote", [id])
    if vote.row.title in NOTICE_RULES:
        marks.mark_subjects(tx, [case.subject for case in vote.cases], vote.row.campaign)
    return await voting.shown(tx, id)


NOTICE_RULES: Final = {
    "CSTDTQ": "cstdtq.notice",
    **dict.fromkeys(("HCLD3", "HCLD2", "HCLD1"), "hcld3.notice"),
}
"""Titles and forms whose list is shown in public for a number of working days before the council meets."""


async def _shown_long_enough(tx: Transaction, vote: Vote, meeting: Meeting, of: Mapping[str, str]) -> None:
    asked = await _days_shown(tx, vote, of)
    if not asked:
        return
    asked_of: dict[str, Any] = {"campaign": vote.row.campaign, "title": vote.row.title}
    asked_of |= {"subjects": list(of), "matters": list(of.values())}
    found = await tx.rows(notices.BEFORE_MEETING, held_on=meeting.row.held_on, **asked_of)
    posted = {row.subject: row.posted_on for row in found}
    missing = [case for case in vote.cases if case.subject in asked and case.subject not in posted]
    if missing:
        cases = ", ".join(str(case.place) for case in missing)
        raise NoticeMissing(cases=cases, days=max(asked[case.subject] for case in missing))
    for posted_on, days in sorted({(posted[subject], days) for subject, days in asked.items()}):
        last = (await dossiers.office_days(tx, posted_on)).nth_after(posted_on, days)
        if meeting.row.held_on <= last:
            shown = {"posted": day_text(posted_on), "last": day_text(last), "days": days}
            raise NoticeTooShort(**shown, earliest=day_text(last + timedelta(days=1)))


async def _days_shown(tx: Transaction, vote: Vote, of: Mapping[str, str]) -> dict[str, int]:
    """Return for how many working days the list of each subject is shown, by the regime that judges it."""
    campaign = await lookups.campaign(tx, vote.row.campaign)
    key = NOTICE_RULES.get(vote.row.title)
    if key is None:
        return {}
    laws = {one.code: one for one in regimes(tx.settings.law_overrides_file)}
    usual = regime_of(campaign.year, tx.settings.law_overrides_file)
    picked = await queries.regimes_of(tx, campaign.id, vote.row.title, of)
    under = {subject: laws[picked[subject]] if subject in picked else usual for subject in of}
    rules = {one: regime.rule(key, regime.nearest(review_date(campaign.year))) for one, regime in under.items()}
    return {one: rule.working_days for one, rule in rules.items() if rule and rule.applies and rule.working_days}


def _sealed_for(tx: Transaction, vote: Vote, entry: OpenEntry) -> tuple[bytes | None, int | None]:
    if vote.row.method != Method.ELECTRONIC:
        return None, None
    private_key, public_key = sealing.new_keys()
    # On disk before the row that needs it: a process killed in between leaves a key of no vote, never a vote
    # that nobody can open.
    keyring.write_key(tx.settings.ballot_keys_folder, public_key, private_key)
    return public_key, entry.recount_days


async def cast(tx: Transaction, id: str, token: str, entry: BallotEntry) -> dict[str, Any]:
    """Take a member's ballot, or a new one in the place of the one before; sealed before it reaches the database.

    Raises NotAMemberHere, VoteNotInState, BallotMisread.
    """
    vote = await queries.found_vote(tx, id, shared=True)
    meeting = await councils.found_meeting(tx, vote.row.meeting, shared=True)
    row = await tx.row(queries.VOTER, council=meeting.row.council, token=token)
    if row is None or row.id not in vote.row.members:
        raise NotAMemberHere
    _in_state(vote, "open")
    if vote.row.method != Method.ELECTRONIC:
        raise VoteNotInState(state=METHOD_WORDS[Method(vote.row.method)], state_en=f"voting is by {vote.row.method}")
    if meeting.presence.get(row.id) is not Presence.PRESENT:
        raise BallotMisread(
            why="thành viên không được ghi là có mặt tại phiên họp", why_en="the member is not recorded as present"
        )
    choices = tuple(sealing.Choice[one.upper()] for one in entry.choices)
    _check_ballot(vote, row.id, choices)
    sealed = sealing.seal(bytes(vote.row.public_key), id, row.id, choices)
    await tx.execute(queries.CAST, vote=id, member=row.id, sealed=sealed)
    return {"vote": id, "received": True}


def _check_ballot(vote: Vote, member: str, choices: Sequence[sealing.Choice]) -> None:
    if len(choices) != len(vote.cases):
        raise BallotMisread(
            why=f"phiếu có {len(choices)} dòng, danh sách có {len(vote.cases)} dòng",
            why_en=f"the ballot has {len(choices)} lines, the list {len(vote.cases)}",
        )
    none = {place for place, choice in zip(vote.places, choices, strict=True) if choice is sealing.Choice.NONE}
    if none != vote.choices_of(member):
        raise BallotMisread(
            why="chỉ dòng mà thành viên đã khai báo liên quan được để trống (none)",
            why_en="exactly the lines with a declared interest stay empty (none)",
        )


def _in_state(vote: Vote, *states: str) -> None:
    if vote.row.state not in states:
        raise VoteNotInState(state=voting.STATE_WORDS[vote.row.state], state_en=vote.row.state)
