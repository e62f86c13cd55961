"""What whoever is scored, the council and an integrator may ask on the command line."""

from __future__ import annotations

import json
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import TextClause, text

from thidua.criteria import Case, QuotaFinding, load_criteria_set, score
from thidua_runtime.testing import RunningSuite, SuiteFactory
from thidua_scoring.domain.what_if import Led, Moved, WhatIf, of_one_period
from thidua_scoring.queries.cases import LISTED
from thidua_scoring.queries.reading import LIST, Filters
from thidua_scoring.service import SERVICE
from thidua_scoring.terminal.drafts import shown

from . import world
from .serving import Asked, command_line
from .test_official import BODY, DOOR, LATER, closed_year, finished

pytestmark = pytest.mark.anyio

CODE = "btnmt-2022"


def only_letters(shown: str) -> str:
    """Return what is left of a tree without its branches and line breaks."""
    return "".join(one for one in shown if one.isalnum())


KINDS = ("collective", "individual")


@asynccontextmanager
async def official_year(suite: SuiteFactory, *units: str) -> AsyncIterator[tuple[RunningSuite, Asked]]:
    """A closed year with its official scores, and the command line that asks about it."""
    async with closed_year(suite, *units) as (running, client):
        for name in ("launch_report", "programme", "reform_plan", "digital_plan"):
            await running.deliver(*(world.fact(one, name, "9/KH") for one in units))
        await running.settle()
        await running.deliver_raw(*world.heartbeats(LATER))
        await client.post(DOOR, json=BODY)
        await finished(client)
        async with command_line(running, role="reader") as thidua:
            yield running, thidua


# Without the collation of the index each of these rows reads all people through.
@pytest.mark.parametrize(("statement", "names"), [(LISTED, ("campaign", "set")), (LIST, Filters.__slots__)])
async def test_staff_codes_of_a_page_of_scores_are_found_through_the_index_of_people(
    suite: SuiteFactory, statement: TextClause, names: tuple[str, ...]
) -> None:
    async with suite(SERVICE) as running, running.transaction("scoring") as tx:
        await tx.execute(text("set local enable_seqscan = off"))
        given = {**dict.fromkeys(names, ""), "limit": 10, "offset": 0}
        rows = await tx.rows(text(f"explain {statement.text}"), **given)
    plan = "\n".join(row[0] for row in rows)
    assert "replica_people_person" in plan, plan


async def test_a_score_is_explained_as_a_tree_with_sentences_inputs_and_evidence(suite: SuiteFactory) -> None:
    async with official_year(suite, "u1") as (running, thidua):
        async with running.client("scoring", role="reader") as client:
            coded = await client.get(f"/scores/U1/{CODE}/2022/{world.SET}/official")
            assert (coded.status_code, coded.json()["subject"]) == (200, "u1")
            of_unit = {kind: await client.get(f"/scores?unit=U1&subject_kind={kind}") for kind in KINDS}
        shown = await thidua.run("explain", "u1")
        narrow = await thidua.run("explain", "u1", columns=60)
        by_code = await thidua.run("explain", "U1", "--lane", "official")
        unknown = await thidua.run("explain", "u9", fails=True)
        parts = {"--campaign": "bt-2023", "--period": "2022-Q1", "--set": "khung"}
        absent = [await thidua.run("explain", "u1", option, value, fails=True) for option, value in parts.items()]
        no_lane = await thidua.run("explain", "u1", "--lane", "oficial", fails=True)
        no_file = await thidua.run("explain", "u1", "--diff", "official", "nofile.json", fails=True)
        refused = await thidua.run("plugins", "disable", f"{world.SET}@1.0.0", "--reason", "Thử", fails=True)
    assert "urn:thidua" not in refused
    assert [len(one.json()) > 0 for one in of_unit.values()] == [True, False]
    assert shown == by_code
    assert only_letters(narrow) == only_letters(shown)
    head, *lines = shown.splitlines()
    assert head.startswith("Sở u1 · tnmt-2022-tap-the 1.0.0 · kỳ 2022 · chính thức · tính đến 05/01/2023: ")
    assert head.endswith("(mẫu minh họa)")
    assert any(
        "T6 Tỷ lệ hoàn thành đúng hạn hằng tháng trên 90 %: ✓ 150,00/150,00 12/12 tháng đạt" in one for one in lines
    )
    assert any(": 12/KH, 20/01/2022, thẩm định, minh chứng MC-u1-launch_plan" in one for one in lines)
    assert any("L1 Không đăng ký thi đua (Thông tư 21/2018/TT-BTNMT Điều 3.1.c)" in one for one in lines)
    assert any("tháng 1/2022: 20/20, tháng 2/2022: 20/20" in one for one in lines)
    assert "(launch_plan)" not in shown
    assert any("$on_time = trên 9/10 (Công văn 8240" in one for one in lines)
    assert "chưa có đơn vị, cá nhân nào mã u9 được chấm điểm" in unknown
    assert [one.partition("u1 không có điểm ")[2] for one in absent] == [
        f"thuộc phong trào bt-2023 (đang có: {CODE}).", "của kỳ 2022-Q1 (đang có: 2022).",
        f"theo bộ tiêu chí khung (đang có: {world.SET}).",
    ]  # fmt: skip
    assert "'official', 'running'" in no_lane
    assert "'nofile.json' is neither official nor running" in no_file


