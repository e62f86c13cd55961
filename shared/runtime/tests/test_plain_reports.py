"""Reports of the usual kind are read as the contract reads them; whatever is unusual is left to it."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from thidua.contracts import TaskReport
from thidua_runtime.decoding import decode
from thidua_runtime.plain_reports import PlainReport, is_plain, read_plain
from thidua_runtime.records import Record

USUAL = {
    "source": "eoffice", "source_id": "2022/1234", "version": 7, "unit": "stnmt-01", "title": "Rà soát \"hồ sơ\"",
    "deadline": "2022-03-10", "completed_at": "2022-03-09T16:30:00+07:00", "secret": False, "weight": None,
    "assignees": [{"code": "cb-1", "weight": 2}, {"code": "cb-2"}], "incidents": [], "reassigned": None,
    "extensions": [{"deadline": "2022-03-20", "document": "12/QĐ", "dated": "2022-03-01"}],
    "withdrawn": {"document": "13/QĐ", "dated": "2022-03-02"},
}  # fmt: skip

# Per field what a source may write there, right, odd and wrong.
NAMES = ["eoffice", "x" * 200, "x" * 201, "", "a\x00b", "\x7f", "\ud800", "đơn vị", "\\u0000", 5, None, True]
NUMBERS = [0, 1, -1, 2**62, 2**62 + 1, 2**63, 1.0, 1.5, 1e3, True, "3", None, 1000, 1001]
DAYS = [
    "2022-03-10", "2022-02-30", "0001-01-01", "9999-12-31", "2022-3-1", "2022-03-10T00:00:00", 19061, None, "20220310",
]  # fmt: skip
MOMENTS = [
    "2022-03-09T23:59:59.9999999+07:00", "2022-03-09T23:59:59.123456+07:00", "2022-03-09 23:59:59+07:00",
    "2022-03-09T23:59:59Z", "2022-03-09t23:59:59z", "2022-03-09T23:59:59", "2022-03-09T23:59:60Z",
    "2022-03-09T24:00:00Z", "2022-03-09T23:59Z", "2022-03-09T23:59:59,5Z", 1646870399, None, "2022-03-09",
    "9999-12-31T23:59:59-05:00", "2022-03-09T23:59:59+0700", "2022-03-09T23:59:59.1234567Z",
]  # fmt: skip
ENDS = [None, {}, {"document": "1", "dated": "2022-03-01", "x": 1}, *({"document": n, "dated": d} for n in NAMES
        for d in DAYS[:2])]  # fmt: skip
FIELDS: dict[str, list[Any]] = {
    "source": NAMES, "source_id": NAMES, "version": NUMBERS, "unit": NAMES, "deadline": DAYS,
    "title": [*NAMES, "x" * 20_000, "x" * 20_001, "a\nb"], "completed_at": MOMENTS,
    "assignees": [None, [], {}, *([{"code": n}] for n in NAMES), *([{"code": "a", "weight": n}] for n in NUMBERS)],
    "extensions": [None, [], *([{"deadline": d, "document": n, "dated": d}] for d in DAYS for n in NAMES[:3])],
    "withdrawn": ENDS, "reassigned": ENDS, "secret": [True, False, None, 0, "no"],
    "weight": [None, 1, 1.5, "2.50", 10**15, "NaN"], "complete_at": ["2022-03-09"],
    "incidents": [[], None, [{"kind": "delay", "on": "2022-01-01"}], [None], [1]],
}  # fmt: skip
SEVERAL = st.lists(st.sampled_from(sorted(FIELDS)), min_size=2, max_size=4, unique=True).flatmap(
    lambda names: st.fixed_dictionaries({name: st.sampled_from(FIELDS[name]) for name in names})
)


def body_of(report: Any, ascii_only: bool = True) -> bytes:
    """Return the body as a source would write it, escaped or not."""
    return json.dumps(report, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")


def read_by_contract(body: bytes) -> TaskReport | None:
    """Return what the contract reads, or None where it refuses."""
    try:
        return TaskReport.model_validate_json(body)
    except (ValidationError, ValueError):
        return None


def as_contract(report: TaskReport) -> TaskReport:
    """Return a plain report as the contract's model."""
    return TaskReport.model_validate(msgspec.to_builtins(report, builtin_types=(date, datetime)))


