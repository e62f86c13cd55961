"""What counts from which stream: initiatives, decisions, members and heads, parts of the year, parameters."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import httpx2
import pytest

from thidua.contracts import Decision, Document, Fact, Initiative, State
from thidua.contracts.campaign import Author, ParameterChange
from thidua.contracts.judgement import Award
from thidua.contracts.work import MonthState
from thidua_runtime.testing import RunningSuite, SuiteFactory
from thidua_scoring.service import SERVICE

from . import plugins, world
from .serving import command_line
from .test_official import LATER, finished

pytestmark = pytest.mark.anyio

HEADS = """
format: 1
id: {id}
version: 1.0.0
title: Tiêu chí thử theo quý
legal_basis: [Quy chế thử]
valid: {{from: 2022-01-01}}
subject: individual
period: {{scored: [quarter], year: {{combine: mean, of: total, skip: not_applicable}}}}
points: {{scale: 100, total: {{at_least: 0, at_most: 100}}}}
not_applicable: rescale
missing_at_close: not_met
parameters:
  goal: {{value: {{at_least: 1}}, source: thử, campaign_may_change: true}}
inputs:
  staff: {{feed: members, having: {{band_at_least: dat, set: {id}}}}}
  ideas: {{feed: initiatives, stage: recognised}}
  effort: {{fact: mark, out_of: 10, title: Tinh thần trách nhiệm, stated_by: [appraiser]}}
criteria:
- {{code: A, title: Tinh thần trách nhiệm, maximum: 80, rule: {{kind: mark, input: effort}}}}
- {{code: B, title: Sáng kiến được công nhận, maximum: 10, rule: {{kind: threshold, input: ideas, limit: $goal}}}}
- {{code: C, title: Nhân viên, maximum: 10, applies_when: {{subject.leads_unit: true}}, rule: {{kind: ratio, of: staff, limit: {{at_least: 1}}, credit: pro_rata}}}}
bands:
- {{code: dat, title: Đạt, at_least: 50}}
- {{code: khong_dat, title: Không đạt, at_least: 0}}
ranking: {{within: subject.unit, by: [total, A]}}
"""  # noqa: E501

REPRIMANDED = """
format: 1
id: {id}
version: 1.0.0
title: Tiêu chí thử có đọc hình thức kỷ luật
legal_basis: [Quy chế thử]
valid: {{from: 2022-01-01, to: 2022-12-31}}
subject: individual
period: {{scored: [year]}}
points: {{scale: 100, mark: illustrative}}
not_applicable: rescale
missing_at_close: not_met
inputs:
  reprimands: {{feed: discipline, from: khien_trach}}
  harder: {{feed: discipline, from: canh_cao}}
criteria:
- code: A
  title: Không bị kỷ luật
  maximum: 100
  rule: {{kind: threshold, input: reprimands, limit: {{at_most: 0}}}}