async def test_what_unit_appraiser_and_council_state_stands_side_by_side_with_its_spread(suite: SuiteFactory) -> None:
    async with official_year(suite, "u1") as (running, thidua):
        acts = {"entered_by": "Thư ký Hội đồng", "checked_by": "Lê Văn Bình"}
        council = world.fact("u1", "welfare", "7", "council", **acts)
        late = world.fact("u1", "conduct", "muon_som", period="2022-03")
        sides = ("self", "appraiser")
        await running.deliver(world.fact("u1", "welfare", "10", "self"), council, late)
        # Of a fact that this set does not read another one tells what it is called.
        await running.deliver(*(world.fact("u1", "studies", "yes", by, "2022-03") for by in sides))
        await running.settle()
        async with running.client("scoring", role="reader") as client:
            told = (await client.get(f"/scores/u1/{world.CAMPAIGN}/2022/{world.SET}/running")).json()["statements"]
        shown = await thidua.run("explain", "u1", "--lane", "running")
    (row,) = [one for one in told if one["input"] == "welfare"]
    assert (row["counts"], row["spread"]) == ("council", "3")
    assert {by: one["value"] for by, one in row["stated"].items()} == {"self": "10", "appraiser": "8", "council": "7"}
    assert row["stated"]["self"]["evidence"] == ["MC-u1-welfare"]
    said = (
        "T12.2 · Chăm lo đời sống người lao động, kỳ 2022: thẩm định 8 ngày 20/01/2022, minh chứng "
        "MC-u1-welfare; [hội đồng] 7 ngày 20/01/2022 (Thư ký Hội đồng nhập), Lê Văn Bình xác minh, minh chứng "
        "MC-u1-welfare; tự khai 10 ngày 20/01/2022"
    )
    assert only_letters(said) in only_letters(shown)
    assert "; chênh 3" in shown
    assert only_letters("Có học tập, nâng cao trình độ chuyên môn, kỳ tháng 3/2022: ") in only_letters(shown)
    assert only_letters(": đi muộn, về sớm, thẩm định") in only_letters(shown)
    assert "muon_som" not in shown


async def test_the_difference_of_two_runs_names_lines_and_inputs_that_changed(
    suite: SuiteFactory, tmp_path: Path
) -> None:
    kept = tmp_path / "before.json"
    async with official_year(suite, "u1") as (running, thidua):
        same = await thidua.run("explain", "u1", "--diff", "official", "official")
        await thidua.run("explain", "u1", "--json", str(kept))
        await running.deliver(world.fact("u1", "welfare", "10"))
        await running.settle()
        changed = await thidua.run("explain", "u1", "--diff", "official", "running")
        from_file = await thidua.run("explain", "u1", "--diff", str(kept), "running")
    assert "Không có tiêu chí nào khác nhau." in same
    assert changed == from_file
    assert "T12.2 Chăm lo đời sống người lao động" in changed
    assert "Chăm lo đời sống người lao động: 8/10, thẩm định, minh chứng MC-u1-welfare → 10/10" in changed
    assert "T6 " not in changed


