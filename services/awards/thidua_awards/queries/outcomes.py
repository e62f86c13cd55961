"""Outcomes of the review: turns, the bulk upsert, and rows turned into published states."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, Final

import orjson
from pydantic import TypeAdapter
from sqlalchemy import text

from thidua.contracts import Recommendation, SubjectKind
from thidua.contracts.judgement import Finding, FindingStatus, QuotaPlace, Verdict
from thidua_awards.domain.assessment import Reviewed
from thidua_awards.domain.conditions import verdict_of
from thidua_awards.domain.dossier import BEFORE_COUNCIL
from thidua_awards.domain.findings import KEPT_BACK, PRIVATE, STATUS_PRIVATE
from thidua_awards.domain.records import PersonCase
from thidua_awards.domain.uses import NOTHING, Counted
from thidua_awards.domain.uses import counted as counted_for
from thidua_awards.queries.marks import LookedAt
from thidua_awards.queries.matters import Line, columns, key_of, line_of
from thidua_runtime.database import Transaction

# The row is locked before the inputs are read, so that of two reviews of a campaign the later one sees more.
TAKE_TURN: Final = text("""
insert into review as r (campaign, titles, basis, as_of, changed_by)
values (:campaign, cast(:titles as text[]), :basis, :as_of, :actor)
    on conflict (campaign) do update
       set titles = (select array_agg(distinct t order by t) from unnest(r.titles || excluded.titles) as t),
           basis = excluded.basis, as_of = excluded.as_of, changed_by = excluded.changed_by, changed_at = now(),
           revision = r.revision + 1
returning new.titles, coalesce((old.basis, old.titles) = (new.basis, new.titles), false) as as_before
""")

STANDING: Final = text("""
select title, verdict, count(*)::integer as how_many from recommendation
 where campaign = :campaign and title = any(cast(:titles as text[])) group by title, verdict order by title, verdict
