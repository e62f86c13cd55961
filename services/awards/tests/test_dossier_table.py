"""Every pair of states of a dossier: what the reference allows is a move, everything else is refused."""

from __future__ import annotations

from datetime import date
from itertools import product
from types import SimpleNamespace
from typing import Any, Final

import pytest

from thidua.contracts.campaign import StepDeadline
from thidua_awards.calendar import working_days
from thidua_awards.commands.dossiers import _complete, _move
from thidua_awards.domain import dossier
from thidua_awards.domain.deadlines import limit_of
from thidua_awards.domain.dossier import AWAY, BY_DECISION, LABELS, WAITING, moves_from
from thidua_awards.dossier_entries import StepEntry
from thidua_awards.errors import NoSuchStep, StepIncomplete

# The table of the reference, state by state; a hold may begin at any step of the office before the council's vote.
ALLOWED: Final[dict[str, set[str]]] = {
    "drafting": {"unit_reviewed"},
    "unit_reviewed": {"unit_council", "drafting"},
    "unit_council": {"sent", "drafting"},
    "sent": {"received"},
    "received": {"supplement", "appraisal", "drafting", "on_hold"},
    "supplement": {"received", "withdrawn"},
    "appraisal": {"opinions", "cluster_vote", "council_ready", "supplement", "not_forwarded", "on_hold"},
    "cluster_vote": {"appraisal"},
    "opinions": {"comments", "council_ready", "on_hold"},
    "comments": {"council_ready", "on_hold"},
    "council_ready": {"voted", "on_hold"},
    "voted": {"to_authority", "appraisal", "not_passed", "converted"},
    "to_authority": {"decided", "refused", "sent_up", "appraisal"},
    "sent_up": {"decided", "refused", "supplement"},
    "decided": {"presented", "corrected", "cancelled"},
    "presented": {"paid", "cancelled"},
    "paid": {"archived", "cancelled"},
    "archived": {"cancelled"},
    "corrected": {"presented", "cancelled"},
    "refused": {"closed", "complaint"},
    "not_passed": {"closed", "complaint"},
    "not_forwarded": {"closed", "complaint"},
}
SUDDEN: Final = {("drafting", "sent"), ("received", "to_authority")}
LEFT_FROM: Final = {"on_hold": "comments", "complaint": "refused"}
"""Where a dossier was before it was held, or before the complaint."""


def allowed(state: str, kind: str) -> set[str]:
    if state == "on_hold":
        return {"comments"}
    if state == "complaint":
        return {"refused", "corrected", "cancelled"}
    more = {to for left, to in SUDDEN if left == state} if kind == "sudden" else set()
    return ALLOWED.get(state, set()) | more


def row(state: str, kind: str) -> Any:
    return SimpleNamespace(state=state, kind=kind, before=LEFT_FROM.get(state))


@pytest.mark.parametrize("kind", ["merit", "sudden"])
def test_a_dossier_moves_where_the_table_says_and_nowhere_else(kind: str) -> None:
    for state, to in product(LABELS, LABELS):
        one = row(state, kind)
        reached = {move.to for move in moves_from(one.state, one.kind, one.before)}  # type: ignore[arg-type]
        assert reached == allowed(state, kind), state
        if to in allowed(state, kind) and to not in BY_DECISION:
            assert _move(one, to).to == to
        else:
            with pytest.raises(NoSuchStep):
                _move(one, to)


def test_every_state_that_waits_is_counted_once_and_none_that_has_ended() -> None:
    counted = [state for states in WAITING.values() for state in states]
    assert len(counted) == len(set(counted))
    ended = {"decided", "presented", "paid", "archived", "corrected", "cancelled", "withdrawn", "closed", "converted"}
    assert set(counted) == set(LABELS) - ended
    assert set(AWAY) <= set(counted)


def test_of_several_time_limits_the_one_for_the_title_and_the_unit_goes_before() -> None:
    def limit(days: int, **about: Any) -> StepDeadline:
        return StepDeadline(about="dossier", state="drafting", days=days, **about)

    every = (limit(1), limit(2, proposer="so"), limit(3, title="CSTDB"), limit(4, title="CSTDB", proposer="so"))
    found = [
        limit_of(every, "drafting", title, proposers)
        for title, proposers in (("LDTT", ("p",)), ("LDTT", ("p", "so")), ("CSTDB", ("p",)), ("CSTDB", ("p", "so")))
    ]
    assert [one.days for one in found if one] == [1, 2, 3, 4]
    assert limit_of(every, "supplement", "CSTDB", ("so",)) is None
    received = (StepDeadline(about="dossier", state="appraisal", on=date(2023, 1, 31)),)
    assert limit_of(received, "received", "LDTT", ()) is received[0], "an appraisal runs from the complete dossier"


def test_every_state_can_be_reached_and_names_only_states_that_exist() -> None:
    reached = {one.to for moves in (*dossier.MOVES.values(), *dossier.SUDDEN.values()) for one in moves} | {"drafting"}
    assert set(LABELS) == reached
    assert set(dossier.MOVES) <= set(LABELS)


def test_swapped_working_days_come_from_the_library_and_a_document_wins() -> None:
    days = working_days(date(2024, 5, 1), {})
    assert (days.is_working(date(2024, 5, 4)), days.is_working(date(2024, 4, 29))) == (True, False)
    assert days.nth_after(date(2024, 4, 22), 10) == date(2024, 5, 8)
    assert working_days(date(2022, 2, 1), {}).nth_after(date(2022, 1, 24), 10) == date(2022, 2, 14)
    assert working_days(date(2024, 5, 1), {date(2024, 5, 4): False}).nth_after(date(2024, 4, 22), 10) == date(
        2024, 5, 9
    )


def test_a_refusal_names_the_official_who_refused_and_not_the_clerk_who_types() -> None:
    refusal = next(one for one in moves_from("to_authority", "merit", None) if one.to == "refused")
    day = date(2022, 12, 30)
    entry = StepEntry(to="refused", document="13/TB", dated=day, reason="Không đủ điều kiện")
    with pytest.raises(StepIncomplete, match="người có thẩm quyền"):
        _complete(entry, refusal, day, day)
    _complete(entry.model_copy(update={"on_behalf": "Bộ trưởng"}), refusal, day, day)