eliminations:
- {{code: X, title: Bị cảnh cáo trở lên, when: {{harder: {{at_least: 1}}}}, effect: not_ranked}}
ranking: {{within: subject.unit, by: [total], ties: shared}}
"""


def initiative(*authors: str, state: str = "recognised", unit: str = "u1") -> Initiative:
    share = 100 // len(authors)
    given = {
        "id": "sk1", "unit": unit, "campaign": world.CAMPAIGN, "code": "SK1", "title": "Số hóa", "state": state,
        "authors": [Author(person=one, share=share) for one in authors],
        "recognition": Document(number="1/QĐ", dated=date(2022, 2, 1)), "submitted_on": date(2022, 1, 5),
    }  # fmt: skip
    return Initiative.model_validate(given)


def decision(*subjects: str, campaign: str | None = "phong-trao-2021", code: str = "CTDB", **more: Any) -> Decision:
    awards = tuple(Award.model_validate({"subject": one, "subject_kind": "collective", "unit": one, "code": code,
                                         "year": 2021}) for one in subjects)  # fmt: skip
    return Decision(id="qd1", number="15/QĐ", dated=date(2022, 3, 1), signer="Bộ trưởng", campaign=campaign,
                    awards=awards, **more)  # fmt: skip


async def test_a_flag_of_an_earlier_campaign_counts_until_it_is_cancelled(suite: SuiteFactory) -> None:
    async with suite(SERVICE) as running:
        await running.deliver(*world.everything("u1", "u2"), decision("u1"))
        await running.settle()
        first = await bonus(running)
        await running.deliver(decision("u2"))
        await running.settle()
        moved = await bonus(running)
        await running.deliver(decision("u2", cancelled=True))
        await running.settle()
        cancelled = await bonus(running)
        await running.deliver(decision("u1", "u2", campaign=world.CAMPAIGN))
        await running.settle()
        own = await bonus(running)
    assert first == {"u1": "25.00", "u2": "0.00"}
    assert moved == {"u1": "0.00", "u2": "25.00"}
    assert cancelled == own == {"u1": "0.00", "u2": "0.00"}


async def test_a_document_counts_by_its_own_date_and_a_mark_by_its_value(suite: SuiteFactory) -> None:
    paper = Document(number="01/CTr-U1", dated=date(2022, 1, 10), file="ctr.pdf")
    async with suite(SERVICE) as running:
        await running.deliver(
            *world.everything("u1", "u2"),
            world.fact("u1", "programme", "", dated=date(2022, 12, 15), document=paper, evidence=()),
            world.fact("u2", "programme", "01/CTr-U2", dated=date(2022, 12, 15)),
            world.fact("u1", "welfare", "9", document=paper),
        )
        await running.settle()
        programme = await lines(running, "T4", "2022")
        welfare = await lines(running, "T12.2", "2022")
    assert programme == {"u1": "50.00", "u2": "0.00"}
    assert welfare == {"u1": "18.00", "u2": "16.00"}


async def test_discipline_that_no_stream_tells_is_missing_and_neither_none_nor_a_strike(
    suite: SuiteFactory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = plugins.install(tmp_path, monkeypatch, "ky-luat-thu", text=REPRIMANDED.format(id="ky-luat-thu"))
    async with suite(SERVICE) as running:
        await running.deliver(*two_people(name))
        await running.settle()
        found = await scores(running)
        async with command_line(running, role="reader") as thidua:
            explained = await thidua.run("explain", "CB-7")
        async with running.client("scoring", role="reader") as client:
            asked = {"campaign": "btnmt-2022", "period": "2022", "set": "ky-luat-thu", "lane": "running"}
            groups = (await client.get("/rankings", params=asked)).json()["groups"]
    assert {one["name"] for group in groups for one in group["apart"]} == {"p1, Sở u1", "CB-7, Sở u1"}
    assert explained.startswith("Cán bộ CB-7 (Sở u1) · ky-luat-thu 1.0.0 · kỳ 2022 · tạm tính · tính đến ")
    assert "Bí Mật" not in explained
    for score in (found["p1", "2022", "running"], found["p2", "2022", "running"]):
        (line,) = score["lines"]
        assert (line["status"], line["points"]) == ("missing", "0.00")
        assert line["sentence"].startswith("Chưa có số liệu: Hình thức kỷ luật đang có hiệu lực (")
        assert (score["state"], score["explanation"]["eliminations"][0]["verdict"]) == ("incomplete", "undecided")


async def test_an_initiative_counts_for_its_authors_and_for_nobody_who_was_taken_off(
    suite: SuiteFactory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = heads(tmp_path, monkeypatch)
    async with suite(SERVICE) as running:
        await running.deliver(*two_people(name), initiative("p1", "p2"))
        await running.settle()
        both = await lines(running, "B", "2022-Q1")
        await running.deliver(initiative("p2"))
        await running.settle()
        one = await lines(running, "B", "2022-Q1")
        await running.deliver(initiative("p2", state="not_recognised"))
        await running.settle()
        nobody = await lines(running, "B", "2022-Q1")
    assert both == {"p1": "10.00", "p2": "10.00"}
    assert one == {"p1": "0.00", "p2": "10.00"}
    assert nobody == {"p1": "0.00", "p2": "0.00"}


async def test_a_campaign_replaces_a_parameter_and_everybody_is_scored_again(
    suite: SuiteFactory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = heads(tmp_path, monkeypatch)
    two = ParameterChange(name="goal", value={"at_least": 2}, reason="Nghị quyết của Hội đồng")
    strange = ParameterChange(name="of_another_set", value=1, reason="dùng cho bộ khác")
    async with suite(SERVICE) as running:
        await running.deliver(*two_people(name), initiative("p1", "p2"))
        await running.settle()
        before = await lines(running, "B", "2022-Q1")
        changed = world.campaign("u1", sets=((name, "individual"),), parameters=(two, strange))
        await running.deliver(changed)
        await running.settle()
        after = await lines(running, "B", "2022-Q1")
        (score, *_) = await running.published("scores")
    assert (before["p1"], after["p1"]) == ("10.00", "0.00")
    assert score["explanation"]["replaced"][0]["reason"] == "Nghị quyết của Hội đồng"


async def test_heads_are_judged_after_their_members_and_the_year_after_its_quarters(
    suite: SuiteFactory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = heads(tmp_path, monkeypatch)
    async with suite(SERVICE) as running, running.client("scoring", role="office") as client:
        closed = [world.month("p2", m, unit="u1", subject_kind="individual", state=MonthState.CLOSED) for m in
                  world.MONTHS]  # fmt: skip
        marks = [every_quarter(world.fact(p, "effort", "8", period="2022-Q1")) for p in ("p1", "p2")]
        await running.deliver(*two_people(name), *closed, *marks)
        await running.deliver_raw(*world.heartbeats(LATER))
        await running.settle()
        head_before = (await scores(running))["p1", "2022-Q1", "running"]
        for quarter in ("2022-Q1", "2022-Q2", "2022-Q3", "2022-Q4"):
            await ask_official(client, quarter)
        await running.settle()
        found = await scores(running)
        async with running.client("scoring", role="operator") as operator:
            await operator.post(f"/criteria-sets/{name}/1.0.0/disable", json={"reason": "Rà soát"})
            await ask_official(client, "2022-Q4")
            await operator.post(f"/criteria-sets/{name}/1.0.0/enable", json={"reason": "Đã rà soát"})
        await ask_official(client, "2022")
        await running.settle()
        year = (await scores(running))["p2", "2022", "official"]
        asked = {"campaign": "btnmt-2022", "period": "2022", "set": name, "lane": "official"}
        ranks = await client.get("/rankings", params=asked)
        whole_year = await client.get("/campaigns/btnmt-2022/official/2022-H1")
        half = await client.post("/campaigns/btnmt-2022/official", json={"period": "2022-H1"})
    line = {one["code"]: one for one in found["p1", "2022-Q1", "official"]["lines"]}["C"]
    assert {one["code"]: one["status"] for one in head_before["lines"]}["C"] == "missing"
    assert (line["status"], line["points"]) == ("met", "10.00")
    assert found["p2", "2022", "running"]["points"] is not None
    # A quarter that the set was stopped in is missing from the year, not left out of its mean.
    assert [(one["code"], one["status"], one["points"]) for one in year["lines"]] == [
        ("2022-Q1", "partly", "71.11"), ("2022-Q2", "partly", "71.11"), ("2022-Q3", "partly", "71.11"),
        ("2022-Q4", "missing", "0.00"),
    ]  # fmt: skip
    assert year["explanation"]["missing"] == ["2022-Q4"]
    assert ranks.status_code == 200
    assert whole_year.json()["state"] == "not_asked"
    assert half.status_code == 422


async def ask_official(client: httpx2.AsyncClient, period: str) -> None:
    body = {"period": period, "cut": "2023-01-20T08:00:00Z"}
    assert (await client.post("/campaigns/btnmt-2022/official", json=body)).status_code == 202
    await finished(client, period)


def every_quarter(stated: Fact) -> Fact:
    (first,) = stated.entries
    periods = [f"2022-Q{quarter}" for quarter in range(1, 5)]
    entries = tuple(first.model_copy(update={"id": f"{first.id}-{one}", "period": one}) for one in periods)
    return stated.model_copy(update={"entries": entries})


def heads(folder: Path, patch: pytest.MonkeyPatch) -> str:
    return plugins.install(folder, patch, "quy-thu", text=HEADS.format(id="quy-thu"))


def two_people(name: str) -> list[State]:
    campaign = world.campaign("u1", sets=((name, "individual"),))
    months = [world.month("p1", m, unit="u1", subject_kind="individual", state=MonthState.CLOSED,
                          as_of=date(2023, 1, 5)) for m in world.MONTHS]  # fmt: skip
    people = [world.person("p1", "u1", leads_unit=True, post="Giám đốc"), world.person("p2", "u1", code="CB-7")]
    return [world.unit("u1"), campaign, *people, *months]


async def scores(running: RunningSuite) -> dict[tuple[str, str, str], dict[str, Any]]:
    return {(one["subject"], one["period"], one["lane"]): one for one in await running.published("scores")}


async def lines(running: RunningSuite, code: str, period: str) -> dict[str, str]:
    found = await scores(running)
    return {subject: line["points"] for (subject, of, lane), one in found.items() if of == period
            and lane == "running" for line in one["lines"] if line["code"] == code}  # fmt: skip


async def bonus(running: RunningSuite) -> dict[str, str]:
    return await lines(running, "B1", "2022")
