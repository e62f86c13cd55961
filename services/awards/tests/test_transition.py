"""Dates of achievement, proposal and reception are kept apart; what no clause settles goes to a person."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import date, datetime
from typing import Any

import pytest

from thidua.contracts.judgement import FindingStatus
from thidua_awards.domain.conditions import findings_under
from thidua_awards.domain.records import Confirmation, PersonCase
from thidua_awards.domain.transition import KEY, Judged, judged
from thidua_awards.law import Mark, Regime, regime_of, regimes
from thidua_runtime.clock import VIETNAM
from thidua_runtime.testing import RunningSuite

Awards = Callable[[], AbstractAsyncContextManager[RunningSuite]]


def case(year: int, **known: Any) -> PersonCase:
    base = {"title": "LDTT", "subject": "s", "unit": "u", "group": "u", "as_of": date(year, 12, 31)}
    return PersonCase(year=year, **{**base, **known})


def under(one: PersonCase, laws: tuple[Regime, ...] = ()) -> Judged:
    return judged(one, regime_of(one.year), laws or regimes())


@pytest.mark.parametrize(
    ("year", "received", "achieved", "expected"),
    [
        (2022, None, None, "R03"),
        (2022, date(2023, 12, 31), None, "R03"),
        (2024, date(2025, 6, 30), None, "R24"),
        (2025, date(2026, 1, 5), None, "R25"),
        (2025, date(2025, 5, 10), date(2025, 3, 10), "R24"),
        (2025, date(2025, 8, 10), date(2025, 7, 10), "R25"),
    ],
)
def test_dates_that_lie_in_one_regime_ask_nobody(
    year: int, received: date | None, achieved: date | None, expected: str
) -> None:
    found = under(case(year, received_on=received, achieved_on=achieved))
    assert (found.regime.code, found.finding) == (expected, None)


def test_a_dossier_received_under_the_next_law_without_a_known_clause_goes_to_a_person() -> None:
    found = under(case(2023, proposed_on=date(2023, 12, 28), received_on=date(2024, 1, 10)))
    assert found.is_open
    assert found.regime.code == "R03"
    assert found.finding is not None
    assert found.finding.sentence.startswith(
        "Thành tích đến ngày 31/12/2023 (R03), đề nghị ngày 28/12/2023, tiếp nhận ngày 10/01/2024, khi R24 đã có hiệu"
    )


@pytest.mark.parametrize(("answer", "expected"), [(True, "R03"), (False, "R24")])
def test_a_person_says_which_regime_applies_and_its_conditions_are_those_checked(answer: bool, expected: str) -> None:
    said = {KEY: Confirmation(answer, "Vụ Thi đua", "Công văn 05/CV", date(2024, 1, 20))}
    one = case(2023, received_on=date(2024, 1, 10), confirmations=said, first_recruited=date(2023, 4, 1))
    found = under(one)
    assert (found.regime.code, found.is_open) == (expected, False)
    recruited = next(finding for finding in findings_under(one, found) if finding.key == "ldtt.recruited")
    wanted = {"R03": FindingStatus.NOT_MET, "R24": FindingStatus.MET}[expected]
    assert recruited.status is wanted, "nine months: ten are asked for until 2023, six from 2024 on"


def test_while_it_is_open_which_regime_applies_nobody_is_refused_by_either() -> None:
    one = case(2023, received_on=date(2024, 1, 10), first_recruited=date(2023, 4, 1))
    findings = findings_under(one, under(one))
    assert findings[0].key == KEY
    assert FindingStatus.NOT_MET not in {finding.status for finding in findings}
    softened = next(finding for finding in findings if finding.key == "ldtt.recruited")
    assert "Chưa xác định chế độ pháp lý" in softened.sentence


def test_the_clause_of_2026_seen_in_one_unofficial_source_is_shown_and_left_to_a_person() -> None:
    sudden = {"achieved_on": date(2026, 8, 20)}
    before = under(case(2026, received_on=date(2026, 9, 20), **sudden))
    assert (before.regime.code, before.finding) == ("R25", None)
    after = under(case(2026, received_on=date(2026, 10, 5), **sudden))
    assert (after.regime.code, after.is_open) == ("R26", True)
    assert after.finding is not None
    assert "nguồn không chính thức" in after.finding.sentence


def test_a_clause_read_in_an_official_text_picks_the_regime_by_the_date_it_names() -> None:
    laws = tuple(_with_clause(regime) for regime in regimes())
    early = under(case(2023, proposed_on=date(2023, 12, 28), received_on=date(2024, 1, 10)), laws)
    assert (early.regime.code, early.is_open) == ("R03", False)
    late = under(case(2023, proposed_on=date(2024, 1, 5), received_on=date(2024, 1, 10)), laws)
    assert (late.regime.code, late.is_open) == ("R24", False)


def _with_clause(regime: Regime) -> Regime:
    given = {"mark": Mark.LOCAL, "decided_by": "proposed_on"}
    rules = tuple(rule.model_copy(update=given) if rule.key == KEY else rule for rule in regime.rules)
    return regime.with_rules(rules)


def test_no_rule_of_2026_refuses_anybody_while_its_text_was_not_read() -> None:
    assert {rule.key for rule in regime_of(2026).rules if rule.mark.binds} == set()


async def sent_under_the_next_law(running: RunningSuite, secretary: Any, year: Any, title: str) -> None:
    """Name P0 and P1 for a title of 2023; the dossier of P0 is received in 2024, when another law is in force."""
    await running.deliver(year.CAMPAIGN.model_copy(update={"id": "c23", "code": "TD2023", "year": 2023}))
    await running.settle()
    entries = [{"campaign": "TD2023", "subject": subject, "title": title} for subject in ("P0", "P1")]
    await secretary.done("PUT", "/candidates", [{**one, "document": "Tờ trình 01/TTr"} for one in entries])
    await secretary.done("POST", "/campaigns/TD2023/review")
    running.suite.clock.set(datetime(2024, 1, 10, 9, tzinfo=VIETNAM))
    dossier = await secretary.done("POST", "/dossiers", entries[0])
    paper = {"document": "01/BB", "dated": "2023-12-20", "acted_on": "2023-12-20"}
    steps = [{"to": to, **paper} for to in ("unit_reviewed", "unit_council", "sent")]
    await secretary.done("POST", f"/dossiers/{dossier['id']}/steps", [*steps, {"to": "received"}])


async def settle_by_the_later_law(secretary: Any, title: str) -> None:
    said = {"campaign": "TD2023", "subject": "P0", "key": KEY, "title": title, "answer": False, "by": "Vụ Thi đua"}
    await secretary.done("PUT", "/confirmations", [{**said, "document": "05/CV", "dated": "2024-01-10"}])


@pytest.mark.anyio
async def test_the_dates_of_a_dossier_reach_the_review_and_the_answer_settles_it(
    awards: Awards, council: Any, year: Any
) -> None:
    async with awards() as running:
        secretary = council.Secretary(running)
        await sent_under_the_next_law(running, secretary, year, "LDTT")
        assert (await finding(running, secretary, "P0/LDTT", KEY))["status"] == "person"
        await settle_by_the_later_law(secretary, "")
        settled = await finding(running, secretary, "P0/LDTT", KEY)
        assert (settled["status"], settled["regime"]) == ("met", "R24")
        assert "tiếp nhận ngày 10/01/2024" in settled["sentence"]


@pytest.mark.anyio
async def test_one_list_votes_on_each_case_by_the_share_of_the_regime_that_judges_it(
    awards: Awards, council: Any, year: Any
) -> None:
    async with awards() as running:
        secretary = council.Secretary(running)
        await sent_under_the_next_law(running, secretary, year, "CSTDB")
        await settle_by_the_later_law(secretary, "")
        assert (await finding(running, secretary, "P0/CSTDB", KEY))["status"] == "person", (
            "about no title of a ministry"
        )
        await settle_by_the_later_law(secretary, "CSTDB")
        assert (await finding(running, secretary, "P0/CSTDB", KEY))["regime"] == "R24"
        running.suite.clock.set(datetime(2024, 1, 20, 9, tzinfo=VIETNAM))
        await secretary.meet(campaign="TD2023", held_on="2024-01-20")
        vote = await secretary.draw_up(subjects=("P0", "P1"))
        opened = await secretary.open(vote)
        assert [one.get("share") for one in opened["cases"]] == ["từ 80 % trở lên", None]
        assert opened["share"] == "từ 90 % trở lên"
        closed = await secretary.count(vote, (13, 2), (13, 2))
        assert [one["passed"] for one in closed["cases"]] == [True, False]
        assert "chưa đối chiếu văn bản" in closed["cases"][0]["result"], "the share of 2024 was never read in a text"
        assert (await finding(running, secretary, "P0/CSTDB", "cstdb.vote"))["status"] == "met"
        assert (await finding(running, secretary, "P1/CSTDB", "cstdb.vote"))["status"] == "not_met"
        assert (await secretary.done("GET", "/audit"))["sound"] is True


async def finding(running: RunningSuite, secretary: Any, case: str, key: str) -> dict[str, Any]:
    await running.run_job("awards", "review_changed")
    found = await secretary.done("GET", f"/recommendations/TD2023/{case}")
    return {**next(one for one in found["findings"] if one["key"] == key), "regime": found["regime"]}
