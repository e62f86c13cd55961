"""The way of an initiative: recognition at the base and of its scope are two acts of two authorities."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from thidua.contracts import Initiative
from thidua.contracts.campaign import Author, InitiativeState
from thidua_registration.domain.moves import Act, Need, Rule, Side, check
from thidua_registration.errors import (
    AlreadySent,
    InitiativeTooLate,
    ItemRefused,
    MoveNeeds,
    NotYetLapsed,
)

FIRST_DAY: Final = {"what": "ngày áp dụng lần đầu", "what_en": "the day of the first application"}
"""What a request and a lapse count from, in both languages."""

WHOLE: Final = 100
"""Percent that the authors' shares sum to."""


class InitiativeMove(StrEnum):
    """Acts upon an initiative."""

    SUBMIT = "submit"
    RETURN = "return"
    CHECK = "check"
    ASSESS = "assess"
    CONVENE = "convene"
    POSTPONE = "postpone"
    RECOGNISE = "recognise"
    NOT_RECOGNISE = "not_recognise"
    REQUEST_INFLUENCE = "request_influence"
    RECOGNISE_INFLUENCE = "recognise_influence"
    REFUSE_INFLUENCE = "refuse_influence"
    CANCEL = "cancel"
    LAPSE = "lapse"
    WITHDRAW = "withdraw"


_S = InitiativeState
_M = InitiativeMove
_BOTH = (Side.UNIT, Side.OFFICE)

LABELS: Final[Mapping[InitiativeState, str]] = MappingProxyType(
    {
        _S.DRAFT: "Đang viết",
        _S.SUBMITTED: "Đã nộp đơn yêu cầu công nhận",
        _S.RETURNED: "Trả lại bổ sung",
        _S.FORMALLY_OK: "Hợp lệ về hình thức",
        _S.ASSESSED: "Đã chấm",
        _S.COUNCIL: "Hội đồng sáng kiến họp",
        _S.RECOGNISED: "Đã công nhận sáng kiến (cơ sở)",
        _S.NOT_RECOGNISED: "Không công nhận",
        _S.INFLUENCE_REQUESTED: "Đề nghị công nhận phạm vi ảnh hưởng",
        _S.INFLUENCE_RECOGNISED: "Đã công nhận phạm vi ảnh hưởng",
        _S.CANCELLED: "Hủy bỏ công nhận",
        _S.LAPSED: "Quá thời hiệu",
        _S.WITHDRAWN: "Rút",
        _S.UNKNOWN: "Không rõ",
    }
)

_DECISION = (Need.DOCUMENT, Need.NAMED)

MOVES: Final[Mapping[InitiativeMove, Rule[InitiativeState]]] = MappingProxyType(
    {
        _M.SUBMIT: Rule("nộp đơn yêu cầu công nhận", (_S.DRAFT, _S.RETURNED, _S.NOT_RECOGNISED), _S.SUBMITTED, _BOTH),
        _M.RETURN: Rule("trả lại bổ sung", (_S.SUBMITTED,), _S.RETURNED, needs=(Need.REASON,)),
        _M.CHECK: Rule("xác nhận hợp lệ về hình thức", (_S.SUBMITTED,), _S.FORMALLY_OK),
        _M.ASSESS: Rule("ghi nhận đã chấm", (_S.FORMALLY_OK,), _S.ASSESSED),
        _M.CONVENE: Rule("đưa ra Hội đồng sáng kiến", (_S.ASSESSED,), _S.COUNCIL, needs=(Need.DOCUMENT,)),
        # A postponed case stays before the council, with the reason on record.
        _M.POSTPONE: Rule("hoãn", (_S.COUNCIL,), None, needs=(Need.REASON,)),
        _M.RECOGNISE: Rule("công nhận sáng kiến", (_S.COUNCIL,), _S.RECOGNISED, needs=_DECISION),
        _M.NOT_RECOGNISE: Rule("không công nhận", (_S.COUNCIL,), _S.NOT_RECOGNISED, needs=(Need.NAMED, Need.REASON)),
        _M.REQUEST_INFLUENCE: Rule(
            "đề nghị công nhận phạm vi ảnh hưởng",
            (_S.RECOGNISED,),
            _S.INFLUENCE_REQUESTED,
            _BOTH,
            (Need.DOCUMENT,),
        ),
        _M.RECOGNISE_INFLUENCE: Rule(
            "công nhận phạm vi ảnh hưởng",
            (_S.INFLUENCE_REQUESTED,),
            _S.INFLUENCE_RECOGNISED,
            needs=(*_DECISION, Need.SCOPE),
        ),
        # Refusing the scope leaves the recognition at the base as it was.
        _M.REFUSE_INFLUENCE: Rule(
            "không công nhận phạm vi ảnh hưởng", (_S.INFLUENCE_REQUESTED,), _S.RECOGNISED, needs=(Need.REASON,)
        ),
        _M.CANCEL: Rule(
            "hủy bỏ công nhận",
            (_S.RECOGNISED, _S.INFLUENCE_RECOGNISED),
            _S.CANCELLED,
            needs=(*_DECISION, Need.REASON),
        ),
        _M.LAPSE: Rule("xác nhận quá thời hiệu", (_S.SUBMITTED,), _S.LAPSED, needs=(Need.NAMED,)),
        _M.WITHDRAW: Rule("rút", (_S.RETURNED,), _S.WITHDRAWN, _BOTH),
    }
)
"""The whole table: whatever is not a line here is refused."""

