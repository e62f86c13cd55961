"""Statements about criterion inputs, and the inputs that criteria sets declare."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from sqlalchemy import Row, text

from thidua.contracts.judgement import CriteriaSetState, DeclaredInput
from thidua_monitoring.domain.facts import Given, inputs_stated_by_people
from thidua_monitoring.queries.decoded import Decoded
from thidua_runtime.database import Transaction

Key = tuple[str, str, str, str]
"""Subject, campaign, input, stated by."""

SETS: Final = text("""
select key, body from replica_criteria_sets where not deleted and key = any(cast(:keys as text[]))
""").columns(body=Decoded)

SUBJECTS: Final = text("""
select key as id, key as unit, false as individual from replica_units
 where not deleted and key = any(cast(:subjects as text[]))
union all
select id, unit, true from replica_people where not deleted and id = any(cast(:subjects as text[]))
""")
PEOPLE_BY_CODE: Final = text("""
select body->>'code' as code, min(id) as id from replica_people
 where not deleted and body->>'code' = any(cast(:codes as text[]))
 group by body->>'code' having count(*) = 1
""")

SAVE_FACTS: Final = text("""
insert into fact as f (subject, campaign, input, stated_by, individual, unit, changed_by)
select r.*, :actor from jsonb_to_recordset(cast(:facts as jsonb)) as r (
       subject text, campaign text, input text, stated_by text, individual boolean, unit text)
 order by subject, campaign, input, stated_by
    on conflict (subject, campaign, input, stated_by) do update
       set unit = excluded.unit, individual = excluded.individual, revision = f.revision + 1,
           changed_by = excluded.changed_by, changed_at = now()
returning subject, campaign, input, stated_by, revision
""")

# A statement is replaced as a whole: entries that are not sent again are gone. `not in` looks into a hash of what was
# sent; with `not exists` PostgreSQL, which takes every list for a short one, compares each stored entry with each sent.
DROP_ENTRIES: Final = text("""
delete from fact_entry as e
 using jsonb_to_recordset(cast(:facts as jsonb)) as r (subject text, campaign text, input text, stated_by text)
 where (e.subject, e.campaign, e.input, e.stated_by) = (r.subject, r.campaign, r.input, r.stated_by)
   and (e.subject, e.campaign, e.input, e.stated_by, e.id) not in (
       select subject, campaign, input, stated_by, id
         from jsonb_to_recordset(cast(:entries as jsonb)) as n (
              subject text, campaign text, input text, stated_by text, id text))
""")

# An unchanged entry keeps its check; a changed one has to be checked again.
SAVE_ENTRIES: Final = text("""
insert into fact_entry as e (subject, campaign, input, stated_by, id, period, dated, value, document, evidence, status,
                             stated_actor)
select subject, campaign, input, stated_by, id, period, dated, value, document,
       array(select jsonb_array_elements_text(evidence)), 'stated', :actor
  from jsonb_to_recordset(cast(:entries as jsonb)) as r (
       subject text, campaign text, input text, stated_by text, id text, period text, dated date, value text,
       document jsonb, evidence jsonb)
 order by subject, campaign, input, stated_by, id
    on conflict (subject, campaign, input, stated_by, id) do update
       set period = excluded.period, dated = excluded.dated, value = excluded.value, document = excluded.document,
           evidence = excluded.evidence, status = 'stated', stated_actor = excluded.stated_actor, checked_by = null,
           refused_because = ''
     where (e.period, e.dated, e.value, e.document, e.evidence)
           is distinct from (excluded.period, excluded.dated, excluded.value, excluded.document, excluded.evidence)
""")

ENTRIES: Final = text("""
select f.subject, f.campaign, f.input, f.stated_by, f.individual, f.unit, f.revision, e.id, e.period, e.dated, e.value,
       e.document, e.evidence, e.status, e.stated_actor, e.checked_by, e.refused_because
  from fact as f left join fact_entry as e using (subject, campaign, input, stated_by)
 where (f.subject, f.campaign, f.input, f.stated_by) in (
       select * from unnest(cast(:subjects as text[]), cast(:campaigns as text[]), cast(:inputs as text[]),
                            cast(:stated as text[])))
 order by f.subject, f.campaign, f.input, f.stated_by, e.dated, e.id
""").columns(document=Decoded)

LISTED: Final = text("""
select f.subject, f.campaign, f.input, f.stated_by, f.individual, f.unit, f.revision, e.id, e.period, e.dated, e.value,
       e.document, e.evidence, e.status, e.stated_actor, e.checked_by, e.refused_because
  from fact as f left join fact_entry as e using (subject, campaign, input, stated_by)
 where f.campaign = :campaign and (cast(:unit as text) is null or f.unit = :unit)
   and (cast(:status as text) is null or e.status = :status)
 order by f.subject, f.input, f.stated_by, e.dated, e.id limit :limit offset :offset
