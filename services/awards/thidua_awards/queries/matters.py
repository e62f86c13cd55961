"""What of a subject and title is asked for: the year's review with its first dossier, or a later dossier."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from sqlalchemy import Row, text

from thidua_runtime.database import Transaction

Line = tuple[str, str, str]
"""A subject, a title, and the matter: empty for the year's review and its first dossier, else a dossier's id."""

BEFORE: Final = text("""
select d.id, d.subject, d.title, d.matter, d.state, d.achievement from dossier d
  join unnest(cast(:subjects as text[]), cast(:titles as text[])) as l (subject, title)
    on (d.subject, d.title) = (l.subject, l.title)
 where d.campaign = :campaign order by d.subject, d.title, d.begun_at nulls first, d.id
""")


def key_of(campaign: str, line: Line) -> str:
    """Return the key of a recommendation, by which the stream and the hash chain know it."""
    subject, title, matter = line
    return "/".join((subject, campaign, title, matter) if matter else (subject, campaign, title))


def columns(lines: Iterable[Line]) -> dict[str, list[str]]:
    """Return lines as the columns of a statement."""
    listed = list(lines)
    subjects, titles = [subject for subject, _, _ in listed], [title for _, title, _ in listed]
    return {"subjects": subjects, "titles": titles, "matters": [matter for _, _, matter in listed]}


def line_of(row: Row[Any]) -> Line:
    """Return the line of a dossier or recommendation."""
    return row.subject, row.title, row.matter


async def before(
    tx: Transaction, campaign: str, named: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], Sequence[Row[Any]]]:
    """Return the dossiers there are of each (subject, title), oldest first; one without any is absent."""
    wanted = sorted(set(named))
    of = {"subjects": [subject for subject, _ in wanted], "titles": [title for _, title in wanted]}
    found: dict[tuple[str, str], list[Row[Any]]] = {}
    for row in await tx.rows(BEFORE, campaign=campaign, **of):
        found.setdefault((row.subject, row.title), []).append(row)
    return dict(found)
