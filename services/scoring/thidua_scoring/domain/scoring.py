"""Scoring one order of cases: what a worker process runs, and a thread where the set has no code of its own."""

from __future__ import annotations

import signal
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from types import FrameType
from typing import Final

from thidua.criteria import Case, CaseDoesNotFit, CriteriaSet, ParameterRefused, RuleBroken, load_criteria_set, score
from thidua.criteria.canonical import canonical_json
from thidua.criteria.kinds.code import CodeRule
from thidua_scoring.domain.cases import Wanted, case_of
from thidua_scoring.domain.material import Material
from thidua_scoring.domain.outcomes import Outcome, SetUsed, not_scored, scored


@dataclass(frozen=True, slots=True)
class Order:
    """Cases of one set for one worker. `place`: where the set is loaded from.

    `seconds`: the longest one score may take; 0 where nobody can interrupt it.
    """

    place: str
    used: SetUsed
    items: tuple[tuple[Material, Wanted], ...]
    seconds: float = 0.0


TOO_LONG_IN_A_ROW: Final = 3
# Half the time of the usual level 6 for a tenth more bytes; what is replaced with every event is not worth more.
_LEVEL: Final = 1


class _TooLong(BaseException):
    """Outside Exception, so that a set which swallows errors cannot swallow its time limit."""


_WHY: Final = {
    "time": "bộ tiêu chí {set} chạy quá thời gian cho phép",
    "memory": "bộ tiêu chí {set} dùng quá bộ nhớ cho phép",
    "crash": "bộ tiêu chí {set} làm dừng tiến trình chấm điểm",
    "exception": "bộ tiêu chí {set} gặp lỗi khi chấm",
    "refused": "bộ tiêu chí {set} không chấm được hồ sơ này ({why})",
}


def score_order(order: Order) -> list[Outcome]:
    """Score all cases of an order; one that fails becomes an outcome with its reason, the others go on.

    After some cases in a row that ran into the time limit the rest is given up: it would take an hour.
    """
    outcomes: list[Outcome] = []
    in_a_row = 0
    for material, wanted in order.items:
        gave_up = in_a_row == TOO_LONG_IN_A_ROW
        outcome = failed(order, material, wanted, "time") if gave_up else _score_one(order, material, wanted)
        in_a_row = in_a_row + (not gave_up) if outcome.failure == "time" else 0
        outcomes.append(outcome)
    return outcomes


def rescored(place: str, case: bytes) -> bytes:
    """Score a stored case again and return the canonical score."""
    return score(load(place), Case.from_canonical(case)).canonical()


def failed(order: Order, material: Material, wanted: Wanted, failure: str, detail: str = "") -> Outcome:
    """Return the outcome of a case whose set failed."""
    why = _WHY[failure].format(set=order.used.id, why=detail)
    state = not_scored(material, order.used, wanted.period, wanted.lane, why)
    return Outcome(state, failure=failure, detail=detail)


def has_code(criteria_set: CriteriaSet) -> bool:
    """Whether a set brings Python of its own, which must never run inside the service's process."""
    manifest = criteria_set.manifest
    rules = [*(line.rule for line in manifest.criteria), *(line.rule for line in manifest.adjustments)]
    return any(isinstance(rule, CodeRule) for rule in rules)


@cache
def load(place: str) -> CriteriaSet:
    """Load a set once per process; a refusal is not kept. Raises what `load_criteria_set` raises."""
    return load_criteria_set(place)


def _score_one(order: Order, material: Material, wanted: Wanted) -> Outcome:
    try:
        with _limited(order.seconds):
            return _scored(order, material, wanted)
    except _TooLong:
        return failed(order, material, wanted, "time")
    except MemoryError:
        return failed(order, material, wanted, "memory")
    except (CaseDoesNotFit, ParameterRefused, ValueError) as error:
        return failed(order, material, wanted, "refused", _first_line(error))
    except RuleBroken as error:
        # The engine wraps whatever a rule raises; want of memory has a limit of its own to point at.
        failure = "memory" if isinstance(error.__cause__, MemoryError) else "exception"
        return failed(order, material, wanted, failure, str(error))
    except Exception as error:
        return failed(order, material, wanted, "exception", f"{type(error).__name__}: {error}")


def _scored(order: Order, material: Material, wanted: Wanted) -> Outcome:
    criteria_set = load(order.place)
    if criteria_set.artefact != order.used.artefact:
        detail = f"artefact {criteria_set.artefact} is installed, {order.used.artefact} is registered"
        return failed(order, material, wanted, "refused", detail)
    case = case_of(material, wanted)
    result = score(criteria_set, case)
    whole = result.as_json()
    case_bytes = case.canonical if wanted.lane == "official" else None
    return Outcome(scored(material, result, whole), zlib.compress(canonical_json(whole), _LEVEL), case_bytes)


@contextmanager
def _limited(seconds: float) -> Iterator[None]:
    if not seconds:
        yield
        return
    before = signal.signal(signal.SIGALRM, _stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _stop(number: int, frame: FrameType | None) -> None:
    raise _TooLong


def _first_line(error: Exception) -> str:
    return " ".join(str(error).split())[:300]
