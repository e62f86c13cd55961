"""The way of a dossier: its states, who moves it where, and what each move must name."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from thidua.contracts.judgement import Finding, FindingStatus
from thidua_awards.domain.council import VOTE_RULES

Kind = Literal["merit", "sudden"]
"""Yearly merit goes the whole way; sudden achievement (đột xuất) may leave out the steps between."""

LABELS: Final[Mapping[str, str]] = {
    "drafting": "Đang lập hồ sơ",
    "unit_reviewed": "Tập thể đã bình xét",
    "unit_council": "Hội đồng đơn vị đã xét",
    "sent": "Đã trình",
    "received": "Đã tiếp nhận hồ sơ",
    "supplement": "Yêu cầu bổ sung",
    "appraisal": "Đang thẩm định",
    "cluster_vote": "Khối, Cụm suy tôn",
    "opinions": "Đang lấy ý kiến",
    "comments": "Tiếp thu, giải trình ý kiến",
    "on_hold": "Tạm dừng xem xét",
    "council_ready": "Đủ hồ sơ trình Hội đồng",
    "voted": "Hội đồng đã bỏ phiếu",
    "converted": "Chuyển hình thức khen thưởng",
    "to_authority": "Trình người có thẩm quyền",
    "sent_up": "Đã trình cấp trên",
    "decided": "Đã có quyết định",
    "refused": "Không tặng",
    "not_passed": "Không đạt",
    "not_forwarded": "Không trình",
    "withdrawn": "Rút hồ sơ",
    "presented": "Đã trao",
    "paid": "Đã chi thưởng",
    "archived": "Lưu hồ sơ",
    "corrected": "Đã đính chính",
    "cancelled": "Đã hủy bỏ",
    "complaint": "Đang giải quyết khiếu nại, kiến nghị",
    "closed": "Đã kết thúc",
}
"""Every state with the name an official reads."""


@dataclass(frozen=True, slots=True)
class Move:
    """A move into a state: who may enter it here, and what it rests on: a document, a reason, a named official."""

    to: str
    by: tuple[str, ...] = ("office",)
    document: bool = False
    reason: bool = False
    named: bool = False


UNIT: Final = ("unit", "office")
APPRAISER: Final = ("appraiser", "office")


def _unit(to: str, *, document: bool = False, reason: bool = False) -> Move:
    return Move(to, UNIT, document, reason)


COMPLAINT: Final = Move("complaint", reason=True)
HOLD: Final = Move("on_hold", named=True)
MOVES: Final[Mapping[str, tuple[Move, ...]]] = {
    "drafting": (_unit("unit_reviewed", document=True),),
    "unit_reviewed": (_unit("unit_council", document=True), _unit("drafting", reason=True)),
    "unit_council": (_unit("sent", document=True), _unit("drafting", reason=True)),
    "sent": (Move("received"),),
    "received": (Move("supplement", reason=True), Move("appraisal", APPRAISER), Move("drafting", reason=True), HOLD),
    "supplement": (_unit("received", document=True), _unit("withdrawn", reason=True)),
    "appraisal": (
        Move("opinions", APPRAISER),
        Move("cluster_vote", document=True),
        Move("council_ready", APPRAISER, reason=True),
        Move("supplement", APPRAISER, reason=True),
        Move("not_forwarded", document=True, reason=True),
        HOLD,
    ),
    "cluster_vote": (Move("appraisal", document=True),),
    "opinions": (Move("comments"), Move("council_ready"), HOLD),
    "comments": (Move("council_ready"), HOLD),
    "council_ready": (Move("voted", document=True), HOLD),
    "voted": (
        Move("to_authority", document=True),
        Move("appraisal", reason=True),
        Move("not_passed", document=True),
        Move("converted", document=True, reason=True),
    ),
    "to_authority": (
        Move("decided", document=True),
        Move("refused", document=True, reason=True, named=True),
        Move("sent_up", document=True),
        Move("appraisal", reason=True),
    ),
    "sent_up": (
        Move("decided", document=True),
        Move("refused", document=True, reason=True, named=True),
        Move("supplement", reason=True),
    ),
    "decided": (_unit("presented"), Move("corrected", document=True), Move("cancelled", document=True, reason=True)),
    "presented": (Move("paid", document=True), Move("cancelled", document=True, reason=True)),
    "paid": (Move("archived"), Move("cancelled", document=True, reason=True)),
    "archived": (Move("cancelled", document=True, reason=True),),
    "corrected": (_unit("presented"), Move("cancelled", document=True, reason=True)),
    "refused": (Move("closed"), COMPLAINT),
    "not_passed": (Move("closed"), COMPLAINT),
    "not_forwarded": (Move("closed"), COMPLAINT),
}
"""State → where it may go. `on_hold` and `complaint` go back to the state before them."""

SUDDEN: Final[Mapping[str, tuple[Move, ...]]] = {
    "drafting": (_unit("sent", document=True),),
    "received": (Move("to_authority", document=True),),
}
"""Moves that only a dossier for sudden achievement has: every step it leaves out is optional."""

OPINION_WORDS: Final = {"public": "công khai lấy ý kiến", "agencies": "hiệp y", "party": "xin ý kiến cấp ủy"}
"""The three ways of asking for opinions, as an official reads them."""

AWAY: Final = ("on_hold", "complaint")
"""States that a dossier comes back from, to where it was."""

INTERRUPTING: Final = ("on_hold", "cluster_vote")
"""States that interrupt a step: when it goes on, its time limit is what it was."""

BY_DECISION: Final = ("decided", "cancelled")
"""States that follow from a recorded decision alone: its number is typed in at one place."""

AWARDED: Final = ("decided", "presented", "paid", "archived", "corrected")
"""States of a dossier that a decision in force stands behind."""

ENDED: Final = ("withdrawn", "closed", "converted", "cancelled")
"""States in which nothing is asked for any more; what is asked for anew is a dossier of its own."""

FORWARD: Final = ("council_ready", "voted", "to_authority", "sent_up")
"""Steps towards a decision, which a hold stops unless somebody says why not."""

BEFORE_COUNCIL: Final = tuple(LABELS)[: tuple(LABELS).index("voted")]
"""States in which a review still changes the findings; from the vote on they are what was voted on."""

ANSWERED_LATER: Final = frozenset((*VOTE_RULES.values(), "cstdtq.notice", "hcld3.notice", "hcld3.hiepy"))
"""Conditions that steps after the appraisal answer; quotas are the council's as well."""


