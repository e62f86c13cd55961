"""Votes of a council: cases, interests, sealed ballots, totals."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson
from sqlalchemy import Row, text

from thidua.errors import NotFound
from thidua_awards.domain.council import Limit, Totals
from thidua_awards.queries.council import share_json, share_of
from thidua_awards.queries.matters import columns
from thidua_runtime.database import Transaction

ADD_VOTE: Final = text("""
insert into vote (id, meeting, campaign, title, method, state, members, need, changed_by)
values (:id, :meeting, :campaign, :title, :method, 'drafted', cast(:members as text[]), cast(:need as jsonb), :actor)
""")
ADD_CASES: Final = text("""
insert into vote_case (vote, place, subject, matter)
select :vote, i.place, i.subject, i.matter
  from unnest(cast(:subjects as text[]), cast(:matters as text[])) with ordinality as i (subject, matter, place)
""")
VOTE: Final = text("select * from vote where id = :id")
# Whoever votes shares the row, whoever opens, counts or closes has it alone: no ballot comes in beside the closing.
VOTE_SHARED: Final = text("select * from vote where id = :id for share")
VOTE_ALONE: Final = text("select * from vote where id = :id for update")
CASES: Final = text("""
select c.*, coalesce(p.body->>'name', u.body->>'name', k.name, c.subject) as name, coalesce(p.unit, c.subject) as unit
  from vote_case c
  left join replica_people p on p.id = c.subject and not p.deleted
  left join replica_units u on u.key = c.subject and not u.deleted
  left join kept_name k on k.subject = c.subject
 where c.vote = :id order by c.place
""")
DECLARE: Final = text("""
insert into interest as i (vote, place, member, document, changed_by)
select :vote, n.*, :actor
  from unnest(cast(:places as int[]), cast(:members as text[]), cast(:documents as text[])) as n
    on conflict (vote, place, member) do update
       set document = excluded.document, changed_by = excluded.changed_by, changed_at = now(), revision = i.revision + 1
""")
INTERESTS: Final = text("select place, member from interest where vote = :id order by place, member")
OPEN: Final = text("""
update vote set state = 'open', members = cast(:members as text[]), need = cast(:need as jsonb),
       public_key = :public_key, recount_days = :recount_days, waived = cast(:waived as text[]),
       waived_reason = :waived_reason, changed_by = :actor, changed_at = now(), revision = revision + 1
 where id = :id
""")
WITHDRAW: Final = text("""
update vote set state = 'withdrawn', withdrawn_by = :actor, withdrawn_at = clock_timestamp(),
       withdrawn_reason = :reason, changed_by = :actor, changed_at = now(), revision = revision + 1
 where id = :id
""")
VOTER: Final = text("select id from council_member where council = :council and token = :token")
CAST: Final = text("""
insert into ballot (vote, member, sealed) values (:vote, :member, :sealed)
    on conflict (vote, member) do update set sealed = excluded.sealed
""")
BALLOTS: Final = text("select member, sealed from ballot where vote = :id order by member")
WRITTEN_DOWN: Final = text("""
update vote set state = 'counted', counted = cast(:counted as jsonb), counted_by = :actor, checked_by = '{}',
       document = :document, changed_by = :actor, changed_at = now(), revision = revision + 1
 where id = :id
""")
CHECKED: Final = text("""
update vote set checked_by = checked_by || cast(:actor as text), changed_by = :actor, changed_at = now(),
       revision = revision + 1
 where id = :id returning checked_by
""")
CLOSE: Final = text("""
-- A vote that the version before opened has its last day already, and no number of days.
update vote set state = 'closed', closed_on = :closed_on, closed_at = clock_timestamp(),
       recount_until = coalesce(cast(:closed_on as date) + recount_days, recount_until), wrote = cast(:wrote as text[]),
       document = :document, unreadable = :unreadable,
       counted = null, changed_by = :actor, changed_at = now(), revision = revision + 1
 where id = :id
""")
SET_RESULTS: Final = text("""
update vote_case c set yes = i.yes, no = i.no, invalid = i.invalid, passed = i.passed
  from unnest(cast(:places as int[]), cast(:yes as int[]), cast(:no as int[]), cast(:invalid as int[]),
              cast(:passed as boolean[])) as i (place, yes, no, invalid, passed)
 where c.vote = :vote and c.place = i.place
