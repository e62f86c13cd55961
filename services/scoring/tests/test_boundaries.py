from __future__ import annotations

from datetime import date

from thidua.criteria import load_criteria_set
from thidua_scoring.domain.boundaries import boundary_tags, has_crossed

TAGS = boundary_tags(load_criteria_set("tnmt_2022_ca_nhan"), reads_months=False)


def crossed(before: date, after: date, *replaced: object) -> bool:
    return has_crossed(TAGS, 2022, replaced, before, after)


def test_a_due_date_is_crossed_on_the_day_after_it() -> None:
    assert not crossed(date(2022, 12, 8), date(2022, 12, 10))
    assert crossed(date(2022, 12, 10), date(2022, 12, 11))


def test_days_between_two_due_dates_move_nobody() -> None:
    assert not crossed(date(2022, 5, 6), date(2022, 6, 5))
    assert not crossed(date(2022, 5, 6), date(2022, 5, 20))


def test_a_log_due_after_each_month_moves_everybody_once_a_month() -> None:
    assert [month for month in range(1, 12) if crossed(date(2022, month, 2), date(2022, month, 7))] == list(
        range(2, 12)
    )


def test_the_end_of_a_month_counts_where_months_are_read() -> None:
    tags = boundary_tags(load_criteria_set("tnmt_2022_tap_the"), reads_months=True)
    assert has_crossed(tags, 2022, (), date(2022, 5, 31), date(2022, 6, 1))
    assert not crossed(date(2022, 5, 31), date(2022, 6, 1))


def test_a_date_the_campaign_put_in_place_counts_as_well() -> None:
    assert not crossed(date(2022, 4, 10), date(2022, 4, 20))
    assert crossed(date(2022, 4, 10), date(2022, 4, 20), "2022-04-15")


def test_the_first_date_ever_known_moves_everybody() -> None:
    assert has_crossed(TAGS, 2022, (), None, date(2022, 1, 2))
