"""Which criteria set scores which kind of subject in which campaign, and what it reads."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import Final

from sqlalchemy import text

from thidua.contracts import Campaign, SubjectKind
from thidua_runtime.database import Transaction

USES_OF_CAMPAIGNS: Final = text("""
select c.body, d.as_of
  from replica_campaigns as c left join campaign_day as d on d.campaign = c.key
 where not c.deleted order by c.key
""")
SETS: Final = text("select id, version, state, reason, artefact, reads from criteria_set order by id, version")

# Who a change concerns is read from the state of others: a month looks for its campaigns, a campaign for the
# newest month. Of two transactions that do not see each other neither would find the other, so what decides
# who takes part is changed alone; what comes in about them shares.
SHARE: Final = text("select pg_advisory_xact_lock_shared(7413210)")
ALONE: Final = text("select pg_advisory_xact_lock(7413210)")


@dataclass(frozen=True, slots=True)
class SetRow:
    """A registered set: its state, and why it is in it."""

    id: str
    version: str
    state: str
    reason: str
    artefact: str
    reads: frozenset[str]


@dataclass(frozen=True, eq=False)
class Use:
    """One set in one campaign. `row` is None while the set is not registered here.

    `shadows`: versions of the set that follow along without counting: a set in evaluation, or another version.
    """

    campaign: Campaign
    as_of: date
    set_id: str
    version: str
    kind: SubjectKind
    row: SetRow | None
    shadows: tuple[SetRow, ...] = ()

    def may_read(self, *tags: str) -> bool:
        """Whether the set reads one of these; one that is not registered yet may read anything."""
        return self.row is None or any(tag in row.reads for row in (self.row, *self.shadows) for tag in tags)

    def as_shadows(self) -> tuple[Use, ...]:
        """Return a use for each version that follows along, as if it counted."""
        return tuple(
            replace(self, version=one.version, row=replace(one, state="enabled"), shadows=()) for one in self.shadows
        )


async def uses(tx: Transaction) -> tuple[Use, ...]:
    """Return every use of a set by a campaign, in the order of campaigns and sets."""
    rows = await tx.rows(USES_OF_CAMPAIGNS)
    sets = {(row.id, row.version): SetRow(row.id, row.version, row.state, row.reason, row.artefact,
                                          frozenset(row.reads)) for row in await tx.rows(SETS)}  # fmt: skip
    found: list[Use] = []
    for row in rows:
        campaign = _campaign(row.body)
        for named in campaign.criteria_sets:
            seen = sets.get((named.id, named.version))
            day = row.as_of or campaign.starts_on
            shadows = tuple(row for row in sets.values() if row.id == named.id and _follows(row, named.version))
            found.append(Use(campaign, day, named.id, named.version, named.subject_kind, seen, shadows))
    return tuple(found)


def _follows(row: SetRow, counting: str) -> bool:
    return row.state == "evaluation" or (row.state == "enabled" and row.version != counting)


async def shared_uses(tx: Transaction) -> tuple[Use, ...]:
    """Return the uses for an event about a subject; nobody changes who takes part until the commit."""
    await tx.execute(SHARE)
    return await uses(tx)


async def changed_uses(tx: Transaction) -> tuple[Use, ...]:
    """Return the uses for a change of who takes part; everything about subjects waits until the commit."""
    await tx.execute(ALONE)
    return await uses(tx)


# Read by every batch and changed a few times a year; the same text is the same frozen campaign.
@lru_cache(maxsize=64)
def _campaign(body: str) -> Campaign:
    return Campaign.model_validate_json(body)