""")

REVIEWED: Final = text("select exists (select from recommendation where campaign = :campaign) as reviewed")

LOCK_REVIEW: Final = text("select 1 from review where campaign = :campaign for update")

STORE: Final = text("""
-- From the council's vote on, a recommendation keeps the findings it was judged by. Where there is a dossier, its
-- state is what the stream shows; else the review says whether a hold runs. Returned without a state and deleted: who
-- is a candidate no more, withdrawn from registration or from the list, or moved to another unit.
with gone as (
    delete from recommendation r
     where campaign = :campaign and title = any(cast(:reviewed as text[])) and state in ('reviewed', 'on_hold')
       and not exists (select from dossier d where (d.campaign, d.subject, d.title, d.matter)
                                                   = (r.campaign, r.subject, r.title, r.matter))
       and (cast(:scope as text[]) is null or unit = any(cast(:scope as text[])))
       and (cast(:only as text[]) is null or subject = any(cast(:only as text[])))
       and not exists (select from unnest(cast(:subjects as text[]), cast(:titles as text[]), cast(:matters as text[]))
                              as kept (subject, title, matter)
                        where (kept.subject, kept.title, kept.matter) = (r.subject, r.title, r.matter))
    returning subject, title, matter
), stored as (
insert into recommendation as r (campaign, subject, title, matter, subject_kind, unit, deciding_unit, regime, verdict,
                                 findings, first_unmet, quota, state, score_version, route, uses, changed_by)
select :campaign, i.subject, i.title, i.matter, i.kind, i.unit, deciding_unit, regime, verdict, findings, first_unmet,
       quota, coalesce(d.state, i.state), score_version, i.route, array(select jsonb_array_elements_text(i.uses)),
       :actor
  from unnest(cast(:subjects as text[]), cast(:titles as text[]), cast(:kinds as text[]), cast(:units as text[]),
              cast(:groups as text[]), cast(:regimes as text[]), cast(:verdicts as text[]),
              cast(:findings as jsonb[]), cast(:first_unmet as text[]), cast(:quotas as jsonb[]),
              cast(:states as text[]), cast(:score_versions as bigint[]), cast(:routes as text[]),
              cast(:uses as jsonb[]), cast(:matters as text[]))
       as i (subject, title, kind, unit, deciding_unit, regime, verdict, findings, first_unmet, quota, state,
             score_version, route, uses, matter)
  left join dossier as d on (d.campaign, d.subject, d.title, d.matter) = (:campaign, i.subject, i.title, i.matter)
    on conflict (campaign, subject, title, matter) do update
       set unit = excluded.unit, deciding_unit = excluded.deciding_unit, regime = excluded.regime,
           verdict = excluded.verdict, findings = excluded.findings, first_unmet = excluded.first_unmet,
           quota = excluded.quota, state = excluded.state, score_version = excluded.score_version,
           route = excluded.route, uses = excluded.uses,
           changed_by = excluded.changed_by, changed_at = now(), revision = r.revision + 1
     where r.state = any(cast(:open as text[]))
       and (r.unit, r.deciding_unit, r.regime, r.verdict, r.findings, r.quota, r.state, r.score_version, r.route,
            r.uses)
           is distinct from (excluded.unit, excluded.deciding_unit, excluded.regime, excluded.verdict,
                             excluded.findings, excluded.quota, excluded.state, excluded.score_version,
                             excluded.route, excluded.uses)
returning subject, title, matter, state
)
select subject, title, matter, state from stored union all select subject, title, matter, null from gone
""")
DROP_REVIEWED: Final = text("delete from recommendation where state in ('reviewed', 'on_hold')")
MOVE: Final = text("""
update recommendation r set state = :state, changed_by = :actor, changed_at = now(), revision = r.revision + 1
  from unnest(cast(:subjects as text[]), cast(:titles as text[]), cast(:matters as text[]))
       as m (subject, title, matter)
 where r.campaign = :campaign and (r.subject, r.title, r.matter) = (m.subject, m.title, m.matter)
   and (cast(:from as text[]) is null or r.state = any(cast(:from as text[]))) and r.state <> :state
returning r.*
""")

ANY_STATE: Final = None
"""Moves a recommendation whatever state it is in: a signed decision is a fact."""

UNMOVED: Final = ("reviewed", "on_hold")
"""States of a recommendation that neither a dossier nor a decision has moved on."""

OPEN: Final = ("reviewed", *BEFORE_COUNCIL)
"""States in which a review still changes what is found."""

FINDINGS: Final = TypeAdapter(tuple[Finding, ...])


async def is_reviewed(tx: Transaction, campaign: str) -> bool:
    """Whether recommendations of a campaign are held here."""
    row = await tx.row(REVIEWED, campaign=campaign)
    return row is not None and bool(row.reviewed)


@dataclass(frozen=True, slots=True)
class Turn:
    """A review in hand: all titles it covers, and whether the review before had the same titles and basis."""

    titles: tuple[str, ...]
    as_before: bool


async def take_turn(tx: Transaction, campaign: str, titles: Iterable[str], basis: str, as_of: date) -> Turn:
    """Lock the campaign's review, add `titles` to what it covers, and note on which rules it rests."""
    wanted = sorted(set(titles))
    row = await tx.row(TAKE_TURN, campaign=campaign, titles=wanted, basis=basis, as_of=as_of, actor=tx.actor)
    assert row is not None
    return Turn(tuple(row.titles), row.as_before)


async def standing(tx: Transaction, campaign: str, titles: Iterable[str]) -> dict[str, dict[str, int]]:
    """Return how many recommendations have which verdict, per title."""
    found: dict[str, dict[str, int]] = {}
    for row in await tx.rows(STANDING, campaign=campaign, titles=sorted(titles)):
        found.setdefault(row.title, {})[row.verdict] = row.how_many
    return found


