"""A rule in Python gets the whole typed case, out of the streams, and only what its set declares."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from thidua.contracts import Decision, Initiative, State
from thidua.contracts.campaign import Author, Target
from thidua.contracts.judgement import Award
from thidua.criteria import Case, load_criteria_set, score
from thidua_runtime.testing import RunningSuite, SuiteFactory
from thidua_scoring.service import SERVICE

from . import plugins, world
from .serving import command_line
from .test_official import BODY, DOOR, LATER, closed, finished

pytestmark = pytest.mark.anyio

NAME = "ho-so-thu"
TEXT = """
format: 1
id: ho-so-thu
version: 1.0.0
title: Tiêu chí thử đọc cả hồ sơ
legal_basis: [Quy chế thử]
valid: {from: 2022-01-01}
subject: collective
period: {scored: [year]}
points: {scale: 100, mark: illustrative}
not_applicable: rescale
missing_at_close: not_met
inputs:
  whole: {feed: case, parts: PARTS, facts: [welfare]}
  welfare: {fact: mark, out_of: 10, title: Chăm lo đời sống, stated_by: [self, appraiser, council], counts: [council, appraiser]}
criteria:
- {code: A, title: Toàn bộ hồ sơ, maximum: 100, rule: {kind: rule, call: "ho_so_thu.rules:judge", inputs: [whole]}}
"""  # noqa: E501
ALL = "[registrations, initiatives, months, facts, members, peers, decisions]"
SEES = """
    case = inputs["whole"].value
    told = [
        [(one.titles, one.late) for one in case.registrations if one.titles],
        [(str(t.value), t.measure) for one in case.registrations for t in one.targets],
        [(one.stage, one.authors, str(one.mark)) for one in case.initiatives],
        (len(case.months), case.months[0].on_time, len(case.silent)),
        [[str(one.value) for one in side] for side in case.facts["welfare"]],
        [one.titles for one in case.members],
        [([str(f.value) for f in one.facts["welfare"].by_appraiser], one.months[0].on_time) for one in case.peers],
        [(one.code, one.year) for one in case.decisions],
    ]
    return Outcome("met", Fraction(1), Fraction(1), f"Thấy {told}.".replace("'", ""))
"""
U1_SEES = (
    "Thấy [[((TTLDTT,), True)], [(95, %)], [(recognised, 2, 85)], (12, 20, 0), [[9], [8], []], [(LDTT,), ()], "
    "[([8], 19)], [(CTDB, 2018)]]."
)


def people_and_history() -> list[State]:
    initiative = {
        "id": "sk1", "unit": "u1", "campaign": world.CAMPAIGN, "code": "SK1", "title": "Số hóa", "state": "recognised",
        "authors": [Author(person="p1", share=60), Author(person="p2", share=40)], "mark": "85",
    }  # fmt: skip
    return [
        world.person("p1", "u1"),
        world.person("p2", "u1"),
        world.registration("u1", late=True, targets=(Target.model_validate(TARGET),)),
        Initiative.model_validate(initiative),
        world.fact("u1", "welfare", "9", "self"),
        decision("u1", "CTDB", 2018, "collective"),
        decision("p1", "LDTT", 2022, "individual"),
    ]


TARGET = {"name": "Tỷ lệ đúng hạn của Sở u1", "value": "95", "measure": "%"}


def decision(subject: str, code: str, year: int, kind: str) -> Decision:
    award = {"subject": subject, "subject_kind": kind, "unit": "u1", "code": code, "year": year}
    return Decision(id=f"qd-{subject}", number="15/QĐ", dated=date(year + 1, 3, 1), signer="Bộ trưởng",
                    awards=(Award.model_validate(award),))  # fmt: skip


def install(folder: Path, patch: pytest.MonkeyPatch, parts: str = ALL, name: str = NAME) -> str:
    text = TEXT.replace("PARTS", parts).replace(NAME, name).replace("ho_so_thu", name.replace("-", "_"))
    return plugins.install(folder, patch, name, code=SEES, text=text)


def states(name: str, *units: str) -> list[State]:
    both = world.campaign(*units, sets=((name, "collective"),))
    return [*closed(*units), both, *people_and_history()]


async def sentence(running: RunningSuite, subject: str) -> str:
    await running.settle()
    (one,) = [
        one for one in await running.published("scores") if one["subject"] == subject and one["lane"] == "running"
    ]
    return str(one["lines"][0]["sentence"])


async def test_a_rule_sees_what_the_streams_say_and_follows_every_change_of_it(
    suite: SuiteFactory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = install(tmp_path, monkeypatch)
    async with suite(SERVICE) as running:
        await running.deliver(*states(name, "u1", "u2"))
        assert await sentence(running, "u1") == U1_SEES
        await running.deliver(world.month("u2", "2022-01", 11, as_of=date(2023, 1, 5)))
        assert "[([8], 11)]" in await sentence(running, "u1"), "a month of a peer"
        await running.deliver(world.fact("u2", "welfare", "3"))
        assert "[([3], 11)]" in await sentence(running, "u1"), "a fact of a peer"
        await running.deliver(decision("p2", "CSTDCS", 2022, "individual"))
        assert "[(LDTT,), (CSTDCS,)]" in await sentence(running, "u1"), "a title of a member"
        await running.deliver(decision("u1", "CTDCP", 2017, "collective"))
        assert "[(CTDCP, 2017)]" in await sentence(running, "u1"), "the history"


async def test_a_part_that_is_not_declared_is_neither_gathered_nor_given(
    suite: SuiteFactory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = install(tmp_path, monkeypatch, ALL.replace(", decisions", ""), "ho-so-thieu")
    async with suite(SERVICE) as running:
        await running.deliver(*states(name, "u1", "u2"))
        await running.settle()
        scores = {one["subject"]: one for one in await running.published("scores")}
        async with running.client("scoring", role="office") as client:
            failed = (await client.get(f"/criteria-sets/{name}/1.0.0")).text
    assert "gặp lỗi khi chấm" in str(scores["u1"]), failed


async def test_the_whole_case_is_stored_replayed_and_lent_out_without_names(
    suite: SuiteFactory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, out = install(tmp_path, monkeypatch), tmp_path / "cases.jsonl"
    async with suite(SERVICE) as running, running.client("scoring", role="office") as client:
        await running.deliver(*states(name, "u1", "u2"))
        await running.deliver_raw(*world.heartbeats(LATER))
        await running.settle()
        await client.post(DOOR, json=BODY)
        await finished(client)
        replayed = (await client.get(f"/scores/u1/{world.CAMPAIGN}/2022/{NAME}/official/replay")).json()
        async with command_line(running, role="reader") as thidua:
            await thidua.run("cases", "export", "--campaign", "btnmt-2022", "--out", str(out), "--anonymous")
            explained = await thidua.run("explain", "u1", "--lane", "official")
    told = out.read_text("utf-8")
    cases = [Case.model_validate(json.loads(line)["case"]) for line in told.splitlines()]
    sentences: list[Any] = [score(load_criteria_set("ho_so_thu"), one).line("A").sentence for one in cases]
    assert replayed["equal"] is True
    assert U1_SEES in sentences
    assert "đăng ký: 3, sáng kiến: 1, tháng: 12" in explained
    for secret in ("u1", "p1", "Tỷ lệ đúng hạn", "15/QĐ", "sk1", "Số hóa"):
        assert secret not in told, secret
