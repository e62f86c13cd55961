"""Official quotas and decisions stand behind a cut that every followed stream must have passed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest

from thidua_awards.service import SERVICE
from thidua_runtime.clock import VIETNAM, ManualClock, wall_clock
from thidua_runtime.testing import RunningSuite, SuiteFactory, heartbeats

pytestmark = pytest.mark.anyio

CUT = datetime(2022, 12, 20, 1, tzinfo=UTC)
LATER = CUT + timedelta(seconds=1)


@asynccontextmanager
async def reviewed(suite: SuiteFactory, year: Any) -> AsyncIterator[tuple[RunningSuite, httpx2.AsyncClient]]:
    """The small year, reviewed; no stream has carried a heartbeat yet."""
    clock = ManualClock(datetime(2022, 12, 31, 9, tzinfo=VIETNAM))
    async with suite(SERVICE, clock=clock) as running, running.client("awards") as client:
        await running.deliver(*year.department(), *year.registrations())
        await running.settle()
        answer = await client.post("/campaigns/TD2022/review")
        assert answer.status_code == 200, answer.text
        yield running, client


def decided(year: Any, cut: datetime | None = CUT, **changes: Any) -> dict[str, Any]:
    return {**year.decision("11/QĐ", "LDTT", "P0"), "cut": cut and cut.isoformat(), **changes}


async def test_a_decision_is_refused_naming_the_late_stream_until_its_heartbeat_passed(
    suite: SuiteFactory, year: Any
) -> None:
    async with reviewed(suite, year) as (running, client):
        await running.deliver_raw(*heartbeats(SERVICE, LATER, without="ratings"))
        await running.deliver_raw(*[one for one in heartbeats(SERVICE, CUT) if one.stream == "ratings"])
        await running.settle()
        refused = await client.post("/decisions", json=decided(year))
        assert refused.status_code == 409, "the cut itself is not past the cut"
        problem = refused.json()
        assert problem["type"] == "urn:thidua:problem:cut-not-reached"
        assert problem["late"] == [{"stream": "ratings", "heard": CUT.isoformat()}]
        assert "còn chờ số liệu về xếp loại chất lượng" in problem["detail"]
        assert "late streams: ratings" in problem["detail_en"]
        assert (await client.get("/decisions")).json()["total"] == 0
        await running.deliver_raw(*heartbeats(SERVICE, LATER))
        await running.settle()
        taken = await client.post("/decisions", json=decided(year))
        assert taken.status_code == 201, taken.text
        await running.settle()
        (published,) = await running.published("decisions")
    assert datetime.fromisoformat(taken.json()["cut"]) == CUT
    assert datetime.fromisoformat(published["cut"]) == CUT


async def test_a_refused_decision_may_be_sent_again_with_the_cut_and_the_key_it_was_told(
    suite: SuiteFactory, year: Any
) -> None:
    key = {"Idempotency-Key": "k1"}
    async with reviewed(suite, year) as (running, client):
        refused = await client.post("/decisions", json=decided(year, None), headers=key)
        assert refused.status_code == 409
        assert {one["stream"] for one in refused.json()["late"]} == {model.stream for model in SERVICE.follows}
        told = datetime.fromisoformat(refused.json()["cut"])
        await running.deliver_raw(*heartbeats(SERVICE, told + timedelta(seconds=1)))
        await running.settle()
        taken = await client.post("/decisions", json=decided(year, told), headers=key)
        assert taken.status_code == 201, taken.text
        assert datetime.fromisoformat(taken.json()["cut"]) == told


async def test_the_review_names_the_cut_of_what_is_decided_on_it(suite: SuiteFactory, year: Any) -> None:
    async with reviewed(suite, year) as (running, client):
        before = datetime.now(UTC)
        cut = (await client.post("/campaigns/TD2022/review")).json()["cut"]
        assert before <= datetime.fromisoformat(cut) <= datetime.now(UTC)
        await running.deliver_raw(*heartbeats(SERVICE, datetime.now(UTC)))
        await running.settle()
        taken = await client.post("/decisions", json=decided(year, datetime.fromisoformat(cut)))
    assert taken.status_code == 201, taken.text


async def test_earlier_years_and_campaigns_never_reviewed_here_wait_for_nobody(suite: SuiteFactory, year: Any) -> None:
    past = "Mã;Danh hiệu;Năm;Số quyết định;Ngày quyết định;Người ký;Cơ quan ban hành\n"
    past += "P0;CSTDCS;2020;31/QĐ;15/01/2021;Trần Thị Bình;Giám đốc Sở\n"
    async with reviewed(suite, year) as (running, client):
        await running.deliver(year.CAMPAIGN.model_copy(update={"id": "c21", "code": "TD2021", "year": 2021}))
        await running.settle()
        imported = await client.post("/imports/awards?name=past.csv", content=past.encode())
        assert imported.json()["taken"]["created"] == 1
        for number, campaign in (("12/QĐ", None), ("13/QĐ", "TD2021")):
            answer = await client.post(
                "/decisions", json=decided(year, None, number=number, campaign=campaign, reason="Ghi lại")
            )
            assert answer.status_code == 201, answer.text
            assert answer.json()["cut"] is None


async def test_a_decision_takes_the_findings_that_hold_at_its_cut_and_not_older_ones(
    suite: SuiteFactory, year: Any
) -> None:
    async with reviewed(suite, year) as (running, client):
        await running.deliver(year.rating("p5", "pdd", year.RatingLevel.NOT_COMPLETED))
        await running.deliver_raw(*heartbeats(SERVICE, LATER))
        await running.settle()
        before = await rating_of(client)
        taken = await client.post("/decisions", json=decided(year, **year.decision("11/QĐ", "LDTT", "P5")))
        assert taken.status_code == 201, taken.text
        after = await rating_of(client)
    assert (before, after) == (("reviewed", "met"), ("decided", "person"))


async def rating_of(client: httpx2.AsyncClient) -> tuple[str, str]:
    """State of a recommendation, and what its finding on the yearly rating says."""
    told = (await client.get("/recommendations/TD2022/P5/LDTT")).json()
    return told["state"], next(one["status"] for one in told["findings"] if one["key"] == "ldtt.rating")


async def test_quotas_are_provisional_as_of_the_last_heartbeats_unless_a_cut_is_named(
    suite: SuiteFactory, year: Any
) -> None:
    async with reviewed(suite, year) as (running, client):
        silent = (await client.get("/quotas", params={"campaign": "TD2022"})).json()
        departed = wall_clock() - timedelta(hours=1)
        older = heartbeats(SERVICE, departed - timedelta(hours=1))[:1]
        await running.deliver_raw(*heartbeats(SERVICE, departed), *older)
        await running.settle()
        shown = (await client.get("/quotas", params={"campaign": "TD2022"})).json()
        official = (await client.get("/quotas", params={"campaign": "TD2022", "cut": CUT.isoformat()})).json()
        late = {"campaign": "TD2022", "cut": (departed + timedelta(hours=2)).isoformat()}
        refused = await client.get("/quotas", params=late)
    assert (silent["official"], silent["as_of"]) == (False, None)
    assert silent["note"].startswith("Tạm tính")
    assert not shown["official"]
    an_hour_ago = datetime(2022, 12, 31, 8, tzinfo=VIETNAM)
    until = datetime.fromisoformat(shown["as_of"])
    assert abs(until - an_hour_ago) < timedelta(minutes=2), "in the time of the data, not of the machine"
    assert shown["quotas"] == official["quotas"] != []
    assert (official["official"], official["as_of"], official["note"]) == (True, CUT.isoformat(), "")
    assert refused.status_code == 409
    assert refused.json()["type"] == "urn:thidua:problem:cut-not-reached"


async def test_official_quotas_wait_until_what_arrived_is_reviewed(suite: SuiteFactory, year: Any) -> None:
    query = {"campaign": "TD2022", "cut": CUT.isoformat()}
    async with reviewed(suite, year) as (running, client):
        await running.deliver(year.rating("p0", "pdd", year.RatingLevel.NOT_COMPLETED))
        await running.deliver_raw(*heartbeats(SERVICE, LATER))
        await running.settle()
        pending = await client.get("/quotas", params=query)
        await running.run_job("awards", "review_changed")
        done = await client.get("/quotas", params=query)
    assert pending.status_code == 409
    assert pending.json()["type"] == "urn:thidua:problem:review-pending"
    assert done.status_code == 200
