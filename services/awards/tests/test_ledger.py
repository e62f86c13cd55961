"""What an award counted is on record: a second use shows the first, and only a sourced rule for the pair refuses."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from thidua.contracts.campaign import InitiativeState
from thidua.contracts.judgement import Finding, FindingStatus
from thidua.contracts.organisation import RatingLevel
from thidua_awards.domain.conditions import findings_of
from thidua_awards.domain.individuals import merit
from thidua_awards.domain.records import Merit, PersonCase, Use, Work
from thidua_awards.domain.uses import counted
from thidua_awards.law import Mark, regime_of
from thidua_awards.law.rules import RequestTerm
from thidua_runtime.testing import RunningSuite

Awards = Callable[[], AbstractAsyncContextManager[RunningSuite]]
MERITS = (
    Merit("Số hóa", 100, InitiativeState.RECOGNISED, decision="8/QĐ", decided_on=date(2024, 9, 1), id="i2"),
    Merit("Tra cứu", 100, InitiativeState.RECOGNISED, decision="7/QĐ", decided_on=date(2024, 3, 1), id="i1"),
)


def case(**known: Any) -> PersonCase:
    base = {"title": "CSTDCS", "subject": "s", "unit": "u", "group": "u", "year": 2024, "as_of": date(2024, 12, 31)}
    return PersonCase(**{**base, "merits": MERITS, **known})


def once(one: PersonCase, **rule: Any) -> Any:
    law = regime_of(one.year)
    rules = tuple(old.model_copy(update=rule) if old.key == "g.once" else old for old in law.rules)
    return next(f for f in findings_of(one, law.with_rules(rules)) if f.key == "g.once")


def test_the_route_is_stored_and_only_as_many_initiatives_as_were_needed_are_counted() -> None:
    law = regime_of(2024)
    by_initiative = case(rating=RatingLevel.GOOD)
    assert counted(by_initiative, findings_of(by_initiative, law), law) == counted(by_initiative, (), law)
    assert (counted(by_initiative, (), law).route, counted(by_initiative, (), law).uses) == (
        "initiative",
        ("initiative:i1",),
    )
    by_excellence = case(rating=RatingLevel.EXCELLENT)
    assert (counted(by_excellence, (), law).route, counted(by_excellence, (), law).uses) == ("excellent", ())


def test_bang_khen_of_the_ministry_counts_as_many_initiatives_as_the_law_says() -> None:
    law = regime_of(2024)
    works = tuple(Work(f"Số {n}", 2023, decision=f"{n}/QĐ", id=f"i{n}") for n in range(4))
    one = case(title="BKB", works=works)
    reached = tuple(
        Finding(key=key, status=FindingStatus.MET, sentence="Đạt.", clause="Điều 1", mark="official")
        for key in ("bkb.years", "bkb.initiatives")
    )
    years = ("year:2023", "year:2024")
    assert counted(one, reached, law).uses == (*years, "initiative:i0", "initiative:i1")
    rules = (
        rule.model_copy(update={"initiatives_at_least": 3}) if rule.key == "bkb.initiatives" else rule
        for rule in law.rules
    )
    assert len(counted(one, reached, law.with_rules(rules)).uses) == len(years) + 3
    assert counted(one, reached[:1], law).uses == ()


@pytest.mark.parametrize(
    ("mark", "status"), [(Mark.OFFICIAL, FindingStatus.NOT_MET), (Mark.MEMORY, FindingStatus.PERSON)]
)
def test_a_late_request_refuses_only_by_a_term_that_was_read_and_the_finding_bears_its_clause_and_mark(
    mark: Mark, status: FindingStatus
) -> None:
    rule = regime_of(2022).rule("cstdcs.merit", date(2022, 12, 31))
    assert rule is not None
    term = RequestTerm(years=2, clause="Điều lệ X", source="bản chép", mark=mark)
    late = Merit("Số hóa", 100, InitiativeState.SUBMITTED, date(2020, 3, 1), date(2022, 3, 2))
    found = merit(case(year=2022, merits=(late,)), rule.model_copy(update={"request_within": term}))
    assert (found.status, found.mark, found.clause) == (status, mark.value, f"{rule.clause}; Điều lệ X")
    assert found.sentence.startswith("Sáng kiến nộp quá 2 năm từ lần áp dụng đầu, chưa được công nhận.")
    in_time = replace(late, submitted_on=date(2022, 3, 1))
    assert merit(case(year=2022, merits=(in_time,)), rule).status is FindingStatus.NOT_MET, "the term of 1 year"
    lapsed = replace(late, state=InitiativeState.LAPSED)
    shown = merit(case(year=2022, merits=(lapsed,)), rule.model_copy(update={"request_within": term}))
    assert (shown.status, shown.clause) == (FindingStatus.NOT_MET, rule.clause), "declared lapsed by an act"


def test_a_second_use_names_the_earlier_decision_and_goes_to_a_person() -> None:
    used = {"initiative:i1": (Use("BKB", 2023, "9/QĐ", "years", "“Tra cứu”"),)}
    finding = once(case(rating=RatingLevel.GOOD, ledger=used))
    assert finding.status is FindingStatus.PERSON
    assert finding.sentence == (
        "Thành tích đã được dùng: Bằng khen của Bộ trưởng năm 2023, quyết định 9/QĐ (“Tra cứu”)."
    )


def test_only_a_rule_for_that_pair_of_awards_refuses_a_second_use() -> None:
    used = {"initiative:i1": (Use("BKB", 2023, "9/QĐ"),)}
    again = case(rating=RatingLevel.GOOD, ledger=used)
    assert once(again, refused_pairs=("CSTDCS>BKB",)).status is FindingStatus.PERSON
    assert once(again, refused_pairs=("BKB>CSTDCS",)).status is FindingStatus.NOT_MET


def test_the_award_itself_and_what_is_not_counted_now_are_no_second_use() -> None:
    own = {"initiative:i1": (Use("CSTDCS", 2024, "9/QĐ"),), "initiative:i9": (Use("BKB", 2023, "9/QĐ"),)}
    assert once(case(rating=RatingLevel.GOOD, ledger=own)).status is FindingStatus.MET


@pytest.mark.anyio
async def test_a_decision_keeps_what_its_review_counted_and_the_next_use_shows_it_until_it_is_cancelled(
    awards: Awards, council: Any, year: Any
) -> None:
    async with awards() as running:
        secretary = council.Secretary(running)
        await secretary.done("PUT", "/confirmations", year.declared("discipline.complete", "ldtt.conduct"))
        await secretary.done("POST", "/campaigns/TD2022/review")
        made = await secretary.done("POST", "/decisions", year.decision("40/QĐ", "CSTDCS", "P0"))
        line = made["awards"][0]
        assert (line["route"], line["uses"]) == ("initiative", ["initiative:sk-p0"])
        again = year.decision("41/QĐ", "BKB", "P0", campaign=None)
        again["awards"][0] |= {"uses": ["initiative:sk-p0"], "kind": "chuyen_de"}
        second = await secretary.done("POST", "/decisions", again)
        shown = await secretary.done("GET", "/uses?subject=P0")
        assert [(one["what"], one["code"], one["number"]) for one in shown] == [
            ("“Số hóa hồ sơ địa chính”", "BKB", "41/QĐ"),
            ("“Số hóa hồ sơ địa chính”", "CSTDCS", "40/QĐ"),
        ]
        await secretary.done("POST", f"/decisions/{made['id']}/cancel", {"reason": "Sai", "document": "42/QĐ"})
        await secretary.done("PUT", "/confirmations", year.declared("g.once"))
        once = await once_of(running, secretary)
        assert "quyết định 41/QĐ" in once["sentence"]
        assert once["status"] == "person", "what is said of a collective's own achievements covers no member's"
        await secretary.done("PUT", "/confirmations", [{**OWN_ANSWER, "dated": "2022-12-19"}])
        early = await once_of(running, secretary)
        assert (early["status"], early["sentence"].rsplit(". ")[-1]) == (
            "person", "Trả lời theo Phiếu 02 ngày 19/12/2022 có trước quyết định nêu trên."
        )  # fmt: skip
        await secretary.done("PUT", "/confirmations", [{**OWN_ANSWER, "dated": "2022-12-20"}])
        assert (await once_of(running, secretary))["status"] == "met", "given when the decision was known"
        await secretary.done("POST", f"/decisions/{second['id']}/cancel", {"reason": "Sai", "document": "43/QĐ"})
        assert (await once_of(running, secretary))["status"] == "met"
        assert (await secretary.done("GET", "/audit"))["sound"] is True


OWN_ANSWER = {
    "campaign": "TD2022",
    "subject": "P0",
    "key": "g.once",
    "answer": True,
    "by": "TT",
    "document": "Phiếu 02",
}


async def once_of(running: RunningSuite, secretary: Any) -> Any:
    await running.run_job("awards", "review_changed")
    found = await secretary.done("GET", "/recommendations/TD2022/P0/CSTDCS")
    return next(one for one in found["findings"] if one["key"] == "g.once")
