"""Units, clusters, people, the campaign: what stands before anything can be registered."""

from __future__ import annotations

from typing import Any

from thidua_sample.generate.campaign import YEAR
from thidua_sample.generate.organisation import VALID_FROM
from thidua_sample.generate.records import SampleCluster, SamplePerson, SampleUnit
from thidua_sample.play.doors import batches
from thidua_sample.play.stage import Stage

PHASE = "organisation"
PEOPLE_PER_REQUEST = 1_000


async def enter_organisation(stage: Stage) -> None:
    """Enter units, clusters and people, then open the campaign."""
    year, doors = stage.year, stage.doors
    await doors.put("/registration/units", [_unit(unit) for unit in year.units])
    await doors.put("/registration/clusters", [_cluster(cluster) for cluster in year.clusters])
    done = 0
    for batch in batches(year.people, PEOPLE_PER_REQUEST):
        await doors.put("/registration/people", [_person(person) for person in batch])
        done += len(batch)
        stage.progress(PHASE, done, len(year.people))
    await doors.put(f"/registration/campaigns/{year.campaign.code}", _campaign(stage))


def _unit(unit: SampleUnit) -> dict[str, Any]:
    return {
        "code": unit.code,
        "name": unit.name,
        "kind": unit.kind,
        "parent": unit.parent,
        "managed_by": _managed_by(unit),
        "legal_person": unit.legal_person,
        "valid_from": VALID_FROM,
    }


def _managed_by(unit: SampleUnit) -> str:
    # A Sở belongs to its province; the Ministry guides the movement of the whole sector.
    return "Ủy ban nhân dân cấp tỉnh" if unit.kind == "so" else "Bộ Tài nguyên và Môi trường"


def _cluster(cluster: SampleCluster) -> dict[str, Any]:
    return {
        "code": cluster.code,
        "year": YEAR,
        "name": cluster.name,
        "members": [{"unit": unit, "illustrative": mark} for unit, mark in cluster.members],
        "leaders": [{"unit": cluster.leader}] if cluster.leader else [],
        "deputies": [{"unit": cluster.deputy}] if cluster.deputy else [],
    }


def _person(person: SamplePerson) -> dict[str, Any]:
    return {
        "code": person.code,
        "name": person.name,
        "unit": person.unit,
        "post": person.post,
        "leads_unit": person.leads_unit,
        "comparable_group": person.group,
        "first_recruited": person.first_recruited,
        "joined_unit": person.joined_unit,
        "periods": [{"counted": period.counted, "from_": period.first, "to": period.last} for period in person.periods],
    }


def _campaign(stage: Stage) -> dict[str, Any]:
    campaign = stage.year.campaign
    return {
        "title": campaign.title,
        "theme": campaign.theme,
        "year": YEAR,
        "starts_on": f"{YEAR}-01-01",
        "ends_on": f"{YEAR}-12-31",
        "launched_by": campaign.launched_by,
        "participants": campaign.participants,
        "registration_due": campaign.registration_due,
        "calendar": [
            {
                "period": period.period,
                "report_due": period.report_due,
                "objection_until": period.objection_until,
                "closes_on": period.closes_on,
            }
            for period in campaign.calendar
        ],
        "criteria_sets": [
            {"id": name, "version": version, "subject_kind": kind} for name, version, kind in campaign.criteria_sets
        ],
        # A deadline on a day off stays where the sources put it: the published totals are counted so.
        "deadline_rolls_to_working_day": False,
    }