def moves_from(state: str, kind: Kind, before: str | None) -> tuple[Move, ...]:
    """Return the moves a dossier has; `before` is the state it left for a hold or a complaint."""
    if state in AWAY and before is not None:
        settled = (Move("corrected", document=True), Move("cancelled", document=True, reason=True))
        return (Move(before, reason=True), *(settled if state == "complaint" else ()))
    return (*MOVES.get(state, ()), *(SUDDEN.get(state, ()) if kind == "sudden" else ()))


LEFT_OPEN: Final = (FindingStatus.PERSON, FindingStatus.WITHHELD)
"""What a restore took from the stream waits for the review that finds its statuses anew."""


def left_open(findings: Sequence[Finding], settled: Collection[str] = ()) -> tuple[str, ...]:
    """Return the conditions that wait for a person's answer and belong to the appraisal.

    `settled`: those that wait for none: answered "no" where the source does not bind, or beside a route that is met.
    """
    return tuple(
        one.key
        for one in findings
        if one.status in LEFT_OPEN
        and one.key not in settled
        and one.key not in ANSWERED_LATER
        and not one.key.endswith(".quota")
    )


WAY: Final = (
    "drafting",
    "unit_reviewed",
    "unit_council",
    "sent",
    "received",
    "appraisal",
    "council_ready",
    "voted",
    "to_authority",
    "decided",
)
"""The plain way of a dossier."""

ASIDE: Final[Mapping[str, str]] = {
    "supplement": "received",
    "cluster_vote": "appraisal",
    "opinions": "appraisal",
    "comments": "appraisal",
    "sent_up": "to_authority",
}
"""State beside the plain way → the last one of the way that lies behind the dossier."""


def steps_between(state: str, to: str, before: str | None = None) -> tuple[str, ...]:
    """Return the states of the plain way from `state` to `to` that a jump leaves out; none for a way back.

    `before`: the state it left for a hold or a complaint.
    """
    here = before or state
    start = ASIDE.get(here, here)
    if start not in WAY or to not in WAY:
        return ()
    return WAY[WAY.index(start) + 1 : WAY.index(to)]


def is_on_the_way(state: str) -> bool:
    """Whether a decision may follow from here without a reason: the plain way, and what was sent higher up."""
    return state in WAY or state == "sent_up"


def is_reason_for_office(came_from: str, to: str) -> bool:
    """Whether the reason of a step is kept from units: it may tell why there is a hold, a complaint or an exception."""
    return came_from in AWAY or to in (*AWAY, *FORWARD, "decided")


def is_afterwards(acted_on: date, today: date) -> bool:
    """Whether a step is recorded after the day on which it happened."""
    return acted_on < today


WAITING: Final[Mapping[str, Collection[str]]] = {
    "dossier": ("drafting", "unit_reviewed", "unit_council", "sent"),
    "supplement": ("supplement",),
    "appraisal": ("received", "appraisal", "cluster_vote"),
    "consultation": ("opinions", "comments"),
    "hold": ("on_hold",),
    "council": ("council_ready", "voted"),
    "decision": ("to_authority", "sent_up"),
    "notice": ("refused", "not_passed", "not_forwarded"),
    "complaint": ("complaint",),
}
"""Kind of act, by the word the metrics use → states in which it is waited for; each may have a time limit."""


def waits_for(state: str) -> str | None:
    """Return the kind of act a dossier waits for, by the word the metrics use; None where it waits for nobody here."""
    return next((kind for kind, states in WAITING.items() if state in states), None)
