"""What the API shows of scores: lists, one score with its whole explanation, what ranks are made of."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson
from pydantic import TypeAdapter
from sqlalchemy import Row, text

from thidua.criteria import Score
from thidua_runtime.database import Transaction
from thidua_scoring.errors import UnknownScore

# Compared by the collation that the index of people has, or each row would read all of them through.
_PERSON: Final = """(select p.code from replica_people as p
           where p.person = s.subject collate "default" and not p.deleted
           order by p.version desc limit 1) as person_code"""
# An empty filter matches everything; campaigns, units and people are named by id or by code.
LIST: Final = text(
    """
select s.body, s.scored_at, d.subject is not null as is_waiting, u.body->>'name' as unit_name,
       c.code as campaign_code, {PERSON}
  from score as s
  left join dirty as d on d.subject = s.subject and d.campaign = s.campaign and d.set_id = s.set_id
  left join replica_units as u on u.key = s.unit
  left join replica_campaigns as c on c.key = s.campaign
 where (:campaign = '' or s.campaign = :campaign or c.code = :campaign) and (:period = '' or s.period = :period)
   and (:subject = '' or s.subject = :subject
        or s.subject in (select person from replica_people where not deleted and code = :subject))
   and (:subject_kind = '' or s.body->>'subject_kind' = :subject_kind)
   and (:set = '' or s.set_id = :set) and (:lane = '' or s.lane = :lane) and (:state = '' or s.state = :state)
   and (:unit = '' or s.unit = :unit
        or u.body->'codes' @> jsonb_build_array(jsonb_build_object('code', cast(:unit as text))))
 order by s.campaign, s.period, s.set_id, s.lane, s.subject limit :limit offset :offset
""".replace("{PERSON}", _PERSON)
)
COUNTS: Final = text("""
select s.set_id as set, s.period, s.lane, s.state, count(*) as scores
  from score as s left join replica_campaigns as c on c.key = s.campaign
 where s.campaign = :campaign or c.code = :campaign
 group by s.set_id, s.period, s.lane, s.state order by s.set_id, s.period, s.lane, s.state
""")
ONE: Final = text(
    """
select s.*, d.subject is not null as is_waiting, u.body->>'name' as unit_name, {PERSON}
  from score as s
  left join dirty as d on d.subject = s.subject and d.campaign = s.campaign and d.set_id = s.set_id
  left join replica_units as u on u.key = s.unit
 where s.subject = :subject and s.campaign = :campaign and s.period = :period and s.set_id = :set and s.lane = :lane
""".replace("{PERSON}", _PERSON)
)
# Of one staff code the newest person, of one unit code the unit that has it last.
NAMED: Final = text("""
select coalesce((select person from replica_people
                  where not deleted and code = :subject order by version desc limit 1),
                (select key from replica_units
                  where not deleted
                    and body->'codes' @> jsonb_build_array(jsonb_build_object('code', cast(:subject as text)))
                  order by version desc limit 1), :subject) as subject,
       coalesce((select key from replica_campaigns
                  where not deleted and code = :campaign order by version desc limit 1), :campaign) as campaign
""")
# An official score is outdated when what is known now leads to other points, status or band.
RUNNING: Final = text("""
select state, points, band, generation from score
 where subject = :subject and campaign = :campaign and period = :period and set_id = :set and lane = 'running'
""")
OF_SET: Final = text("""
select s.subject, s.body, s.tree from score as s
 where s.campaign = :campaign and s.period = :period and s.set_id = :set and s.lane = :lane order by s.subject
""")
HAS_OFFICIAL: Final = text("""
select exists (select from score where campaign = :campaign and period = :period and set_id = :set
                                   and lane = 'official') as found
""")
CASE: Final = text("select body from case_store where hash = :hash")

_SCORE: Final = TypeAdapter(Score)


@dataclass(frozen=True, slots=True)
class Filters:
    """Filters of the list of scores; empty ones match everything."""

    campaign: str = ""
    period: str = ""
    set: str = ""
    lane: str = ""
    unit: str = ""
    state: str = ""
    subject: str = ""
    subject_kind: str = ""


@dataclass(frozen=True, slots=True)
class Key:
    """What identifies a score."""

    subject: str
    campaign: str
    period: str
    set: str
    lane: str

    def as_parameters(self) -> dict[str, str]:
        """Return the parts by name."""
        return {name: getattr(self, name) for name in ("subject", "campaign", "period", "set", "lane")}

    def __str__(self) -> str:
        return "/".join(self.as_parameters().values())


async def listed(tx: Transaction, filters: Filters, limit: int, offset: int) -> list[dict[str, Any]]:
    """Return scores as published, with whether they wait to be scored again."""
    named = {name: getattr(filters, name) for name in Filters.__slots__}
    rows = await tx.rows(LIST, **named, limit=limit, offset=offset)
    return [{**orjson.loads(row.body), **_beside(row), "campaign_code": row.campaign_code} for row in rows]


async def counted(tx: Transaction, campaign: str) -> dict[str, Any]:
    """Return how many scores a campaign (id or code) has, by set, period, lane and state."""
    rows = [dict(row._mapping) for row in await tx.rows(COUNTS, campaign=campaign)]
    return {"total": sum(row["scores"] for row in rows), "counts": rows}


async def explained(tx: Transaction, key: Key) -> dict[str, Any]:
    """Return one score with the whole tree of its explanation; raises UnknownScore."""
    row = await stored(tx, key)
    tree = None if row.tree is None else orjson.loads(zlib.decompress(row.tree))
    answer = {**orjson.loads(row.body), **_beside(row), "tree": tree}
    if key.lane == "official":
        running = await tx.row(RUNNING, **{k: v for k, v in key.as_parameters().items() if k != "lane"})
        answer["differs_from_running"] = running is not None and (
            (running.state, running.points, running.band) != (row.state, row.points, row.band)
        )
    return answer


async def stored(tx: Transaction, key: Key) -> Row[Any]:
    """Return the row of a score; subject and campaign by id, or by code. Raises UnknownScore."""
    row = await tx.row(ONE, **key.as_parameters())
    if row is None:
        named = await tx.row(NAMED, subject=key.subject, campaign=key.campaign)
        assert named is not None
        row = await tx.row(ONE, **{**key.as_parameters(), **named._mapping})
    if row is None:
        raise UnknownScore(key=key)
    return row


async def stored_case(tx: Transaction, content: str) -> bytes | None:
    """Return a stored case by its hash, or None."""
    row = await tx.row(CASE, hash=content)
    return None if row is None else zlib.decompress(row.body)


async def best_lane(tx: Transaction, campaign: str, period: str, set_id: str) -> str:
    """Return "official" once there are official scores, else "running"."""
    row = await tx.row(HAS_OFFICIAL, campaign=campaign, period=period, set=set_id)
    return "official" if row is not None and row.found else "running"


async def of_set(tx: Transaction, campaign: str, period: str, set_id: str, lane: str) -> Sequence[Row[Any]]:
    """Return all scores of a set in one campaign, period and lane."""
    return await tx.rows(OF_SET, campaign=campaign, period=period, set=set_id, lane=lane)


def score_of(tree: bytes) -> Score:
    """Return the engine's score from its stored canonical form."""
    return _SCORE.validate_python(orjson.loads(zlib.decompress(tree)))


def _beside(row: Row[Any]) -> dict[str, Any]:
    named = {"unit_name": row.unit_name, "person_code": row.person_code}
    return {**named, "waiting": row.is_waiting, "scored_at": row.scored_at.isoformat()}
