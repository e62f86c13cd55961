"""Record which unit took over from which."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from thidua.contracts import SubjectKind
from thidua.errors import Refused
from thidua_awards.entries import SuccessionEntry
from thidua_awards.errors import UnknownSubject
from thidua_awards.queries import files, lookups
from thidua_runtime.database import Transaction


async def save_successions(tx: Transaction, entries: Sequence[SuccessionEntry]) -> dict[str, Any]:
    """Record successions; raises UnknownSubject, Refused for a person or a unit that would succeed itself."""
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
    await files.save_successions(tx, [(*names, *row) for names, row in sorted(rows.items())])
    return {"saved": len(rows)}
