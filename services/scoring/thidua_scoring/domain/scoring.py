"""Scoring one order of cases: what a worker process runs, and a thread where the set has no code of its own."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial
from types import FrameType
from typing import Final, TypeVar

from isal import isal_zlib

from thidua.criteria import (
    Case,
    CaseDoesNotFit,
    CriteriaSet,
    ParameterRefused,
    RuleBroken,
    Score,
    load_criteria_set,
    score,
)
from thidua.criteria.errors import first_line
from thidua.criteria.kinds.code import CodeRule, ResultTooLarge
from thidua_scoring.domain.cases import Wanted, case_of
from thidua_scoring.domain.material import Material
from thidua_scoring.domain.outcomes import Outcome, SetUsed, not_scored, row_of, scored_row

Item = tuple[Material, Wanted]
Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class Order:
    """Cases of one set for one worker. `place`: where the set is loaded from.

    `seconds`: the longest one score may take; 0 where nobody can interrupt it. `cut`: of official scores.
    """

    place: str
    used: SetUsed
    items: tuple[Item, ...]
    seconds: float = 0.0
    cut: datetime | None = None


LARGEST_TREE: Final = 4_000_000
"""Bytes of one explanation; that of the largest set here has a hundredth of it."""
TOO_LONG_IN_A_ROW: Final = 3
DEAF_SECONDS: Final = 0.25
"""After so long the process of a set that swallowed its alarm is ended."""
_LEVEL: Final = 1
_LEVEL_OF_TREES: Final = 0
"""Of compression: a tree takes half as long as on the next one, and a seventh more room; a case a fifth more."""


class _TooLong(BaseException):
    """Outside Exception, so that a set which swallows errors cannot swallow its time limit."""


_rung: list[int] = []
"""The alarm that rang since the last one was set."""


WHY: Final = {
    "time": "bộ tiêu chí {set} chạy quá thời gian cho phép",
    "memory": "bộ tiêu chí {set} dùng quá bộ nhớ cho phép",
    "crash": "bộ tiêu chí {set} làm dừng tiến trình chấm điểm",
    "exception": "bộ tiêu chí {set} gặp lỗi khi chấm",
    "too_large": "bộ tiêu chí {set} trả về kết quả quá lớn",
    "answer": "bộ tiêu chí {set} trả lời không đúng hồ sơ được giao",
    "refused": "bộ tiêu chí {set} không chấm được hồ sơ này ({why})",
}


def score_order(order: Order) -> list[Outcome]:
    """Score all cases of an order; one that fails becomes an outcome with its reason, the others go on.

    After some cases in a row that ran into the time limit the rest is given up: it would take an hour.
    """
    # Step by step for all: a step's code then stays in the processor's cache, which saves a fifth of the time.
    cases = [_guarded(order, item, partial(case_of, *item)) for item in order.items]
    with _alarms(order.seconds):
        scores = list(_scores(order, cases))
    return [
        one if isinstance(one, Outcome) else _guarded(order, item, partial(_outcome, order, item, *one))
        for item, one in zip(order.items, scores, strict=True)
    ]


def _scores(order: Order, cases: Sequence[Case | Outcome]) -> Iterator[tuple[Case, Score] | Outcome]:
    in_a_row = 0
    for item, case in zip(order.items, cases, strict=True):
        if in_a_row == TOO_LONG_IN_A_ROW:
            yield failed(order, *item, "time")
            continue
        result = case if isinstance(case, Outcome) else _guarded(order, item, partial(_score, order, case))
        in_a_row = in_a_row + 1 if isinstance(result, Outcome) and result.failure == "time" else 0
        yield result


def rescored(place: str, case: bytes) -> tuple[bytes, str]:
    """Score a stored case again; return the canonical score, or nothing and what the set did."""
    try:
        return score(load(place), Case.from_canonical(case)).canonical(), ""
    except BaseException as error:
        # Foreign code may raise anything, what ends programs and cancels tasks among it.
        return b"", _named(error)


def why_not_loaded(place: str, seconds: float) -> str:
    """Load a set, its code included; return why that failed, "" if it did not."""
    try:
        with _alarms(seconds):
            _limited(seconds, partial(load, place))
    except _TooLong:
        return f"importing its code takes more than {seconds:g} s"
    except BaseException as error:
        return first_line(error) or type(error).__name__
    return ""


def failed(order: Order, material: Material, wanted: Wanted, failure: str, detail: str = "") -> Outcome:
    """Return the outcome of a case whose set failed."""
    why = WHY[failure].format(set=order.used.id, why=detail)
    state = not_scored(material, order.used, wanted.period, wanted.lane, why, order.cut)
    return Outcome(row_of(state), failure=failure, detail=detail)


def withheld(order: Order, why: str) -> list[Outcome]:
    """Return the outcomes of cases whose set was stopped; `why` is a piece of a Vietnamese sentence."""
    return [
        Outcome(row_of(not_scored(material, order.used, wanted.period, wanted.lane, why, order.cut)))
        for material, wanted in order.items
    ]


def has_code(criteria_set: CriteriaSet) -> bool:
    """Whether a set brings Python of its own, which must never run inside the service's process."""
    manifest = criteria_set.manifest
    rules = [*(line.rule for line in manifest.criteria), *(line.rule for line in manifest.adjustments)]
    return any(isinstance(rule, CodeRule) for rule in rules)


