"""Official scores with their stored cases: for replays of a whole campaign, exports and drafts."""

from __future__ import annotations

import random
from typing import Any, Final

import orjson
from isal import isal_zlib
from sqlalchemy import text

from thidua_runtime.database import Transaction
from thidua_scoring.errors import NotReplayable
from thidua_scoring.queries.official import campaign_of
from thidua_scoring.queries.replay import replay_row

# People go by their staff code: their names are for whoever keeps the register. They are looked up for the rows of
# the page alone, by the collation that their index has.
LISTED: Final = text("""
select s.*, u.body->>'name' as unit_name, p.code as person_code
  from (select o.subject, o.period, o.set_id, o.artefact, o.state, o.band, o.unit, o.body->>'set_version' as version,
               o.body->>'points' as points, o.body->>'maximum' as maximum, c.body as case_body
          from score as o join case_store as c on c.hash = o.case_hash
         where o.campaign = :campaign and o.lane = 'official' and (:set = '' or o.set_id = :set)
         order by o.subject, o.period, o.set_id limit :limit offset :offset) as s
  left join replica_units as u on u.key = s.unit and not u.deleted
  left join lateral (select code from replica_people
                      where person = s.subject collate "default" and not deleted
                      order by version desc limit 1) as p on true
 order by s.subject, s.period, s.set_id
""")
KEYS: Final = text("""
select subject, period, set_id from score
 where campaign = :campaign and lane = 'official' and tree is not null and (:set = '' or set_id = :set)
 order by subject, period, set_id
""")
NAMED: Final = text("""
select s.* from score as s
  join unnest(cast(:subjects as text[]), cast(:periods as text[]), cast(:sets as text[])) as k (subject, period, set_id)
    on k.subject = s.subject and k.period = s.period and k.set_id = s.set_id
 where s.campaign = :campaign and s.lane = 'official'
 order by s.subject, s.period, s.set_id
""")


async def cases(tx: Transaction, code: str, set_id: str, limit: int, offset: int) -> list[dict[str, Any]]:
    """Return official scores of a campaign with the cases they were made of; raises UnknownCampaign."""
    campaign = await campaign_of(tx, code)
    rows = await tx.rows(LISTED, campaign=campaign.id, set=set_id, limit=limit, offset=offset)
    return [_with_case(row) for row in rows]


def _with_case(row: Any) -> dict[str, Any]:
    return {
        "subject": row.subject,
        "period": row.period,
        "set": row.set_id,
        "version": row.version,
        "artefact": row.artefact,
        "state": row.state,
        "points": row.points,
        "maximum": row.maximum,
        "band": row.band,
        "called": _called(row),
        "unit_name": row.unit_name or row.unit,
        # As it was stored: reading it only to write it again would take most of the time.
        "case": orjson.Fragment(isal_zlib.decompress(row.case_body)),
    }


def _called(row: Any) -> str:
    unit = row.unit_name or row.unit
    return f"{row.person_code}, {unit}" if row.person_code else str(unit)


async def replay_campaign(
    tx: Transaction, code: str, set_id: str, sample: int, seed: str, limit: int, offset: int
) -> dict[str, Any]:
    """Replay official scores of a campaign: a window of all, or of the sample that `seed` draws; 0: all.

    Raises UnknownCampaign. `total`: how many there are to replay; `differing` and `not_replayable` name scores.
    """
    campaign = await campaign_of(tx, code)
    keys = [tuple(row) for row in await tx.rows(KEYS, campaign=campaign.id, set=set_id)]
    if sample:
        # Drawn by its seed, so that whoever reads the report can draw the same again.
        keys = sorted(random.Random(seed).sample(keys, min(sample, len(keys))))  # noqa: S311
    window = keys[offset : offset + limit]
    subjects, periods, sets = ([key[place] for key in window] for place in range(3))
    rows = await tx.rows(NAMED, campaign=campaign.id, subjects=subjects, periods=periods, sets=sets)
    told: dict[str, Any] = {"total": len(keys), "replayed": 0, "equal": 0, "differing": [], "not_replayable": []}
    for row in rows:
        name = f"{row.subject}/{row.period}/{row.set_id}"
        try:
            found = await replay_row(tx, row)
        except NotReplayable as error:
            told["not_replayable"].append({"score": name, "why": error.in_english})
            continue
        told["replayed"] += 1
        told["equal"] += found["equal"]
        if not found["equal"]:
            told["differing"].append({"score": name, **found})
    return told