""").columns(document=Decoded)

# By what was given, not by subject: most subjects gave the same periods, and the newest value differs for each.
GIVEN: Final = text("""
with given as (
    select subject, input, array_agg(distinct period) as periods,
           coalesce(array_agg(distinct period) filter (where document is not null or evidence <> '{}'), '{}')
           as evidenced,
           case when input = any(cast(:conditions as text[]))
                then (array_agg(value order by dated desc, id desc))[1] else '' end as newest
      from fact_entry
     where campaign = :campaign and status <> 'refused' and input = any(cast(:inputs as text[]))
     group by subject, input
)
select input, periods, evidenced, newest, array_agg(subject) as subjects
  from given group by input, periods, evidenced, newest
""")

LOCK_ENTRY: Final = text("""
select * from fact_entry
 where subject = :subject and campaign = :campaign and input = :input and stated_by = :stated_by and id = :id
   for update
""")
CHECK_ENTRY: Final = text("""
with checked as (
    update fact_entry set status = :status, checked_by = :actor, refused_because = :because
     where subject = :subject and campaign = :campaign and input = :input and stated_by = :stated_by and id = :id
)
update fact set revision = revision + 1, changed_by = :actor, changed_at = now()
 where subject = :subject and campaign = :campaign and input = :input and stated_by = :stated_by
returning revision
""")

REGISTERED: Final = text("""
select distinct unit, case when body->>'subject_kind' = 'individual' then body->>'subject' end as person
  from replica_registrations
 where not deleted and campaign = :campaign and body->>'state' = any(cast(:states as text[]))
""")


async def sets_of(tx: Transaction, campaign: dict[str, Any]) -> tuple[CriteriaSetState, ...]:
    """Return the sets a campaign uses, each for the kind of subject that the campaign uses it for."""
    uses = {f"{use['id']}/{use['version']}": use["subject_kind"] for use in campaign.get("criteria_sets", ())}
    rows = await tx.rows(SETS, keys=sorted(uses))
    return tuple(CriteriaSetState.model_validate({**row.body, "subject_kind": uses[row.key]}) for row in rows)


async def inputs_of(tx: Transaction, campaign: dict[str, Any]) -> dict[str, dict[str, DeclaredInput]]:
    """Return, per kind of subject, the inputs people state for the sets a campaign uses."""
    return inputs_asked(await sets_of(tx, campaign))


def inputs_asked(sets: Iterable[CriteriaSetState]) -> dict[str, dict[str, DeclaredInput]]:
    """Return, per kind of subject, the inputs people state for these sets."""
    found: dict[str, dict[str, DeclaredInput]] = {}
    for each in sets:
        found.setdefault(each.subject_kind.value, {}).update(inputs_stated_by_people(each.inputs))
    return found


async def subjects(tx: Transaction, ids: Sequence[str]) -> dict[str, Row[Any]]:
    """Return units and people by id."""
    return {row.id: row for row in await tx.rows(SUBJECTS, subjects=sorted(set(ids)))}


async def people_by_code(tx: Transaction, codes: Sequence[str]) -> dict[str, str]:
    """Return the ids of people by staff code, of codes that one person alone has."""
    return {row.code: row.id for row in await tx.rows(PEOPLE_BY_CODE, codes=sorted(set(codes)))}


async def given(
    tx: Transaction, campaign: str, inputs: Iterable[str], conditions: Iterable[str]
) -> dict[str, dict[str, Given]]:
    """Return, per subject and input, the periods for which a value was given and not refused.

    The newest value is given for the inputs of `conditions` alone.
    """
    found: dict[str, dict[str, Given]] = {}
    for row in await tx.rows(GIVEN, campaign=campaign, inputs=sorted(inputs), conditions=sorted(conditions)):
        same = Given(frozenset(row.periods), frozenset(row.evidenced), row.newest)
        for subject in row.subjects:
            found.setdefault(subject, {})[row.input] = same
    return found


async def entries(tx: Transaction, keys: Sequence[Key]) -> Sequence[Row[Any]]:
    """Return statements with their entries; one without entries is one row with an id of None."""
    return await tx.rows(
        ENTRIES, subjects=[k[0] for k in keys], campaigns=[k[1] for k in keys], inputs=[k[2] for k in keys],
        stated=[k[3] for k in keys],
    )  # fmt: skip