@cache
def load(place: str) -> CriteriaSet:
    """Load a set once per process; a refusal is not kept. Raises what `load_criteria_set` raises."""
    return load_criteria_set(place)


@cache
def load_unimported(place: str) -> CriteriaSet:
    """Load a set without its code, once per process; a refusal is not kept. Raises what `load_criteria_set` raises."""
    return load_criteria_set(place, imports=False)


def _guarded(order: Order, item: Item, step: Callable[[], Made]) -> Made | Outcome:
    try:
        return step()
    except _TooLong:
        _quiet()
        return failed(order, *item, "time")
    except MemoryError:
        return failed(order, *item, "memory")
    except (CaseDoesNotFit, ParameterRefused, ValueError) as error:
        return failed(order, *item, "refused", first_line(error))
    except RuleBroken as error:
        # The engine wraps whatever a rule raises; want of memory has a limit of its own to point at.
        return failed(order, *item, _cause(error), first_line(error, 2_000))
    except BaseException as error:
        return failed(order, *item, "exception", _named(error))


def _cause(error: RuleBroken) -> str:
    if isinstance(error.__cause__, MemoryError):
        return "memory"
    return "too_large" if isinstance(error.__cause__, ResultTooLarge) else "exception"


def _score(order: Order, case: Case) -> tuple[Case, Score]:
    return case, _limited(order.seconds, partial(_scored, order, case))


def _scored(order: Order, case: Case) -> Score:
    criteria_set = load(order.place)
    if criteria_set.artefact != order.used.artefact:
        raise ValueError(f"artefact {criteria_set.artefact} is installed, {order.used.artefact} is registered")
    return score(criteria_set, case)


def _outcome(order: Order, item: Item, case: Case, result: Score) -> Outcome:
    material, wanted = item
    tree = result.canonical()
    if len(tree) > LARGEST_TREE:
        return failed(order, material, wanted, "too_large", f"its explanation has {len(tree)} bytes")
    row = scored_row(material, result, order.cut)
    return Outcome(row, isal_zlib.compress(tree, _LEVEL_OF_TREES), kept_case(case, wanted))


def kept_case(case: Case, wanted: Wanted) -> bytes | None:
    """Return the case as it is stored, compressed; None for a running score, which keeps none."""
    return isal_zlib.compress(case.canonical, _LEVEL) if wanted.lane == "official" else None


@contextmanager
def _alarms(seconds: float) -> Iterator[None]:
    """Let the alarms of `_limited` be heard; set once for many, since it takes a tenth of the time of a score."""
    if not seconds:
        yield
        return
    before = signal.signal(signal.SIGALRM, _stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGALRM, before)


def _limited(seconds: float, work: Callable[[], Made]) -> Made:
    if not seconds:
        return work()
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        return work()
    finally:
        _quiet()


def _quiet() -> None:
    signal.setitimer(signal.ITIMER_REAL, 0)
    if _rung:
        _rung.clear()
        signal.signal(signal.SIGALRM, _stop)


def _stop(number: int, frame: FrameType | None) -> None:
    # The system ends a process by the next alarm: no Python hears that one, so none can swallow it.
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, DEAF_SECONDS)
    _rung.append(number)
    raise _TooLong


def _named(error: BaseException) -> str:
    return f"{type(error).__name__}: {first_line(error)}"
