"""From raw material to the case of one score. Pure: the same material in any order gives the same case."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import Any, Final, Literal

import orjson
from pydantic import TypeAdapter

from thidua import contracts
from thidua.contracts.campaign import InitiativeState, RegistrationState
from thidua.contracts.work import FactStatus, MonthState, WeightByCount, WorkItems
from thidua.criteria import Case, Month, WorkTally
from thidua.criteria.periods import Period, period
from thidua_scoring.domain import reads
from thidua_scoring.domain.material import Material, MemberSeen
from thidua_scoring.domain.plain import is_simple, plain_case, plain_facts, plain_months, plain_subject
from thidua_scoring.domain.subjects import subject_of

LaneName = Literal["running", "official"]
Written = dict[str, Any]
"""A part of a case as the model reads it: all parts are checked together when the case is made, in one pass."""

_STATUS: Final = {FactStatus.VERIFIED.value: "verified", FactStatus.REFUSED.value: "refused"}
_NOT_SUBMITTED: Final = {InitiativeState.DRAFT, InitiativeState.WITHDRAWN, InitiativeState.CANCELLED,
                         InitiativeState.LAPSED, InitiativeState.UNKNOWN}  # fmt: skip
_RECOGNISED: Final = {InitiativeState.RECOGNISED, InitiativeState.INFLUENCE_REQUESTED,
                      InitiativeState.INFLUENCE_RECOGNISED}  # fmt: skip
_MONTHS: Final = TypeAdapter(tuple[contracts.MonthlyResult, ...])
_SCOPES: Final = {"bo": "ministry", "tinh": "province", "toan_quoc": "national", "quoc_gia": "national",
                  "ministry": "ministry", "province": "province", "national": "national"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which case to build: for a period and lane, with what a set reads and the parameters it knows."""

    period: str
    lane: LaneName
    reads: frozenset[str]
    parameters: frozenset[str]


def case_of(material: Material, wanted: Wanted, *, plain: bool = True) -> Case:
    """Build the case of one score. `plain`: read what is of the usual kind without its models; the case is the same.

    Raises ValueError (pydantic.ValidationError among them) for material that no case may hold, such as a
    month with more tasks on time than due.
    """
    span = period(wanted.period)
    frame, bands = material.frame, _bands(material.frame.band_orders, wanted.reads)
    names, months = _months(material, wanted, span, plain=plain)
    subject = subject_of(material, span, names)
    facts = plain_facts(material.facts, *_wanted_facts(wanted.reads), span) if plain else None
    fields: Written = {
        "subject": plain_subject(subject) if plain else None,
        "campaign": frame.campaign,
        "period": span.name,
        "as_of": max(frame.as_of, span.last) if wanted.lane == "official" else frame.as_of,
        "lane": wanted.lane,
        "parameters": dict(_parameters(material, wanted.parameters)),
        "registrations": tuple(_registrations(material, wanted)) if reads.REGISTRATIONS in wanted.reads else (),
        "months": months,
        "initiatives": tuple(_initiatives(material, wanted, span)) if reads.INITIATIVES in wanted.reads else (),
        "facts": facts,
        # The measures are in no stream: what is not known here must not read as "none".
        "discipline": None if reads.DISCIPLINE in wanted.reads else (),
        "members": tuple(_members(material, wanted)) if reads.MEMBERS in wanted.reads else (),
        "peers": tuple(_peers(material, wanted, span)),
        "decisions": tuple(_decisions(material, wanted)) if reads.DECISIONS in wanted.reads else (),
        "periods": tuple(_parts(material, span)),
        "band_orders": dict(bands),
    }
    made = plain_case(fields) if is_simple((frame.campaign, *chain.from_iterable(bands.values()), *bands)) else None
    if made is not None:
        return made
    if facts is None:
        fields["facts"] = tuple(_facts(material.facts, reads.fact_names(wanted.reads), wanted.reads, span))
    return Case.model_validate({**fields, "subject": subject})


def _months(
    material: Material, wanted: Wanted, span: Period, *, plain: bool
) -> tuple[list[str], tuple[Month, ...] | None]:
    """Return the names of the months that have a row, and those rows if the set reads them."""
    is_read = reads.MONTHS in wanted.reads
    known = plain_months(material.months, span) if plain else None
    if known is not None:
        return [one.month for one in known], known if is_read else ()
    results = _of_span(material.months, span)
    return [one.month for one in results], tuple([_month(one) for one in results]) if is_read else ()


