"""What unit, appraiser and council state for each input, side by side, with how far they lie apart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final

import orjson
from sqlalchemy import text

from thidua.contracts import Fact
from thidua_runtime.database import Transaction
from thidua_scoring.queries.reading import Key, explained

STATED: Final = text("""
select body from replica_facts where not deleted and subject = :subject and campaign = :campaign order by key
""")


TITLES: Final = text("""
select i.key as input, cast(i.value->'titles' as text) as titles
  from criteria_set as s, jsonb_each(s.body->'manifest'->'inputs') as i
 where s.id = :id and s.artefact = :artefact and i.value ? 'titles'
""")


# A campaign's facts are asked for by any of its sets; what this score's own set calls them comes last, and stands.
HEADINGS: Final = text("""
select i->>'name' as input, i->>'title' as title
  from criteria_set as s, jsonb_array_elements(s.body->'inputs') as i
 where i->>'name' = any(cast(:names as text[])) order by s.artefact = :artefact, s.id, s.version
""")


async def explained_with_statements(tx: Transaction, key: Key) -> dict[str, Any]:
    """Return one score with its tree, and under `statements` what is stated today; raises UnknownScore.

    `title` of each is what the input is called. `titles`: per log, what an official reads instead of the name of a
    case.
    """
    found = await explained(tx, key)
    rows = await tx.rows(STATED, subject=found["subject"], campaign=found["campaign"])
    facts = [Fact.model_validate_json(row.body) for row in rows]
    counting = {one["name"]: one["stated_by"] for one in _inputs(found["tree"])}
    artefact = found["tree"]["artefact"] if found["tree"] else ""
    named = await tx.rows(TITLES, id=found["criteria_set"], artefact=artefact)
    titles = {row.input: orjson.loads(row.titles) for row in named}
    asked = await tx.rows(HEADINGS, names=sorted({one.input for one in facts}), artefact=artefact)
    headings = {row.input: row.title for row in asked}
    stated = [{**row, "title": headings.get(row["input"])} for row in side_by_side(facts, counting)]
    return {**found, "statements": stated, "titles": titles}


def side_by_side(facts: Iterable[Fact], counting: Mapping[str, str | None]) -> list[dict[str, Any]]:
    """Return a row per input and period: who states what, when, with which evidence; whose statement counts.

    `spread`: highest less lowest where all are numbers, else None.
    """
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for fact in facts:
        # Of two entries for one period the later one stands; a log has no single value to compare.
        for entry in sorted(fact.entries, key=lambda one: (one.dated, one.id)):
            row = rows.setdefault((fact.input, entry.period), {})
            row[fact.stated_by.value] = {
                "value": entry.value,
                "dated": entry.dated.isoformat(),
                "evidence": list(entry.evidence),
                "status": entry.status.value,
                "entered_by": entry.entered_by,
                "checked_by": entry.checked_by,
            }
    return [
        {"input": name, "period": period, "counts": counting.get(name), "spread": _spread(row), "stated": row}
        for (name, period), row in sorted(rows.items())
    ]


def _spread(row: Mapping[str, Mapping[str, Any]]) -> str | None:
    try:
        figures = [Decimal(str(one["value"])) for one in row.values()]
    except InvalidOperation:
        return None
    return format(max(figures) - min(figures), "f") if len(figures) > 1 else None


def _inputs(tree: dict[str, Any] | None) -> Iterable[dict[str, Any]]:
    waiting = [*tree["criteria"], *tree["adjustments"]] if tree else []
    for line in waiting:
        waiting += line["parts"]
        yield from line["inputs"]