EDITABLE: Final = (_S.DRAFT, _S.RETURNED, _S.NOT_RECOGNISED)
"""States in which title, authors and first application may be edited."""


def check_authors(authors: Iterable[Author]) -> None:
    """Raise ItemRefused unless there are authors, each once, with shares that sum to 100 %."""
    shares = [(author.person, author.share) for author in authors]
    if len({person for person, _ in shares}) != len(shares):
        raise ItemRefused(why="một tác giả được ghi hai lần", why_en="an author is named twice")
    total = sum(share for _, share in shares)
    if total != WHOLE:
        raise ItemRefused(
            why=f"tỷ lệ đóng góp của các tác giả cộng lại là {total} %, phải bằng {WHOLE} %",
            why_en=f"the authors' shares sum to {total} %, not {WHOLE} %",
        )


def lapses_after(first_applied_on: date) -> date:
    """Return the last day for a request: one year after the first application (29 February ends on the 28th)."""
    try:
        return first_applied_on.replace(year=first_applied_on.year + 1)
    except ValueError:
        return first_applied_on.replace(year=first_applied_on.year + 1, day=28)


def written(item: Initiative | None, fresh: Initiative, *, is_rewritten: bool = False) -> Initiative:
    """Return the initiative as it is now written; raises AlreadySent when a sent one would change.

    `is_rewritten`: its text, which is no part of the state, is another one.
    """
    if item is None:
        return fresh
    after = item.model_copy(
        update={name: getattr(fresh, name) for name in ("campaign", "title", "kind", "authors", "first_applied_on")}
    )
    if (is_rewritten or after != item) and item.state not in EDITABLE:
        raise AlreadySent(
            whom=f"sáng kiến “{item.code}”",
            whom_en=f"the initiative {item.code!r}",
            state=LABELS[item.state],
            state_en=item.state,
            remedy="đề nghị trả lại",
            remedy_en="ask for its return",
        )
    return after


def moved(item: Initiative, move: InitiativeMove, act: Act, *, scope: str | None = None) -> Initiative:
    """Return the initiative after `act`; raises what stops it.

    A request comes within a year of the first application, unless the office confirms it with a reason; a
    lapse is confirmed by a named official, and only after that year. `scope` belongs to RECOGNISE_INFLUENCE.
    """
    rule = MOVES[move]
    brought = frozenset({Need.SCOPE} if scope else ())
    check(move, rule, item.state, act, brought, LABELS)
    after = item if rule.enters is None else item.model_copy(update={"state": rule.enters})
    if move is _M.SUBMIT:
        _check_submission(item, act)
        # Who reads it again begins anew.
        return after.model_copy(update={"submitted_on": requested_on(item, act.done_on), "mark": None})
    if move is _M.LAPSE:
        _check_lapse(item, act)
    if move is _M.RECOGNISE:
        return after.model_copy(update={"recognition": act.document})
    if move is _M.RECOGNISE_INFLUENCE:
        return after.model_copy(update={"scope": scope, "scope_recognition": act.document})
    return after


def requested_on(item: Initiative, done_on: date) -> date:
    """Return the day of the request: what is sent back for completion was asked for when it was first handed in.

    With new evidence after a refusal a new request begins.
    """
    return item.submitted_on if item.state is _S.RETURNED and item.submitted_on else done_on


def _check_submission(item: Initiative, act: Act) -> None:
    check_authors(item.authors)
    if item.first_applied_on is None:
        raise MoveNeeds(move=MOVES[_M.SUBMIT].label, move_en=_M.SUBMIT, **FIRST_DAY)
    if item.state is _S.NOT_RECOGNISED and not act.reason.strip():
        raise MoveNeeds(
            move="nộp lại sau khi không được công nhận",
            move_en="a second request",
            what="chứng cứ mới (reason)",
            what_en="new evidence (reason)",
        )
    until = lapses_after(item.first_applied_on)
    confirmed = act.side is Side.OFFICE and act.reason.strip()
    reached = requested_on(item, act.done_on)
    if reached > until and not confirmed:
        raise InitiativeTooLate(applied=item.first_applied_on, until=until, done_on=reached)


def _check_lapse(item: Initiative, act: Act) -> None:
    if item.first_applied_on is None:
        raise MoveNeeds(move=MOVES[_M.LAPSE].label, move_en=_M.LAPSE, **FIRST_DAY)
    # A request handed in within the year does not lapse while others take their time.
    reached = item.submitted_on or act.done_on
    until = lapses_after(item.first_applied_on)
    if reached <= until:
        raise NotYetLapsed(until=until)