@lru_cache(maxsize=64)
def _wanted_facts(tags: frozenset[str]) -> tuple[dict[str, str], frozenset[str]]:
    return {name: name for name in reads.fact_names(tags)}, reads.fact_names(tags, reads.DOCUMENT)


@lru_cache(maxsize=64)
def _bands(orders: tuple[tuple[str, tuple[str, ...]], ...], tags: frozenset[str]) -> Mapping[str, tuple[str, ...]]:
    return {name: bands for name, bands in orders if f"{reads.BAND}{name}" in tags}


def _parameters(material: Material, known: frozenset[str]) -> Iterator[tuple[str, Written]]:
    # A campaign's list serves all its sets; each takes the names it declares.
    for name, value, reason in material.frame.parameters:
        if name in known:
            yield name, {"value": value, "reason": reason}


def _of_span(bodies: Iterable[str], span: Period) -> tuple[contracts.MonthlyResult, ...]:
    results = _MONTHS.validate_json(f"[{','.join(bodies)}]")
    return tuple(one for one in results if span.covers(period(one.month)))


def _registrations(material: Material, wanted: Wanted) -> Iterator[Written]:
    if material.registration is None:
        return
    item = contracts.Registration.model_validate_json(material.registration)
    if item.first_submitted_on is None:
        return
    withdrawn = item.state in (RegistrationState.WITHDRAWN, RegistrationState.DECLINED)
    is_whole = f"{reads.WHOLE}registrations" in wanted.reads
    details: dict[str, Written] = {"titles": {"titles": item.titles}, "targets": {"targets": _targets(item)}}
    counts = (("titles", item.titles), ("targets", item.targets), ("initiatives", item.initiatives))
    for what, named in counts:
        if named:
            row = {
                "what": what, "count": len(named), "first_submitted": item.first_submitted_on, "withdrawn": withdrawn
            }  # fmt: skip
            yield {**row, "late": item.late, **details.get(what, {})} if is_whole else row


def _targets(item: contracts.Registration) -> tuple[Written, ...]:
    return tuple(
        {"name": one.name, "value": None if one.value is None else str(one.value), "measure": one.measure}
        for one in item.targets
    )


def _month(one: contracts.MonthlyResult) -> Month:
    is_closed = one.state in (MonthState.CLOSED, MonthState.CORRECTED)
    completed = one.on_time + one.late
    figures = (one.month, one.reported, one.due, one.on_time, completed, one.overdue, is_closed, one.declared)
    return _plain_figures(*figures) if one.work is None else _figures(*figures, one.work)


# Most people have the same few tasks in a month: months that say the same are one frozen month. Weights differ.
@lru_cache(maxsize=4096)
def _plain_figures(
    month: str, reported: bool, due: int, on_time: int, completed: int, overdue: int, closed: bool, declared: bool
) -> Month:
    return _figures(month, reported, due, on_time, completed, overdue, closed, declared, None)


def _figures(
    month: str,
    reported: bool,
    due: int,
    on_time: int,
    completed: int,
    overdue: int,
    closed: bool,
    declared: bool,
    work: WorkItems | None,
) -> Month:
    return Month(
        month=month,
        reported=reported,
        due=due,
        on_time=on_time,
        completed=completed,
        overdue_open=overdue,
        closed=closed,
        declared=declared,
        work=None if work is None else _tally(work),
        weights_missing=0 if work is None else work.without_weight,
    )


def _tally(work: WorkItems) -> WorkTally | None:
    if work.assigned is None or work.done is None:
        return None
    return WorkTally.model_validate(
        {"assigned": str(work.assigned), "done": str(work.done), "by_failures": _split(work.by_failures),
         "by_delays": _split(work.by_delays)}
    )  # fmt: skip


def _split(weights: tuple[WeightByCount, ...]) -> tuple[tuple[int, str], ...]:
    return tuple((one.count, str(one.weight)) for one in weights)


def _facts(bodies: Iterable[str], names: frozenset[str], tags: frozenset[str], span: Period) -> Iterator[Written]:
    # Bodies were held against their contract when they arrived; the case looks at every field again.
    for stated in map(orjson.loads, bodies):
        name = stated["input"]
        if name not in names:
            continue
        is_document = f"{reads.DOCUMENT}{name}" in tags
        for entry in stated.get("entries", ()):
            if span.covers(period(entry["period"])):
                yield _fact(stated, entry, is_document)


