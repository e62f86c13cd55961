"""Reading the result from the public APIs: ids become codes, order becomes natural."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from thidua.ordering import by_number
from thidua_sample.generate.campaign import CODE, COLLECTIVE_SET, YEAR
from thidua_sample.play.doors import Doors
from thidua_sample.result import (
    Candidate,
    ClusterRanking,
    Counts,
    CriterionStatus,
    Place,
    Quota,
    Rate,
    Result,
)

MONTHS = tuple(f"{YEAR}-{month:02d}" for month in range(1, 13))


@dataclass(frozen=True)
class _Names:
    """Codes and names by id, of units and people."""

    codes: Mapping[str, str]
    names: Mapping[str, str]
    people: int

    def code(self, subject: str) -> str:
        return self.codes.get(subject, subject)


async def collect(doors: Doors) -> Result:
    """Return what the services say of the sample year; raises DoorRefused when one of them does not answer."""
    campaign = await doors.get(f"/registration/campaigns/{CODE}")
    units = sorted(campaign["participant_codes"])
    # The lists are of several services, which answer side by side.
    names, months, rates, scores, recommended, quotas, dossiers, counted = await asyncio.gather(
        _names(doors),
        doors.get("/monitoring/months", campaign=CODE),
        _rates(doors, units),
        _all(doors, "/scoring/scores", campaign=CODE, lane="official", set=COLLECTIVE_SET[0]),
        _all(doors, "/awards/recommendations", campaign=CODE),
        doors.get("/awards/quotas", campaign=CODE),
        _all(doors, "/awards/dossiers", campaign=CODE),
        _counted(doors),
    )
    counts = Counts(
        units=len(names.codes) - names.people,
        people=names.people,
        tasks=counted["tasks"],
        months_closed=sum(month["state"] == "closed" for month in months["months"]),
        registrations=counted["registrations"],
        initiatives=counted["initiatives"],
        scores=counted["scores"],
        recommendations=len(recommended),
        dossiers=len(dossiers),
        votes=counted["votes"],
        decisions=counted["decisions"],
    )
    return Result(
        campaign=CODE,
        as_of=date.fromisoformat(months["as_of"]),
        counts=counts,
        rates=rates,
        ranking=await _ranking(doors, names, rates, scores),
        candidates=_candidates(recommended, names),
        quotas=_quotas(quotas["quotas"], names),
        dossiers=_by_state(dossiers),
    )


async def _counted(doors: Doors) -> dict[str, int]:
    """Return how many of each there are; each door tells the total."""
    asked = {
        "tasks": doors.get("/monitoring/tasks/counts"),
        "registrations": doors.get(f"/registration/campaigns/{CODE}/registrations", limit=1),
        "initiatives": doors.get("/registration/initiatives", limit=1),
        "scores": doors.get("/scoring/scores/counts", campaign=CODE),
        "votes": doors.get("/awards/votes", campaign=CODE, limit=1),
        "decisions": doors.get("/awards/decisions", campaign=CODE, limit=1),
    }
    return {name: (await answer)["total"] for name, answer in asked.items()}


async def _all(doors: Doors, path: str, **query: str) -> list[dict[str, Any]]:
    return [row async for row in doors.pages(path, **query)]


def _by_state(dossiers: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, int]]:
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for one in dossiers:
        found[one["title"]][one["state"]] += 1
    return {title: dict(sorted(states.items())) for title, states in sorted(found.items())}


async def _names(doors: Doors) -> _Names:
    units = await _all(doors, "/registration/units")
    people = await _all(doors, "/registration/people")
    rows = [*units, *people]
    return _Names({row["id"]: row["code"] for row in rows}, {row["id"]: row["name"] for row in rows}, len(people))


async def _rates(doors: Doors, units: Iterable[str]) -> dict[str, dict[str, Rate]]:
    return {unit: await _rates_of(doors, unit) for unit in units}


async def _rates_of(doors: Doors, unit: str) -> dict[str, Rate]:
    answer = await doors.get(f"/monitoring/units/{unit}/months", limit=100)
    known = {line["month"]: line for line in answer["months"]}
    return {month: _rate(known.get(month)) for month in MONTHS}


def _rate(line: Mapping[str, Any] | None) -> Rate:
    if line is None or not (line["due"] or line["reported"]):
        return None
    return (line["on_time"], line["due"])


async def _ranking(
    doors: Doors, names: _Names, rates: Mapping[str, Mapping[str, Rate]], scores: Sequence[Mapping[str, Any]]
) -> tuple[ClusterRanking, ...]:
    official = {names.code(score["subject"]): score for score in scores}
    standings = await _standings(doors, names)
    by_code = {code: names.names[unit] for unit, code in names.codes.items()}
    rankings = []
    for cluster in await _all(doors, "/registration/clusters", year=str(YEAR)):
        marks = {member["unit_code"]: member["illustrative"] for member in cluster["members"]}
        places = [
            _place(unit, by_code[unit], mark, official.get(unit), standings.get(unit), rates.get(unit, {}))
            for unit, mark in marks.items()
        ]
        rankings.append(ClusterRanking(code=cluster["code"], name=cluster["name"], places=_ordered(places)))
    return tuple(sorted(rankings, key=lambda ranking: by_number(ranking.name)))


async def _standings(doors: Doors, names: _Names) -> dict[str, tuple[int | None, str]]:
    """Return, by unit, its rank in its cluster, or None and why it is listed apart."""
    query = {"campaign": CODE, "period": str(YEAR), "set": COLLECTIVE_SET[0], "lane": "official"}
    answer = await doors.get("/scoring/rankings", **query)
    found: dict[str, tuple[int | None, str]] = {}
    for group in answer["groups"]:
        found |= {names.code(row["subject"]): (row["rank"], "") for row in group["ranked"]}
        found |= {names.code(row["subject"]): (None, row["reason"]) for row in group["apart"]}
    return found | {names.code(row["subject"]): (None, row["reason"]) for row in answer["not_scored"]}


def _place(
    unit: str,
    name: str,
    illustrative: bool,
    score: Mapping[str, Any] | None,
    standing: tuple[int | None, str] | None,
    rates: Mapping[str, Rate],
) -> Place:
    rank, note = standing or (None, "chưa có kết quả chấm")
    return Place(
        rank=rank,
        unit=unit,
        name=name,
        illustrative=illustrative,
        points=score["points"] if score else None,
        maximum=score["maximum"] if score else None,
        on_time=_total(rates.values()),
        months=_months_passed(rates.values()),
        criteria=tuple(_criterion(line) for line in score["lines"]) if score else (),
        note=note,
    )


def _criterion(line: Mapping[str, Any]) -> CriterionStatus:
    return CriterionStatus(code=line["code"], status=line["status"], points=line["points"], maximum=line["maximum"])


def _total(rates: Iterable[Rate]) -> tuple[int, int]:
    known = [rate for rate in rates if rate is not None]
    return sum(on_time for on_time, _ in known), sum(due for _, due in known)


def _months_passed(rates: Iterable[Rate]) -> tuple[int, int]:
    """Months with more than 90 %, of the months judged: one with nothing due is not, a missing one is."""
    judged = [rate for rate in rates if rate is None or rate[1]]
    return sum(rate is not None and rate[0] * 10 > rate[1] * 9 for rate in judged), len(judged)


def _ordered(places: Iterable[Place]) -> tuple[Place, ...]:
    return tuple(sorted(places, key=lambda place: (place.rank is None, place.rank or 0, place.unit)))


def _candidates(recommended: Iterable[Mapping[str, Any]], names: _Names) -> dict[str, tuple[Candidate, ...]]:
    found: dict[str, list[Candidate]] = defaultdict(list)
    for row in recommended:
        found[row["title"]].append(
            Candidate(
                subject=names.code(row["subject"]),
                name=row["name"],
                unit=names.code(row["unit"]),
                verdict=row["verdict"],
                first_unmet=row["first_unmet"],
            )
        )
    return {title: tuple(sorted(rows, key=lambda one: one.subject)) for title, rows in sorted(found.items())}


def _quotas(rows: Iterable[Mapping[str, Any]], names: _Names) -> tuple[Quota, ...]:
    found = [
        Quota(
            title=row["title"],
            group=names.code(row["deciding_unit"]),
            denominator=row["quota"]["denominator"],
            places=row["quota"]["places"],
            candidates=row["quota"]["candidates"],
            sentence=row["quota"]["sentence"],
        )
        for row in rows
        if row["quota"]
    ]
    return tuple(sorted(found, key=lambda quota: (quota.title, by_number(quota.group))))
