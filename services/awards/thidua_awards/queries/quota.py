"""Who is in the running for a title with a quota, kept up by every review so that nobody has to be counted anew."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import text

from thidua.contracts import Campaign
from thidua_awards.domain.assessment import Groups, Placed, Reviewed, quota_rule, with_quota
from thidua_awards.domain.conditions import QUOTAS
from thidua_awards.domain.quotas import QuotaGroup
from thidua_awards.law import Regime, Rule
from thidua_awards.queries.marks import LookedAt
from thidua_awards.queries.outcomes import FINDINGS, OPEN, from_row, published
from thidua_runtime.database import Transaction

Group = tuple[str, str]
"""A title with a quota, and the unit that decides on it."""

KEEP: Final = text("""
-- Returns how many are in the running, in the groups looked at and wherever somebody came, left, or changed the verdict
-- reached without the quota. The table shows here what stood before: whoever is given stands as given.
with given as (
    select * from unnest(cast(:subjects as text[]), cast(:titles as text[]), cast(:groups as text[]),
                         cast(:verdicts as text[])) as g (subject, title, deciding_unit, verdict)
), gone as (
    delete from quota_candidate q
     where campaign = :campaign and title = any(cast(:reviewed as text[]))
       and (cast(:scope as text[]) is null or deciding_unit = any(cast(:scope as text[])))
       and (cast(:only as text[]) is null or subject = any(cast(:only as text[])))
       and not exists (select from given g where (g.subject, g.title) = (q.subject, q.title))
    returning title, deciding_unit, subject
), kept as (
    insert into quota_candidate as q (campaign, title, subject, deciding_unit, verdict)
    select :campaign, title, subject, deciding_unit, verdict from given order by title, subject
        on conflict (campaign, title, subject) do update
           set deciding_unit = excluded.deciding_unit, verdict = excluded.verdict
         where (q.deciding_unit, q.verdict) is distinct from (excluded.deciding_unit, excluded.verdict)
    returning new.title, new.deciding_unit, old.deciding_unit as before
), counted as (
    select title, deciding_unit, bool_or(has_moved) as has_moved
      from (select title, deciding_unit, true as has_moved from gone
             union all select title, deciding_unit, true from kept
             union all select title, before, true from kept where before is not null
             union all select title, deciding_unit, false from given) as every
     group by title, deciding_unit
), standing as (
    select c.title, c.deciding_unit, q.verdict
      from counted c
      join quota_candidate q on (q.campaign, q.title, q.deciding_unit) = (:campaign, c.title, c.deciding_unit)
     where not exists (select from given g where (g.subject, g.title) = (q.subject, q.title))
       and not exists (select from gone g where (g.subject, g.title) = (q.subject, q.title))
     union all
    select title, deciding_unit, verdict from given
)
select c.title, c.deciding_unit, c.has_moved, count(*) filter (where s.verdict = 'eligible')::integer as eligible,
       count(*) filter (where s.verdict in ('person', 'no_data'))::integer as waiting
  from counted c left join standing s on (s.title, s.deciding_unit) = (c.title, c.deciding_unit)
 group by c.title, c.deciding_unit, c.has_moved
""")
KINDS: Final = text("""
select r.title, r.deciding_unit, r.regime, max(cast(r.quota->>'denominator' as int)) as awarded
  from recommendation r
  join unnest(cast(:titles as text[]), cast(:groups as text[])) as g (title, deciding_unit)
    on (r.title, r.deciding_unit) = (g.title, g.deciding_unit)
 where r.campaign = :campaign and r.state = any(cast(:open as text[]))
   and not r.subject = any(cast(:besides as text[]))
 group by r.title, r.deciding_unit, r.regime order by r.title, r.deciding_unit, r.regime
