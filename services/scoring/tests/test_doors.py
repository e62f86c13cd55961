"""The HTTP doors: filters, who may do what, hostile input; and what Prometheus sees."""

from __future__ import annotations

from typing import Any

import pytest

from thidua_runtime.testing import SuiteFactory
from thidua_scoring.service import SERVICE

from . import world
from .test_sets import sets_when_registered

pytestmark = pytest.mark.anyio

HOSTILE = ("%00", "a%00b", "'; drop table score; --", "%ff%fe", "..%2f..", "x" * 5000, "💥", "\u202e", "null", "-1")


async def test_scores_are_listed_by_campaign_code_unit_code_and_state(suite: SuiteFactory) -> None:
    async with suite(SERVICE) as running, running.client("scoring", role="reader") as client:
        await running.deliver(*world.everything("u1", "u2"))
        await running.settle()
        query = {"campaign": "btnmt-2022", "period": "2022", "set": world.SET, "lane": "running", "unit": "U2"}
        (found,) = (await client.get("/scores", params=query)).json()
        every = (await client.get("/scores", params={"campaign": world.CAMPAIGN})).json()
        none = (await client.get("/scores", params={"state": "not_scored"})).json()
        counts = (await client.get("/scores/counts", params={"campaign": world.CAMPAIGN})).json()
        assert counts["total"] == len(every) == sum(row["scores"] for row in counts["counts"])
        one = (await client.get(f"/scores/u1/{world.CAMPAIGN}/2022/{world.SET}/running")).json()
        unknown = await client.get(f"/scores/u9/{world.CAMPAIGN}/2022/{world.SET}/running")
    assert (found["subject"], found["unit_name"], found["waiting"]) == ("u2", "Sở u2", False)
    assert (len(every), none) == (2, [])
    assert one["tree"]["criteria"][0]["code"] == "T1"
    assert one["tree"]["criteria"][0]["inputs"][0]["evidence"] == ["MC-u1-launch_plan"]
    assert unknown.status_code == 404


@pytest.mark.parametrize("word", HOSTILE)
async def test_hostile_words_in_paths_and_queries_never_reach_the_database(suite: SuiteFactory, word: str) -> None:
    async with suite(SERVICE) as running, running.client("scoring", role="operator") as client:
        paths = [
            f"/scores/{word}/c/2022/s/running", f"/scores/u/c/{word}/s/running", f"/scores/u/c/2022/s/{word}",
            f"/scores?unit={word}", f"/scores?campaign={word}&limit=1", f"/scores?limit={word}",
            f"/rankings?campaign={word}&period=2022&set=s", f"/rankings?campaign=c&period={word}&set=s",
            f"/criteria-sets/{word}/1", f"/campaigns/{word}/official/2022", f"/scores/u/c/2022/s/official/{word}",
        ]  # fmt: skip
        answers = [await client.get(path) for path in paths]
        answers.append(await client.post(f"/campaigns/{word}/official", json={"period": "2022"}))
        answers.append(await client.post("/campaigns/c/official", json={"period": word}))
        answers.append(await client.post("/campaigns/c/official", json={"period": "2022", "cut": word}))
        answers.append(await client.post("/campaigns/c/official", content=word.encode()))
    assert {answer.status_code for answer in answers} <= {200, 400, 404, 405, 409, 422}


async def test_only_the_office_may_ask_for_official_scores(suite: SuiteFactory) -> None:
    async with suite(SERVICE) as running:
        for role in ("unit:U1", "reader", "appraiser", "source:x"):
            async with running.client("scoring", role=role) as client:
                assert (await client.post("/campaigns/c/official", json={"period": "2022"})).status_code == 403


async def test_gauges_count_subjects_by_state_and_sets_by_theirs(suite: SuiteFactory) -> None:
    async with suite(SERVICE) as running:
        await running.deliver(*world.everything("u1", "u2"))
        await running.settle()
        one = running.suite.services["scoring"]
        await one.refresh_gauges()
        common = one.meters.common
        states = {
            state: one.meters.registry.get_sample_value(
                "thidua_scores", {**common, "criteria_set": world.SET, "state": state}
            )
            for state in ("complete", "incomplete", "waiting", "not_scored")
        }
        enabled = one.meters.registry.get_sample_value(
            "thidua_criteria_set_state",
            {**common, "criteria_set": world.SET, "version": "1.0.0", "state": "enabled"},
        )
        scored = one.meters.registry.get_sample_value(
            "thidua_score_duration_seconds_count", {**common, "criteria_set": world.SET}
        )
        names = {family.name for family in one.meters.registry.collect()}
    assert states == {"complete": 0, "incomplete": 2, "waiting": 0, "not_scored": 0}
    assert enabled == 1
    assert scored is not None
    assert scored >= 2
    assert "thidua_scores_waiting_oldest_timestamp_seconds" not in names


async def test_who_read_an_older_revision_of_a_set_moves_nothing(suite: SuiteFactory) -> None:
    path, wish = f"/criteria-sets/{world.SET}/1.0.0", {"reason": "Thử"}
    async with suite(SERVICE) as running, running.client("scoring", role="operator") as client:
        await sets_when_registered(client)
        etag = (await client.get(path)).headers["etag"]
        acts = [f"{path}/{act}" for act in ("enable", "disable", "withdraw")]
        stale = [await client.post(act, json=wish, headers={"If-Match": '"99"'}) for act in acts]
        kept = (await client.get(path)).json()["state"]
        fresh = await client.post(f"{path}/disable", json=wish, headers={"If-Match": etag})
        foreign = await client.post(f"{path}/disable", json=wish, headers={"If-Match": '"\u0661"'.encode()})
    assert [one.status_code for one in stale] == [412, 412, 412]
    assert (kept, fresh.status_code, foreign.status_code) == ("enabled", 200, 400)


WISH = {"period": "2022", "set": world.SET, "reason": "Thử"}
UNUSABLE: tuple[tuple[str, dict[str, Any], str], ...] = (
    ("rescorings", {**WISH, "period": "9999"}, "nothing-to-rescore"),
    ("rescorings", {**WISH, "period": "0000"}, "nothing-to-rescore"),
    ("rescorings", {**WISH, "period": "２０２２"}, "invalid-request"),
    ("rescorings", {**WISH, "cut": "2150-01-01T00:00:00Z"}, "cut-refused"),
    ("rescorings", {**WISH, "cut": "9999-12-31T23:59:59-14:00"}, "cut-refused"),
    ("official", {"period": "2022", "cut": "9999-12-31T23:59:59-14:00"}, "cut-refused"),
    ("official", {"period": "2022", "cut": "0001-01-01T00:00:00+14:00"}, "cut-refused"),
    ("official", {"period": "２０２２"}, "invalid-request"),
)


async def test_periods_and_cuts_that_cannot_be_are_refused_with_a_sentence(suite: SuiteFactory) -> None:
    async with suite(SERVICE) as running, running.client("scoring", role="office") as client:
        await running.deliver(*world.everything("u1"))
        await running.settle()
        answers = [await client.post(f"/campaigns/btnmt-2022/{door}", json=body) for door, body, _ in UNUSABLE]
    assert [(one.status_code < 500, one.json()["type"].rpartition(":")[2]) for one in answers] == [
        (True, said) for _, _, said in UNUSABLE
    ]
