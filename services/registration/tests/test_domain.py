"""Every line of the tables of moves, and everything that is no line of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

import pytest

from thidua.contracts import Campaign, Cluster, Document, Initiative, Registration, SubjectKind
from thidua.contracts.campaign import Author, InitiativeState, RegistrationState
from thidua.contracts.organisation import ClusterMember, ClusterOffice, CountedPeriod, DatedCode
from thidua.errors import ThiduaError
from thidua_registration.domain import initiative, organisation, registration
from thidua_registration.domain.initiative import InitiativeMove
from thidua_registration.domain.moves import Act, Side
from thidua_registration.domain.registration import Content, Move
from thidua_registration.doors.batches import items_of
from thidua_registration.entries.campaign import InitiativeEntry
from thidua_registration.entries.organisation import RatingEntry
from thidua_registration.errors import (
    AmendmentOver,
    InitiativeTooLate,
    ItemRefused,
    MoveInFuture,
    MoveNeeds,
    MoveRefused,
    MoveReserved,
    NotYetLapsed,
)

S: Final = RegistrationState
I: Final = InitiativeState  # noqa: E741 - stands for the states of an initiative in the table below
TODAY: Final = date(2022, 3, 15)
PAPER: Final = Document(number="1/VDD", dated=TODAY)
CAMPAIGN: Final = Campaign(
    id="c", code="pt", title="Phong trào", year=2022, starts_on=date(2022, 1, 1), ends_on=date(2022, 12, 31),
    registration_due=date(2022, 3, 31), amend_until=date(2022, 9, 30),
)  # fmt: skip

ALLOWED: Final[Mapping[tuple[RegistrationState, Move], RegistrationState]] = {
    (S.DRAFT, Move.SUBMIT): S.SUBMITTED,
    (S.RETURNED, Move.SUBMIT): S.SUBMITTED,
    (S.DECLINED, Move.SUBMIT): S.SUBMITTED,
    (S.SUBMITTED, Move.RETURN): S.RETURNED,
    (S.SUBMITTED, Move.ACCEPT): S.ACCEPTED,
    (S.SUBMITTED, Move.DECLINE): S.DECLINED,
    (S.SUBMITTED, Move.WITHDRAW): S.WITHDRAWN,
    (S.RETURNED, Move.WITHDRAW): S.WITHDRAWN,
    (S.ACCEPTED, Move.WITHDRAW): S.WITHDRAWN,
    (S.AMENDED, Move.WITHDRAW): S.WITHDRAWN,
    (S.ACCEPTED, Move.AMEND): S.AMENDED,
    (S.AMENDED, Move.AMEND): S.AMENDED,
    (S.ACCEPTED, Move.SUCCEED): S.SUCCEEDED,
    (S.AMENDED, Move.SUCCEED): S.SUCCEEDED,
    (S.ACCEPTED, Move.CLOSE): S.CLOSED,
    (S.AMENDED, Move.CLOSE): S.CLOSED,
    **{
        (state, flag): state
        for state in (S.ACCEPTED, S.AMENDED, S.CLOSED)
        for flag in (Move.MARK_MISMATCH, Move.CLEAR_MISMATCH)
    },
}

INITIATIVE_ALLOWED: Final[Mapping[tuple[InitiativeState, InitiativeMove], InitiativeState]] = {
    (I.DRAFT, InitiativeMove.SUBMIT): I.SUBMITTED,
    (I.RETURNED, InitiativeMove.SUBMIT): I.SUBMITTED,
    (I.NOT_RECOGNISED, InitiativeMove.SUBMIT): I.SUBMITTED,
    (I.SUBMITTED, InitiativeMove.RETURN): I.RETURNED,
    (I.SUBMITTED, InitiativeMove.CHECK): I.FORMALLY_OK,
    (I.FORMALLY_OK, InitiativeMove.ASSESS): I.ASSESSED,
    (I.ASSESSED, InitiativeMove.CONVENE): I.COUNCIL,
    (I.COUNCIL, InitiativeMove.POSTPONE): I.COUNCIL,
    (I.COUNCIL, InitiativeMove.RECOGNISE): I.RECOGNISED,
    (I.COUNCIL, InitiativeMove.NOT_RECOGNISE): I.NOT_RECOGNISED,
    (I.RECOGNISED, InitiativeMove.REQUEST_INFLUENCE): I.INFLUENCE_REQUESTED,
    (I.INFLUENCE_REQUESTED, InitiativeMove.RECOGNISE_INFLUENCE): I.INFLUENCE_RECOGNISED,
    (I.INFLUENCE_REQUESTED, InitiativeMove.REFUSE_INFLUENCE): I.RECOGNISED,
    (I.RECOGNISED, InitiativeMove.CANCEL): I.CANCELLED,
    (I.INFLUENCE_RECOGNISED, InitiativeMove.CANCEL): I.CANCELLED,
    (I.SUBMITTED, InitiativeMove.LAPSE): I.LAPSED,
    (I.RETURNED, InitiativeMove.WITHDRAW): I.WITHDRAWN,
}


def act(**changes: Any) -> Act:
    whole = {
        "side": Side.OFFICE, "actor": "An", "today": TODAY, "done_on": TODAY, "on_behalf_of": "Vụ trưởng",
        "document": PAPER, "reason": "Lý do",
    }  # fmt: skip
    return Act(**{**whole, **changes})


def item(state: RegistrationState, **changes: Any) -> Registration:
    sent = None if state is S.DRAFT else date(2022, 3, 1)
    whole = {
        "subject": "u", "subject_kind": SubjectKind.COLLECTIVE, "unit": "u", "campaign": "c", "state": state,
        "first_submitted_on": sent,
    }  # fmt: skip
    return Registration(**{**whole, **changes})


def case(state: InitiativeState, **changes: Any) -> Initiative:
    whole = {
        "id": "i", "unit": "u", "code": "SK-01", "title": "Sáng kiến", "state": state,
        "authors": (Author(person="p", share=100),), "first_applied_on": date(2022, 2, 1),
    }  # fmt: skip
    return Initiative(**{**whole, **changes})


@pytest.mark.parametrize("move", Move)
@pytest.mark.parametrize("state", [state for state in S if state is not S.UNKNOWN])
def test_every_move_of_a_registration_is_allowed_or_refused_by_the_table(state: RegistrationState, move: Move) -> None:
    def carry_out() -> Registration:
        content = Content(titles=("LDTT",))
        return registration.moved(item(state), move, act(), CAMPAIGN, content=content, successor="v").item

    if (state, move) in ALLOWED:
        assert carry_out().state is ALLOWED[state, move]
    else:
        with pytest.raises(MoveRefused):
            carry_out()


@pytest.mark.parametrize("move", InitiativeMove)
@pytest.mark.parametrize("state", [state for state in I if state is not I.UNKNOWN])
def test_every_move_of_an_initiative_is_allowed_or_refused_by_the_table(
    state: InitiativeState, move: InitiativeMove
) -> None:
    changes = {"first_applied_on": date(2021, 1, 1)} if move is InitiativeMove.LAPSE else {}

    def carry_out() -> Initiative:
        return initiative.moved(case(state, **changes), move, act(), scope="bo")

    if (state, move) in INITIATIVE_ALLOWED:
        assert carry_out().state is INITIATIVE_ALLOWED[state, move]
    else:
        with pytest.raises(MoveRefused):
            carry_out()


@pytest.mark.parametrize(
    ("state", "move"),
    [
        (S.SUBMITTED, Move.RETURN), (S.SUBMITTED, Move.ACCEPT), (S.SUBMITTED, Move.DECLINE), (S.ACCEPTED, Move.AMEND),
        (S.ACCEPTED, Move.SUCCEED), (S.ACCEPTED, Move.CLOSE), (S.ACCEPTED, Move.MARK_MISMATCH),
    ],
)  # fmt: skip
def test_a_unit_may_not_do_what_belongs_to_the_office(state: RegistrationState, move: Move) -> None:
    with pytest.raises(MoveReserved):
        registration.moved(item(state), move, act(side=Side.UNIT), CAMPAIGN, content=Content(), successor="v")


@pytest.mark.parametrize(
    ("state", "move", "lacking"),
    [
        (S.DRAFT, Move.SUBMIT, {"document": None}),
        (S.SUBMITTED, Move.RETURN, {"reason": " "}),
        (S.SUBMITTED, Move.DECLINE, {"reason": ""}),
        (S.SUBMITTED, Move.DECLINE, {"on_behalf_of": ""}),
        (S.ACCEPTED, Move.AMEND, {"document": None}),
        (S.ACCEPTED, Move.SUCCEED, {"document": None}),
        (S.ACCEPTED, Move.CLOSE, {"document": None, "done_on": date(2022, 3, 1)}),
    ],
)
def test_a_move_without_its_papers_is_refused(state: RegistrationState, move: Move, lacking: Any) -> None:
    with pytest.raises(MoveNeeds):
        registration.moved(item(state), move, act(**lacking), CAMPAIGN, content=Content(("LDTT",)), successor="v")


def test_an_amendment_needs_its_content_and_a_succession_its_heir() -> None:
    for move in (Move.AMEND, Move.SUCCEED):
        with pytest.raises(MoveNeeds):
            registration.moved(item(S.ACCEPTED), move, act(), CAMPAIGN)


def test_nothing_is_done_on_a_day_to_come() -> None:
    with pytest.raises(MoveInFuture):
        registration.moved(item(S.DRAFT), Move.SUBMIT, act(done_on=date(2022, 3, 16)), CAMPAIGN)


def test_the_due_date_lasts_until_its_end() -> None:
    assert not registration.is_late(date(2022, 3, 31), CAMPAIGN)
    assert registration.is_late(date(2022, 4, 1), CAMPAIGN)


def test_lateness_is_judged_by_the_first_submission_alone() -> None:
    returned = item(S.RETURNED, first_submitted_on=date(2022, 3, 20))
    april = date(2022, 4, 20)
    again = registration.moved(returned, Move.SUBMIT, act(today=april, done_on=april), CAMPAIGN).item
    assert (again.late, again.round, again.first_submitted_on) == (False, 2, date(2022, 3, 20))


def test_a_late_item_is_let_in_by_somebody_with_a_reason() -> None:
    late = item(S.SUBMITTED, late=True)
    with pytest.raises(MoveNeeds):
        registration.moved(late, Move.ACCEPT, act(reason=""), CAMPAIGN)
    accepted = registration.moved(late, Move.ACCEPT, act(), CAMPAIGN)
    assert (accepted.item.late, accepted.item.late_reason, accepted.let_in_by) == (True, "Lý do", "Vụ trưởng")


def test_an_amendment_is_judged_by_the_day_of_its_document() -> None:
    entered = date(2022, 10, 5)
    on_time = act(today=entered, done_on=date(2022, 9, 30))
    content = Content(("LDTT",))
    registration.moved(item(S.ACCEPTED), Move.AMEND, on_time, CAMPAIGN, content=content)
    late = act(today=entered, done_on=date(2022, 10, 1))
    with pytest.raises(AmendmentOver):
        registration.moved(item(S.ACCEPTED), Move.AMEND, late, CAMPAIGN, content=content)


def test_a_person_follows_into_the_successor_and_stays_registered() -> None:
    person = item(S.ACCEPTED, subject="p", subject_kind=SubjectKind.INDIVIDUAL)
    moved = registration.moved(person, Move.SUCCEED, act(), CAMPAIGN, successor="v").item
    assert (moved.unit, moved.state) == ("v", S.ACCEPTED)


@pytest.mark.parametrize(("applied", "until"), [("2022-02-01", "2023-02-01"), ("2024-02-29", "2025-02-28")])
def test_an_initiative_may_be_submitted_for_a_year(applied: str, until: str) -> None:
    last = date.fromisoformat(until)
    draft = case(I.DRAFT, first_applied_on=date.fromisoformat(applied))
    assert initiative.lapses_after(date.fromisoformat(applied)) == last
    on_time = act(side=Side.UNIT, today=last, done_on=last)
    assert initiative.moved(draft, InitiativeMove.SUBMIT, on_time).submitted_on == last
    after = date.fromordinal(last.toordinal() + 1)
    with pytest.raises(InitiativeTooLate):
        initiative.moved(draft, InitiativeMove.SUBMIT, act(side=Side.UNIT, today=after, done_on=after))


def test_a_request_of_the_year_does_not_lapse_while_others_take_their_time() -> None:
    sent = case(I.SUBMITTED, submitted_on=date(2022, 6, 1))
    long_after = date(2024, 1, 1)
    with pytest.raises(NotYetLapsed):
        initiative.moved(sent, InitiativeMove.LAPSE, act(today=long_after, done_on=long_after))
    completed = initiative.moved(
        sent.model_copy(update={"state": I.RETURNED}),
        InitiativeMove.SUBMIT,
        act(side=Side.UNIT, today=long_after, done_on=long_after),
    )
    assert completed.submitted_on == date(2022, 6, 1), "what was sent back for completion was asked for in time"
    anew = act(side=Side.UNIT, today=long_after, done_on=long_after, reason="Chứng cứ mới")
    with pytest.raises(InitiativeTooLate):
        initiative.moved(sent.model_copy(update={"state": I.NOT_RECOGNISED}), InitiativeMove.SUBMIT, anew)


def test_new_evidence_is_needed_after_a_refusal() -> None:
    with pytest.raises(MoveNeeds):
        initiative.moved(case(I.NOT_RECOGNISED), InitiativeMove.SUBMIT, act(reason=""))


@pytest.mark.parametrize("authors", [(), (("p", 99),), (("p", 50), ("p", 50)), (("p", 50), ("q", 51))], ids=str)
def test_authors_are_each_once_and_sum_to_a_hundred(authors: Any) -> None:
    with pytest.raises(ItemRefused):
        initiative.check_authors([Author(person=person, share=share) for person, share in authors])


def test_a_new_code_ends_the_one_before_it() -> None:
    codes = (DatedCode(code="a", valid_from=date(2020, 1, 1)),)
    after = organisation.codes_with(codes, "b", date(2022, 7, 1))
    assert [(c.code, c.valid_to) for c in after] == [("a", date(2022, 6, 30)), ("b", None)]
    assert organisation.codes_with(after, "a", date(2022, 8, 1)) == after


@pytest.mark.parametrize(
    "codes",
    [
        (),
        (DatedCode(code="a", valid_from=date(2022, 1, 1), valid_to=date(2021, 1, 1)),),
        (DatedCode(code="a", valid_from=date(2022, 1, 1)), DatedCode(code="b", valid_from=date(2023, 1, 1))),
    ],
    ids=["none", "backwards", "overlap"],
)
def test_codes_of_a_unit_follow_one_another(codes: Any) -> None:
    with pytest.raises(ItemRefused):
        organisation.check_codes(codes)


def test_counted_periods_share_no_day() -> None:
    one = CountedPeriod(counted=True, from_=date(2022, 1, 1), to=date(2022, 1, 31))
    organisation.check_periods([one, CountedPeriod(counted=False, from_=date(2022, 2, 1))])
    for bad in (
        CountedPeriod(counted=False, from_=date(2022, 1, 31)),
        CountedPeriod(counted=True, from_=date(2022, 5, 1), to=date(2022, 4, 1)),
    ):
        with pytest.raises(ItemRefused):
            organisation.check_periods([one, bad])


def test_a_circle_of_parents_is_found_wherever_it_begins() -> None:
    parents = {"a": "b", "b": "c", "c": "b", "d": None}
    assert [organisation.is_own_ancestor(unit, parents) for unit in "abcd"] == [False, True, True, False]


def test_a_cluster_is_led_by_a_member_named_once() -> None:
    office = ClusterOffice(unit="v", from_=date(2022, 1, 1))
    twice = (ClusterMember(unit="u"), ClusterMember(unit="u"))
    for cluster in (
        Cluster(id="k", year=2022, name="K", members=twice),
        Cluster(id="k", year=2022, name="K", members=twice[:1], leaders=(office,)),
    ):
        with pytest.raises(ItemRefused):
            organisation.check_cluster(cluster)


def test_every_refusal_speaks_vietnamese_and_english() -> None:
    with pytest.raises(ThiduaError) as caught:
        registration.moved(item(S.DRAFT), Move.ACCEPT, act(), CAMPAIGN)
    assert str(caught.value) == "Không thể tiếp nhận khi đang ở trạng thái “Đang soạn”; chỉ được từ: “Đã gửi”."
    assert "not possible" in caught.value.in_english


def test_the_body_of_a_batch_names_the_fields_of_an_item_and_the_values_of_a_choice() -> None:
    told = items_of(InitiativeEntry).description
    assert "`unit`*, `code`*, `campaign`, `title`*" in told
    assert "`authors`* {`person`*, `share`*}" in told
    assert "(excellent | good | completed | not_completed)" in items_of(RatingEntry).description
