"""Whole numbers shared out exactly, and draws that repeat."""

from datetime import date

import pytest

from thidua_sample.errors import CannotApportion
from thidua_sample.generate.draw import Draw, apportion


def test_shares_are_whole_and_add_up_to_the_total() -> None:
    assert apportion(10, [1, 1, 1]) == [4, 3, 3]
    assert apportion(7, [0, 5, 2]) == [0, 5, 2]


def test_no_share_exceeds_its_room_and_the_rest_goes_elsewhere() -> None:
    assert apportion(10, [8, 1, 1], [4, 10, 10]) == [4, 3, 3]


def test_a_total_without_room_for_it_is_refused_with_both_figures() -> None:
    with pytest.raises(CannotApportion, match="asks for 9 but has room for 4"):
        apportion(9, [1, 1], [2, 2])


def test_two_streams_of_one_seed_never_disturb_each_other() -> None:
    alone = Draw(1, 2)
    expected = [alone.below(1000) for _ in range(5)]
    other, again = Draw(1, 3), Draw(1, 2)
    mixed = [(other.below(1000), again.below(1000))[1] for _ in range(5)]
    assert mixed == expected


def test_a_drawn_workday_is_never_on_a_weekend() -> None:
    draw = Draw(1, 1)
    days = {draw.workday(date(2022, 1, 1), date(2022, 3, 31)).weekday() for _ in range(200)}
    assert days == {0, 1, 2, 3, 4}
