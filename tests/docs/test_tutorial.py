"""The tutorial of a criteria set works: every file is written, every command answers as printed, the set scores."""

from __future__ import annotations

import contextlib
import io
import re
import shlex
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from typer.testing import CliRunner

from thidua.cli import load_commands
from thidua.contracts import Campaign, Fact, MonthlyResult, Person, State, SubjectKind, Unit
from thidua.contracts.campaign import CriteriaSetUse
from thidua.contracts.work import FactEntry, FactStatus, StatedBy
from thidua.errors import ThiduaError
from thidua.plugins.packages import packed_source
from thidua.testkit.rules import RULES
from thidua_runtime.testing import SuiteFactory
from thidua_scoring.service import SERVICE

pytestmark = pytest.mark.drill

STEP = re.compile(r"^<!-- (?:file: (\S+)|run in order) -->\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NAME = "khung-100-ca-nhan"
THIDUA = load_commands()


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory, root: Path) -> Path:
    """Do what the tutorial says, in its order, and return the folder of the distribution."""
    folder = tmp_path_factory.mktemp("tutorial")
    for file, text in STEP.findall((root / "docs/tutorial.md").read_text("utf-8")):
        if file:
            (folder / file).write_text(text, "utf-8")
            continue
        for step in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
            command, _, printed = step.partition("\n")
            pattern = re.escape(printed.strip()).replace(re.escape("…"), ".*")
            answer = answered(command, folder)
            assert re.fullmatch(pattern, answer, re.DOTALL), f"{command}\n{answer}"
    return folder / NAME


def answered(command: str, folder: Path) -> str:
    with contextlib.chdir(folder):
        done = CliRunner().invoke(THIDUA, shlex.split(command)[1:])
    is_refused = isinstance(done.exception, ThiduaError)
    return f"{done.output.strip()}\n{done.exception if is_refused else ''}".strip()


@pytest.mark.anyio
async def test_the_set_of_the_tutorial_scores_in_a_running_suite(followed: Path, suite: SuiteFactory) -> None:
    content = packed_source(followed)
    assert f"{NAME.replace('-', '_')}/rules.py" in zipfile.ZipFile(io.BytesIO(content)).namelist()
    async with suite(SERVICE) as running, running.client("scoring", role="operator") as client:
        sent = await client.post("/criteria-sets?name=khung.whl", content=content)
        assert (sent.status_code, sent.json()["tier"]) == (201, "gold")
        await client.post(f"/criteria-sets/{NAME}/1.0.0/enable", json={"reason": "Theo hướng dẫn"})
        await running.deliver(*a_year())
        await running.settle()
        (score,) = await running.published("scores")
    lines = {one["code"]: one for one in score["lines"]}
    assert lines["I.3"]["sentence"] == "Đã giải quyết 10/40 hồ sơ tồn đầu kỳ, còn 30."
    assert (score["points"], score["band"], score["points_mark"]) == ("73.33", "tu_70", "illustrative")


def test_the_sample_year_is_played_under_the_set_as_section_5_begins(followed: Path, root: Path) -> None:
    section = (root / "docs/tutorial.md").read_text("utf-8").partition("## 5.")[2]
    words = shlex.split(section.partition("```sh\n")[2].partition("\n")[0], comments=True)
    command = [sys.executable, "-m", "thidua.cli", *words[1:]]
    done = subprocess.run(command, cwd=followed.parent, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    ranks = done.stdout.partition(f"({NAME} 1.0.0)")[2]
    assert "Sở Tài nguyên và Môi trường" in ranks
    assert not re.search(r"[0-9a-f]{8}-[0-9a-f]{4}-", ranks), "units are named, not numbered"


def a_year() -> list[State]:
    use = CriteriaSetUse(id=NAME, version="1.0.0", subject_kind=SubjectKind.INDIVIDUAL)
    campaign = {"id": "c", "code": "c", "title": "Phong trào thử", "year": 2022, "participants": ("u1",),
                "starts_on": "2022-01-01", "ends_on": "2022-12-31", "registration_due": "2022-03-31",
                "criteria_sets": (use,)}  # fmt: skip
    said: list[State] = [
        Unit.model_validate({"id": "u1", "name": "Sở u1", "kind": "so", "codes": (), "valid_from": "2020-01-01"}),
        Campaign.model_validate(campaign),
        Person.model_validate({"id": "p1", "unit": "u1", "code": "p1", "name": "Nguyễn Văn A",
                               "first_recruited": "2010-01-01"}),
    ]  # fmt: skip
    for month in range(1, 13):
        row = {"subject": "p1", "subject_kind": "individual", "unit": "u1", "month": f"2022-{month:02d}",
               "reported": True, "state": "running", "due": 20, "on_time": 18 if month == 3 else 20,
               "late": 2 if month == 3 else 0, "as_of": "2023-01-05"}  # fmt: skip
        said.append(MonthlyResult.model_validate(row))
    return [
        *said,
        *(stated(name, value) for name, value in (("open_before", "40"), ("open_now", "30"), ("behaviour_mark", "20"))),
    ]


def stated(name: str, value: str) -> Fact:
    entry = FactEntry(id=name, period="2022", dated="2022-12-01", value=value, status=FactStatus.VERIFIED)  # type: ignore[arg-type]
    return Fact(
        subject="p1", subject_kind=SubjectKind.INDIVIDUAL, unit="u1", campaign="c", input=name,
        stated_by=StatedBy.APPRAISER, entries=(entry,),
    )  # fmt: skip


def test_every_rule_of_the_tiers_has_its_address_on_the_page(root: Path) -> None:
    page = (root / "docs/conformance.md").read_text("utf-8")
    headings = re.findall(r"^### (\S+)$", page, re.MULTILINE)
    assert headings == [one.key for one in RULES]
