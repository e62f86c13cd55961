"""A set that its author wrote from the template: built, installed into a running suite, scoring beside another."""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from thidua.criteria.loader import folder_of
from thidua.plugins.writing import write_distribution
from thidua_runtime.testing import RunningSuite, SuiteFactory
from thidua_scoring.service import SERVICE
from thidua_scoring.workplace import workplace_of

from . import world
from .serving import command_line

pytestmark = [pytest.mark.anyio, pytest.mark.drill]

NAME = "nganh-thu-2022"


def wheel(folder: Path, version: str = "1.0.0", **changed: str) -> Path:
    """Write the template's distribution, change it as an author would, and build its wheel."""
    folder.mkdir()
    write_distribution(NAME, folder, "Bộ tiêu chí thử", "collective", 2022)
    for file in (folder / NAME).rglob("*"):
        if file.suffix in (".yaml", ".py", ".toml"):
            text = file.read_text("utf-8").replace("1.0.0", version)
            for old, new in changed.items():
                text = text.replace(old.replace("_", " "), new)
            file.write_text(text, "utf-8")
    bring_golden_up_to_date(folder / NAME / NAME.replace("-", "_"))
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=folder / NAME, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


def bring_golden_up_to_date(folder: Path) -> None:
    """Write what `thidua plugins golden --update` shows; a process of its own for each version of a package."""
    command = [sys.executable, "-m", "thidua.cli", "plugins", "golden", str(folder), "--update", "--yes"]
    subprocess.run(command, check=True, capture_output=True)


@pytest.fixture(scope="session")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return wheel(tmp_path_factory.mktemp("first") / "v1")


