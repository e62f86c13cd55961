"""Which local values of the law were in force when, by which document and for which reason."""

from __future__ import annotations

from typing import Any, Final

import orjson
from sqlalchemy import text

from thidua_awards.law import local_values
from thidua_awards.law.overrides import ABOUT
from thidua_runtime.database import Transaction

END: Final = text("""
update local_value v set ended_at = now()
 where v.ended_at is null and not exists (
       select from jsonb_to_recordset(cast(:rows as jsonb))
                   as g (regime text, key text, document text, reason text, figures jsonb)
        where (g.regime, g.key, g.document, g.reason, g.figures) = (v.regime, v.key, v.document, v.reason, v.figures))
""")
BEGIN: Final = text("""
insert into local_value (regime, key, document, reason, figures)
select g.* from jsonb_to_recordset(cast(:rows as jsonb))
                as g (regime text, key text, document text, reason text, figures jsonb)
 where not exists (select from local_value v
                    where v.ended_at is null
                      and (g.regime, g.key, g.document, g.reason, g.figures)
                          = (v.regime, v.key, v.document, v.reason, v.figures))
""")
LIST: Final = text("""
select regime, key, document, reason, cast(figures as text) as figures, begun_at, ended_at
  from local_value order by begun_at desc, id desc limit :limit offset :offset
""")


async def note(tx: Transaction) -> None:
    """Record the local values in force now; one that is no more gets its end."""
    rows = [
        {
            **one.model_dump(include=set(ABOUT)),
            "figures": one.model_dump(mode="json", exclude=set(ABOUT), exclude_none=True),
        }
        for one in local_values(tx.settings.law_overrides_file)
    ]
    given = orjson.dumps(rows).decode()
    await tx.execute(END, rows=given)
    await tx.execute(BEGIN, rows=given)


async def listed(tx: Transaction, limit: int, offset: int) -> list[dict[str, Any]]:
    """Return every local value there was, newest first, with when it was in force here."""
    return [
        {
            "regime": row.regime,
            "key": row.key,
            "document": row.document,
            "reason": row.reason,
            "figures": orjson.loads(row.figures),
            "begun_at": row.begun_at.isoformat(),
            "ended_at": row.ended_at.isoformat() if row.ended_at else None,
        }
        for row in await tx.rows(LIST, limit=limit, offset=offset)
    ]