async def store(
    tx: Transaction,
    campaign: str,
    regime: str,
    titles: Iterable[str],
    looked_at: LookedAt,
    outcomes: Sequence[Reviewed],
) -> tuple[int, int]:
    """Store outcomes and publish those that changed; return how many did, and how many were dropped.

    Dropped and withdrawn are the recommendations of `titles` among those looked at that are not among `outcomes`.
    """
    ordered = sorted(outcomes, key=_line)
    rows = await tx.rows(
        STORE,
        campaign=campaign,
        actor=tx.actor,
        open=list(OPEN),
        reviewed=list(titles),
        scope=looked_at.listed_units,
        only=looked_at.listed_subjects,
        **_columns(ordered, regime),
    )
    changed = {line_of(row): row.state for row in rows if row.state is not None}
    for one in ordered:
        state = changed.get(_line(one))
        if state is not None:
            tx.publish([published(state_of(campaign, regime, one, state))])
    gone = [key_of(campaign, line_of(row)) for row in rows if row.state is None]
    tx.withdraw(Recommendation, gone)
    return len(changed), len(gone)


async def drop_reviewed(tx: Transaction) -> None:
    """Delete the recommendations that nobody has moved on; a review brings them back or withdraws them."""
    await tx.execute(DROP_REVIEWED)


async def move(tx: Transaction, campaign: str, lines: Iterable[Line], state: str, allowed: Sequence[str] | None) -> int:
    """Move recommendations from one of the `allowed` states to `state`, publish and count them."""
    return len(await move_all(tx, campaign, lines, state, allowed))


async def move_all(
    tx: Transaction, campaign: str, lines: Iterable[Line], state: str, allowed: Sequence[str] | None
) -> set[Line]:
    """Move recommendations as `move` does; return which moved."""
    ordered = sorted(set(lines))
    # A review writes these rows too; taking turns on its row keeps both from waiting for each other.
    await tx.execute(LOCK_REVIEW, campaign=campaign)
    rows = await tx.rows(
        MOVE,
        campaign=campaign,
        state=state,
        actor=tx.actor,
        **columns(ordered),
        **{"from": None if allowed is None else list(allowed)},
    )
    tx.publish(published(from_row(row)) for row in rows)
    return {line_of(row) for row in rows}


COUNTED: Final = text("""
select r.subject, r.title, r.matter, r.route, r.uses
  from unnest(cast(:subjects as text[]), cast(:titles as text[]), cast(:matters as text[]))
       as i (subject, title, matter)
  join recommendation r on (r.campaign, r.subject, r.title, r.matter) = (:campaign, i.subject, i.title, i.matter)
 where r.route is not null or r.uses <> '{}'
""")


async def counted(tx: Transaction, campaign: str, lines: Iterable[Line]) -> dict[Line, Counted]:
    """Return route and achievements of these lines, as their review counted them."""
    rows = await tx.rows(COUNTED, campaign=campaign, **columns(lines))
    return {line_of(row): Counted(row.route, tuple(row.uses)) for row in rows}


def state_of(campaign: str, regime: str, one: Reviewed, state: str) -> Recommendation:
    """Return the recommendation of an outcome, with every sentence."""
    case = one.case
    return Recommendation(
        subject=case.subject,
        subject_kind=_kind(one),
        unit=case.unit,
        campaign=campaign,
        title=case.title,
        regime=regime_code(one, regime),
        verdict=one.verdict,
        findings=one.findings,
        first_unmet=one.first_unmet,
        quota=one.quota,
        state=state,
        score_version=case.score.version if case.score else None,
        matter=case.matter or None,
    )


def published(state: Recommendation) -> Recommendation:
    """Return the recommendation as the stream may carry it: nothing of disciplines, of holds only that one runs.

    What decided is told where it may be; where a private condition decided as well, nothing says so.
    """
    hidden = {finding.sentence for finding in state.findings if finding.key in PRIVATE}
    findings = tuple(_kept_back(finding) if finding.key in PRIVATE else finding for finding in state.findings)
    first = _first_to_tell(state) if state.first_unmet in hidden else state.first_unmet
    return state.model_copy(update={"findings": findings, "first_unmet": first})


