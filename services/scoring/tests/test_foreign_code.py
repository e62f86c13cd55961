"""Foreign code in a worker process: whatever it does there, it costs its own cases and runs nothing in the service."""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import AsyncIterator, Callable
from datetime import date
from pathlib import Path

import pytest

from thidua.contracts import MonthlyResult, ScoreState
from thidua.contracts.work import MonthState
from thidua.criteria import load_criteria_set
from thidua_runtime.settings import Settings
from thidua_scoring.domain.cases import Wanted, case_of
from thidua_scoring.domain.material import Frame, Material
from thidua_scoring.domain.outcomes import Outcome, Row, SetUsed, row_of
from thidua_scoring.domain.reads import reads_of
from thidua_scoring.domain.received import as_bytes, true_outcomes
from thidua_scoring.domain.scoring import Order, score_order
from thidua_scoring.scorer.crew import Crew, WorkerTooSlow
from thidua_scoring.scorer.workers import Workers

from . import plugins, world

pytestmark = pytest.mark.anyio

GOOD = "    return Outcome('met', Fraction(1), Fraction(1), 'Đạt 1/1.')"
RAISED = """
class Odd(BaseException):
    pass


class Mute(Exception):
    def __str__(self):
        raise MemoryError


class Deaf(BaseException):
    def __str__(self):
        raise self


RAISED = (iter([
    KeyError("x"), Odd("x"), _sys.modules["asyncio"].CancelledError(), GeneratorExit(), Mute(), Deaf(), Odd("x\\ny"),
]),)
"""
# Replaces what compresses an explanation by what, unpickled, writes a file.
PICKLED = """
class Sent:
    def __reduce__(self):
        return _sys.modules["os"].system, ("touch {mark}",)


def replaced(*given):
    return Sent()
"""
FORGES = """
    _sys.modules["thidua_scoring.domain.scoring"].isal_zlib.compress = replaced
    return Outcome("met", Fraction(1), Fraction(1), "Đạt 1/1.")
"""


@pytest.fixture
async def workers() -> AsyncIterator[Workers]:
    made = Workers(Settings(scorer_processes=1, score_time_limit_ms=2_000))
    yield made
    made.close()


def person(name: str) -> Material:
    month = MonthlyResult(
        subject=name, subject_kind="individual", unit="u1", month="2022-01", state=MonthState.CLOSED, reported=True,
        due=10, on_time=10, as_of=date(2023, 1, 20),
    )  # fmt: skip
    frame = Frame(campaign="phong-trao-2022", year=2022, as_of=date(2023, 1, 20))
    return Material(
        frame, name, "individual", "u1", world.unit("u1").model_dump_json(),
        person=world.person(name, "u1").model_dump_json(), months=(month.model_dump_json(),),
    )  # fmt: skip


def order(place: str, *names: str) -> Order:
    criteria_set = load_criteria_set(place, imports=False)
    wanted = Wanted("2022", "official", reads_of(criteria_set), frozenset(criteria_set.parameters))
    used = SetUsed(criteria_set.id, criteria_set.version, criteria_set.artefact)
    return Order(place, used, tuple((person(name), wanted) for name in names))


def installed(folder: Path, patch: pytest.MonkeyPatch, name: str, code: str, head: str = "") -> str:
    plugins.install(folder, patch, name, code=code, head=head)
    return name.replace("-", "_")


