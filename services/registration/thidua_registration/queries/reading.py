"""Who reads an initiative, and the marks they gave."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

import orjson
from sqlalchemy import text

from thidua_registration.domain.reading import MarkingRule, Readers, Reading
from thidua_runtime.database import Transaction
from thidua_runtime.ids import new_id

# A round begins with every submission: who wrote the text anew is read anew.
ROUNDS: Final = text("""
select i.id, (select count(*) from move as m where m.about = 'initiative' and m.record = i.id and m.move = 'submit')
       as number
  from unnest(cast(:initiatives as text[])) as i (id)
""")
READINGS: Final = text("""
select r.initiative, r.readers::text as readers, r.rule::text as rule
  from reading as r join unnest(cast(:initiatives as text[]), cast(:rounds as integer[])) as w (initiative, round)
    on w.initiative = r.initiative and w.round = r.round
""")
MARKS: Final = text("""
select m.initiative, m.reader, m.points, m.comment, m.evidence, m.marked_at
  from reading_mark as m join unnest(cast(:initiatives as text[]), cast(:rounds as integer[])) as w (initiative, round)
    on w.initiative = m.initiative and w.round = m.round
 where not m.replaced order by m.initiative, m.id
""")
KEEP_READERS: Final = text("""
insert into reading as r (initiative, round, readers, rule, named_by, named_at)
select initiative, round, readers::jsonb, rule::jsonb, :actor, :now
  from unnest(cast(:initiatives as text[]), cast(:rounds as integer[]), cast(:readers as text[]),
              cast(:rules as text[])) as n (initiative, round, readers, rule) order by initiative
    on conflict (initiative, round) do update
       set readers = excluded.readers, named_by = excluded.named_by, named_at = excluded.named_at
""")
REPLACE_MARKS: Final = text("""
update reading_mark as m set replaced = true
  from unnest(cast(:initiatives as text[]), cast(:rounds as integer[])) as w (initiative, round)
 where w.initiative = m.initiative and w.round = m.round and m.reader = :reader and not m.replaced
""")
KEEP_MARKS: Final = text("""
insert into reading_mark (id, initiative, round, reader, points, comment, evidence, marked_at, replaced)
select id, initiative, round, :reader, points, comment, array(select jsonb_array_elements_text(evidence)), :now, false
  from unnest(cast(:ids as text[]), cast(:initiatives as text[]), cast(:rounds as integer[]),
              cast(:points as numeric[]), cast(:comments as text[]), cast(:evidence as jsonb[]))
       as n (id, initiative, round, points, comment, evidence)
""")
RULES: Final = text("""
select campaign, body::text as body from marking_rule where campaign = any(cast(:campaigns as text[]))
""")
RULE: Final = text("""
select body::text as body, declared_by, declared_at from marking_rule where campaign = :campaign
""")
KEEP_RULE: Final = text("""
insert into marking_rule (campaign, body, declared_by, declared_at)
values (:campaign, cast(:body as jsonb), :actor, :now)
    on conflict (campaign) do update
       set body = excluded.body, declared_by = excluded.declared_by, declared_at = excluded.declared_at
""")
GIVEN: Final = text("""
select count(*) as marks from reading_mark as m join initiative as i on i.id = m.initiative
 where i.campaign = :campaign
""")


@dataclass(frozen=True)
class Given:
    """One mark as it was given."""

    initiative: str
    points: Decimal
    comment: str
    evidence: tuple[str, ...]


@dataclass(frozen=True)
class Found:
    """The present round of some initiatives, with the readings that exist and the marks as rows."""

    rounds: Mapping[str, int]
    readings: Mapping[str, Reading]
    marks: Mapping[str, Sequence[Any]]


async def found(tx: Transaction, initiatives: Iterable[str]) -> Found:
    """Return the readings of these initiatives in their present round."""
    rounds = {row.id: row.number for row in await tx.rows(ROUNDS, initiatives=sorted(set(initiatives)))}
    wanted = {"initiatives": list(rounds), "rounds": list(rounds.values())}
    marks: dict[str, list[Any]] = defaultdict(list)
    for row in await tx.rows(MARKS, **wanted):
        marks[row.initiative].append(row)
    readings = {
        row.initiative: Reading(
            Readers.model_validate_json(row.readers),
            MarkingRule.model_validate_json(row.rule),
            {mark.reader: mark.points for mark in marks[row.initiative]},
        )
        for row in await tx.rows(READINGS, **wanted)
    }
    return Found(rounds, readings, marks)


async def keep_readers(tx: Transaction, rounds: Mapping[str, int], readings: Mapping[str, Reading]) -> None:
    """Write who reads what."""
    if readings:
        await tx.execute(
            KEEP_READERS,
            initiatives=list(readings),
            rounds=[rounds[one] for one in readings],
            readers=[one.readers.model_dump_json() for one in readings.values()],
            rules=[one.rule.model_dump_json() for one in readings.values()],
            actor=tx.actor,
            now=tx.clock.now(),
        )


async def keep_marks(tx: Transaction, reader: str, rounds: Mapping[str, int], given: Sequence[Given]) -> None:
    """Write marks of one reader; those they replace stay, as replaced."""
    if not given:
        return
    of = {"initiatives": [one.initiative for one in given], "rounds": [rounds[one.initiative] for one in given]}
    await tx.execute(REPLACE_MARKS, reader=reader, **of)
    await tx.execute(
        KEEP_MARKS,
        ids=sorted(new_id() for _ in given),
        points=[one.points for one in given],
        comments=[one.comment for one in given],
        evidence=[orjson.dumps(one.evidence).decode() for one in given],
        reader=reader,
        now=tx.clock.now(),
        **of,
    )


async def rules(tx: Transaction, campaigns: Iterable[str]) -> dict[str, MarkingRule]:
    """Return the rules that campaigns declared, by campaign id."""
    rows = await tx.rows(RULES, campaigns=sorted(set(campaigns)))
    return {row.campaign: MarkingRule.model_validate_json(row.body) for row in rows}


async def rule_of(tx: Transaction, campaign: str) -> Any:
    """Return the row of the rule a campaign declared, or None."""
    return await tx.row(RULE, campaign=campaign)


async def keep_rule(tx: Transaction, campaign: str, rule: MarkingRule) -> None:
    """Write the rule of a campaign."""
    await tx.execute(KEEP_RULE, campaign=campaign, body=rule.model_dump_json(), actor=tx.actor, now=tx.clock.now())


async def marks_given(tx: Transaction, campaign: str) -> int:
    """Return how many marks initiatives of a campaign have."""
    row = await tx.row(GIVEN, campaign=campaign)
    return 0 if row is None else int(row.marks)
