"""The rules of deadlines, months and facts, without any I/O."""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_DOWN, Decimal
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thidua.contracts.judgement import AskedWhen, DeclaredInput, InputDue
from thidua.contracts.work import FactEntry
from thidua_monitoring.domain.calendar import is_working_day, rolled_days
from thidua_monitoring.domain.deadlines import (
    Decision,
    DecisionKind,
    Position,
    Standing,
    Step,
    Terms,
    contradictions,
    position_of,
    standing,
    steps_in_force,
    terms_of,
)
from thidua_monitoring.domain.facts import Given, due_periods, due_values, missing_values, refusal
from thidua_monitoring.domain.months import (
    CONTRIBUTIONS,
    Figures,
    Obstacle,
    Rate,
    close_obstacles,
    completion_rate,
    figures_of,
    last_day,
    on_time_rate,
    period_end,
    period_start,
    start_of_day,
)

from .ministry import task

START, END = date(2022, 1, 1), date(2022, 12, 31)
days = st.dates(date(2022, 1, 1), date(2022, 6, 30))


def test_exactly_ninety_percent_does_not_pass_a_month() -> None:
    assert not Rate(18, 20).passes
    assert Rate(19, 21).passes
    assert not Rate(900_000, 1_000_000).passes
    assert Rate(900_001, 1_000_000).passes


def test_a_month_without_due_tasks_has_no_rate_at_all() -> None:
    assert on_time_rate(Figures(open=3)) is None
    assert completion_rate(Figures(excluded=2)) is None


@given(st.integers(0, 10**9), st.integers(1, 10**9))
def test_passing_is_the_comparison_of_whole_numbers(on_time: int, due: int) -> None:
    assert Rate(on_time, due).passes == (on_time * 10 > due * 9)


def test_both_published_rates_of_2017_come_out_of_the_same_counters() -> None:
    text = (files("thidua_monitoring") / "data" / "task_stats.csv").read_text(encoding="utf-8")
    row = next(row for row in csv.DictReader(text.splitlines()) if row["from"] == "2017-01-01")
    as_of, passed, ahead = date(2017, 12, 26), date(2017, 12, 1), date(2017, 12, 30)
    on_time = standing(Position(Terms(passed, passed), passed), as_of)
    late = standing(Position(Terms(passed, passed), passed + timedelta(days=1)), as_of)
    still_open = standing(Position(Terms(ahead, ahead)), as_of)
    overdue = standing(Position(Terms(passed, passed)), as_of)
    figures = figures_of(
        [on_time] * int(row["done_on_time"]) + [late] * int(row["done_late"])
        + [still_open] * int(row["open_in_time"]) + [overdue] * int(row["open_overdue"])
    )  # fmt: skip
    completed, in_time = completion_rate(figures), on_time_rate(figures)
    assert completed is not None
    assert in_time is not None
    assert (completed.percent(ROUND_DOWN), completed.percent()) == (Decimal("98.62"), Decimal("98.63"))
    assert in_time.percent() == Decimal("86.44")
    assert figures.due + figures.open == int(row["total"])


def test_golden_case_34_nine_of_ten_in_march_fails_and_an_empty_april_does_not_apply() -> None:
    march = figures_of([Standing.ON_TIME] * 9 + [Standing.LATE])
    rate = on_time_rate(march)
    assert rate is not None
    assert (rate.percent(), rate.passes) == (Decimal("90.00"), False)
    assert on_time_rate(figures_of([])) is None


@pytest.mark.parametrize(("rolls", "expected"), [(True, Standing.ON_TIME), (False, Standing.LATE)])
def test_golden_case_35_a_deadline_on_a_holiday_rolls_only_where_the_setting_says_so(
    rolls: bool, expected: Standing
) -> None:
    rolled = rolled_days([(date(2022, 1, 1), date(2022, 12, 31))]) if rolls else {}
    report = task("1", date(2022, 4, 30), done=date(2022, 5, 4))
    assert standing(position_of(report, (), rolled), date(2022, 5, 10)) is expected


def test_golden_case_36_a_late_withdrawal_stays_in_the_month_and_leaves_the_overdue_list() -> None:
    report = task("1", date(2022, 11, 15), withdrawn={"document": "12/QĐ", "dated": "2022-12-20"})
    found = standing(position_of(report), date(2022, 12, 31))
    assert found is Standing.ENDED
    assert (CONTRIBUTIONS[found].due, CONTRIBUTIONS[found].on_time, CONTRIBUTIONS[found].overdue) == (1, 0, 0)


def test_a_withdrawal_dated_on_the_deadline_takes_the_task_out_of_the_month() -> None:
    report = task("1", date(2022, 11, 15), withdrawn={"document": "12/QĐ", "dated": "2022-11-15"})
    assert standing(position_of(report), date(2022, 12, 31)) is Standing.EXCLUDED


