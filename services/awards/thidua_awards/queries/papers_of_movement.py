"""Read what stands on the papers of a movement: its units, clusters, initiatives, lists and reports."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final

from pydantic import TypeAdapter
from sqlalchemy import text

from thidua.contracts import Campaign, Cluster, Initiative, Registration, ScoreState
from thidua.contracts.campaign import RegistrationState
from thidua.errors import NotFound
from thidua.ordering import by_alphabet
from thidua_awards.documents import initiative_papers, list_papers, movement_papers, summing_up
from thidua_awards.documents.paper import Paper
from thidua_awards.domain.authorities import authority
from thidua_awards.domain.common import IN_FORCE, name_of
from thidua_awards.domain.conditions import QUOTAS
from thidua_awards.domain.individuals import RECOGNISED
from thidua_awards.law import regime_of
from thidua_awards.queries import dossiers, lists, lookups, months, prizes
from thidua_awards.queries import targets as target_results
from thidua_awards.queries.asked import Asked, head_of, names_of, with_authorities
from thidua_awards.queries.authorities import (
    OFFICE,
    bodies,
    chosen,
    head_of_authority,
    office_head,
    unit_head,
)
from thidua_awards.queries.scores import number_words, of_maximum, scores_of, standing
from thidua_runtime.database import Transaction

EVERYTHING: Final = 100_000
"""More lines than any list has: a printed list is whole."""

REGISTRATIONS: Final = text("""
select body::text as body from replica_registrations
 where not deleted and campaign = :campaign and (:unit = '' or body->>'unit' = :unit) order by key
""")
CLUSTER: Final = text("""
select body::text as body from replica_clusters where not deleted and year = :year and (key = :id or body->>'id' = :id)
""")
INITIATIVES: Final = text("""
select body::text as body from replica_initiatives
 where not deleted and (:id = '' or body->>'id' = :id or body->>'code' = :id)
   and (:campaign = '' or campaign = :campaign) order by body->>'code'
""")
AWARDED: Final = text("""
select a.code, a.year, count(*) as awards from decision_award a join decision d on d.id = a.decision
 where a.year between :first and :last and not d.cancelled and a.cancelled_by is null group by a.code, a.year
""")
GOLDEN: Final = text("""
select a.subject, a.code, a.year, d.number, d.dated from decision_award a join decision d on d.id = a.decision
 where d.campaign = :campaign and not d.cancelled and a.cancelled_by is null order by d.dated, d.number, a.line
