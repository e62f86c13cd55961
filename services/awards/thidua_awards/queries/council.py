"""Councils, their members, their meetings and who took part."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import orjson
from sqlalchemy import Row, text

from thidua.errors import NotFound
from thidua_awards.domain.council import Member, Presence
from thidua_awards.law import Share
from thidua_awards.queries import lookups
from thidua_awards.queries.alphabet import by_alphabet
from thidua_runtime.database import Transaction

ADD_COUNCIL: Final = text("""
insert into council (id, name, unit, document, dated, rules, electronic, quorum, share, changed_by)
values (:id, :name, :unit, :document, :dated, :rules, :electronic, cast(:quorum as jsonb), cast(:share as jsonb),
        :actor)
""")
ADD_MEMBERS: Final = text("""
insert into council_member (council, id, name, post, role, starts_on, ends_on, changed_by)
select :council, i.*, :actor
  from unnest(cast(:id as text[]), cast(:name as text[]), cast(:post as text[]), cast(:role as text[]),
              cast(:starts_on as date[]), cast(:ends_on as date[])) as i
""")
END_TERM: Final = text("""
update council_member set ends_on = :ends_on, changed_by = :actor, changed_at = now(), revision = revision + 1
 where council = :council and id = :member returning id
""")
MEMBER: Final = text("select starts_on from council_member where council = :council and id = :member for update")
OTHER_MEMBERS: Final = text("""
-- A meeting that has voted, and whose members a term would change: it names the member and the term does not cover its
-- day, or it does not and the term does.
select m.held_on, t.member
  from unnest(cast(:members as text[]), cast(:starts_on as date[]), cast(:ends_on as date[]))
       as t (member, starts_on, ends_on)
  join meeting m on m.council = :council
  join vote v on v.meeting = m.id and v.state not in ('drafted', 'withdrawn')
 where (t.member = any(v.members)) <> (t.starts_on <= m.held_on and (t.ends_on is null or m.held_on <= t.ends_on))
 order by m.held_on, t.member limit 1
""")
SET_TOKEN: Final = text("""
update council_member set token = :token, changed_by = :actor, changed_at = now(), revision = revision + 1
 where council = :council and id = :member returning id
""")
COUNCIL: Final = text("select * from council where id = :id")
COUNCILS: Final = text("""
select c.id, c.name, c.document, c.dated, c.electronic, count(*) over () as total,
       (select count(*) from council_member m
         where m.council = c.id and m.starts_on <= :day and coalesce(m.ends_on, :day) >= :day) as members
  from council c order by c.dated desc, c.id limit :limit offset :offset
""")
MEETINGS: Final = text("""
select m.id, m.council, c.name, m.held_on, m.place, count(*) over () as total,
       (select count(*) from vote v where v.meeting = m.id) as votes
  from meeting m join council c on c.id = m.council
 where m.campaign = :campaign order by m.held_on desc, m.id limit :limit offset :offset
""")
MEMBERS: Final = text(f"""
select * from council_member where council = :id
 order by array_position(array['chair', 'deputy', 'secretary', 'member'], role), starts_on, {by_alphabet("name")}, id
""")  # noqa: S608  (put together from a constant)
ADD_MEETING: Final = text("""
insert into meeting (id, council, campaign, held_on, place, chair, secretary, agenda, changed_by)
values (:id, :council, :campaign, :held_on, :place, :chair, :secretary, cast(:agenda as text[]), :actor)
""")
MEETING: Final = text("select * from meeting where id = :id")
# Whoever opens a vote or counts it waits for this lock, and sees who took part.
LOCK_MEETING: Final = text("select 1 from meeting where id = :id for update")
# Whoever casts a ballot shares it: nobody present becomes the writer of an opinion before the ballot is in.
SHARE_MEETING: Final = text("select 1 from meeting where id = :id for share")
ATTEND: Final = text("""
insert into attendance as a (meeting, member, presence, changed_by)
select :meeting, i.*, :actor from unnest(cast(:members as text[]), cast(:presences as text[])) as i
    on conflict (meeting, member) do update
       set presence = excluded.presence, changed_by = excluded.changed_by, changed_at = now(), revision = a.revision + 1
""")
ATTENDANCE: Final = text("select member, presence from attendance where meeting = :id order by member")


@dataclass(frozen=True)
class Meeting:
    """A meeting with its council: who sits on its day, and who took part how."""

    row: Row[Any]
    council: Row[Any]
    members: tuple[Member, ...]
    presence: dict[str, Presence]

    @property
    def quorum(self) -> Share | None:
        """The council's own rule on how many must take part."""
        return share_of(self.council.quorum)

    @property
    def taking_part(self) -> frozenset[str]:
        """Members present or with a written opinion."""
        return frozenset(id for id, how in self.presence.items() if how is not Presence.ABSENT)

    def those(self, how: Presence) -> frozenset[str]:
        """Return the members who took part in this way."""
        return frozenset(id for id, one in self.presence.items() if one is how)


