"""Who decides and who belongs where."""

from __future__ import annotations

from typing import Any

from thidua_awards.domain.units import chain, deciding_unit


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