def check_that_both_agree(report: dict[str, Any], ascii_only: bool) -> None:
    """What is read as plain, the contract reads the same."""
    body = body_of(report, ascii_only)
    (plain,) = read_plain([body])
    if plain is not None:
        assert as_contract(plain) == read_by_contract(body)


@pytest.mark.parametrize("name", sorted(FIELDS))
def test_whatever_a_field_holds_what_is_read_as_plain_is_what_the_contract_reads(name: str) -> None:
    for value in FIELDS[name]:
        check_that_both_agree({**USUAL, name: value}, ascii_only=False)
        check_that_both_agree({**USUAL, name: value}, ascii_only=True)
    check_that_both_agree({key: value for key, value in USUAL.items() if key != name}, ascii_only=False)


@given(SEVERAL, st.booleans())
def test_several_odd_fields_at_once_are_read_as_the_contract_reads_them(
    changes: dict[str, Any], ascii_only: bool
) -> None:
    check_that_both_agree({**USUAL, **changes}, ascii_only)


@pytest.mark.parametrize(
    "change",
    [
        {"complete_at": "2022-03-09"}, {"secret": True}, {"weight": "1.5"}, {"title": "a\x00b"}, {"version": "7"},
        {"incidents": [{"kind": "delay", "on": "2022-01-01"}]}, {"assignees": [{"code": "a", "share": 1}]},
        {"completed_at": "2022-03-09T23:59:59.9999999+07:00"}, {"completed_at": "2022-03-09T23:59:59"},
    ],
)  # fmt: skip
def test_whatever_is_unusual_is_left_to_the_contract(change: dict[str, Any]) -> None:
    assert read_plain([body_of({**USUAL, **change}), body_of(USUAL)])[0] is None


def test_the_usual_report_is_read_without_the_contract_alone_and_among_others() -> None:
    body = body_of(USUAL, ascii_only=False)
    for report in (*read_plain([body]), *read_plain([body, b"{}", body])[::2]):
        assert report is not None
        assert is_plain(report)
        assert as_contract(report) == read_by_contract(body)
        for name in ("stream", "owner", "stamps", "key", "partition_key", "identity"):
            assert getattr(report, name) == getattr(as_contract(report), name)


def test_a_plain_report_knows_every_field_of_the_contract() -> None:
    assert set(PlainReport.__struct_fields__) == set(TaskReport.model_fields)


def test_plain_and_unusual_and_bad_reports_of_one_batch_stay_at_their_records() -> None:
    usual, odd = body_of(USUAL, ascii_only=False), body_of({**USUAL, "weight": "1.5", "source_id": "2"})
    bodies = [usual, odd, b"{", usual + b"," + usual, None, usual]
    records = tuple(Record("tasks", 0, n, b"x", (), body, 0) for n, body in enumerate(bodies))
    decoded = decode(TaskReport, records)
    assert sorted((arrival.record.offset, arrival.key) for arrival in decoded.good) == [
        (0, "eoffice/2022/1234"), (1, "eoffice/2"), (5, "eoffice/2022/1234"),
    ]  # fmt: skip
    assert sorted(bad.record.offset for bad in decoded.bad) == [2, 3, 4]


@pytest.mark.parametrize("odd", [{}, {"weight": "1.5"}])
def test_halves_of_reports_do_not_shift_what_lies_between_them(odd: dict[str, Any]) -> None:
    """Two reports in one body and one in two are four bodies and four reports, but not one each."""
    ours, theirs = body_of({**USUAL, **odd}), body_of({**USUAL, **odd, "source": "mot-cua"})
    before, after = theirs.split(b",", 1)
    bodies = [theirs + b"," + theirs, ours, before, after]
    records = tuple(Record("tasks", 0, n, b"x", (), body, 0) for n, body in enumerate(bodies))
    decoded = decode(TaskReport, records)
    assert [(arrival.record.offset, arrival.key) for arrival in decoded.good] == [(1, "eoffice/2022/1234")]
    assert sorted(bad.record.offset for bad in decoded.bad) == [0, 2, 3]
