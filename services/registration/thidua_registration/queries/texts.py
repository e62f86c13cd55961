"""Texts of initiatives, and which others are written alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import text

from thidua_registration.domain.similarity import METHOD, band_hashes
from thidua_runtime.database import Transaction

CANDIDATES: Final = 50
"""How many texts are compared word by word; the hashes put those that are most alike first."""

KEEP: Final = text("""
insert into initiative_text as t (initiative, content, method, bands, changed_by, changed_at)
select n.initiative, n.content, :method, string_to_array(nullif(n.bands, ''), ',')::integer[], :actor, now()
  from unnest(cast(:initiatives as text[]), cast(:contents as text[]), cast(:bands as text[]))
       as n (initiative, content, bands) order by n.initiative
    on conflict (initiative) do update
       set content = excluded.content, method = excluded.method, bands = excluded.bands,
           changed_by = excluded.changed_by, changed_at = excluded.changed_at
""")
CONTENTS: Final = text("""
select initiative, content from initiative_text where initiative = any(cast(:initiatives as text[]))
""")
# Titles of initiatives that came without a text, or before texts were kept, and hashes of an older method.
UNREAD: Final = text("""
select i.id, i.body ->> 'title' as title, coalesce(t.content, '') as content
  from initiative as i left join initiative_text as t on t.initiative = i.id
 where t.initiative is null or t.method <> :method order by i.id limit :limit
""")
OWN: Final = text("""
select i.body ->> 'title' as title, t.content, t.bands
  from initiative as i join initiative_text as t on t.initiative = i.id and t.method = :method where i.id = :initiative
""")
ALIKE: Final = text("""
select i.id, i.unit, i.code, i.body ->> 'title' as title, i.state, c.code as campaign,
       coalesce(i.body ->> 'submitted_on', i.body ->> 'first_applied_on') as dated, t.content,
       cardinality(array(select unnest(t.bands) intersect select unnest(cast(:bands as integer[])))) as common
  from initiative_text as t join initiative as i on i.id = t.initiative left join campaign as c on c.id = i.campaign
 where t.bands && cast(:bands as integer[]) and t.method = :method and t.initiative <> :initiative
 order by common desc, i.id limit :limit
""")


def whole(title: str, content: str) -> str:
    """Return what of an initiative is compared."""
    return f"{title}\n{content}".strip()


async def keep(tx: Transaction, texts: Mapping[str, tuple[str, str]]) -> None:
    """Write the contents of initiatives, given with their titles by id, with their hashes."""
    if texts:
        hashes = [",".join(map(str, band_hashes(whole(*one)))) for one in texts.values()]
        contents = [content for _, content in texts.values()]
        found = {"initiatives": list(texts), "contents": contents, "bands": hashes}
        await tx.execute(KEEP, method=METHOD, actor=tx.actor, **found)


async def contents(tx: Transaction, initiatives: list[str]) -> dict[str, str]:
    """Return the contents of these initiatives, by id."""
    return {row.initiative: row.content for row in await tx.rows(CONTENTS, initiatives=initiatives)}


async def read_unread(tx: Transaction, most: int) -> int:
    """Hash up to `most` texts that have no hashes of the present method; return how many there were."""
    rows = await tx.rows(UNREAD, method=METHOD, limit=most)
    await keep(tx, {row.id: (row.title, row.content) for row in rows})
    return len(rows)


async def own(tx: Transaction, initiative: str) -> Any:
    """Return title, content and hashes of an initiative; None while it is not hashed."""
    return await tx.row(OWN, initiative=initiative, method=METHOD)


async def candidates(tx: Transaction, initiative: str, bands: list[int]) -> list[Any]:
    """Return the initiatives of all years that share most hashes with one."""
    return list(await tx.rows(ALIKE, initiative=initiative, bands=bands, method=METHOD, limit=CANDIDATES))