async def test_a_campaign_replays_to_the_same_bytes_and_a_forged_score_ends_with_an_error(suite: SuiteFactory) -> None:
    async with official_year(suite, "u1", "u2", "u3") as (running, thidua):
        assert await thidua.run("replay", CODE) == (f"3 of 3 official scores of {CODE} replayed to the same bytes\n")
        assert "2 of 2" in await thidua.run("replay", CODE, "--sample", "2")
        nothing = await thidua.run("replay", CODE, "--set", "nope", fails=True)
        assert f"{CODE} không có bộ tiêu chí nope; hãy chọn bộ tiêu chí bằng --set (đang có: {world.SET})" in nothing
        async with running.transaction("scoring") as tx:
            row = await tx.row(text("select tree from score where lane = 'official' and subject = 'u2'"))
            assert row is not None
            tree = zlib.compress(zlib.decompress(row.tree).replace(b'"points":"50.00"', b'"points":"49.00"', 1))
            await tx.execute(text("update score set tree = :t where lane = 'official' and subject = 'u2'"), t=tree)
        told = await thidua.run("replay", CODE, fails=True)
    assert f"differs: u2/2022/{world.SET}" in told
    assert "2 of 3" in told


async def test_anonymous_cases_come_to_the_same_points_and_name_nobody(suite: SuiteFactory, tmp_path: Path) -> None:
    plain, hidden = tmp_path / "plain.jsonl", tmp_path / "hidden.jsonl"
    async with official_year(suite, "stnmt-01", "stnmt-02") as (_, thidua):
        await thidua.run("cases", "export", "--campaign", CODE, "--out", str(plain))
        assert "2 cases" in await thidua.run("cases", "export", "--campaign", CODE, "--out", str(hidden), "--anonymous")
    criteria_set = load_criteria_set("tnmt_2022_tap_the")
    for before, after in zip(_rows(plain), _rows(hidden), strict=True):
        cases = [Case.model_validate(one["case"]) for one in (before, after)]
        assert score(criteria_set, cases[0]).total == score(criteria_set, cases[1]).total
        assert cases[1].subject.unit == cases[1].subject.id
    told = hidden.read_text("utf-8")
    for name in ("stnmt", "khoi-1", "MC-", "12/KH", world.CAMPAIGN):
        assert name in plain.read_text("utf-8")
        assert name not in told, name


async def test_a_draft_tells_who_moves_and_who_would_lead_and_publishes_nothing(
    suite: SuiteFactory, tmp_path: Path
) -> None:
    folder = load_criteria_set("tnmt_2022_tap_the").folder
    draft = tmp_path / "criteria.yaml"
    limit = ("value: {more_than: 9/10}", "value: {more_than: 99/100}")
    draft.write_text((folder / "criteria.yaml").read_text("utf-8").replace(*limit), "utf-8")
    asks_more = tmp_path / "asks-more.yaml"
    asks_more.write_text((folder / "criteria.yaml").read_text("utf-8").replace("welfare", "well_being"), "utf-8")
    async with official_year(suite, "u1", "u2") as (running, thidua):
        await running.deliver(world.fact("u1", "welfare", "1"))
        before = world.canonical(await running.published("scores"))
        unnamed = await thidua.run("what-if", str(draft), fails=True)
        nothing = await thidua.run("what-if", str(draft), "--campaign", CODE, "--set", "khong-co", fails=True)
        other = await thidua.run("what-if", str(draft), "--campaign", CODE, "--period", "2022-Q1", fails=True)
        same = await thidua.run("what-if", str(folder / "criteria.yaml"), "--campaign", CODE)
        told = await thidua.run("what-if", str(draft), "--campaign", CODE)
        more = await thidua.run("what-if", str(asks_more), "--campaign", CODE)
        await thidua.run("cases", "export", "--campaign", CODE, "--out", str(tmp_path / "cases"), "--anonymous")
        offline = await thidua.run("what-if", str(draft), "--cases", str(tmp_path / "cases"))
        await running.settle()
        assert len(world.canonical(await running.published("scores"))) == len(before)
    assert "--campaign CODE" in unnamed
    assert "chọn bộ tiêu chí bằng --set (đang có: tnmt-2022-tap-the)" in nothing
    assert (
        f"bộ tiêu chí {world.SET} trong {CODE} không có kỳ 2022-Q1; hãy chọn kỳ bằng --period (đang có: 2022)" in other
    )
    assert "Thang điểm khác nhau" not in told
    assert "(welfare)" not in same
    assert "; Chăm lo đời sống người lao động (well_being)" in more
    assert "; điểm tạm tính vì vậy có thể thấp hơn thực tế.\nTóm tắt: 2/2" in more
    assert "Chấm thử 2 hồ sơ theo dự thảo tnmt-2022-tap-the 1.0.0; không công bố" in same
    assert "Tóm tắt: 0/2 đối tượng thay đổi" in same
    assert "So với điểm chính thức kỳ 2022, số liệu tính đến 05/01/2023." in same
    # u1 has 20 of 20 on time each month, u2 19 of 20: under the draft u2 loses T6.
    assert "Tóm tắt: 1/2 đối tượng thay đổi: 0 tăng điểm, 1 giảm điểm, 0 chỉ đổi hạng hoặc mức xếp loại." in told
    assert "\n  Khối thi đua số 1: Sở u1; Sở u2 (779,46 điểm) → Sở u1 (779,46 điểm)\n" in told
    assert told.endswith("(1):\n  Sở u2: 779,46 → 617,30 điểm (-162,16), hạng 1 → 2\n")
    assert "Chấm thử 2 hồ sơ" in offline
    assert "Tóm tắt: 1/2 đối tượng thay đổi" in offline
    assert "không so thứ hạng" in offline
    assert "Sở u2" not in offline


