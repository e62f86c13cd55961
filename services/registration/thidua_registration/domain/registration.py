"""The way of a registration item: from draft to closed, with its flags. The table is explained in the README.

Late (nộp muộn) and missing (chưa đăng ký) are different things: late is a flag of an item that was sent,
missing is the absence of one. A passed date raises a flag or a refusal, it never moves a state.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from thidua.contracts import Campaign, Registration, SubjectKind
from thidua.contracts.campaign import RegisteredInitiative, RegistrationState, Target
from thidua_registration.domain.moves import Act, Need, Rule, Side, check
from thidua_registration.errors import AlreadySent, AmendmentOver, MoveNeeds


class Move(StrEnum):
    """Acts upon a registration item."""

    SUBMIT = "submit"
    RETURN = "return"
    ACCEPT = "accept"
    DECLINE = "decline"
    AMEND = "amend"
    WITHDRAW = "withdraw"
    SUCCEED = "succeed"
    CLOSE = "close"
    MARK_MISMATCH = "mark_mismatch"
    CLEAR_MISMATCH = "clear_mismatch"


_S = RegistrationState
_BOTH = (Side.UNIT, Side.OFFICE)
_IN_FORCE = (_S.ACCEPTED, _S.AMENDED)
AMENDED: Final = ("điều chỉnh bằng văn bản", "amend it by a document")
SENT_BACK: Final = ("đề nghị Thường trực Hội đồng trả lại", "ask the standing office for its return")
"""What to do about an item that was sent, in Vietnamese and English."""


LABELS: Final[Mapping[RegistrationState, str]] = MappingProxyType(
    {
        _S.DRAFT: "Đang soạn",
        _S.SUBMITTED: "Đã gửi",
        _S.RETURNED: "Trả lại để hoàn thiện",
        _S.ACCEPTED: "Đã tiếp nhận",
        _S.DECLINED: "Không tiếp nhận",
        _S.AMENDED: "Điều chỉnh",
        _S.WITHDRAWN: "Rút đăng ký",
        _S.SUCCEEDED: "Đơn vị kế thừa tiếp nhận",
        _S.CLOSED: "Đã tổng kết",
        _S.UNKNOWN: "Không rõ",
    }
)

MOVES: Final[Mapping[Move, Rule[RegistrationState]]] = MappingProxyType(
    {
        Move.SUBMIT: Rule("gửi đăng ký", (_S.DRAFT, _S.RETURNED, _S.DECLINED), _S.SUBMITTED, _BOTH, (Need.DOCUMENT,)),
        Move.RETURN: Rule("trả lại", (_S.SUBMITTED,), _S.RETURNED, needs=(Need.REASON,)),
        Move.ACCEPT: Rule("tiếp nhận", (_S.SUBMITTED,), _S.ACCEPTED),
        Move.DECLINE: Rule("không tiếp nhận", (_S.SUBMITTED,), _S.DECLINED, needs=(Need.NAMED, Need.REASON)),
        # The unit writes, the office enters what it accepts: the document is the unit's.
        Move.AMEND: Rule("điều chỉnh", _IN_FORCE, _S.AMENDED, needs=(Need.DOCUMENT, Need.CONTENT)),
        Move.WITHDRAW: Rule("rút đăng ký", (_S.SUBMITTED, _S.RETURNED, _S.ACCEPTED, _S.AMENDED), _S.WITHDRAWN, _BOTH),
        Move.SUCCEED: Rule("chuyển đơn vị kế thừa", _IN_FORCE, _S.SUCCEEDED, needs=(Need.DOCUMENT, Need.SUCCESSOR)),
        Move.CLOSE: Rule("tổng kết", _IN_FORCE, _S.CLOSED),
        Move.MARK_MISMATCH: Rule("ghi nhận đề nghị khác đăng ký", (*_IN_FORCE, _S.CLOSED), None, needs=(Need.REASON,)),
        Move.CLEAR_MISMATCH: Rule(
            "bỏ ghi nhận đề nghị khác đăng ký", (*_IN_FORCE, _S.CLOSED), None, needs=(Need.REASON,)
        ),
    }
)
"""The whole table: whatever is not a line here is refused."""

EDITABLE: Final = (_S.DRAFT, _S.RETURNED, _S.DECLINED)
"""States in which the unit edits the content itself; in all others it changes by a move."""


@dataclass(frozen=True)
class Content:
    """What a subject registers: titles aimed at, targets, initiatives announced."""

    titles: tuple[str, ...] = ()
    targets: tuple[Target, ...] = ()
    initiatives: tuple[RegisteredInitiative, ...] = ()


@dataclass(frozen=True)
class Moved:
    """The item after an act, and who let a late one in (empty unless this act did)."""

    item: Registration
    let_in_by: str = ""


def drafted(item: Registration | None, fresh: Registration, whom: str) -> Registration:
    """Return the item as the unit now writes it; what was sent and is not returned may only be repeated as it is.

    `fresh` is a new draft. Raises AlreadySent where the content differs and a move is needed.
    """
    if item is None:
        return fresh
    content = content_of(fresh)
    if item.state in EDITABLE:
        paper = {"unit": fresh.unit, "document": fresh.document or item.document}
        return with_content(item, content).model_copy(update=paper)
    if content_of(item) != content:
        remedy, advice = AMENDED if item.state in _IN_FORCE else SENT_BACK
        raise AlreadySent(whom=whom, state=LABELS[item.state], state_en=item.state, remedy=remedy, remedy_en=advice)
    return item


def moved(
    item: Registration,
    move: Move,
    act: Act,
    campaign: Campaign,
    *,
    content: Content | None = None,
    successor: str | None = None,
) -> Moved:
    """Return the item after `act`; raises MoveRefused, MoveReserved, MoveInFuture, MoveNeeds or AmendmentOver.

    A document already on the item counts for a submission, unless it is recorded afterwards: then the act
    itself must show it. `content` belongs to an amendment, `successor` (a unit's id) to a succession.
    """
    rule = MOVES[move]
    brought = {Need.CONTENT: content, Need.SUCCESSOR: successor, Need.DOCUMENT: item.document}
    if move is not Move.SUBMIT:
        brought[Need.DOCUMENT] = None
    check(move, rule, item.state, act, frozenset(need for need, value in brought.items() if value), LABELS)
    after = item if rule.enters is None else item.model_copy(update={"state": rule.enters})
    if move is Move.SUBMIT:
        return Moved(_submitted(item, after, act, campaign))
    if move is Move.ACCEPT:
        return _accepted(after, act)
    if move is Move.AMEND and content is not None:
        return Moved(_amended(after, act, campaign, content))
    if move is Move.SUCCEED and successor is not None:
        return Moved(_succeeded(item, after, successor))
    if move in (Move.MARK_MISMATCH, Move.CLEAR_MISMATCH):
        return Moved(after.model_copy(update={"title_mismatch": move is Move.MARK_MISMATCH}))
    return Moved(after)


def is_late(first_submitted_on: date, campaign: Campaign) -> bool:
    """Whether an item first sent on that day is late; the due date lasts until its end."""
    return first_submitted_on > campaign.registration_due


def sheet_of(unit: str, parents: Mapping[str, str | None], participants: Collection[str]) -> str:
    """Return on whose sheet the people of `unit` stand: its own, else that of the nearest unit above that takes part.

    `unit` itself where nobody above takes part either. A circle of parents ends where it began.

    >>> sheet_of("phong", {"phong": "so", "so": "tinh"}, ["so"]), sheet_of("so", {}, [])
    ('so', 'so')
    """
    at: str | None = unit
    seen: set[str] = set()
    while at is not None and at not in seen:
        if at in participants:
            return at
        seen.add(at)
        at = parents.get(at)
    return unit


def inherited(item: Registration, heir: str) -> Registration:
    """Return the item a successor unit takes over from a collective: accepted, with its first date and flags."""
    return item.model_copy(update={"subject": heir, "unit": heir, "state": _S.ACCEPTED, "version": 0})


def content_of(item: Registration) -> Content:
    """Return what the item registers, without its state."""
    return Content(item.titles, item.targets, item.initiatives)


def with_content(item: Registration, content: Content) -> Registration:
    """Return the item with other content."""
    fields = {"titles": content.titles, "targets": content.targets, "initiatives": content.initiatives}
    return item.model_copy(update=fields)


def _submitted(before: Registration, after: Registration, act: Act, campaign: Campaign) -> Registration:
    first = before.first_submitted_on or act.done_on
    late = is_late(first, campaign)
    return after.model_copy(
        update={
            "round": before.round + 1 if before.first_submitted_on else before.round,
            "first_submitted_on": first,
            "document": act.document or before.document,
            "late": late,
            "late_reason": (before.late_reason or act.reason) if late else "",
        }
    )


def _accepted(after: Registration, act: Act) -> Moved:
    if not after.late:
        return Moved(after)
    # Only people let a late registration in, and they say why.
    reason = act.reason or after.late_reason
    if not reason.strip():
        raise MoveNeeds(
            move="tiếp nhận đăng ký nộp muộn", move_en="taking a late registration", what="lý do", what_en="a reason"
        )
    return Moved(after.model_copy(update={"late_reason": reason}), let_in_by=act.on_behalf_of or act.actor)


def _amended(after: Registration, act: Act, campaign: Campaign, content: Content) -> Registration:
    # The day of the unit's document counts: it may be entered later.
    if campaign.amend_until is not None and act.done_on > campaign.amend_until:
        raise AmendmentOver(until=campaign.amend_until, done_on=act.done_on)
    return with_content(after, content).model_copy(update={"document": act.document})


def _succeeded(before: Registration, after: Registration, successor: str) -> Registration:
    # A person's item follows the person into the successor and stays in force; the collective's own ends.
    if before.subject_kind is SubjectKind.INDIVIDUAL:
        return before.model_copy(update={"unit": successor})
    return after