def _fact(stated: Written, entry: Written, is_document: bool) -> Written:
    """A document counts by its own number and date; of anything else a document is only evidence."""
    document = entry.get("document")
    evidence = entry.get("evidence", ())
    if document and document.get("file"):
        evidence = (*evidence, document["file"])
    counted = document if is_document and document else {"number": entry["value"], "dated": entry["dated"]}
    return {
        "id": entry["id"],
        "input": stated["input"],
        "stated_by": stated["stated_by"],
        "value": counted["number"],
        "period": entry["period"],
        "dated": counted["dated"],
        "evidence": evidence,
        "status": _STATUS.get(entry.get("status", ""), "open"),
    }


def _initiatives(material: Material, wanted: Wanted, span: Period) -> Iterator[Written]:
    for body in material.initiatives:
        one = contracts.Initiative.model_validate_json(body)
        if one.state in _NOT_SUBMITTED or not _is_of(one, material, span):
            continue
        recognised = one.state in _RECOGNISED
        row = {
            "id": one.id,
            "stage": "recognised" if recognised else "registered",
            "level": _level(one) if recognised else None,
            "recognised_on": one.recognition.dated if recognised and one.recognition else None,
        }
        yield {**row, **_details(one, material)} if f"{reads.WHOLE}initiatives" in wanted.reads else row


def _details(one: contracts.Initiative, material: Material) -> Written:
    shares = {author.person: author.share for author in one.authors}
    return {
        "kind": one.kind,
        "authors": len(one.authors),
        "share": shares.get(material.subject),
        "first_applied_on": one.first_applied_on,
        "mark": None if one.mark is None else str(one.mark),
    }


def _is_of(one: contracts.Initiative, material: Material, span: Period) -> bool:
    if one.campaign is not None:
        return one.campaign == material.frame.campaign
    days = (one.submitted_on, one.recognition.dated if one.recognition else None)
    return any(day is not None and span.first <= day <= span.last for day in days)


def _level(one: contracts.Initiative) -> str:
    # An unknown scope proves no more than recognition at the base.
    is_scoped = one.state is InitiativeState.INFLUENCE_RECOGNISED and one.scope is not None
    return _SCOPES.get(one.scope or "", "base") if is_scoped else "base"


def _members(material: Material, wanted: Wanted) -> Iterator[Written]:
    sets = reads.fact_names(wanted.reads, reads.BAND)
    for seen in material.members:
        is_whole = f"{reads.WHOLE}members" in wanted.reads
        bands = tuple({"set": s, "band": b} for p, s, b in seen.bands if p == wanted.period and (is_whole or s in sets))
        yield {
            "subject": seen.subject,
            "judged": _is_judged(seen, sets, wanted),
            "titles": seen.titles if is_whole or reads.TITLES in wanted.reads else (),
            "bands": bands,
        }


def _is_judged(seen: MemberSeen, sets: frozenset[str], wanted: Wanted) -> bool:
    counts_nobody = not sets and reads.TITLES not in wanted.reads
    if counts_nobody:
        return bool(seen.titles) or any(p == wanted.period for p, _, _ in seen.bands)
    has_bands = all(any(p == wanted.period and s == one for p, s, _ in seen.bands) for one in sets)
    # That somebody was judged and got nothing is in no stream: without a title a person is not judged.
    return has_bands and (reads.TITLES not in wanted.reads or bool(seen.titles))


def _peers(material: Material, wanted: Wanted, span: Period) -> Iterator[Written]:
    names = reads.fact_names(wanted.reads, reads.PEER)
    if not names and reads.WHOLE_PEERS not in wanted.reads:
        return
    months = dict(material.peers_months) if reads.PEERS_MONTHS in wanted.reads else {}
    for subject, facts in material.peers:
        peer: Written = {"subject": subject, "facts": tuple(_facts(facts, names, wanted.reads, span))}
        if subject in months:
            peer["months"] = tuple(_month(one) for one in _of_span(months[subject], span))
        yield peer


@lru_cache(maxsize=32)
def _decision(body: str) -> contracts.Decision:
    # One decision names hundreds of subjects, and their cases come one after another.
    return contracts.Decision.model_validate_json(body)


def _decisions(material: Material, wanted: Wanted) -> Iterator[Written]:
    for body in material.decisions:
        decided = _decision(body)
        # What this campaign itself leads to must not come back into its own points.
        if decided.cancelled or decided.campaign == material.frame.campaign:
            continue
        for award in decided.awards:
            if award.subject == material.subject:
                year = {"year": award.year} if f"{reads.WHOLE}decisions" in wanted.reads else {}
                yield {"code": award.code, "dated": decided.dated, "number": decided.number, **year}


def _parts(material: Material, span: Period) -> Iterator[Written]:
    for part in material.parts:
        if span.covers(period(part.period)) and part.period != span.name:
            yield {"period": part.period, "state": part.state, "total": part.total}