async def test_whatever_a_rule_raises_costs_its_own_case_and_nothing_else(
    workers: Workers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = installed(tmp_path, monkeypatch, "nem-loi", "    raise next(RAISED[0])", RAISED)
    outcomes = await workers.score(order(place, *(f"p{number}" for number in range(6))), has_code=True)
    assert [one.failure for one in outcomes] == ["exception"] * 6
    assert [one.state.subject for one in outcomes] == [f"p{number}" for number in range(6)]
    with pytest.raises(ValueError, match=r"^Odd: x y$"):
        await workers.rescore(place, case_of(*order(place, "p1").items[0]).canonical, has_code=True)


async def test_an_order_is_given_up_after_a_few_cases_that_end_processes(
    workers: Workers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = installed(tmp_path, monkeypatch, "tu-tat", "    _sys.modules['os']._exit(3)")
    asked = order(place, *(f"p{number}" for number in range(20)))
    begun = time.monotonic()
    outcomes = await workers.score(asked, has_code=True)
    assert time.monotonic() - begun < 20
    assert [one.failure for one in outcomes] == ["crash"] * 20
    assert [one.state.subject for one in outcomes] == [f"p{number}" for number in range(20)]


async def test_a_set_that_was_stopped_ends_no_more_processes(
    workers: Workers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def stopped() -> str:
        return "bộ tiêu chí bị cách ly"

    place = installed(tmp_path, monkeypatch, "bi-dung", "    _sys.modules['os']._exit(3)")
    outcomes = await workers.score(order(place, "p1", "p2"), has_code=True, stopped=stopped)
    assert [one.failure for one in outcomes] == [None, None]
    assert {one.state.not_ranked_because for one in outcomes} == {"chưa chấm: bộ tiêu chí bị cách ly"}


async def test_what_a_worker_sends_runs_nothing_in_the_service(
    workers: Workers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark = tmp_path / "ran"
    place = installed(tmp_path, monkeypatch, "nhoi-ma", FORGES, PICKLED.replace("{mark}", str(mark)))
    outcomes = await workers.score(order(place, "p1"), has_code=True)
    assert [one.failure for one in outcomes] == ["crash"]
    assert not mark.exists()


async def test_a_worker_that_answers_nonsense_costs_the_cases_of_its_order(
    workers: Workers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    forges = "    _sys.modules['thidua_scoring.domain.received']._WRITER = Nonsense\n" + GOOD
    head = "class Nonsense:\n    encode = staticmethod(lambda _: b'[]')"
    place = installed(tmp_path, monkeypatch, "vo-nghia", forges, head)
    outcomes = await workers.score(order(place, "p1", "p2"), has_code=True)
    assert [one.failure for one in outcomes] == ["answer", "answer"]
    assert outcomes[0].state.not_ranked_because.endswith("trả lời không đúng hồ sơ được giao")


async def test_honest_answers_of_a_set_with_code_come_through_as_they_were_made(
    workers: Workers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = order(installed(tmp_path, monkeypatch, "that-tha", GOOD), "p1", "p2", "p3")
    assert await workers.score(asked, has_code=True) == score_order(asked)


OTHER: dict[str, Callable[[Outcome, Outcome], Outcome]] = {
    "subject": lambda one, other: one._replace(row=other.row),
    "set": lambda one, other: one._replace(row=changed(one, criteria_set="khac")),
    "points": lambda one, other: one._replace(row=changed(one, points="99.00")),
    "version": lambda one, other: one._replace(row=changed(one, set_version="9.9.9")),
    "column": lambda one, other: one._replace(row=one.row._replace(campaign="khac")),
    "case": lambda one, other: one._replace(row=changed(one, case_hash="sha256:0")),
    "tree": lambda one, other: one._replace(tree=other.tree),
    "no-tree": lambda one, other: one._replace(tree=None),
    "damaged-tree": lambda one, other: one._replace(tree=b"x"),
    "body": lambda one, other: one._replace(row=one.row._replace(body="[" * 100_000)),
}


def changed(outcome: Outcome, **fields: object) -> Row:
    return row_of(ScoreState.model_validate({**outcome.state.model_dump(), **fields}))


@pytest.mark.parametrize("what", sorted(OTHER))
def test_a_row_of_something_else_than_was_asked_costs_its_own_case(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    asked = order(installed(tmp_path, monkeypatch, f"doi-{what}", GOOD), "p1", "p2", "p3")
    honest = score_order(asked)
    forged = [honest[0], OTHER[what](honest[1], honest[2]), honest[2]]
    outcomes = true_outcomes(asked, as_bytes(forged))
    assert [one.failure for one in outcomes] == [None, "answer", None]
    assert outcomes[1].state.subject == "p2"
    assert outcomes[1].state.state == "not_scored"
    assert outcomes[0] == honest[0]


def test_the_stored_case_is_made_by_the_service_and_not_taken_from_the_worker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = order(installed(tmp_path, monkeypatch, "doi-ho-so", GOOD), "p1")
    (honest,) = score_order(asked)
    assert true_outcomes(asked, as_bytes([honest._replace(case=b"khac")])) == [honest]


def test_a_failure_is_written_by_the_service_whatever_row_came_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = order(installed(tmp_path, monkeypatch, "doi-loi", GOOD), "p1", "p2")
    honest = score_order(asked)
    forged = [one._replace(failure="la", detail="\x1b[2J\nx") for one in reversed(honest)]
    outcomes = true_outcomes(asked, as_bytes(forged))
    assert [(one.failure, one.state.subject, one.tree) for one in outcomes] == [
        ("answer", "p1", None),
        ("answer", "p2", None),
    ]
    assert "\x1b" not in outcomes[0].detail


async def test_a_process_that_hangs_is_ended_though_nobody_waits_for_it_any_more() -> None:
    crew = Crew(1, gc.collect)
    try:
        assert await crew.ask(60, bytes, 2) == b"\0\0"
        begun = crew.processes
        hanging = asyncio.create_task(crew.ask(0.5, time.sleep, 600))
        await asyncio.sleep(0.1)
        hanging.cancel()
        assert await crew.ask(60, bytes, 3) == b"\0\0\0"
        assert crew.processes != begun
        with pytest.raises(WorkerTooSlow):
            await crew.ask(0.1, time.sleep, 600)
    finally:
        crew.end()


async def test_a_process_that_holds_much_is_replaced_before_it_meets_its_limit() -> None:
    crew = Crew(1, gc.collect, replaced_above=256 * 2**20)
    try:
        assert await crew.ask(60, bytes, 2) == b"\0\0"
        begun = crew.processes
        assert len(begun) == 1
        # A process of its own imports no test; what evaluates text is everywhere.
        assert (
            await crew.ask(60, eval, "setattr(__import__('sys'), 'held', bytearray(256 << 20)) or b'held'") == b"held"
        )
        assert not crew.processes
        assert await crew.ask(60, bytes, 2) == b"\0\0"
        assert len(crew.processes) == 1
        assert crew.processes != begun
    finally:
        crew.end()
