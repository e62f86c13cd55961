"""What units state about themselves and what the appraiser finds, for every input of the collective set."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from thidua.contracts import Document
from thidua_sample.generate.campaign import following
from thidua_sample.generate.draw import Draw
from thidua_sample.generate.organisation import paper
from thidua_sample.generate.records import SampleFact, SampleUnit
from thidua_sample.generate.yearend import standing

SELF, APPRAISER = "self", "appraiser"
YEAR: Final = "2022"
APPRAISED_FROM: Final = date(2022, 12, 12)
APPRAISED_TO: Final = date(2023, 1, 12)
LAW_MAKERS: Final = ("btnmt-01", "btnmt-02", "btnmt-05", "btnmt-10", "btnmt-13", "btnmt-15", "btnmt-17",
                     "btnmt-18", "btnmt-19")  # fmt: skip
SERVING_KINDS: Final = ("so", "cuc", "tong_cuc")

# (input, abbreviation of its kind after decree 30/2020, by when the unit sends it, how many in a hundred never do)
DOCUMENTS: Final = (
    ("launch_plan", "KH", date(2022, 2, 28), 3), ("launch_report", "BC", date(2022, 12, 10), 4),
    ("programme", "CTr", date(2022, 1, 31), 2), ("reform_plan", "KH", date(2022, 3, 31), 4),
    ("digital_plan", "KH", date(2022, 3, 31), 8),
)  # fmt: skip
LOG_CASES: Final = (("muon_som", 7), ("thuoc_la", 2), ("ruou_bia", 1), ("phong_dich", 1))
INTERNAL_CASES: Final = ("mat_doan_ket", "khieu_nai_dung")


@dataclass(frozen=True, slots=True)
class _Stating:
    """One unit while its facts are drawn."""

    draw: Draw
    unit: SampleUnit
    level: int  # 0 weak, 1 middling, 2 strong

    def fact(
        self,
        name: str,
        value: str,
        dated: date,
        *,
        by: str = SELF,
        period: str = YEAR,
        document: Document | None = None,
    ) -> SampleFact:
        code = self.unit.code
        evidence = (f"MC-{code}-{name}-{period}",)
        return SampleFact(code, "collective", code, name, by, period, dated, value, document, evidence)

    def both(self, name: str, value: str, dated: date, *, period: str = YEAR) -> Iterator[SampleFact]:
        """The unit's statement and the appraiser's, who agrees after checking."""
        yield self.fact(name, value, dated, period=period)
        yield self.fact(name, value, self.appraised(), by=APPRAISER, period=period)

    def appraised(self) -> date:
        return self.draw.workday(APPRAISED_FROM, APPRAISED_TO)


def collective_facts(
    draw: Draw, units: tuple[SampleUnit, ...], months_passed: dict[str, int]
) -> tuple[SampleFact, ...]:
    """Return the statements of and about all units by day; ties by input, unit and who states."""
    levels = {"weak": 0, "middling": 1, "strong": 2}
    made: list[SampleFact] = []
    for unit in units:
        one = _Stating(draw, unit, levels[standing(months_passed.get(unit.code, 8))])
        for part in (_documents, _marks, _law, _money, _services, _violations):
            made.extend(part(one))
    return tuple(sorted(made, key=lambda f: (f.dated, f.input, f.subject, f.stated_by, f.period)))


def _documents(one: _Stating) -> Iterator[SampleFact]:
    draw, unit = one.draw, one.unit
    for name, symbol, due, missing_percent in DOCUMENTS:
        if draw.chance(missing_percent):
            continue
        # The yearly programme is approved late in a few units, which costs the criterion.
        late = name == "programme" and draw.chance(5)
        dated = due + timedelta(days=draw.between(5, 20)) if late else due - timedelta(days=draw.between(0, 12))
        document = paper(f"{draw.between(10, 900)}/{symbol}-{unit.code.upper()}", dated, unit.name)
        yield one.fact(name, document.number, dated, document=document)
        yield one.fact(name, document.number, one.appraised(), by=APPRAISER, document=document)


def _marks(one: _Stating) -> Iterator[SampleFact]:
    for name in ("solutions", "welfare"):
        yield from _judged(one, name, best=8 + one.level)


def _judged(one: _Stating, name: str, *, best: int) -> Iterator[SampleFact]:
    """A mark out of 10: the unit is kinder to itself than the appraiser is."""
    mark = best - one.draw.between(0, 2)
    yield one.fact(name, str(min(10, mark + 1)), date(2022, 12, one.draw.between(1, 9)))
    yield one.fact(name, str(mark), one.appraised(), by=APPRAISER)


def _law(one: _Stating) -> Iterator[SampleFact]:
    makes_law = one.unit.code in LAW_MAKERS
    yield one.fact("makes_law", "yes" if makes_law else "no", date(2022, 1, 20), by=APPRAISER)
    if not makes_law:
        return
    for quarter, (year, month) in enumerate((following(m) for m in (3, 6, 9, 12)), start=1):
        milestones = one.draw.between(1, 3)
        kept = milestones - (1 if one.draw.chance(30 - 12 * one.level) else 0)
        dated = date(year, month, one.draw.between(2, 5))
        yield from one.both("law_due", str(milestones), dated, period=f"2022-Q{quarter}")
        yield from one.both("law_on_time", str(kept), dated, period=f"2022-Q{quarter}")
    yield one.fact("law_quality", str(7 + one.draw.below(4)), one.appraised(), by=APPRAISER)


def _money(one: _Stating) -> Iterator[SampleFact]:
    """Capital in million đồng, cumulative; half of the units reach the 95 % that the set proposes."""
    draw = one.draw
    planned = 100 * draw.between(20, 900)
    used_percent = draw.between(*((72, 97), (84, 100), (92, 100))[one.level])
    yield from one.both("capital_planned", str(planned), date(2022, 1, draw.between(17, 31)))
    for month in range(1, 13):
        share = used_percent * month * (month + 4)  # slow at first, as spending is
        used = planned * share // (100 * 12 * 16)
        dated = date(*following(month), draw.between(2, 5))
        period = f"2022-{month:02d}"
        yield one.fact("capital_used", str(used), dated, period=period)
        if month % 3 == 0:
            yield one.fact("capital_used", str(used), dated + timedelta(days=5), by=APPRAISER, period=period)


def _services(one: _Stating) -> Iterator[SampleFact]:
    serves = one.unit.kind in SERVING_KINDS
    yield one.fact("serves_public", "yes" if serves else "no", date(2022, 1, 20), by=APPRAISER)
    if not serves:
        return
    services = one.draw.between(18, 110)
    offline = 0 if one.draw.chance(25 + 25 * one.level) else one.draw.between(1, services // 4)
    dated = date(2022, 12, one.draw.between(1, 9))
    yield from one.both("services", str(services), dated)
    yield from one.both("services_online", str(services - offline), dated)
    yield from one.both("procedures_cut", "yes" if one.draw.chance(80) else "no", dated)


def _violations(one: _Stating) -> Iterator[SampleFact]:
    for _ in range(one.draw.weighted(((0, 70), (1, 18), (2, 8), (4, 4)))):
        day = one.draw.workday(date(2022, 1, 10), date(2022, 12, 16))
        case = one.draw.weighted(LOG_CASES)
        yield one.fact("conduct", case, day, period=f"2022-{day.month:02d}", by=APPRAISER)
    if one.draw.chance(4):
        day = one.draw.workday(date(2022, 3, 1), date(2022, 11, 30))
        case = one.draw.pick(INTERNAL_CASES)
        yield one.fact("internal", case, day, period=f"2022-{day.month:02d}", by=APPRAISER)