""")


async def _launching(tx: Transaction, asked: Asked) -> Paper:
    campaign, known = await lookups.campaign(tx, asked.id), await bodies(tx)
    one = authority(asked.agency or known.ministry or known.province or OFFICE)
    return movement_papers.launching(_plain(campaign), one, head_of_authority(tx, asked, known, one))


def _plain(campaign: Campaign) -> dict[str, Any]:
    return campaign.model_dump(mode="json")


async def _of_unit(tx: Transaction, asked: Asked) -> tuple[Campaign, lookups.Subject, str]:
    if not asked.campaign:
        raise NotFound(what="phong trào (campaign) của văn bản này", what_en="The campaign of this document")
    campaign, unit = await lookups.campaign(tx, asked.campaign), await lookups.subject(tx, asked.id)
    return campaign, unit, (await names_of(tx, [unit.id]))[unit.id]["name"]


ON_THE_FORM: Final = (RegistrationState.DRAFT, RegistrationState.RETURNED, *IN_FORCE)
"""The form is what a unit prints to send: what it still writes stands on it, what it took back does not."""


async def _registrations(
    tx: Transaction, campaign: Campaign, unit: str = "", states: Sequence[RegistrationState] = IN_FORCE
) -> list[Registration]:
    rows = await tx.rows(REGISTRATIONS, campaign=campaign.id, unit=unit)
    found = (Registration.model_validate_json(row.body) for row in rows)
    return [one for one in found if one.state in states]


async def _registration(tx: Transaction, asked: Asked) -> Paper:
    campaign, unit, name = await _of_unit(tx, asked)
    found = await _registrations(tx, campaign, unit.id, ON_THE_FORM)
    names = await names_of(tx, [one.subject for one in found])
    regime = regime_of(campaign.year)
    items = [
        {
            **names[one.subject],
            "is_person": one.subject != unit.id,
            "titles": ", ".join(regime.label(title) for title in one.titles),
            "targets": [target.model_dump(mode="json") for target in one.targets],
            "initiatives": [idea.model_dump(mode="json") for idea in one.initiatives],
        }
        for one in sorted(found, key=lambda one: by_alphabet(names[one.subject]["name"]))
    ]
    return movement_papers.registration({"items": items}, _plain(campaign), await unit_head(tx, asked, name))


async def _unit_minutes(tx: Transaction, asked: Asked) -> Paper:
    campaign, unit, name = await _of_unit(tx, asked)
    rows = (await lists.recommendations(tx, campaign.id, None, unit.id, None, EVERYTHING, 0))["items"]
    candidates = [{**row, "label": row["title_label"], "verdict": row["verdict_label"]} for row in rows]
    return movement_papers.unit_minutes({"candidates": candidates}, _plain(campaign), await unit_head(tx, asked, name))


async def _score_sheet(tx: Transaction, asked: Asked) -> Paper:
    campaign, unit, name = await _of_unit(tx, asked)
    score = (await scores_of(tx, campaign.id, str(campaign.year), [unit.id])).get(unit.id)
    if score is None:
        raise NotFound(
            what=f"kết quả chấm năm {campaign.year} của {name}", what_en=f"A score of {campaign.year} of {name}"
        )
    lines = [
        {"code": one.code, "title": one.title, "maximum": number_words(one.maximum), "points": number_words(one.points)}
        for one in score.lines
    ]
    used = f"{score.criteria_set}, phiên bản {score.set_version}"
    total = of_maximum(score.points, score.maximum)
    sheet = {"criteria_set": used, "lines": lines, "total": total, "standing": standing(score)}
    return movement_papers.score_sheet(sheet, _plain(campaign), await unit_head(tx, asked, name))


async def _cluster(tx: Transaction, asked: Asked) -> tuple[dict[str, Any], Campaign]:
    if not asked.campaign:
        raise NotFound(what="phong trào (campaign) của văn bản này", what_en="The campaign of this document")
    campaign = await lookups.campaign(tx, asked.campaign)
    row = await tx.row(CLUSTER, year=str(campaign.year), id=asked.id)
    if row is None:
        raise NotFound(
            what=f"khối, cụm {asked.id} năm {campaign.year}", what_en=f"The cluster {asked.id} of {campaign.year}"
        )
    cluster = Cluster.model_validate_json(row.body)
    units = [one.unit for one in cluster.members]
    names, scores = await names_of(tx, units), await scores_of(tx, campaign.id, str(campaign.year), units)
    aims = {one.subject: one.targets for one in await _registrations(tx, campaign) if one.subject in units}
    offices = {one.unit: "Phó trưởng" for one in cluster.deputies} | {one.unit: "Trưởng" for one in cluster.leaders}
    unproven = {one.unit for one in cluster.members if one.illustrative}
    members = [
        {
            "name": names[unit]["name"] + ("*" if unit in unproven else ""),
            "office": offices.get(unit, ""),
            "points": _points(scores.get(unit)),
            "targets": [target.model_dump(mode="json") for target in aims.get(unit, ())],
        }
        for unit in sorted(units, key=lambda unit: by_alphabet(names[unit]["name"]))
    ]
    return {"name": cluster.name, "members": members}, campaign


def _points(score: ScoreState | None) -> str:
    return f"{number_words(score.points)} ({standing(score)})" if score and score.points is not None else ""


async def _agreement(tx: Transaction, asked: Asked) -> Paper:
    cluster, campaign = await _cluster(tx, asked)
    return movement_papers.agreement(cluster, _plain(campaign), head_of(tx, asked, cluster["name"]))


async def _cluster_minutes(tx: Transaction, asked: Asked) -> Paper:
    cluster, campaign = await _cluster(tx, asked)
    return movement_papers.cluster_minutes(cluster, _plain(campaign), head_of(tx, asked, cluster["name"]))


EARLIER_YEARS: Final = 3


async def _report(tx: Transaction, asked: Asked) -> Paper:
    campaign, half = await lookups.campaign(tx, asked.id), asked.kind == "so-ket"
    regime, registered = regime_of(campaign.year), await _registrations(tx, campaign)
    counted = Counter(title for one in registered for title in one.titles)
    first, last = f"{campaign.year}-01", f"{campaign.year}-{'06' if half else '12'}"
    found = {
        "registered": [{"label": regime.label(code), "registered": number} for code, number in sorted(counted.items())],
        "targets": sum(len(one.targets) for one in registered),
        "months": await months.series(tx, campaign.participants, first, last),
        "units": await months.by_unit(tx, campaign.participants, first, last),
        "reached": await _reached(tx, campaign, f"{campaign.year}-H1" if half else str(campaign.year), first, last),
        **await _awarded(tx, campaign),
    }
    return summing_up.report(_plain(campaign), found, await office_head(tx, asked), half=half)


async def _reached(tx: Transaction, campaign: Campaign, period: str, first: str, last: str) -> list[dict[str, Any]]:
    """Return the targets of the collectives that take part, by the names of their units."""
    found = await target_results.compared(tx, campaign.id, campaign.participants, period, first, last)
    names = await names_of(tx, list(campaign.participants))
    ordered = sorted(found, key=lambda unit: by_alphabet(names[unit]["name"]))
    return [{"unit": names[unit]["name"], **target} for unit in ordered for target in found[unit]["targets"]]


async def _awarded(tx: Transaction, campaign: Campaign) -> dict[str, Any]:
    """Return the awards in force of the year and of those before it, as far as the records go back."""
    regime, first = regime_of(campaign.year), campaign.year - EARLIER_YEARS
    found: dict[str, dict[int, int]] = defaultdict(dict)
    for row in await tx.rows(AWARDED, first=first, last=campaign.year):
        found[row.code][row.year] = row.awards
    known = {year for numbers in found.values() for year in numbers} | {campaign.year}
    years = range(min(known), campaign.year + 1)
    awarded = [
        {"label": regime.label(code), "numbers": [numbers.get(year, 0) for year in years]}
        for code, numbers in sorted(found.items())
    ]
    return {"years": list(years), "awarded": awarded}


async def _works(tx: Transaction, id: str, campaign: str) -> list[dict[str, Any]]:
    adapter = TypeAdapter(Initiative)
    found = [adapter.validate_json(row.body) for row in await tx.rows(INITIATIVES, id=id, campaign=campaign)]
    people = sorted({author.person for one in found for author in one.authors})
    names = await names_of(tx, [*people, *sorted({one.unit for one in found})])
    return [
        {
            **one.model_dump(mode="json"),
            "is_recognised": one.state in RECOGNISED,
            "unit_name": names[one.unit]["name"],
            "authors": [{**names[author.person], "share": author.share} for author in one.authors],
        }
        for one in found
    ]


async def _work(tx: Transaction, asked: Asked) -> dict[str, Any]:
    found = await _works(tx, asked.id, "")
    if not found:
        raise NotFound(what=f"sáng kiến {asked.id}", what_en=f"The initiative {asked.id}")
    return found[0]


async def _request(tx: Transaction, asked: Asked) -> Paper:
    one = await _work(tx, asked)
    return initiative_papers.request(one, await unit_head(tx, asked, one["unit_name"]))


async def _mark_sheet(tx: Transaction, asked: Asked) -> Paper:
    return initiative_papers.mark_sheet(await _work(tx, asked), head_of(tx, asked, "Hội đồng sáng kiến"))


async def _certificate(tx: Transaction, asked: Asked) -> Paper:
    one = await _work(tx, asked)
    return initiative_papers.certificate(
        one, await unit_head(tx, asked, one["unit_name"], draft=not one["is_recognised"])
    )


async def _initiative_minutes(tx: Transaction, asked: Asked) -> Paper:
    campaign = await lookups.campaign(tx, asked.id)
    works = await _works(tx, "", campaign.id)
    return initiative_papers.minutes(works, _plain(campaign), head_of(tx, asked, "Hội đồng sáng kiến"))


async def _initiative_decision(tx: Transaction, asked: Asked) -> Paper:
    campaign = await lookups.campaign(tx, asked.id)
    works = [one for one in await _works(tx, "", campaign.id) if one["is_recognised"]]
    known = await bodies(tx)
    # An initiative is recognised by the head of the base, whatever title it is used for later.
    lines = [{**one, "unit_id": one["unit"], "title_of_work": one["title"], "title": ""} for one in works]
    of = chosen(known, regime_of(campaign.year), lines, asked.agency, "")
    own = [{**one, "title": one["title_of_work"]} for one in of.lines]
    head = {**head_of_authority(tx, asked, known, of.authority), "foot": of.remark}
    return initiative_papers.decision(own, _plain(campaign), of.authority, head)


async def _reviewed(tx: Transaction, asked: Asked) -> Paper:
    campaign = await lookups.campaign(tx, asked.id)
    found = await lists.recommendations(tx, campaign.id, asked.title or None, None, None, EVERYTHING, 0)
    return list_papers.reviewed(found["items"], _plain(campaign), await office_head(tx, asked))


async def _quotas(tx: Transaction, asked: Asked) -> Paper:
    campaign = await lookups.campaign(tx, asked.id)
    found = (await lists.quotas(tx, campaign.id, list(QUOTAS), None))["quotas"]
    rows = [
        {
            **row,
            "places": row["quota"].places if row["quota"] else "",
            "sentence": row["quota"].sentence if row["quota"] else "",
            "names": ", ".join(one["name"] for one in row["candidates"]),
        }
        for row in found
    ]
    return list_papers.quotas(rows, _plain(campaign), _labels(campaign, rows), await office_head(tx, asked))


def _labels(campaign: Campaign, rows: Sequence[Mapping[str, Any]], key: str = "title") -> dict[str, str]:
    regime = regime_of(campaign.year)
    return {row[key]: regime.label(row[key]) for row in rows}


async def _dossiers(tx: Transaction, asked: Asked) -> Paper:
    campaign = await lookups.campaign(tx, asked.id)
    rows = (await dossiers.listed(tx, campaign.id, None, EVERYTHING, 0))["items"]
    return list_papers.dossiers(rows, _plain(campaign), _labels(campaign, rows), await office_head(tx, asked))


async def _decisions(tx: Transaction, asked: Asked) -> Paper:
    campaign = await lookups.campaign(tx, asked.id)
    rows = (await lists.decisions(tx, EVERYTHING, 0, campaign.id))["items"]
    return list_papers.decisions(await with_authorities(tx, rows), _plain(campaign), await office_head(tx, asked))


async def _golden_book(tx: Transaction, asked: Asked) -> Paper:
    campaign = await lookups.campaign(tx, asked.id)
    rows = await tx.rows(GOLDEN, campaign=campaign.id)
    names = await names_of(tx, sorted({row.subject for row in rows}))
    lines = [
        {
            **names[row.subject],
            "label": name_of(row.code, row.year),
            "number": row.number,
            "dated": row.dated.isoformat(),
        }
        for row in rows
    ]
    return list_papers.golden_book(lines, _plain(campaign), await office_head(tx, asked))


async def _fund(tx: Transaction, asked: Asked) -> Paper:
    campaign = await lookups.campaign(tx, asked.id)
    found = await prizes.fund(tx, campaign.code)
    labels = _labels(campaign, found["by_code"], "code")
    return list_papers.fund(found, _plain(campaign), labels, head_of(tx, asked, "Bộ phận Kế toán"))


async def _history(tx: Transaction, asked: Asked) -> Paper:
    subject = await lookups.subject(tx, asked.id)
    name = (await names_of(tx, [subject.id]))[subject.id]["name"]
    history = await with_authorities(tx, await lists.history(tx, subject.id))
    return list_papers.history(name, history, await office_head(tx, asked))


PAPERS: Final[Mapping[str, Callable[[Transaction, Asked], Awaitable[Paper]]]] = {
    "phat-dong": _launching,
    "ban-dang-ky": _registration,
    "giao-uoc": _agreement,
    "don-sang-kien": _request,
    "phieu-cham-sang-kien": _mark_sheet,
    "bien-ban-sang-kien": _initiative_minutes,
    "quyet-dinh-sang-kien": _initiative_decision,
    "chung-nhan-sang-kien": _certificate,
    "bang-tu-cham": _score_sheet,
    "bien-ban-cum": _cluster_minutes,
    "bien-ban-binh-xet": _unit_minutes,
    "so-ket": _report,
    "tong-ket": _report,
    "ket-qua-ra-soat": _reviewed,
    "han-muc": _quotas,
    "danh-sach-ho-so": _dossiers,
    "so-quyet-dinh": _decisions,
    "so-vang": _golden_book,
    "quy-khen-thuong": _fund,
    "ly-lich-khen-thuong": _history,
}
"""Kind of paper → what reads and builds it; the id is that of a campaign, unit, cluster, initiative or subject."""
