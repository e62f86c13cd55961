"""What can be printed of a campaign."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import text

from thidua.contracts import Campaign
from thidua_awards.documents.kinds import KINDS
from thidua_awards.domain.individuals import RECOGNISED
from thidua_awards.law import regime_of
from thidua_awards.queries import lookups
from thidua_runtime.database import Transaction

PAPERED: Final = """
-- Whatever a document may be of, each under the words that say how far it has come; `about` names its file, `named`
-- and `title` stand on a page.
with papered (of, id, about, dated, named, title) as (
    select 'campaign', key, body->>'title', null::date, body->>'title', null
      from replica_campaigns where key = :campaign and not deleted
    union all
    select distinct 'unit', unit, coalesce(u.body->'codes'->0->>'code', unit), null::date,
           coalesce(u.body->>'name', unit), null
      from replica_registrations r
      join lateral (select r.body->>'unit' as unit) as of_unit on true
      left join replica_units u on u.key = unit and not u.deleted
     where r.campaign = :campaign and not r.deleted
    union all
    select 'cluster', c.body->>'id', c.body->>'name', null, c.body->>'name', null from replica_clusters c
     where c.year = :year and not c.deleted
    union all
    select of, i.body->>'id', i.body->>'code', null, i.body->>'title', null
      from replica_initiatives i join (values ('initiative'), ('recognised')) as o (of)
        on o.of = 'initiative' or i.body->>'state' = any(cast(:recognised as text[]))
     where i.campaign = :campaign and not i.deleted
    union all
    select 'meeting', id, '', held_on, 'Phiên họp', null from meeting where campaign = :campaign
    union all
    select of, v.id, v.title, m.held_on, '', v.title
      from vote v join meeting m on m.id = v.meeting
      join (values ('vote'), ('closed_vote')) as o (of) on o.of = 'vote' or v.state = 'closed'
     where v.campaign = :campaign and v.state <> 'withdrawn'
    union all
    select of, c.id, c.kind, c.posted_on, c.document, null
      from consultation c join (values ('notice'), ('letter'), ('consultation')) as o (of)
        on o.of = 'consultation' or (o.of = 'notice') = (c.kind = 'public')
     where c.campaign = :campaign
    union all
    select of, d.id,
           concat_ws(' ', d.title, coalesce(p.body->>'code', u.body->'codes'->0->>'code', d.subject),
                     nullif(right(d.matter, 8), '')), null,
           coalesce(p.body->>'name', u.body->>'name', k.name, d.subject)
           || case when d.matter = '' then '' else ' – ' || coalesce(nullif(d.achievement, ''), 'hồ sơ lập sau') end,
           d.title
      from dossier d
      left join replica_people p on p.id = d.subject and not p.deleted
      left join replica_units u on u.key = d.subject and not u.deleted
      left join kept_name k on k.subject = d.subject
      join (values ('dossier', null), ('sudden', null), ('thematic', null),
                   ('refused', array['refused', 'not_passed', 'not_forwarded']),
                   ('complaint', array['complaint'])) as o (of, states)
        on o.of in ('dossier', d.kind)
           or exists (select from dossier_step s where s.dossier = d.id and s.state = any(o.states))
     where d.campaign = :campaign
    union all
    select of, d.id, d.number, d.dated, 'Quyết định số ' || d.number, null
      from decision d join (values ('decision'), ('cancelled')) as o (of) on o.of = 'decision' or d.cancelled
     where d.campaign = :campaign)
"""
DOCUMENTS: Final = text(f"""{PAPERED}
select k.kind, p.of, p.id, p.about, p.dated, p.named, p.title, count(*) over () as total
  from papered p
  join unnest(cast(:kinds as text[]), cast(:of as text[])) with ordinality as k (kind, of, place) on k.of = p.of
 order by k.place, p.dated desc, p.about, p.id limit :limit offset :offset
""")  # noqa: S608  (put together from constants)
COUNTED: Final = text(f"""{PAPERED}
select of, count(*) as number from papered group by of
""")  # noqa: S608  (put together from constants)


NEWEST: Final = text("""
select key from replica_campaigns where not deleted order by cast(body->>'year' as int) desc, key desc limit 1
""")


async def newest(tx: Transaction) -> str:
    """Return the id of the newest campaign, empty where there is none."""
    row = await tx.row(NEWEST)
    return "" if row is None else str(row.key)


def _of(campaign: Campaign) -> dict[str, Any]:
    recognised = [state.value for state in RECOGNISED]
    return {"campaign": campaign.id, "year": str(campaign.year), "recognised": recognised}


async def listed(tx: Transaction, campaign: str, limit: int, offset: int, kind: str = "") -> dict[str, Any]:
    """Return a page of what can be printed: kind with its name, id, what it is of, and its date where it has one.

    `words` say what it is of as an official reads it; `kind` narrows the list to one.
    """
    found = await lookups.campaign(tx, campaign or await newest(tx))
    kinds = {kind: KINDS[kind]} if kind else KINDS
    columns = {"kinds": list(kinds), "of": [one.of for one in kinds.values()]}
    rows, total = await tx.page(DOCUMENTS, **_of(found), **columns, limit=limit, offset=offset)
    items = [
        {
            "kind": row.kind,
            "label": KINDS[row.kind].label,
            "of": row.of,
            "id": row.id,
            "about": row.about,
            "words": _words(row, found),
            "dated": row.dated.isoformat() if row.dated else None,
            "campaign": found.code,
            "path": f"/awards/documents/{row.kind}/{row.id}.pdf?campaign={found.code}",
        }
        for row in rows
    ]
    return {"total": total, "items": items}


async def counted(tx: Transaction, campaign: Campaign) -> dict[str, int]:
    """Return how many documents of each kind can be printed."""
    numbers = {row.of: row.number for row in await tx.rows(COUNTED, **_of(campaign))}
    return {kind: numbers.get(one.of, 0) for kind, one in KINDS.items()}


def _words(row: Any, campaign: Campaign) -> str:
    title = regime_of(campaign.year).label(row.title) if row.title else ""
    dated = f"ngày {row.dated:%d/%m/%Y}" if row.dated else ""
    return " ".join(filter(None, (row.named, f"({title})" if row.named and title else title, dated)))
