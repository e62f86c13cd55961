"""Criteria sets: registered and published, quarantined alone, stopped by an operator, failing without harm."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from thidua_runtime.testing import RunningSuite, SuiteFactory
from thidua_scoring.service import SERVICE

from . import plugins, world

pytestmark = [pytest.mark.anyio, pytest.mark.drill]

RAISES = "    raise KeyError('nothing')"
FOREVER = "    while True:\n        pass"
DIES = "    _sys.modules['os']._exit(3)"
ENDS = "    raise SystemExit(3)"
CANCELS = "    raise _sys.modules['asyncio'].CancelledError"
ODD = "    raise BaseException('x')"
WORDY = "    return Outcome('met', Fraction(1), Fraction(1), 'A' * 50_000_000)"
DIGITS = "    share = Fraction(1, 1 << 80_000_000)\n    return Outcome('partly', share, share, 'Rất nhỏ.')"
DEAF = """
    while True:
        try:
            while True:
                pass
        except BaseException:
            continue
"""
GREEDY = "    return bytearray(10_000_000_000)"
SPIES = """
    environment = _sys.modules["os"].environ
    return Outcome("met", Fraction(1), Fraction(1), f"Môi trường: {len(environment)} biến.")
"""


async def test_installed_sets_are_published_with_their_declared_inputs(suite: SuiteFactory) -> None:
    async with suite(SERVICE) as running:
        async with running.client("scoring", role="reader") as client:
            listed = await sets_when_registered(client)
            answer = await client.get(f"/criteria-sets/{world.SET}/1.0.0")
        await running.settle()
        published = {one["id"]: one for one in await running.published("criteria-sets")}
    assert {one["id"]: one["state"] for one in listed}[world.SET] == "enabled"
    inputs = {one["name"]: one for one in published[world.SET]["inputs"]}
    assert inputs["welfare"]["out_of"] == "10"
    assert inputs["conduct"]["due"] == {"on": None, "day": 5, "after": "month"}
    assert inputs["months"]["origin"] == "feed"
    assert published[world.SET]["manifest"]["id"] == world.SET
    assert published[world.SET]["artefact"].startswith("sha256:")
    assert answer.json()["manifest"] == published[world.SET]["manifest"]
    assert answer.headers["etag"] == '"1"'


async def test_a_set_that_cannot_be_loaded_is_quarantined_and_the_others_go_on(
    suite: SuiteFactory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = plugins.install(tmp_path, monkeypatch, "hong-thu", text="format: 1\nid: hong-thu\n")
    async with suite(SERVICE) as running:
        sets = ((world.SET, "collective"), (broken, "individual"))
        await running.deliver(*world.everything("u1"), world.campaign("u1", sets=sets), world.person("p1", "u1"))
        await running.settle()
        scores = {one["subject"]: one for one in await running.published("scores")}
        state = {one["id"]: one for one in await running.published("criteria-sets")}[broken]
        async with running.client("scoring", role="operator") as client:
            enabled = await client.post(f"/criteria-sets/{broken}/1.0.0/enable", json={"reason": "thử"})
    assert state["state"] == "quarantined"
    assert "version is missing" in state["reason"]
    assert scores["u1"]["state"] in ("incomplete", "complete")
    assert scores["p1"]["state"] == "not_scored"
    assert scores["p1"]["not_ranked_because"] == "chưa chấm: bộ tiêu chí hong-thu 1.0.0 bị cách ly"
    assert enabled.status_code == 409


async def test_subjects_of_a_set_nobody_installed_show_that_they_are_not_scored(suite: SuiteFactory) -> None:
    async with suite(SERVICE) as running:
        await running.deliver(*world.everything("u1"), world.campaign("u1", sets=(("vang-mat", "collective"),)))
        await running.settle()
        (score,) = await running.published("scores")
    assert score["not_ranked_because"] == "chưa chấm: bộ tiêu chí vang-mat 1.0.0 chưa được cài đặt"


@pytest.mark.parametrize(
    ("code", "reason", "why"),
    [
        (RAISES, "exception", "gặp lỗi khi chấm"),
        (FOREVER, "time", "chạy quá thời gian cho phép"),
        (DIES, "crash", "làm dừng tiến trình chấm điểm"),
        (GREEDY, "memory", "dùng quá bộ nhớ cho phép"),
        (ENDS, "exception", "gặp lỗi khi chấm"),
        (CANCELS, "exception", "gặp lỗi khi chấm"),
        (ODD, "exception", "gặp lỗi khi chấm"),
        (WORDY, "too_large", "trả về kết quả quá lớn"),
        (DIGITS, "too_large", "trả về kết quả quá lớn"),
    ],
)
async def test_a_set_that_misbehaves_stops_only_its_own_subjects(
    suite: SuiteFactory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, reason: str, why: str
) -> None:
    bad = plugins.install(tmp_path, monkeypatch, f"xau-{reason.replace('_', '-')}-{len(code)}", code=code)
    async with suite(SERVICE, score_time_limit_ms=600) as running:
        sets = ((world.SET, "collective"), (bad, "individual"))
        people = [world.person("p1", "u1"), world.person("p2", "u1")]
        await running.deliver(*world.everything("u1"), world.campaign("u1", sets=sets), *people)
        await running.settle()
        scores = {one["subject"]: one for one in await running.published("scores")}
        failures = failures_of(running, bad)
    assert scores["u1"]["points"] is not None
    assert scores["p1"]["state"] == scores["p2"]["state"] == "not_scored"
    assert scores["p1"]["not_ranked_because"] == f"chưa chấm: bộ tiêu chí {bad} {why}"
    assert failures[reason] >= 2
    assert sum(failures.values()) == failures[reason]


async def test_a_set_that_never_comes_to_an_end_is_quarantined_before_it_holds_up_all(
    suite: SuiteFactory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = plugins.install(tmp_path, monkeypatch, "vo-tan", code=FOREVER)
    # Fewer than the ten of the default, so that the number is the setting's.
    async with suite(SERVICE, score_time_limit_ms=100, score_quarantine_cases=4) as running:
        sets = ((world.SET, "collective"), (bad, "individual"))
        people = [world.person(f"p{number:02d}", "u1") for number in range(6)]
        await running.deliver(*world.everything("u1"), world.campaign("u1", sets=sets), *people)
        await running.settle()
        scores = {one["subject"]: one for one in await running.published("scores")}
        state = {one["id"]: one for one in await running.published("criteria-sets")}[bad]
    assert scores["u1"]["points"] is not None
    assert state["state"] == "quarantined"
    assert {scores[one.id]["not_ranked_because"] for one in people} == {
        "chưa chấm: bộ tiêu chí vo-tan 1.0.0 bị cách ly"
    }


async def test_a_set_that_swallows_its_time_limit_keeps_no_other_set_waiting(
    suite: SuiteFactory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = plugins.install(tmp_path, monkeypatch, "nuot-gio", code=DEAF)
    async with suite(SERVICE, score_time_limit_ms=300, score_quarantine_cases=8) as running:
        sets = ((world.SET, "collective"), (bad, "individual"))
        people = [world.person(f"p{number}", "u1") for number in range(6)]
        await running.deliver(*world.everything("u1"), world.campaign("u1", sets=sets), *people)
        first = await points_while_others_wait(running, "u1", bad)
        await running.deliver(*world.year_of("u1", on_time=1))
        for _ in range(200):
            second = await points_while_others_wait(running, "u1", bad)
            if second != first:
                break
        assert second != first
        await running.settle()
        scores = {one["subject"]: one for one in await running.published("scores")}
        assert {scores[one.id]["not_ranked_because"] for one in people} == {
            "chưa chấm: bộ tiêu chí nuot-gio chạy quá thời gian cho phép"
        }
        assert await state_of(running, bad) == "enabled"
        # Six in a row so far; two more of another turn reach the declared number.
        await running.deliver(*(world.fact(one.id, "effort", "9", "self") for one in people[:2]))
        await running.settle()
        assert await state_of(running, bad) == "quarantined"


async def points_while_others_wait(running: RunningSuite, subject: str, other: str) -> str:
    """The points of a subject, read while subjects of another set still wait."""
    import anyio

    for _ in range(1000):
        async with running.transaction("scoring") as tx:
            waiting = await tx.row(text("select 1 from dirty where set_id = :other limit 1"), other=other)
            row = await tx.row(text("select points from score where subject = :subject"), subject=subject)
        if row is not None:
            assert waiting is not None
            return str(row.points)
        await anyio.sleep(0.02)
    raise AssertionError("nobody scored the other set")


async def state_of(running: RunningSuite, name: str) -> str:
    return {one["id"]: str(one["state"]) for one in await running.published("criteria-sets")}[name]


@pytest.mark.parametrize(
    ("head", "why"),
    [
        ("while True:\n    pass", "importing its code takes more than 0.3 s"),
        ("_sys.modules['os']._exit(3)", "its code ended the process"),
        ("raise SystemExit('vô cớ')", "cannot be imported: vô cớ"),
        ("TABLE = bytearray(10_000_000_000)", "cannot be imported"),
    ],
)
async def test_a_set_whose_import_goes_wrong_is_quarantined_and_the_others_go_on(
    suite: SuiteFactory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, head: str, why: str
) -> None:
    good = "    return Outcome('met', Fraction(1), Fraction(1), 'Đạt 1/1.')"
    bad = plugins.install(tmp_path, monkeypatch, f"nhap-hong-{len(head)}", code=good, head=head)
    async with suite(SERVICE, score_time_limit_ms=300) as running:
        sets = ((world.SET, "collective"), (bad, "individual"))
        await running.deliver(*world.everything("u1"), world.campaign("u1", sets=sets), world.person("p1", "u1"))
        await running.settle()
        scores = {one["subject"]: one for one in await running.published("scores")}
        state = {one["id"]: one for one in await running.published("criteria-sets")}[bad]
    assert scores["u1"]["points"] is not None
    assert (state["state"], why in state["reason"]) == ("quarantined", True), state["reason"]
    assert scores["p1"]["not_ranked_because"] == f"chưa chấm: bộ tiêu chí {bad} 1.0.0 bị cách ly"


async def test_a_set_with_code_sees_no_environment_of_the_service(
    suite: SuiteFactory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("THIDUA_DATABASE_URL", "postgresql://secret")
    spy = plugins.install(tmp_path, monkeypatch, "to-mo", code=SPIES)
    async with suite(SERVICE) as running:
        campaign = world.campaign("u1", sets=((spy, "individual"),))
        await running.deliver(world.unit("u1"), campaign, world.person("p1", "u1"))
        await running.settle()
        (score,) = await running.published("scores")
    assert {one["code"]: one["sentence"] for one in score["lines"]}["D"] == "Môi trường: 0 biến."


async def test_a_disabled_set_scores_nobody_until_it_is_enabled_again(suite: SuiteFactory) -> None:
    door = f"/criteria-sets/{world.SET}/1.0.0"
    async with suite(SERVICE) as running, running.client("scoring", role="operator", actor="vận hành") as client:
        await running.deliver(*world.everything("u1"))
        await running.settle()
        before = await running.published("scores")
        stopped = await client.post(f"{door}/disable", json={"reason": "Rà soát lại tiêu chí T6"})
        await running.settle()
        (score,) = await running.published("scores")
        assert stopped.json()["state"] == "disabled"
        assert score["not_ranked_because"] == f"chưa chấm: bộ tiêu chí {world.SET} 1.0.0 đang tạm dừng"
        shown = (await client.get(door)).json()
        assert (shown["reason"], shown["changed_by"]) == ("Rà soát lại tiêu chí T6", "vận hành")
        await client.post(f"{door}/enable", json={"reason": "Đã rà soát"})
        await running.settle()
        assert world.canonical(await running.published("scores")) == world.canonical(before)
        await client.post(f"{door}/withdraw", json={"reason": "Thay bằng phiên bản 2"})
        refused = await client.post(f"{door}/enable", json={"reason": "Nhầm"})
        assert refused.status_code == 409
        assert "thu hồi" in refused.json()["detail"]


async def test_only_an_operator_with_a_reason_moves_a_set(suite: SuiteFactory) -> None:
    door = f"/criteria-sets/{world.SET}/1.0.0/disable"
    async with suite(SERVICE) as running:
        async with running.client("scoring", role="office") as client:
            assert (await client.post(door, json={"reason": "thử"})).status_code == 403
        async with running.client("scoring", role="operator") as client:
            await sets_when_registered(client)
            bodies: list[Any] = [{}, {"reason": ""}, {"reason": "a\x00b"}, {"reason": "thử", "more": 1}, [], "x"]
            for body in bodies:
                assert (await client.post(door, json=body)).status_code in (400, 422)
            assert (await client.post("/criteria-sets/khong-co/1/disable", json={"reason": "thử"})).status_code == 404


@pytest.mark.parametrize(
    ("role", "door"),
    [
        *(("operator", f"/criteria-sets/{world.SET}/1.0.0/{verb}") for verb in ("enable", "disable", "withdraw")),
        ("office", "/campaigns/btnmt-2022/rescorings"),
        *(("office", f"/rescorings/r1/{verb}") for verb in ("apply", "cancel")),
        ("office", "/campaigns/btnmt-2022/official/2022/cancel"),
    ],
)
async def test_blanks_are_no_reason(suite: SuiteFactory, role: str, door: str) -> None:
    asked = {"period": "2022", "set": world.SET} if door.endswith("rescorings") else {}
    async with suite(SERVICE) as running, running.client("scoring", role=role) as client:
        answer = await client.post(door, json={**asked, "reason": " \t\u00a0"})
    assert (answer.status_code, answer.json()["errors"][0]["reason"]) == (422, "không được để trống")


def failures_of(running: RunningSuite, name: str) -> dict[str, float]:
    registry = running.suite.services["scoring"].meters.registry
    samples = [one for family in registry.collect() for one in family.samples]
    return {
        one.labels["reason"]: one.value
        for one in samples
        if one.name == "thidua_criteria_set_failures_total" and one.labels["criteria_set"] == name
    }


async def sets_when_registered(client: Any) -> list[dict[str, Any]]:
    import anyio

    for _ in range(200):
        listed: list[dict[str, Any]] = (await client.get("/criteria-sets")).json()
        if world.SET in {one["id"] for one in listed}:
            return listed
        await anyio.sleep(0.02)
    raise AssertionError("the installed sets were not registered")