def _first_to_tell(state: Recommendation) -> str:
    verdict, sentence = verdict_of([finding for finding in state.findings if finding.key not in PRIVATE])
    return sentence if verdict is state.verdict and sentence else KEPT_BACK


def _kept_back(finding: Finding) -> Finding:
    status = FindingStatus.WITHHELD if finding.key in STATUS_PRIVATE else finding.status
    return _without_detail(finding.key, status, finding.clause, finding.mark)


# Without its sentence a finding is the same for everybody.
@lru_cache(maxsize=512)
def _without_detail(key: str, status: FindingStatus, clause: str, mark: str | None) -> Finding:
    return Finding(key=key, status=status, sentence=KEPT_BACK, clause=clause, mark=mark)


# Most sentences stand in many reviews; what was stored was a finding before.
@lru_cache(maxsize=8192)
def _finding(key: str, status: str, sentence: str, clause: str, mark: str | None) -> Finding:
    return Finding(key=key, status=FindingStatus(status), sentence=sentence, clause=clause, mark=mark)


def from_row(row: Any) -> Recommendation:
    """Return the recommendation of a table row."""
    return Recommendation(
        subject=row.subject,
        subject_kind=SubjectKind(row.subject_kind),
        unit=row.unit,
        campaign=row.campaign,
        title=row.title,
        regime=row.regime,
        verdict=Verdict(row.verdict),
        findings=tuple(
            _finding(one["key"], one["status"], one["sentence"], one.get("clause", ""), one.get("mark"))
            for one in orjson.loads(row.findings)
        ),
        first_unmet=row.first_unmet,
        quota=quota_of(row.quota),
        state=row.state,
        score_version=row.score_version,
        matter=row.matter or None,
    )


def quota_of(stored: str | None) -> QuotaPlace | None:
    """Return a stored quota place."""
    return None if stored is None else QuotaPlace.model_validate_json(stored)


def _columns(ordered: Sequence[Reviewed], regime: str) -> dict[str, list[Any]]:
    cases = [one.case for one in ordered]
    used = [_counted(one) for one in ordered]
    return {
        "subjects": [case.subject for case in cases],
        "titles": [case.title for case in cases],
        "kinds": [_kind(one).value for one in ordered],
        "units": [case.unit for case in cases],
        "groups": [case.group for case in cases],
        "regimes": [regime_code(one, regime) for one in ordered],
        "verdicts": [one.verdict.value for one in ordered],
        "findings": [FINDINGS.dump_json(one.findings).decode() for one in ordered],
        "first_unmet": [one.first_unmet for one in ordered],
        "quotas": [one.quota.model_dump_json() if one.quota else None for one in ordered],
        "states": [_state(one) for one in ordered],
        "score_versions": [case.score.version if case.score else None for case in cases],
        "routes": [one.route for one in used],
        "uses": [orjson.dumps(one.uses).decode() for one in used],
        "matters": [case.matter for case in cases],
    }


def _line(one: Reviewed) -> Line:
    return one.case.subject, one.case.title, one.case.matter


def _counted(one: Reviewed) -> Counted:
    return NOTHING if one.regime is None else counted_for(one.case, one.findings, one.regime)


def regime_code(one: Reviewed, usual: str) -> str:
    """Return the code of the regime an outcome was judged by."""
    return usual if one.regime is None else one.regime.code


def _kind(one: Reviewed) -> SubjectKind:
    return SubjectKind.INDIVIDUAL if isinstance(one.case, PersonCase) else SubjectKind.COLLECTIVE


def _state(one: Reviewed) -> str:
    return "reviewed" if one.case.held_since is None else "on_hold"
