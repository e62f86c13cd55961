"""Gathering the material of many subjects at once: a fixed number of statements, however many subjects."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import text

from thidua.contracts import Cluster, Decision
from thidua_runtime.database import Transaction
from thidua_scoring.domain import reads
from thidua_scoring.domain.calendar import months_of
from thidua_scoring.domain.material import Frame, Material, MemberSeen, PartScore
from thidua_scoring.domain.outcomes import NO_CASE
from thidua_scoring.queries.uses import Use

ONE_LOOK: Final = text("set transaction isolation level repeatable read, read only")
UNITS: Final = text("""
select key, body from replica_units where not deleted and key = any(cast(:units as text[]))
""")
# A transfer deletes the old key and writes a new one; until both arrived, the newer row is the person.
PEOPLE: Final = text("""
-- The name of a person goes no further than this.
select distinct on (person) person, unit, body || jsonb_build_object('name', '') as body,
       coalesce((body->>'active')::boolean, true) as active,
       coalesce((body->>'leads_unit')::boolean, false) as leads
  from replica_people where not deleted and person = any(cast(:subjects as text[]))
 order by person, version desc
""")
CLUSTERS: Final = text("""
select body from replica_clusters where not deleted and year = any(cast(:years as text[])) order by key
""")
REGISTRATIONS: Final = text("""
select key, body from replica_registrations where not deleted and key = any(cast(:keys as text[]))
""")
# One row for all months, or facts, of a subject: each row costs as much as reading what is in it.
MONTHS: Final = text("""
select subject, array_agg(month order by month) as months, array_agg(cast(body as text) order by month) as bodies
  from replica_monthly_results
 where not deleted and subject = any(cast(:subjects as text[])) and month between :first and :last
 group by subject
""")
FACTS: Final = text("""
select subject, campaign, array_agg(cast(body as text) order by key) as bodies from replica_facts
 where not deleted and subject = any(cast(:subjects as text[])) and campaign = any(cast(:campaigns as text[]))
 group by subject, campaign
""")
NAMED: Final = """
select n.subject, r.body from {table} as n join {replica} as r on r.key = n.key
 where not r.deleted and n.subject = any(cast(:subjects as text[])) order by r.key
"""
INITIATIVES: Final = text(NAMED.format(table="initiative_subject", replica="replica_initiatives"))
DECISIONS: Final = text(NAMED.format(table="decision_subject", replica="replica_decisions"))
MEMBERS: Final = text("""
select person, unit from replica_people
 where not deleted and unit = any(cast(:units as text[])) and coalesce((body->>'active')::boolean, true)
 order by unit, person
""")
OFFICIAL: Final = text("""
select subject, campaign, period, set_id, state, points, band, case_hash from score
 where lane = 'official' and subject = any(cast(:subjects as text[])) and campaign = any(cast(:campaigns as text[]))
 order by subject, period
