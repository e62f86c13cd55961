"""Record which unit took over from which."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from graphlib import CycleError, TopologicalSorter
from typing import Any

from thidua.contracts import SubjectKind
from thidua.errors import NotFound, Refused
from thidua_awards.entries import SuccessionEntry
from thidua_awards.errors import UnknownSubject
from thidua_awards.queries import files, lookups
from thidua_runtime.database import Transaction


async def save_successions(tx: Transaction, entries: Sequence[SuccessionEntry]) -> dict[str, Any]:
    """Record successions; raises UnknownSubject, Refused for a person or a unit that would succeed itself.

    Refused as well where units would succeed each other in a circle: who then holds what nobody could say.
    """
    names = {name for entry in entries for name in (entry.predecessor, entry.successor)}
    known = await lookups.subjects(tx, names)
    for name in sorted(names):
        if name not in known or known[name].kind is not SubjectKind.COLLECTIVE:
            raise UnknownSubject(subject=name)
    rows = {
        (known[one.predecessor].id, known[one.successor].id): (one.effective_on, one.document, one.dated)
        for one in entries
    }
    if any(before == after for before, after in rows):
        raise Refused(why="một đơn vị không thể kế thừa chính nó", why_en="a unit cannot succeed itself")
    await _refuse_circle(tx, rows)
    await files.save_successions(tx, [(*names, *row) for names, row in sorted(rows.items())])
    return {"saved": len(rows)}


async def _refuse_circle(tx: Transaction, new: Iterable[tuple[str, str]]) -> None:
    await tx.execute(files.SUCCESSION_TURN)
    before: dict[str, set[str]] = defaultdict(set)
    for predecessor, successor in (*new, *((row.predecessor, row.successor) for row in await tx.rows(files.EVERY))):
        before[successor].add(predecessor)
    try:
        TopologicalSorter(before).prepare()
    except CycleError as circle:
        named = " → ".join([await lookups.name_of(tx, unit) for unit in circle.args[1]])
        raise Refused(
            why=f"các đơn vị kế thừa nhau thành vòng: {named}; xóa lần kế thừa ghi nhầm rồi ghi lại",
            why_en=f"units would succeed each other: {named}; remove what was entered by mistake first",
        ) from None


async def remove_succession(tx: Transaction, predecessor: str, successor: str) -> dict[str, Any]:
    """Remove a succession that was entered by mistake; raises NotFound."""
    known = await lookups.subjects(tx, (predecessor, successor))
    ids = [known[name].id if name in known else name for name in (predecessor, successor)]
    if not await tx.execute(files.REMOVE_SUCCESSION, predecessor=ids[0], successor=ids[1]):
        raise NotFound(
            what=f"lần kế thừa {predecessor} → {successor}", what_en=f"the succession {predecessor} → {successor}"
        )
    return {"removed": 1}