def test_a_report_of_a_draft_names_new_leaders_and_quotas_with_their_figures() -> None:
    draft = load_criteria_set("nd335_2025_ca_nhan")
    old, new = Led(("a",), Decimal("90.00")), Led(("b",), Decimal("95.50"))
    within = (("subject.cluster", "k1"),)
    quota = QuotaFinding(
        "xuat_sac", within, "needs_person", 4, 0, (), (), ("b",), (), "1 trường hợp; tối đa 0.", "", ""
    )
    moved = Moved("b", Decimal("80.00"), Decimal("95.50"), 2, 1, "tot", "xuat_sac")
    found = WhatIf("2026-Q1", "2026-04-05", 2, (moved,), True, ((within, old, new),), (quota,), {"hỏng": 3})
    called = {"a": "Sở A", "b": "Sở B", "k1": "Cụm I"}
    told = "\n".join(shown(draft, found, called))
    many = Led(tuple(f"n{number}" for number in range(30)), Decimal("90.00"))
    scaled = replace(found, leaders=((within, many, new),), maxima=((Decimal(1000),), (Decimal(120),)))
    short = "\n".join(shown(draft, scaled, called))
    assert "n0; n1; n2 và 27 đối tượng đồng hạng khác (90,00 điểm) → Sở B" in short
    assert "điểm chính thức tối đa 1000, dự thảo tối đa 120;" in short
    assert "  Cụm I: Sở A (90,00 điểm) → Sở B (95,50 điểm)" in told
    assert "  Cụm I, “Hoàn thành xuất sắc nhiệm vụ”: 1 trường hợp; tối đa 0." in told
    moves = "  Sở B: 80,00 → 95,50 điểm (+15,50), hạng 2 → 1, Hoàn thành tốt nhiệm vụ → Hoàn thành xuất sắc nhiệm vụ"
    assert moves in told
    assert "1 cụm, khối, đơn vị đổi người dẫn đầu; 1 hạn mức bị vượt; 3 hồ sơ bỏ qua." in told


def test_a_draft_is_held_against_one_period_the_longest_unless_told() -> None:
    rows = [{"period": period} for period in ("2022-Q1", "2022", "2022-Q4")]
    assert [one["period"] for one in of_one_period(rows, "")] == ["2022"]
    assert [one["period"] for one in of_one_period([rows[0], rows[2]], "")] == ["2022-Q4"]
    assert [one["period"] for one in of_one_period(rows, "2022-Q1")] == ["2022-Q1"]


def _rows(file: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]