""")

Bodies = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Wish:
    """One subject of one use whose material is wanted."""

    subject: str
    use: Use


@dataclass
class Look:
    """What one look at the database found, by subject; only `gather` fills it."""

    participants: dict[str, frozenset[str]] = field(default_factory=dict)
    people: dict[str, Any] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)
    clusters: dict[tuple[str, int], str] = field(default_factory=dict)
    members_of_cluster: dict[tuple[str, int], tuple[str, ...]] = field(default_factory=dict)
    registrations: dict[str, str] = field(default_factory=dict)
    months: dict[str, Sequence[tuple[str, str]]] = field(default_factory=dict)
    facts: dict[tuple[str, str], Sequence[str]] = field(default_factory=dict)
    initiatives: Bodies = field(default_factory=dict)
    decisions: Bodies = field(default_factory=dict)
    members: dict[str, list[str]] = field(default_factory=dict)
    official: dict[tuple[str, str], list[Any]] = field(default_factory=dict)


async def gather(
    tx: Transaction, wishes: Sequence[Wish], band_orders: tuple[tuple[str, tuple[str, ...]], ...], *, parts: bool = True
) -> dict[Wish, Material]:
    """Return the material of every wish whose subject takes part; who is not in the answer has no score.

    `tx` must be one look (`ONE_LOOK`), else months and facts of two moments end in one case. `parts`: whether the
    official scores of parts of the year are wanted, for sets that make longer periods of them.
    """
    campaigns = {wish.use.campaign.id: wish.use.campaign for wish in wishes}
    look = Look({name: frozenset(campaign.participants) for name, campaign in campaigns.items()})
    await _who(tx, look, wishes)
    await _what(tx, look, wishes, parts=parts)
    frames = {wish.use: _frame(wish.use, band_orders) for wish in wishes}
    found = {wish: _material(look, wish, frames[wish.use]) for wish in wishes}
    return {wish: material for wish, material in found.items() if material is not None}


async def _who(tx: Transaction, look: Look, wishes: Sequence[Wish]) -> None:
    subjects = sorted({wish.subject for wish in wishes})
    look.people = {row.person: row for row in await tx.rows(PEOPLE, subjects=subjects)}
    units = sorted({*subjects, *(row.unit for row in look.people.values())})
    look.units = {row.key: row.body for row in await tx.rows(UNITS, units=units)}
    years = sorted({str(wish.use.campaign.year) for wish in wishes})
    for row in await tx.rows(CLUSTERS, years=years):
        cluster = Cluster.model_validate_json(row.body)
        look.members_of_cluster[cluster.id, cluster.year] = tuple(one.unit for one in cluster.members)
        for member in cluster.members:
            look.clusters.setdefault((member.unit, cluster.year), cluster.id)


async def _what(tx: Transaction, look: Look, wishes: Sequence[Wish], *, parts: bool) -> None:
    subjects = sorted({wish.subject for wish in wishes})
    campaigns = sorted({wish.use.campaign.id for wish in wishes})
    ends = [months_of(wish.use.campaign.year) for wish in wishes]
    if _any_reads(wishes, reads.REGISTRATIONS):
        keys = sorted({f"{wish.subject}/{wish.use.campaign.id}" for wish in wishes})
        look.registrations = {row.key: row.body for row in await tx.rows(REGISTRATIONS, keys=keys)}
    peers = _peers_of(look, wishes)
    with_months = sorted({*subjects, *peers}) if _any_reads(wishes, reads.PEERS_MONTHS) else subjects
    months = await tx.rows(MONTHS, subjects=with_months, first=min(e[0] for e in ends), last=max(e[1] for e in ends))
    look.months = {row.subject: tuple(zip(row.months, row.bodies, strict=True)) for row in months}
    stating = sorted({*subjects, *peers})
    facts = await tx.rows(FACTS, subjects=stating, campaigns=campaigns)
    look.facts = {(row.subject, row.campaign): row.bodies for row in facts}
    if _any_reads(wishes, reads.INITIATIVES):
        look.initiatives = await _named(tx, INITIATIVES, subjects)
    members = await _members(tx, look, wishes)
    if members or _any_reads(wishes, reads.DECISIONS):
        look.decisions = await _named(tx, DECISIONS, sorted({*subjects, *members}))
    of_parts = subjects if parts and _any_reads(wishes, reads.PARTS) else []
    if members or of_parts:
        rows = await tx.rows(OFFICIAL, subjects=sorted({*of_parts, *members}), campaigns=campaigns)
        look.official = _grouped(((row.subject, row.campaign), row) for row in rows)


async def _members(tx: Transaction, look: Look, wishes: Sequence[Wish]) -> frozenset[str]:
    if not _any_reads(wishes, reads.MEMBERS):
        return frozenset()
    units = sorted({_unit_of(look, wish.subject) for wish in wishes if _leads(look, wish)})
    if not units:
        return frozenset()
    rows = await tx.rows(MEMBERS, units=units)
    look.members = _grouped((row.unit, row.person) for row in rows)
    return frozenset(row.person for row in rows)


async def _named(tx: Transaction, statement: Any, subjects: list[str]) -> Bodies:
    rows = await tx.rows(statement, subjects=subjects)
    return _grouped((row.subject, row.body) for row in rows)


def _any_reads(wishes: Sequence[Wish], tag: str) -> bool:
    return any(wish.use.row is not None and tag in wish.use.row.reads for wish in wishes)


def _grouped(pairs: Iterable[tuple[Any, Any]]) -> dict[Any, list[Any]]:
    groups: dict[Any, list[Any]] = defaultdict(list)
    for key, item in pairs:
        groups[key].append(item)
    return dict(groups)


def _unit_of(look: Look, subject: str) -> str:
    return str(look.people[subject].unit) if subject in look.people else subject


def _peers_of(look: Look, wishes: Sequence[Wish]) -> set[str]:
    return {peer for wish in wishes for peer in _peers(look, wish)}


def _peers(look: Look, wish: Wish) -> tuple[str, ...]:
    use = wish.use
    compares = use.row is not None and (
        reads.WHOLE_PEERS in use.row.reads or reads.fact_names(use.row.reads, reads.PEER)
    )
    # People are in no cluster of their own; `target` compares units.
    if not compares or use.kind.value != "collective":
        return ()
    cluster = look.clusters.get((wish.subject, use.campaign.year))
    members = look.members_of_cluster.get((cluster or "", use.campaign.year), ())
    return tuple(one for one in members if one != wish.subject and one in use.campaign.participants)


def _frame(use: Use, band_orders: tuple[tuple[str, tuple[str, ...]], ...]) -> Frame:
    campaign = use.campaign
    replaced = tuple((one.name, one.value, one.reason) for one in campaign.parameters)
    return Frame(campaign.id, campaign.year, use.as_of, replaced, band_orders)


def _material(look: Look, wish: Wish, frame: Frame) -> Material | None:
    use, subject = wish.use, wish.subject
    person = look.people.get(subject) if use.kind.value == "individual" else None
    unit = subject if use.kind.value == "collective" else getattr(person, "unit", None)
    is_there = unit in look.units if person is None else bool(person.active)
    takes_part = is_there and unit in look.participants[use.campaign.id]
    if unit is None or not takes_part:
        return None
    peers = _peers(look, wish)
    has_months = peers and use.row is not None and reads.PEERS_MONTHS in use.row.reads
    return Material(
        frame=frame,
        subject=subject,
        kind=use.kind.value,
        unit_id=unit,
        unit=look.units.get(unit),
        person=None if person is None else person.body,
        cluster=look.clusters.get((unit, frame.year)),
        registration=look.registrations.get(f"{subject}/{frame.campaign}"),
        months=_months(look, subject, frame.year),
        facts=tuple(look.facts.get((subject, frame.campaign), ())),
        initiatives=tuple(look.initiatives.get(subject, ())),
        decisions=tuple(look.decisions.get(subject, ())) if use.may_read(reads.DECISIONS) else (),
        members=_members_seen(look, wish, unit),
        peers=tuple((peer, tuple(look.facts.get((peer, frame.campaign), ()))) for peer in peers),
        peers_months=tuple((peer, _months(look, peer, frame.year)) for peer in peers) if has_months else (),
        parts=_parts(look, wish),
    )


def _months(look: Look, subject: str, year: int) -> tuple[str, ...]:
    first, last = months_of(year)
    return tuple(body for month, body in look.months.get(subject, ()) if first <= month <= last)


def _members_seen(look: Look, wish: Wish, unit: str) -> tuple[MemberSeen, ...]:
    if wish.use.row is None or reads.MEMBERS not in wish.use.row.reads or not _leads(look, wish):
        return ()
    return tuple(_seen(look, wish, one) for one in look.members.get(unit, ()) if one != wish.subject)


def _leads(look: Look, wish: Wish) -> bool:
    # Who leads nobody is judged by nobody's band: their cases hold no members.
    person = look.people.get(wish.subject) if wish.use.kind.value == "individual" else None
    return person is None or bool(person.leads)


def _seen(look: Look, wish: Wish, member: str) -> MemberSeen:
    campaign = wish.use.campaign
    official = look.official.get((member, campaign.id), ())
    bands = tuple((row.period, row.set_id, row.band) for row in official if row.band is not None)
    decided = [Decision.model_validate_json(body) for body in look.decisions.get(member, ())]
    titles = {
        award.code for one in decided if not one.cancelled and one.campaign != campaign.id
        for award in one.awards if award.subject == member and award.year == campaign.year
    }  # fmt: skip
    return MemberSeen(member, tuple(sorted(titles)), bands)


def _parts(look: Look, wish: Wish) -> tuple[PartScore, ...]:
    rows = look.official.get((wish.subject, wish.use.campaign.id), ())
    return tuple(
        PartScore(row.period, row.state, None if row.points is None else format(row.points, "f"))
        # A set that failed on a part, or was stopped, found nothing out about it: the part is missing, not skipped.
        for row in rows if row.set_id == wish.use.set_id and row.case_hash != NO_CASE
    )  # fmt: skip
