"""The raw material of one subject's scores: bodies as received, gathered in one look at the database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from msgspec import Struct


@dataclass(frozen=True, slots=True)
class Frame:
    """What all subjects of a campaign share. `parameters`: name, value and reason of what it replaced.

    `as_of`: the newest as-of date among the campaign's monthly results; no clock is asked.
    """

    campaign: str
    year: int
    as_of: date
    parameters: tuple[tuple[str, object, str], ...] = ()
    band_orders: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class MemberSeen:
    """A member of a unit: titles decided for the campaign's year, and (period, set, band) of official scores."""

    subject: str
    titles: tuple[str, ...] = ()
    bands: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class PartScore:
    """An official score of a part of the year: its period, state and total as printed, or None."""

    period: str
    state: str
    total: str | None


class Material(Struct, frozen=True):
    """Everything known about one subject in one campaign. Texts are bodies of states as JSON.

    A `Struct`, because thousands of them cross to worker processes: a dataclass takes five times as long.

    `unit` and `person`: the body of the own unit and, for an individual, of the person, whose name goes no
    further. `peers`: other subjects of the cluster with the facts that are compared; `peers_months`: their months,
    where a set reads them.
    """

    frame: Frame
    subject: str
    kind: str
    unit_id: str
    unit: str | None
    person: str | None = None
    cluster: str | None = None
    registration: str | None = None
    months: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    initiatives: tuple[str, ...] = ()
    decisions: tuple[str, ...] = ()
    members: tuple[MemberSeen, ...] = ()
    peers: tuple[tuple[str, tuple[str, ...]], ...] = ()
    peers_months: tuple[tuple[str, tuple[str, ...]], ...] = ()
    parts: tuple[PartScore, ...] = ()
