"""What may be shown of a vote: who voted never with what, and no total before it is closed."""

from __future__ import annotations

from typing import Any, Final

import orjson
from sqlalchemy import Row, text

from thidua_awards.domain.council import METHOD_WORDS, Method, Totals, out_of_reach, result_words
from thidua_awards.domain.findings import KEPT_BACK
from thidua_awards.queries import council as councils
from thidua_awards.queries import lookups, votes
from thidua_awards.queries.votes import Vote
from thidua_runtime.database import Transaction

STATE_WORDS: Final = {
    "drafted": "chưa mở",
    "open": "đang bỏ phiếu",
    "counted": "đã nhập biên bản kiểm phiếu, chờ đủ hai người đối chiếu",
    "closed": "đã kiểm phiếu",
    "withdrawn": "đã rút, không biểu quyết",
}


LIST: Final = text("""
select v.id, v.meeting, m.held_on, v.title, v.method, v.state, count(*) over () as total,
       (select count(*) from vote_case c where c.vote = v.id) as cases,
       (select count(*) from vote_case c where c.vote = v.id and c.passed and v.state = 'closed') as passed
  from vote v join meeting m on m.id = v.meeting
 where v.campaign = :campaign order by m.held_on desc, v.title, v.id limit :limit offset :offset
""")


async def listed(tx: Transaction, campaign: str, limit: int, offset: int) -> dict[str, Any]:
    """Return a page of a campaign's votes; how many cases passed is told of closed ones alone."""
    found = await lookups.campaign(tx, campaign)
    rows, total = await tx.page(LIST, campaign=found.id, limit=limit, offset=offset)
    items = [
        {
            "id": row.id,
            "meeting": row.meeting,
            "held_on": row.held_on.isoformat(),
            "title": row.title,
            "method": row.method,
            "state": row.state,
            "state_label": STATE_WORDS[row.state],
            "cases": row.cases,
            "passed": row.passed if row.state == "closed" else None,
        }
        for row in rows
    ]
    return {"total": total, "items": items}


async def shown(tx: Transaction, id: str) -> dict[str, Any]:
    """Return a vote: before closing its list, who may vote and how many did; after it the totals of each case."""
    vote = await votes.found_vote(tx, id)
    meeting = await councils.found_meeting(tx, vote.row.meeting)
    row = vote.row
    members = row.members if row.state != "drafted" else [one.id for one in meeting.members]
    lost = out_of_reach(vote.places, meeting.taking_part, vote.recused, len(members), vote.needs)
    voted = await tx.row(votes.VOTED, id=id)
    return {
        "id": id,
        "meeting": row.meeting,
        "title": row.title,
        "method": row.method,
        "method_label": METHOD_WORDS[Method(row.method)],
        "state": row.state,
        "state_label": STATE_WORDS[row.state],
        "members": len(members),
        "taking_part": len(meeting.taking_part),
        "voted": voted.voted if voted and row.method == Method.ELECTRONIC else None,
        "share": "" if vote.need.share is None else str(vote.need.share),
        "clause": vote.need.clause,
        "mark": vote.need.mark,
        "cannot_pass": list(lost) if row.state in ("drafted", "open") else [],
        "checked_by": list(row.checked_by),
        "document": row.document,
        "recount_until": row.recount_until.isoformat() if row.recount_until else None,
        "key_destroyed": row.destroyed_at is not None,
        "unreadable": row.unreadable,
        "waived": list(row.waived),
        # Everybody reads a vote; why a hold did not stop it may tell why there is one.
        "waived_reason": KEPT_BACK if "despite_held" in row.waived else row.waived_reason,
        # Why is read apart: a case that is held is a usual cause.
        "withdrawn": _withdrawn(row),
        "recounts": orjson.loads(row.recounts),
        "cases": [_case(vote, case, len(members)) for case in vote.cases],
    }


async def reasons(tx: Transaction, id: str) -> dict[str, Any]:
    """Return why a vote was opened though something spoke against it, and why it was withdrawn; "" where nobody had to.

    Raises NotFound.
    """
    row = (await votes.found_vote(tx, id)).row
    told = {"reason": row.waived_reason or "", "withdrawn_because": row.withdrawn_reason or ""}
    return {"vote": id, "waived": list(row.waived), **told}


def _withdrawn(row: Row[Any]) -> dict[str, str] | None:
    return {"by": row.withdrawn_by, "at": row.withdrawn_at.isoformat()} if row.state == "withdrawn" else None


def _case(vote: Vote, case: Any, members: int) -> dict[str, Any]:
    known = {"place": case.place, "subject": case.subject, "name": case.name}
    if case.need:
        need = vote.needs[case.place]
        known |= {"share": "" if need.share is None else str(need.share), "clause": need.clause, "mark": need.mark}
    recused = sorted(vote.recused.get(case.place, frozenset()))
    if vote.row.state != "closed":
        return {**known, "interests": recused}
    totals = Totals(case.yes, case.no, case.invalid)
    counted = {"yes": case.yes, "no": case.no, "invalid": case.invalid, "passed": case.passed}
    return {**known, "interests": recused, **counted, "result": result_words(totals, members, vote.needs[case.place])}