def test_an_extension_dated_on_the_deadline_moves_the_counted_month() -> None:
    moved = terms_of(date(2022, 3, 10), [Step(date(2022, 4, 20), "5/QĐ", date(2022, 3, 10))])
    assert moved == Terms(date(2022, 4, 20), date(2022, 4, 20))


def test_an_extension_dated_a_day_late_leaves_the_first_month_late_and_moves_the_open_deadline() -> None:
    steps = [Step(date(2022, 4, 20), "5/QĐ", date(2022, 3, 11)), Step(date(2022, 5, 9), "6/QĐ", date(2022, 4, 1))]
    terms = terms_of(date(2022, 3, 10), steps)
    assert terms == Terms(date(2022, 3, 10), date(2022, 5, 9))
    assert standing(Position(terms), date(2022, 4, 1)) is Standing.EXTENDED
    assert standing(Position(terms, date(2022, 4, 2)), date(2022, 4, 3)) is Standing.LATE
    assert standing(Position(terms), date(2022, 5, 10)) is Standing.OVERDUE


def test_a_report_never_overwrites_the_deadline_that_was_decided_here() -> None:
    decided = Decision(DecisionKind.EXTENSION, "7/QĐ", date(2022, 3, 5), date(2022, 3, 25))
    reported = [Step(date(2022, 6, 1), "99/CV", date(2022, 3, 8)), Step(date(2022, 5, 1), "7/QĐ", date(2022, 3, 1))]
    assert steps_in_force(reported, [decided]) == (Step(date(2022, 3, 25), "7/QĐ", date(2022, 3, 5)),)
    extension = {"deadline": "2022-06-01", "document": "99/CV", "dated": "2022-03-08"}
    report = task("1", date(2022, 3, 10), extensions=[extension])
    assert contradictions(report, [decided]) == ("Nguồn báo hạn 01/06/2022; hạn theo quyết định là 25/03/2022.",)


def test_work_handed_in_after_midnight_in_vietnam_is_late_though_still_the_day_before_in_utc() -> None:
    done = datetime(2022, 3, 10, 18, 30, tzinfo=UTC)
    report = task("1", date(2022, 3, 10)).model_copy(update={"completed_at": done})
    assert standing(position_of(report), date(2022, 3, 20)) is Standing.LATE


def test_a_secret_task_is_excluded_whatever_else_it_says() -> None:
    assert standing(position_of(task("1", date(2022, 3, 10), secret=True)), date(2022, 4, 1)) is Standing.EXCLUDED


positions = st.builds(
    Position,
    st.builds(Terms, days, days),
    st.none() | days,
    st.none() | days,
    st.booleans(),
)


@given(positions, days, days)
def test_once_a_deadline_has_passed_a_task_stays_in_its_month(task_: Position, first: date, second: date) -> None:
    early, later = sorted((first, second))
    before, after = CONTRIBUTIONS[standing(task_, early)], CONTRIBUTIONS[standing(task_, later)]
    assert after.due >= before.due
    assert after.on_time >= before.on_time
    assert after.excluded == before.excluded
    assert before.due + before.open + before.excluded == 1


@given(st.lists(positions), days)
def test_the_parts_of_a_month_never_exceed_what_is_due(tasks: list[Position], as_of: date) -> None:
    figures = figures_of(standing(each, as_of) for each in tasks)
    assert figures.on_time + figures.late + figures.overdue <= figures.due
    assert figures.ahead <= figures.open
    assert figures.due + figures.open + figures.excluded == len(tasks)


@given(days, st.permutations([
    Step(date(2022, 3, 20), "1", date(2022, 3, 1)), Step(date(2022, 4, 20), "2", date(2022, 3, 15)),
    Step(date(2022, 5, 20), "3", date(2022, 4, 30)),
]))  # fmt: skip
def test_the_order_in_which_extensions_are_listed_changes_nothing(first: date, listed: list[Step]) -> None:
    assert terms_of(first, steps_in_force(listed, ())) == terms_of(first, steps_in_force(sorted(
        listed, key=lambda step: step.dated), ()))  # fmt: skip


def test_swapped_working_days_come_from_the_table_and_tet_from_the_library() -> None:
    assert is_working_day(date(2024, 5, 4))
    assert not is_working_day(date(2024, 4, 29))
    assert not is_working_day(date(2022, 2, 1))
    assert rolled_days([(date(2022, 4, 30), date(2022, 4, 30))]) == {date(2022, 4, 30): date(2022, 5, 4)}


def test_closing_waits_for_sources_lag_and_dead_letters_and_says_so() -> None:
    closes = date(2022, 4, 6)
    vouched = {"a": start_of_day(closes), "b": start_of_day(closes) - timedelta(seconds=1), "c": None}
    found = close_obstacles(closes, vouched, lag=3, letters=2)
    reasons = [each.reason for each in found]
    assert reasons == [Obstacle.SOURCE_BEHIND, Obstacle.SOURCE_BEHIND, Obstacle.LAG, Obstacle.DEAD_LETTERS]
    assert "Nguồn b " in found[0].sentence
    assert close_obstacles(closes, {"a": start_of_day(closes)}, 0, 0) == ()


