"""What a worker process answered: read as plain values, and held against what it was asked.

Foreign code lives in that process: it may have changed whatever answers there. Nothing is run by reading, and a row
that is not of the case that was asked costs that case.
"""

from __future__ import annotations

from typing import Final, TypeVar

import msgspec
import orjson
from isal import isal_zlib

from thidua.contracts import ScoreState
from thidua.criteria import Case
from thidua.criteria.canonical import plain_decimal
from thidua.criteria.errors import first_line, printable
from thidua_scoring.domain.cases import case_of
from thidua_scoring.domain.outcomes import Outcome, row_of
from thidua_scoring.domain.scoring import LARGEST_TREE, WHY, Item, Order, failed, kept_case

Plain = TypeVar("Plain")

_NOT_OF_THE_CASE: Final = "the answer is not of the case that was asked"
_OUTCOMES: Final = msgspec.msgpack.Decoder(list[Outcome])
_WRITER: Final = msgspec.msgpack.Encoder()


def as_bytes(answer: object) -> bytes:
    """Return an answer as bytes that run nothing when they are read."""
    return _WRITER.encode(answer)


def read_plain(answer: bytes, kind: type[Plain]) -> Plain:
    """Read an answer of a kind; raises ValueError for anything else."""
    try:
        return msgspec.msgpack.decode(answer, type=kind)
    except msgspec.MsgspecError as error:
        raise ValueError(f"its process answered something else than was asked: {error}") from error


def read_outcomes(answer: bytes) -> list[Outcome]:
    """Read the outcomes of an order; raises ValueError for anything else."""
    try:
        return _OUTCOMES.decode(answer)
    except msgspec.MsgspecError as error:
        raise ValueError(f"its process answered something else than outcomes: {error}") from error


def true_outcomes(order: Order, answer: bytes) -> list[Outcome]:
    """Return the outcomes of an order that foreign code may have touched, each held against its case."""
    try:
        outcomes = read_outcomes(answer)
    except ValueError:
        outcomes = []
    if len(outcomes) != len(order.items):
        return [failed(order, *item, "answer", "it answered other cases than were asked") for item in order.items]
    return [_true(order, item, outcome) for item, outcome in zip(order.items, outcomes, strict=True)]


def _true(order: Order, item: Item, outcome: Outcome) -> Outcome:
    if outcome.failure is not None:
        # Made anew from the order: nothing of the row that came is kept.
        return failed(order, *item, outcome.failure if outcome.failure in WHY else "answer", printable(outcome.detail))
    try:
        case = case_of(*item)
        _refuse_another(order, item, case, outcome)
    except Exception as error:
        # Bytes of foreign code: whatever reading them raises costs the case they are of.
        return failed(order, *item, "answer", first_line(error))
    return outcome._replace(case=kept_case(case, item[1]))


def _refuse_another(order: Order, item: Item, case: Case, outcome: Outcome) -> None:
    (material, wanted), used, state = item, order.used, outcome.state
    asked = (
        material.subject, material.kind, material.unit_id, material.cluster, material.frame.campaign, case.period,
        used.id, used.version, used.artefact, wanted.lane, case.hash, case.as_of, order.cut,
    )  # fmt: skip
    answered = (
        state.subject, state.subject_kind.value, state.unit, state.cluster, state.campaign, state.period,
        state.criteria_set, state.set_version, state.artefact, state.lane.value, state.case_hash, state.as_of,
        state.cut,
    )  # fmt: skip
    if answered != asked or row_of(state) != outcome.row:
        raise ValueError(_NOT_OF_THE_CASE)
    _refuse_another_tree(state, outcome.tree)


def _refuse_another_tree(state: ScoreState, tree: bytes | None) -> None:
    reader = isal_zlib.decompressobj()
    told = orjson.loads(reader.decompress(tree or b"", LARGEST_TREE))
    points = None if state.points is None else plain_decimal(state.points)
    said = (state.criteria_set, state.artefact, state.lane.value, state.case_hash, state.state, points, state.band)
    names = ("set_id", "artefact", "lane", "case_hash", "state", "total", "band")
    if not reader.eof or reader.unused_data or tuple(told[name] for name in names) != said:
        raise ValueError("its explanation is not that of its score")
