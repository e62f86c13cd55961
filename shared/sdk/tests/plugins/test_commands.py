"""`thidua plugins` as an author uses it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from thidua.cli import load_commands

APP = load_commands()


def thidua(*arguments: str | Path, say: str = "") -> Result:
    return CliRunner().invoke(APP, ["plugins", *map(str, arguments)], input=say)


@pytest.fixture
def written(tmp_path: Path) -> Path:
    assert thidua("new", "bo-lenh", "--into", tmp_path, "--title", "Bộ tiêu chí thử", "--year", "2022").exit_code == 0
    return tmp_path / "bo-lenh"


@pytest.mark.drill
def test_a_new_set_passes_the_check_as_written_and_its_report_is_json(written: Path, tmp_path: Path) -> None:
    done = thidua("check", written, "--report", tmp_path / "report.json", "--tier", "gold")
    assert (done.exit_code, done.output.splitlines()[-1]) == (0, "tier: gold")
    report = json.loads((tmp_path / "report.json").read_text("utf-8"))
    assert (report["set"], report["tier"], len(report["rules"])) == ("bo-lenh", "gold", 13)


@pytest.mark.drill
def test_golden_files_are_written_only_after_the_difference_was_shown_and_a_yes(written: Path) -> None:
    file = written / "bo_lenh" / "golden" / "A.yaml"
    before = file.read_text("utf-8")
    file.write_text(before.replace("points: 50", "points: 49"), "utf-8")
    wrong = file.read_text("utf-8")
    assert "expected 49, got 50.00" in thidua("check", written, "--golden").output
    for arguments, say in ((("golden", written), ""), (("golden", written, "--update"), "n\n")):
        done = thidua(*arguments, say=say)
        assert done.exit_code == 1
        assert "-  expect: {A: {status: met, points: 49" in done.output
        assert "+  expect: {A: {status: met, points: 50" in done.output
        assert file.read_text("utf-8") == wrong
    assert thidua("golden", written, "--update", say="y\n").exit_code == 0
    assert file.read_text("utf-8") == before
    assert "comes to what is written" in thidua("golden", written).output


def test_a_mistake_in_the_file_is_named_with_line_column_and_what_to_write(written: Path) -> None:
    file = written / "bo_lenh" / "criteria.yaml"
    file.write_text(file.read_text("utf-8").replace("maximum: 50", "maxmum: 50"), "utf-8")
    done = thidua("check", written)
    assert done.exit_code == 1
    assert 'criteria.yaml:24:58: the key "maxmum" is not known here; write "maximum"' in done.output


def test_a_set_and_its_distribution_are_of_one_version(written: Path) -> None:
    file = written / "bo_lenh" / "criteria.yaml"
    file.write_text(file.read_text("utf-8").replace("version: 1.0.0", "version: 2.0.0"), "utf-8")
    done = thidua("check", written)
    assert "its distribution is version 1.0.0 and its set 2.0.0; write one in pyproject.toml" in str(done.exception)


def test_the_schema_that_editors_use_is_the_one_of_the_sdk(written: Path) -> None:
    printed = json.loads(thidua("schema").output)
    assert printed["title"] == "criteria.yaml, format 1"
    assert json.loads((written / "criteria-1.schema.json").read_text("utf-8")) == printed