def test_periods_know_their_first_and_last_day() -> None:
    spans = {p: (period_start(p), period_end(p)) for p in ("2022", "2022-H1", "2022-Q3", "2022-02")}
    assert spans["2022"] == (date(2022, 1, 1), date(2022, 12, 31))
    assert spans["2022-H1"] == (date(2022, 1, 1), date(2022, 6, 30))
    assert spans["2022-Q3"] == (date(2022, 7, 1), date(2022, 9, 30))
    assert spans["2022-02"] == (date(2022, 2, 1), date(2022, 2, 28))
    assert last_day("2024-02") == date(2024, 2, 29)


def declared(kind: str, **more: object) -> DeclaredInput:
    return DeclaredInput.model_validate({"name": "x", "origin": "fact", "kind": kind, "title": "Vốn", **more})


def entry(value: str, **more: object) -> FactEntry:
    return FactEntry.model_validate({"id": "1", "period": "2022-03", "dated": "2022-03-01", "value": value, **more})


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("yes_no", "yes", "có"), ("count", "12", "-1"), ("count", "0", "1.5"), ("count", "7", "٣"),
        ("amount", "137.5", "1e9"), ("amount", "-2", "NaN"), ("mark", "10", "10.01"), ("mark", "0", "-0.1"),
        ("date", "2022-03-31", "31/03/2022"), ("log", "muon_som", "khac"),
    ],
)  # fmt: skip
def test_a_value_must_fit_the_kind_of_its_input(kind: str, good: str, bad: str) -> None:
    one = declared(kind, out_of="10", cases=["muon_som"])
    assert refusal(one, entry(good)) is None
    assert refusal(one, entry(bad)) is not None


def test_a_document_input_needs_number_and_date() -> None:
    assert refusal(declared("document"), entry("")) is not None
    assert refusal(declared("document"), entry("", document={"number": "1/KH", "dated": "2022-02-01"})) is None
    assert refusal(declared("telepathy"), entry("1")) == (
        "loại chỉ tiêu “telepathy” chưa được hỗ trợ",
        "inputs of kind 'telepathy' are not supported",
    )


def test_a_monthly_input_is_due_some_days_after_every_month_of_the_campaign() -> None:
    monthly = declared("amount", due=InputDue(day=5, after="month"))
    found = due_periods(monthly, date(2022, 1, 1), date(2022, 12, 31))
    assert len(found) == 12
    assert found[1] == ("2022-02", date(2022, 3, 5))
    once = declared("amount", due=InputDue(on=date(2022, 2, 28)))
    assert due_periods(once, date(2022, 1, 1),
                       date(2022, 12, 31)) == (("2022", date(2022, 2, 28)),)  # fmt: skip


def test_a_value_without_its_evidence_is_missing_and_a_silent_log_is_not_once_the_report_came() -> None:
    amount = declared("amount", evidence="required", due=InputDue(day=5, after="month"))
    log = declared("log", absent="zero_when_reported", due=InputDue(day=5, after="month"))
    inputs = (amount, log.model_copy(update={"name": "log"}))
    span = (date(2022, 3, 1), date(2022, 3, 31))
    owed = due_values(inputs, span, date(2022, 4, 6))
    march, nothing = frozenset({"2022-03"}), frozenset[str]()

    def missing(given: dict[str, Given], reported: frozenset[str] = nothing) -> list[str]:
        return [fact.input for fact in missing_values(owed, given, reported)]

    assert missing({}) == ["log", "x"]
    assert missing({"x": Given(march, nothing)}, march) == ["x"]
    assert missing({"x": Given(march, march)}, march) == []
    assert due_values(inputs, span, date(2022, 4, 5)) == ()


def test_an_input_asked_only_under_an_answer_is_owed_once_that_answer_is_given() -> None:
    asked = declared("amount", due=InputDue(on=date(2022, 1, 31)), asked_when=AskedWhen(input="law", value="yes"))
    owed = due_values([asked], (START, END), date(2022, 3, 1))

    def answered(value: str) -> list[str]:
        return [fact.input for fact in missing_values(owed, {"law": Given(frozenset(), frozenset(), value)})]

    assert missing_values(owed, {}) == ()
    assert (answered("no"), answered("yes")) == ([], ["x"])


def test_a_value_due_once_in_the_year_may_be_given_for_any_period_of_it() -> None:
    owed = due_values([declared("yes_no", due=InputDue(on=date(2022, 1, 31)))], (START, END), date(2022, 3, 1))
    assert [fact.period for fact in missing_values(owed, {})] == ["2022"]
    assert missing_values(owed, {"x": Given(frozenset({"2022-01"}), frozenset())}) == ()