""")
OPENED: Final = text("""
insert into opened_ballot (vote, place, slot, choice)
select :vote, i.* from unnest(cast(:places as int[]), cast(:slots as int[]), cast(:choices as int[])) as i
""")
KEPT: Final = text("select place, choice from opened_ballot where vote = :id")
RECOUNTED: Final = text("""
update vote set recounts = recounts || cast(:recount as jsonb), changed_by = :actor, changed_at = now(),
       revision = revision + 1
 where id = :id
""")
TERM_OVER: Final = text("""
-- A vote that was withdrawn has nothing to count again.
select id, public_key from vote
 where method = 'electronic' and destroyed_at is null
   and (state = 'closed' and recount_until < :day or state = 'withdrawn' and public_key is not null) for update
""")
DESTROY: Final = text("update ballot set sealed = null where vote = any(cast(:ids as text[]))")
DESTROYED: Final = text("""
update vote set destroyed_at = now(), public_key = null, revision = revision + 1 where id = any(cast(:ids as text[]))
""")
SET_NEEDS: Final = text("""
update vote_case c set need = i.need
  from unnest(cast(:subjects as text[]), cast(:needs as jsonb[])) as i (subject, need)
 where c.vote = :vote and c.subject = i.subject
""")
SET_MATTERS: Final = text("""
update vote_case c set matter = i.matter
  from unnest(cast(:subjects as text[]), cast(:matters as text[])) as i (subject, matter)
 where c.vote = :vote and c.subject = i.subject and c.matter <> i.matter
""")
REGIMES: Final = text("""
select r.subject, r.regime from recommendation r
  join unnest(cast(:subjects as text[]), cast(:titles as text[]), cast(:matters as text[]))
       as i (subject, title, matter) on (r.subject, r.title, r.matter) = (i.subject, i.title, i.matter)
 where r.campaign = :campaign
""")
RESULTS: Final = text("""
select distinct on (c.subject, v.title, c.matter) c.subject, v.title, c.yes, cardinality(v.members) as members,
       coalesce(c.need, v.need) as need, v.document, c.matter
  from vote v join vote_case c on c.vote = v.id
 where v.campaign = :campaign and v.state = 'closed'
   and (cast(:voted as text[]) is null or c.subject = any(cast(:voted as text[])))
   -- A dossier that went back from the council is voted on anew: what was counted before decides nothing any more.
   and not exists (
       select from dossier d join dossier_step s on s.dossier = d.id
        where (d.campaign, d.subject, d.title, d.matter) = (v.campaign, c.subject, v.title, c.matter)
          and s.came_from in ('voted', 'to_authority', 'sent_up') and s.state in ('appraisal', 'supplement')
          and v.closed_at < s.recorded_at)
 order by c.subject, v.title, c.matter, v.closed_on desc, v.closed_at desc nulls last, v.id desc
""")
# Of two votes opened at once the second sees what the first is about.
TURN: Final = text("select pg_advisory_xact_lock(hashtextextended('awards.vote/' || :campaign || '/' || :title, 0))")
UNDER_WAY: Final = text("""
select distinct c.subject from vote v join vote_case c on c.vote = v.id
  join unnest(cast(:subjects as text[]), cast(:matters as text[])) as i (subject, matter)
    on (c.subject, c.matter) = (i.subject, i.matter)
 where v.campaign = :campaign and v.title = :title and v.state in ('open', 'counted') and v.id <> :id
""")
VOTED_ALREADY: Final = text("""
select b.member from ballot b join vote v on v.id = b.vote
 where v.meeting = :meeting and v.state = 'open' and b.member = any(cast(:members as text[])) limit 1
""")
COUNTED_ALREADY: Final = text("""
select m.member from vote v cross join lateral unnest(v.members) as m (member)
 where v.meeting = :meeting and v.state in ('counted', 'closed') and m.member = any(cast(:members as text[]))
 order by m.member limit 1
""")
# Whoever casts a ballot shares the meeting: after this none is under way.
LOCK_OPEN: Final = text("""
select 1 from meeting m where m.council = :council
   and exists (select from vote v where v.meeting = m.id and v.state = 'open') order by m.id for update
""")
HAS_BALLOT: Final = text("""
select 1 from ballot b join vote v on v.id = b.vote join meeting m on m.id = v.meeting
 where m.council = :council and v.state = 'open' and b.member = :member limit 1
