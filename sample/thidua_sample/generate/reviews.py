"""What people answer where only people may answer: conduct, unity, complete lists, the vote of a cluster."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

from thidua.contracts import Document
from thidua_sample.generate.draw import Draw
from thidua_sample.generate.organisation import paper
from thidua_sample.generate.records import (
    SampleCluster,
    SampleConfirmation,
    SamplePerson,
    SampleRegistration,
    SampleUnit,
)

REVIEWED_ON: Final = date(2023, 1, 6)
CLUSTERS_MET_ON: Final = date(2023, 1, 11)
CONDUCT_FAILED_PERCENT: Final = 1
CONFIRMED_AS_UNREGISTERED_PERCENT: Final = 50
OF_BASE: Final = frozenset({"LDTT", "CSTDCS", "TTLDTT"})
"""Titles the head of a unit decides on; about any other the office and the appraiser answer title by title."""


def confirmations(
    draw: Draw,
    units: tuple[SampleUnit, ...],
    people: tuple[SamplePerson, ...],
    clusters: tuple[SampleCluster, ...],
    registrations: tuple[SampleRegistration, ...],
) -> tuple[SampleConfirmation, ...]:
    """Return the answers of unit reviews, personnel officers, the office, appraisers and clusters.

    What nobody answers stays "needs a person" on purpose: some transfers, and the number of flags.
    """
    registered = {item.subject for registration in registrations for item in registration.items}
    late = {registration.unit for registration in registrations if registration.late_reason}
    made: list[SampleConfirmation] = []
    for unit in units:
        minutes = paper(f"{draw.between(1, 60)}/BB-{unit.code.upper()}", REVIEWED_ON, unit.name)
        staff = [person for person in people if person.unit == unit.code]
        made += _of_unit(draw, unit, minutes, late=unit.code in late)
        made += _above_the_base(unit, minutes, registrations, late=unit.code in late)
        for person in staff:
            made += _of_person(draw, person, minutes)
        made += _not_registered(draw, unit, staff, registered, minutes)
    for cluster in clusters:
        made += _of_cluster(draw, cluster, registrations)
    return tuple(made)


def _of_unit(draw: Draw, unit: SampleUnit, minutes: Document, *, late: bool) -> Iterator[SampleConfirmation]:
    def about(key: str, by: str, *, answer: bool = True) -> SampleConfirmation:
        return SampleConfirmation(unit.code, "collective", unit.code, key, answer, by, minutes)

    # What a unit declares covers its members; a person's own answer is nearer and wins.
    yield about("discipline.complete", "personnel")
    yield about("g.route", "office")
    yield about("g.head", "appraiser")
    yield about("ldtt.conduct", "unit")
    yield about("ttldtt.movement", "unit")
    yield about("ttldtt.unity", "appraiser", answer=not draw.chance(2))
    yield about("ctdb.targets", "appraiser", answer=not draw.chance(25))
    if late:
        yield about("g.registered", "office")


def _above_the_base(
    unit: SampleUnit, minutes: Document, registrations: tuple[SampleRegistration, ...], *, late: bool
) -> Iterator[SampleConfirmation]:
    """Answers about each title above the base that somebody of the unit aims at."""
    items = [item for registration in registrations if registration.unit == unit.code for item in registration.items]
    kinds = {title: item.kind for item in items for title in item.titles if title not in OF_BASE}
    for title, kind in sorted(kinds.items()):
        asked = {"g.route": "office", **({"g.head": "appraiser"} if kind == "individual" else {})}
        asked |= {"g.registered": "office"} if late else {}
        for key, by in asked.items():
            yield SampleConfirmation(unit.code, "collective", unit.code, key, True, by, minutes, title)


def _of_person(draw: Draw, person: SamplePerson, minutes: Document) -> Iterator[SampleConfirmation]:
    """What the minutes say of one person, where it differs from what they say of the whole unit."""

    def about(key: str, *, answer: bool) -> SampleConfirmation:
        return SampleConfirmation(person.code, "individual", person.unit, key, answer, "unit", minutes)

    if draw.chance(CONDUCT_FAILED_PERCENT):
        yield about("ldtt.conduct", answer=False)
    # Whoever came from another unit within the year needs that unit's comment; in one case of four it is late.
    if person.joined_unit.year == 2022 and person.first_recruited < person.joined_unit and draw.chance(75):
        yield about("ldtt.transfer", answer=True)


def _not_registered(
    draw: Draw, unit: SampleUnit, staff: list[SamplePerson], registered: set[str], minutes: Document
) -> Iterator[SampleConfirmation]:
    """Half of those who sent nothing are confirmed as not registered; of the others nothing is known."""
    subjects = [(unit.code, "collective"), *((person.code, "individual") for person in staff)]
    for subject, kind in subjects:
        if subject not in registered and draw.chance(CONFIRMED_AS_UNREGISTERED_PERCENT):
            yield SampleConfirmation(subject, kind, unit.code, "registration.none", True, "unit", minutes)


def _of_cluster(
    draw: Draw, cluster: SampleCluster, registrations: tuple[SampleRegistration, ...]
) -> Iterator[SampleConfirmation]:
    """The minutes of a cluster name its best among those who aim at the flag of the ministry."""
    members = [unit for unit, _ in cluster.members]
    aiming = [
        item.subject
        for registration in registrations
        for item in registration.items
        if item.subject in members and "CTDB" in item.titles
    ]
    if not aiming:
        return
    minutes = paper(f"01/BB-{cluster.code.upper()}", CLUSTERS_MET_ON, cluster.name)
    best = draw.pick(aiming)
    for unit in aiming:
        yield SampleConfirmation(unit, "collective", unit, "ctdb.cluster", unit == best, "cluster", minutes)
