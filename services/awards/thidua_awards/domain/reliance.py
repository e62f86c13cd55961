"""What may have relied on an award, so that a person can look at it when the award is cancelled."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from thidua.contracts import Unit
from thidua.contracts.judgement import Award
from thidua_awards.domain.units import chain


@dataclass(frozen=True, slots=True)
class Reliance:
    """Awards `by` that rest on an award of another code: of the same subject, or of its collectives.

    `years`: how many years later the later award may be, the same year included.
    """

    by: str
    whose: Literal["same", "collective"]
    years: int = 0


MANY: Final = 100
"""Years: no clause limits how much later the award may come."""

RELIANCES: Final[Mapping[str, tuple[Reliance, ...]]] = {
    "LDTT": (Reliance("CSTDCS", "same"), Reliance("TTLDTT", "collective"), Reliance("TTLDXS", "collective")),
    # Three consecutive years: the cancelled one may be the first, the second or the third of them.
    "CSTDCS": (
        Reliance("CSTDB", "same", 2),
        Reliance("CSTDT", "same", 2),
        Reliance("BKB", "same", 1),
        Reliance("BKTTG", "same", 4),
        Reliance("HCLD3", "same", 4),
        Reliance("TTLDXS", "collective"),
    ),
    # Two adjacent blocks of three years, and one more year until the submission.
    "CSTDB": (Reliance("CSTDTQ", "same", 4),),
    "CSTDT": (Reliance("CSTDTQ", "same", 4),),
    # A commendation followed by years of merit may be relied on however much later.
    "BKB": (Reliance("BKTTG", "same", MANY),),
    "BKT": (Reliance("BKTTG", "same", MANY),),
    "BKTTG": (Reliance("HCLD3", "same", MANY),),
    "HCLD3": (Reliance("HCLD2", "same", MANY),),
    "HCLD2": (Reliance("HCLD1", "same", MANY),),
    "TTLDTT": (Reliance("TTLDXS", "same"),),
    "CTDB": (Reliance("CTDCP", "same"),),
    "CTDT": (Reliance("CTDCP", "same"),),
}
"""Code → what rests on it. Only these are looked for; nothing is cancelled by cascade."""


@dataclass(frozen=True, slots=True)
class Suspect:
    """An award to look for: its subject, code and years, and the award it may rest on."""

    subject: str
    code: str
    first_year: int
    last_year: int
    rests_on: Award
    whose: str


def suspects(awards: Iterable[Award], units: Mapping[str, Unit]) -> tuple[Suspect, ...]:
    """Return what to look for when `awards` are cancelled."""
    return tuple(
        Suspect(subject, one.by, award.year, award.year + one.years, award, one.whose)
        for award in awards
        for one in RELIANCES.get(award.code, ())
        for subject in ((award.subject,) if one.whose == "same" else tuple(chain(units, award.unit)))
    )
