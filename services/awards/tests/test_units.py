"""Who decides and who belongs where."""

from __future__ import annotations

from datetime import date
from typing import Any

from thidua.contracts import Unit
from thidua_awards.domain.units import chain, deciding_unit, under_ministry


def units_of(year: Any) -> dict[str, Any]:
    every = (
        year.unit("bo", "Bộ"),
        year.unit("so", "Sở", "bo"),
        year.unit("phong", "Phòng", "so", legal=False),
        year.unit("to", "Tổ", "phong", legal=False),
    )
    return {unit.id: unit for unit in every}


def test_the_nearest_unit_with_legal_personality_decides(year: Any) -> None:
    units = units_of(year)
    assert [deciding_unit(units, unit) for unit in ("to", "phong", "so", "bo")] == ["so", "so", "so", "bo"]


def test_a_person_belongs_to_every_collective_up_to_the_deciding_unit(year: Any) -> None:
    assert list(chain(units_of(year), "to")) == ["to", "phong", "so"]


def test_a_unit_not_known_yet_decides_for_itself(year: Any) -> None:
    assert deciding_unit(units_of(year), "la") == "la"


def test_a_circle_of_parents_ends_where_it_closes(year: Any) -> None:
    circle = {
        "a": year.unit("a", "A", "b", legal=False),
        "b": year.unit("b", "B", "a", legal=False),
    }
    assert list(chain(circle, "a")) == ["a", "b"]


def test_a_department_of_a_province_is_not_under_the_ministry_and_a_stranger_is_unknown() -> None:
    def unit(id: str, kind: str, parent: str | None) -> Unit:
        return Unit(id=id, name=id, kind=kind, parent=parent, codes=(), valid_from=date(2015, 1, 1))

    every = (unit("bo", "bo", None), unit("cuc", "cuc", "bo"), unit("so", "so", "bo"), unit("p", "phong", "so"))
    units = {one.id: one for one in (*every, unit("lost", "phong", "elsewhere"))}
    found = {id: under_ministry(units, id) for id in units}
    assert found == {"bo": True, "cuc": True, "so": False, "p": False, "lost": None}