def share_of(stored: str | None) -> Share | None:
    """Return a stored share."""
    return None if stored in (None, "null") else Share.model_validate_json(str(stored))


async def council_members(tx: Transaction, council: str) -> tuple[Member, ...]:
    """Return everybody who ever was a member."""
    rows = await tx.rows(MEMBERS, id=council)
    return tuple(Member(row.id, row.name, row.starts_on, row.ends_on) for row in rows)


async def found_council(tx: Transaction, id: str) -> Row[Any]:
    """Return a council's row; raises NotFound."""
    row = await tx.row(COUNCIL, id=id)
    if row is None:
        raise NotFound(what=f"Hội đồng {id}", what_en=f"The council {id}")
    return row


async def found_meeting(tx: Transaction, id: str, *, locked: bool = False, shared: bool = False) -> Meeting:
    """Return a meeting with those who sit on its day; raises NotFound.

    `locked` holds who takes part for this transaction alone, `shared` for all who vote.
    """
    if locked or shared:
        await tx.execute(LOCK_MEETING if locked else SHARE_MEETING, id=id)
    row = await tx.row(MEETING, id=id)
    if row is None:
        raise NotFound(what=f"phiên họp {id}", what_en=f"The meeting {id}")
    members = await council_members(tx, row.council)
    sitting = tuple(one for one in members if one.sits_on(row.held_on))
    presence = {one.member: Presence(one.presence) for one in await tx.rows(ATTENDANCE, id=id)}
    return Meeting(row, await found_council(tx, row.council), sitting, presence)


async def listed_councils(tx: Transaction, day: date, limit: int, offset: int) -> dict[str, Any]:
    """Return a page of the councils, the newest first; `members` are those whose term covers `day`."""
    rows, total = await tx.page(COUNCILS, day=day, limit=limit, offset=offset)
    items = [
        {
            "id": row.id,
            "name": row.name,
            "document": row.document,
            "dated": row.dated.isoformat(),
            "electronic": row.electronic,
            "members": row.members,
        }
        for row in rows
    ]
    return {"total": total, "items": items}


async def listed_meetings(tx: Transaction, campaign: str, limit: int, offset: int) -> dict[str, Any]:
    """Return a page of a campaign's meetings, the newest first, each with its council and number of votes."""
    found = await lookups.campaign(tx, campaign)
    rows, total = await tx.page(MEETINGS, campaign=found.id, limit=limit, offset=offset)
    items = [
        {
            "id": row.id,
            "council": row.council,
            "name": row.name,
            "held_on": row.held_on.isoformat(),
            "place": row.place,
            "votes": row.votes,
        }
        for row in rows
    ]
    return {"total": total, "items": items}


async def shown_council(tx: Transaction, id: str, day: date) -> dict[str, Any]:
    """Return a council with its members; `sits` says whether the term covers `day`. No token is shown."""
    council = await found_council(tx, id)
    rows = await tx.rows(MEMBERS, id=id)
    members = [
        {
            "id": row.id,
            "name": row.name,
            "post": row.post,
            "role": row.role,
            "starts_on": row.starts_on.isoformat(),
            "ends_on": row.ends_on.isoformat() if row.ends_on else None,
            "sits": Member(row.id, row.name, row.starts_on, row.ends_on).sits_on(day),
            "may_vote": row.token is not None,
        }
        for row in rows
    ]
    return {
        "id": id,
        "name": council.name,
        "unit": council.unit,
        "document": council.document,
        "dated": council.dated.isoformat(),
        "rules": council.rules,
        "electronic": council.electronic,
        "quorum": _words(council.quorum),
        "share": _words(council.share),
        "members": members,
        "total": sum(one["sits"] for one in members),
    }


async def shown_meeting(tx: Transaction, id: str) -> dict[str, Any]:
    """Return a meeting: agenda, members of the day with how each took part, and whether there is a quorum.

    Chair and secretary may have been named by a member's id; a reader is given the name.
    """
    meeting = await found_meeting(tx, id)
    row = meeting.row
    known = {one.id: one for one in await tx.rows(MEMBERS, id=row.council)}
    return {
        "id": id,
        "council": meeting.council.name,
        "campaign": row.campaign,
        "held_on": row.held_on.isoformat(),
        "place": row.place,
        "chair": known[row.chair].name if row.chair in known else row.chair,
        "secretary": known[row.secretary].name if row.secretary in known else row.secretary,
        "agenda": list(row.agenda),
        "quorum": _words(meeting.council.quorum),
        "members": [
            {
                "id": one.id,
                "name": one.name,
                "post": known[one.id].post,
                "role": known[one.id].role,
                "presence": meeting.presence.get(one.id),
            }
            for one in meeting.members
        ],
        "taking_part": len(meeting.taking_part),
        "total": len(meeting.members),
    }


def _words(stored: str | None) -> str:
    share = share_of(stored)
    return "" if share is None else str(share)


def share_json(share: Share | None) -> str | None:
    """Return a share as it is stored: fractions as text, never as a float."""
    return None if share is None else orjson.dumps(share.model_dump(mode="json", exclude_none=True)).decode()
