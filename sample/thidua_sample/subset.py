"""A small sample year: the units of a few clusters with everything that is theirs."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from thidua_sample.generate import SampleYear
from thidua_sample.generate.records import SampleCluster

SMALL_CLUSTERS = ("Khối V", "Cụm VIII")
"""Clusters of the small sample: public-service units of the ministry, and five Sở."""


def only_clusters(year: SampleYear, names: Collection[str] = SMALL_CLUSTERS) -> SampleYear:
    """Return the year of the units of the named clusters and the ministry; all totals shrink accordingly."""
    return only_units(year, {unit for one in year.clusters if one.name in names for unit, _ in one.members})


def only_units(year: SampleYear, codes: Collection[str]) -> SampleYear:
    """Return the year of the named units and the ministry; clusters keep their members among these."""
    top = {unit.code for unit in year.units if unit.parent is None}
    kept = top.union(codes)
    return replace(
        year,
        units=tuple(unit for unit in year.units if unit.code in kept),
        clusters=tuple(cluster for one in year.clusters if (cluster := _cluster_of(one, kept)).members),
        people=tuple(person for person in year.people if person.unit in kept),
        campaign=replace(
            year.campaign, participants=tuple(unit for unit in year.campaign.participants if unit in kept)
        ),
        registrations=tuple(one for one in year.registrations if one.unit in kept),
        initiatives=tuple(one for one in year.initiatives if one.unit in kept),
        ratings=tuple(one for one in year.ratings if one.unit in kept),
        discipline=tuple(one for one in year.discipline if one.unit in kept),
        decisions=tuple(
            replace(decision, awards=awards)
            for decision in year.decisions
            if (awards := tuple(award for award in decision.awards if award.unit in kept))
        ),
        confirmations=tuple(one for one in year.confirmations if one.unit in kept),
        facts=tuple(one for one in year.facts if one.unit in kept),
        totals=tuple(one for one in year.totals if one.unit in kept),
        reports=tuple(one for one in year.reports if one.unit in kept),
        events=tuple(event for event in year.events if event.report.unit in kept),
    )


def _cluster_of(cluster: SampleCluster, units: Collection[str]) -> SampleCluster:
    return replace(
        cluster,
        members=tuple((unit, mark) for unit, mark in cluster.members if unit in units),
        leader=cluster.leader if cluster.leader in units else None,
        deputy=cluster.deputy if cluster.deputy in units else None,
    )