@pytest.fixture(scope="session")
def second(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Version 2 judges by the same code with another demand: all of the backlog, not half of it."""
    folder = tmp_path_factory.mktemp("second") / "v2"
    return wheel(folder, "2.0.0", **{"cleared:_{value:_1/2": "cleared: {value: 1"})


def campaign(name: str, version: str) -> Any:
    use = world.campaign("u1", sets=((NAME, "collective"),))
    sets = tuple(one.model_copy(update={"version": version}) for one in use.criteria_sets)
    return use.model_copy(update={"id": name, "code": name, "criteria_sets": sets})


def stated(campaign_name: str) -> list[Any]:
    facts = (world.fact("u1", "open_before", "40"), world.fact("u1", "open_now", "30"))
    return [one.model_copy(update={"campaign": campaign_name}) for one in facts]


async def lines(running: RunningSuite, campaign_name: str) -> dict[str, Any]:
    await running.settle()
    (score,) = [one for one in await running.published("scores") if one["campaign"] == campaign_name]
    return {one["code"]: one for one in score["lines"]} | {"why": score["not_ranked_because"], "score": score}


async def test_a_wheel_installed_into_a_running_suite_scores_without_a_restart(
    suite: SuiteFactory, first: Path
) -> None:
    async with suite(SERVICE) as running, command_line(running) as thidua:
        await running.deliver(*world.everything("u1"), campaign("a", "1.0.0"), *stated("a"))
        assert "chưa được cài đặt" in (await lines(running, "a"))["why"]
        installed = await thidua.run("plugins", "install", str(first))
        assert installed.startswith(f"{NAME}@1.0.0: evaluation, tier gold, sha256:")
        assert "đang được đánh giá thử" in (await lines(running, "a"))["why"]
        await thidua.run("plugins", "enable", f"{NAME}@1.0.0", "--reason", "Theo quyết định 1")
        scored = await lines(running, "a")
        assert (scored["C"]["points"], scored["C"]["sentence"]) == (
            "10.00",
            "Đã giải quyết 10/40 hồ sơ tồn đầu kỳ, còn 30.",
        )
        assert NAME in await thidua.run("plugins", "list")
        assert '"open_before"' in await thidua.run("plugins", "show", f"{NAME}@1.0.0", "--json")
        assert '"tier": "gold"' in await thidua.run("plugins", "show", f"{NAME}@1.0.0", "--report", "--json")
        await thidua.run("plugins", "withdraw", f"{NAME}@1.0.0", "--reason", "Thay thế")
        assert "thu hồi" in await thidua.run("plugins", "enable", f"{NAME}@1.0.0", "--reason", "Nhầm", fails=True)


async def test_two_versions_of_one_package_score_side_by_side(suite: SuiteFactory, first: Path, second: Path) -> None:
    async with suite(SERVICE) as running, command_line(running) as thidua:
        await running.deliver(*world.everything("u1"), campaign("a", "1.0.0"), campaign("b", "2.0.0"))
        for file, version in ((first, "1.0.0"), (second, "2.0.0")):
            await thidua.run("plugins", "install", str(file))
            await thidua.run("plugins", "enable", f"{NAME}@{version}", "--reason", "Thử song song")
        await running.deliver(*stated("a"), *stated("b"))
        points = [(await lines(running, name))["C"]["points"] for name in ("a", "b")]
        assert points == ["10.00", "5.00"]
        # Another instance installed nothing: it finds both in the store when it needs them.
        workplace = workplace_of(running.suite.services["scoring"].database)
        workplace.sets = {key: one for key, one in workplace.sets.items() if key[0] != NAME}
        moved = [world.fact("u1", "open_now", "0").model_copy(update={"campaign": name}) for name in ("a", "b")]
        await running.deliver(*moved)
        assert [(await lines(running, name))["C"]["points"] for name in ("a", "b")] == ["20.00", "20.00"]


async def test_a_version_cannot_be_installed_again_with_other_contents(
    suite: SuiteFactory, tmp_path: Path, first: Path
) -> None:
    other = wheel(tmp_path / "other", Đã_giải_quyết="Giải quyết được")
    async with suite(SERVICE) as running, command_line(running) as thidua:
        await thidua.run("plugins", "install", str(first))
        assert "evaluation" in await thidua.run("plugins", "install", str(first))
        refused = await thidua.run("plugins", "install", str(other), fails=True)
    assert "hãy tăng số phiên bản" in refused


async def test_a_set_below_the_demanded_tier_cannot_be_enabled(suite: SuiteFactory, tmp_path: Path) -> None:
    poor = wheel(tmp_path / "poor", Số_hồ_sơ_tồn_đầu_kỳ="So ho so dau ky")
    async with suite(SERVICE, minimum_tier="silver") as running, command_line(running) as thidua:
        await running.deliver(*world.everything("u1"))
        await running.settle()
        assert "tier bronze" in await thidua.run("plugins", "install", str(poor))
        refused = await thidua.run("plugins", "enable", f"{NAME}@1.0.0", "--reason", "Thử", fails=True)
        # What came with a distribution is examined before it counts, and found good enough.
        assert '"tier": "gold"' in await thidua.run("plugins", "show", f"{world.SET}@1.0.0", "--report", "--json")
    assert "mới đạt mức đồng (bronze); máy chủ này đòi hỏi mức bạc (silver)" in refused


async def test_a_folder_without_code_is_installed_as_it_is(suite: SuiteFactory, tmp_path: Path) -> None:
    from thidua.criteria import load_criteria_set

    folder = load_criteria_set("tnmt_2022_tap_the").folder
    (tmp_path / "golden").mkdir()
    text = (folder / "criteria.yaml").read_text("utf-8").replace("version: 1.0.0", "version: 1.0.1")
    (tmp_path / "criteria.yaml").write_text(text, "utf-8")
    (tmp_path / "golden" / "T6.yaml").write_text((folder / "golden" / "T6.yaml").read_text("utf-8"), "utf-8")
    async with suite(SERVICE) as running, command_line(running) as thidua:
        assert f"{world.SET}@1.0.1: evaluation" in await thidua.run("plugins", "install", str(tmp_path))


async def test_a_set_that_counts_items_of_which_no_stream_tells_is_refused(suite: SuiteFactory, tmp_path: Path) -> None:
    text = (folder_of("nd335_2025_ca_nhan") / "criteria.yaml").read_text("utf-8")
    (tmp_path / "criteria.yaml").write_text(text.replace("no_weight: missing", "no_weight: one"), "utf-8")
    async with suite(SERVICE) as running, command_line(running) as thidua:
        refused = await thidua.run("plugins", "install", str(tmp_path), fails=True)
    assert "input work: no_weight: one counts items" in " ".join(refused.split())


@pytest.mark.parametrize("content", [b"", b"no zip", b"PK\x05\x06" + bytes(18)])
async def test_what_is_no_criteria_set_is_refused_with_a_sentence(suite: SuiteFactory, content: bytes) -> None:
    async with suite(SERVICE) as running, running.client("scoring", role="operator") as client:
        answer = await client.post("/criteria-sets?name=x.whl", content=content)
        assert answer.status_code in (400, 422)
        assert answer.json()["detail"]
    async with suite(SERVICE) as running, running.client("scoring", role="office") as client:
        assert (await client.post("/criteria-sets", content=b"x")).status_code == 403


async def test_what_a_set_must_mend_is_told_to_officials_as_what_its_author_reads(suite: SuiteFactory) -> None:
    sent = io.BytesIO()
    with zipfile.ZipFile(sent, "w") as archive:
        archive.writestr("criteria.yaml", "- 1\n")
    async with suite(SERVICE) as running, running.client("scoring", role="operator") as client:
        answer = await client.post("/criteria-sets?name=x.zip", content=sent.getvalue())
    assert answer.status_code == 422
    said = "tệp gửi lên không nạp được. Nội dung cần sửa, viết bằng tiếng Anh cho người soạn bộ tiêu chí: "
    assert said in answer.json()["detail"]
    assert "criteria.yaml:1:1: the file is no mapping; write format: 1 first" in answer.json()["detail"]
