"""Lines of a decision cancelled one by one, and what a decision said before it was corrected."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import orjson
from sqlalchemy import Row, text

from thidua_runtime.database import Transaction

LINES: Final = text("select * from decision_award where decision = :id order by line")
CANCEL_LINES: Final = text("""
update decision_award set cancelled_by = :document, cancelled_because = :reason
 where decision = :id and line = any(cast(:lines as int[])) and cancelled_by is null
""")
CORRECT_HEAD: Final = text("""
update decision set number = :number, dated = :dated, signer = :signer, authority = :authority where id = :id
""")
CORRECT_LINES: Final = text("""
update decision_award a
   set subject = n.subject, subject_kind = n.subject_kind, unit = n.unit, code = n.code, year = n.year,
       route = n.route, kind = n.kind, uses = array(select jsonb_array_elements_text(n.uses)),
       matter = coalesce(n.matter, '')
  from jsonb_to_recordset(cast(:rows as jsonb)) as n (line int, subject text, subject_kind text, unit text, code text,
       year int, route text, kind text, uses jsonb, matter text)
 where a.decision = :id and a.line = n.line
""")
ADD_CORRECTIONS: Final = text("""
insert into correction (decision, number, line, before, after, document, dated, reason, recorded_by)
select :id, coalesce((select max(c.number) from correction c where c.decision = :id), 0)
       + row_number() over (order by n.line nulls first), n.line, n.before, n.after, :document, :dated, :reason, :actor
  from jsonb_to_recordset(cast(:rows as jsonb)) as n (line int, before jsonb, after jsonb)
""")
CORRECTIONS: Final = text("""
select number, line, cast(before as text) as before, cast(after as text) as after, document, dated, reason, recorded_by,
       recorded_at
  from correction where decision = :id order by number
""")


async def lines(tx: Transaction, id: str) -> Sequence[Row[Any]]:
    """Return every line of a decision, cancelled ones too."""
    return await tx.rows(LINES, id=id)


async def cancel_lines(tx: Transaction, id: str, numbers: Iterable[int], document: str, reason: str) -> None:
    """Cancel these lines; the others stand."""
    await tx.execute(CANCEL_LINES, id=id, lines=sorted(numbers), document=document, reason=reason)


async def correct(
    tx: Transaction,
    id: str,
    head: Mapping[str, Any] | None,
    rows: Sequence[Mapping[str, Any]],
    changes: Sequence[Mapping[str, Any]],
    paper: Mapping[str, Any],
) -> None:
    """Write a corrected head and lines, and beside them what was there before; `paper`: document, dated, reason."""
    if head is not None:
        await tx.execute(CORRECT_HEAD, id=id, **head)
    await tx.execute(CORRECT_LINES, id=id, rows=_json(rows))
    await tx.execute(ADD_CORRECTIONS, id=id, rows=_json(changes), actor=tx.actor, **paper)


async def corrections(tx: Transaction, id: str) -> list[dict[str, Any]]:
    """Return what a decision said before and after each correction, oldest first."""
    return [
        {
            "number": row.number,
            "line": row.line,
            "before": orjson.loads(row.before),
            "after": orjson.loads(row.after),
            "document": row.document,
            "dated": row.dated.isoformat(),
            "reason": row.reason,
            "recorded_by": row.recorded_by,
            "recorded_at": row.recorded_at.isoformat(),
        }
        for row in await tx.rows(CORRECTIONS, id=id)
    ]


def _json(rows: Iterable[Mapping[str, Any]]) -> str:
    return orjson.dumps(list(rows)).decode()