""")
PLACE: Final = text("""
-- The finding on the quota stands last and is the same for all of a group. Whoever fell short of something else keeps
-- verdict and sentence: no finding on a quota is graver than "needs a person".
update recommendation r
   set findings = (r.findings - cast(-1 as int)) || i.finding, quota = i.quota,
       verdict = case when q.verdict = 'eligible' then i.verdict else q.verdict end,
       first_unmet = case when q.verdict = 'eligible' then i.first_unmet else r.first_unmet end,
       changed_by = :actor, changed_at = now(), revision = r.revision + 1
  from unnest(cast(:titles as text[]), cast(:groups as text[]), cast(:regimes as text[]), cast(:keys as text[]),
              cast(:findings as jsonb[]), cast(:verdicts as text[]), cast(:first_unmet as text[]),
              cast(:quotas as jsonb[]))
       as i (title, deciding_unit, regime, key, finding, verdict, first_unmet, quota)
  join quota_candidate q on (q.campaign, q.title, q.deciding_unit) = (:campaign, i.title, i.deciding_unit)
 where (r.campaign, r.subject, r.title, r.deciding_unit, r.regime)
       = (:campaign, q.subject, i.title, i.deciding_unit, i.regime)
   and r.state = any(cast(:open as text[])) and not r.subject = any(cast(:besides as text[]))
   and r.findings->-1->>'key' = i.key
   and (r.findings->-1, r.quota) is distinct from (i.finding->0, i.quota)
returning r.*
""")


async def keep(
    tx: Transaction,
    campaign: str,
    titles: Iterable[str],
    looked_at: LookedAt,
    found: Sequence[Reviewed],
    awarded: Mapping[str, int],
) -> tuple[Groups, frozenset[Group]]:
    """Note who is in the running among those looked at.

    Returns the numbers of their groups and of those that they left, and which of these groups may have changed.
    `awarded`: deciding unit → LĐTT awarded there, where known.
    """
    # Whoever has a later dossier is in the running once.
    running = [one for one in found if one.case.title in QUOTAS and not one.case.matter]
    reviewed = sorted(QUOTAS.keys() & set(titles))
    if not reviewed:
        return {}, frozenset()
    rows = await tx.rows(
        KEEP,
        campaign=campaign,
        reviewed=reviewed,
        scope=looked_at.listed_units,
        only=looked_at.listed_subjects,
        subjects=[one.case.subject for one in running],
        titles=[one.case.title for one in running],
        groups=[one.case.group for one in running],
        verdicts=[one.verdict.value for one in running],
    )
    groups = {
        (row.title, row.deciding_unit): QuotaGroup(
            row.deciding_unit, awarded.get(row.deciding_unit), row.eligible, row.waiting
        )
        for row in rows
    }
    return groups, frozenset((row.title, row.deciding_unit) for row in rows if row.has_moved)


async def place_others(
    tx: Transaction, campaign: Campaign, groups: Groups, besides: Iterable[str], laws: Mapping[str, Regime]
) -> int:
    """Write new numbers into what was found of the others in these groups; return of how many it changed.

    What their own review found stays as it is: `besides` were reviewed with the new numbers already.
    """
    if not groups:
        return 0
    titles, units = [title for title, _ in groups], [unit for _, unit in groups]
    at: dict[str, Any] = {"campaign": campaign.id, "besides": sorted(besides), "open": list(OPEN)}
    kinds = [
        (row, rule, placed)
        for row in await tx.rows(KINDS, titles=titles, groups=units, **at)
        if (rule := quota_rule(row.title, campaign.year, laws[row.regime])) is not None
        for placed in (_placed(row, groups, rule),)
    ]
    written = await tx.rows(
        PLACE,
        **at,
        actor=tx.actor,
        titles=[row.title for row, _, _ in kinds],
        groups=[row.deciding_unit for row, _, _ in kinds],
        regimes=[row.regime for row, _, _ in kinds],
        keys=[rule.key for _, rule, _ in kinds],
        findings=[FINDINGS.dump_json(placed.findings).decode() for _, _, placed in kinds],
        verdicts=[placed.verdict.value for _, _, placed in kinds],
        first_unmet=[placed.first_unmet for _, _, placed in kinds],
        quotas=[placed.quota.model_dump_json() if placed.quota else None for _, _, placed in kinds],
    )
    tx.publish(published(from_row(row)) for row in written)
    return len(written)


def _placed(row: Any, groups: Groups, rule: Rule) -> Placed:
    group = groups[row.title, row.deciding_unit]
    # Titles awarded mark the whole unit: where that alone changed, the denominator is still the one shown.
    awarded = group.awarded if row.awarded is None else row.awarded
    return with_quota((), QuotaGroup(group.group, awarded, group.eligible, group.waiting), rule)