""")
VOTED: Final = text("select count(*) as voted from ballot where vote = :id")


@dataclass(frozen=True)
class Vote:
    """A vote with its cases in the order of the list, and the members who declared an interest, by case."""

    row: Row[Any]
    cases: tuple[Row[Any], ...]
    recused: Mapping[int, frozenset[str]]

    @property
    def need(self) -> Limit:
        """The share of yes votes it was opened with."""
        return need_of(self.row.need)

    @property
    def needs(self) -> dict[int, Limit]:
        """The share each case needs: that of the vote, or of the regime that judges the case."""
        return {case.place: need_of(case.need) if case.need else self.need for case in self.cases}

    @property
    def places(self) -> tuple[int, ...]:
        """Numbers of the cases, 1 being the first."""
        return tuple(case.place for case in self.cases)

    def choices_of(self, member: str) -> frozenset[int]:
        """Return the cases on which a member has no vote."""
        return frozenset(place for place, members in self.recused.items() if member in members)


def need_of(stored: str) -> Limit:
    """Return a limit as it was stored with a vote."""
    need = orjson.loads(stored)
    share = None if need["share"] is None else share_of(orjson.dumps(need["share"]).decode())
    return Limit(share, need["clause"], need["binds"], need["mark"])


def need_json(need: Limit) -> str:
    """Return a limit as it is stored with a vote."""
    share = share_json(need.share)
    known = {"share": None if share is None else orjson.loads(share), "clause": need.clause}
    return orjson.dumps({**known, "binds": need.binds, "mark": need.mark}).decode()


async def found_vote(tx: Transaction, id: str, *, shared: bool = False, alone: bool = False) -> Vote:
    """Return a vote; raises NotFound. `shared` lets others vote as well, `alone` lets nobody."""
    row = await tx.row(VOTE_ALONE if alone else VOTE_SHARED if shared else VOTE, id=id)
    if row is None:
        raise NotFound(what=f"lượt biểu quyết {id}", what_en=f"The vote {id}")
    recused: dict[int, set[str]] = defaultdict(set)
    for one in await tx.rows(INTERESTS, id=id):
        recused[one.place].add(one.member)
    cases = tuple(await tx.rows(CASES, id=id))
    return Vote(row, cases, {place: frozenset(members) for place, members in recused.items()})


async def set_needs(tx: Transaction, vote: str, needs: Mapping[str, Limit | None]) -> None:
    """Write which cases need another share than the vote; None is that of the vote."""
    stored = [None if need is None else need_json(need) for need in needs.values()]
    await tx.execute(SET_NEEDS, vote=vote, subjects=list(needs), needs=stored)


async def regimes_of(tx: Transaction, campaign: str, title: str, of: Mapping[str, str]) -> dict[str, str]:
    """Return the regime that judges each subject for a title, as its review found it; `of`: subject → matter."""
    lines = [(subject, title, matter) for subject, matter in of.items()]
    return {row.subject: row.regime for row in await tx.rows(REGIMES, campaign=campaign, **columns(lines))}


async def set_results(
    tx: Transaction, vote: str, totals: Mapping[int, Totals], passed: Mapping[int, bool | None]
) -> None:
    """Write the totals of every case."""
    places = sorted(totals)
    await tx.execute(
        SET_RESULTS,
        vote=vote,
        places=places,
        yes=[totals[place].yes for place in places],
        no=[totals[place].no for place in places],
        invalid=[totals[place].invalid for place in places],
        passed=[passed[place] for place in places],
    )


async def write_opened(tx: Transaction, vote: str, opened: Mapping[int, Sequence[int]]) -> None:
    """Write the opened votes of every case in the order given, which must be nobody's."""
    lines = [(place, slot, choice) for place in sorted(opened) for slot, choice in enumerate(opened[place], 1)]
    await tx.execute(
        OPENED,
        vote=vote,
        places=[place for place, _, _ in lines],
        slots=[slot for _, slot, _ in lines],
        choices=[choice for _, _, choice in lines],
    )


def counted_totals(rows: Iterable[Mapping[str, Any]]) -> dict[int, Totals]:
    """Return totals by case from what minutes say."""
    return {int(row["place"]): Totals(row["yes"], row["no"], row["invalid"]) for row in rows}
