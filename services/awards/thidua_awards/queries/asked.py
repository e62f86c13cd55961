"""Which paper is asked for, and the head it bears."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import text

from thidua_awards.law import regime_of
from thidua_awards.queries import lookups
from thidua_runtime.database import Transaction

NAMES: Final = text("""
select s.subject, coalesce(p.body->>'name', u.body->>'name', k.name, s.subject) as name,
       coalesce(p.body->>'post', k.post, '') as post, coalesce(w.body->>'name', p.unit, k.unit, '') as unit
  from unnest(cast(:subjects as text[])) as s (subject)
  left join replica_people p on p.id = s.subject and not p.deleted
  left join replica_units u on u.key = s.subject and not u.deleted
  left join replica_units w on w.key = p.unit and not w.deleted
  left join kept_name k on k.subject = s.subject
""")


@dataclass(frozen=True, slots=True)
class Asked:
    """Which paper of what: `title` narrows a list of a campaign; agency and place stand at the head.

    `campaign`: which one, for papers of a unit or cluster, whose id tells no year.
    """

    kind: str
    id: str
    title: str = ""
    agency: str = ""
    superior: str = ""
    place: str = ""
    campaign: str = ""


def head_of(tx: Transaction, asked: Asked, agency: str, *, draft: bool = True) -> dict[str, Any]:
    """Return the head of a paper: who writes it, where, and for a draft the moment its figures are of."""
    moment = f"{tx.clock.now():%H giờ %M ngày %d/%m/%Y}"
    head = {"agency": asked.agency or agency, "superior": asked.superior, "place": asked.place}
    return {**head, "draft": f"số liệu tính đến {moment}" if draft else ""}


async def label_of(tx: Transaction, campaign: str, title: str) -> str:
    """Return the name a title or form bears in the year of a campaign."""
    return regime_of((await lookups.campaign(tx, campaign)).year).label(title)


async def authority_of(tx: Transaction, written: str) -> str:
    """Return the name of an authority; who typed the code of a unit meant the unit."""
    found = (await lookups.subjects(tx, [written])).get(written)
    return written if found is None else (await names_of(tx, [found.id]))[found.id]["name"]


async def with_authorities(tx: Transaction, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return rows with the names of their authorities."""
    written = sorted({row["authority"] for row in rows})
    found = await lookups.subjects(tx, written)
    names = await names_of(tx, sorted({one.id for one in found.values()}))
    known = {code: names[one.id]["name"] for code, one in found.items()}
    return [{**row, "authority": known.get(row["authority"], row["authority"])} for row in rows]


async def names_of(tx: Transaction, subjects: list[str]) -> dict[str, Mapping[str, str]]:
    """Return name, post and unit of subjects; a collective has neither post nor unit."""
    rows = await tx.rows(NAMES, subjects=subjects)
    return {row.subject: {"name": row.name, "post": row.post, "unit": row.unit} for row in rows}
