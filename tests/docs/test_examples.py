"""The examples in the documents work: sessions are run, files are read by what they are written for."""

from __future__ import annotations

import ast
import doctest
import json
import os
import re
import shlex
import sys
from contextlib import suppress
from pathlib import Path

import pytest
import yaml

from thidua.cli import main
from thidua.contracts import TaskReport
from thidua_monitoring.commands.tasks import unknown_fields
from thidua_monitoring.domain.sources import load_sources

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
RUN = re.compile(r"^<!-- run -->\n```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(language: str) -> list[pytest.param]:  # type: ignore[valid-type]
    found = [
        (file, text)
        for file in DOCUMENTS
        if file.exists()
        for word, text in BLOCK.findall(file.read_text(encoding="utf-8"))
        if word == language
    ]
    return [pytest.param(text, id=f"{file.stem}-{n}") for n, (file, text) in enumerate(found)]


@pytest.mark.parametrize("file", [f for f in DOCUMENTS if f.exists() and ">>>" in f.read_text()], ids=lambda f: f.stem)
def test_a_session_in_a_document_answers_as_it_is_printed(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = file.read_text(encoding="utf-8")
    for word, block in BLOCK.findall(text):
        if word == "yaml" and block.startswith("format: 1"):
            (tmp_path / "criteria.yaml").write_text(block, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    session = doctest.DocTestParser().get_doctest(text, {}, file.name, str(file), 0)
    outcome = doctest.DocTestRunner().run(session)
    assert outcome.attempted > 0
    assert outcome.failed == 0


@pytest.mark.parametrize("block", blocks("json"))
def test_a_json_example_is_json_without_surprises(block: str) -> None:
    assert json.loads(block)


def test_the_example_of_a_task_is_taken_without_a_warning() -> None:
    text = (ROOT / "docs/integrators.md").read_text(encoding="utf-8")
    (block,) = [block for word, block in BLOCK.findall(text) if word == "json"]
    assert TaskReport.model_validate_json(block).identity == "eoffice/2022/1234"
    assert unknown_fields(block.encode()) == ""
    assert set(json.loads(block)) == set(TaskReport.model_fields)


def test_the_example_of_a_sources_file_can_be_used_as_it_is(tmp_path: Path) -> None:
    text = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
    (block,) = [block for word, block in BLOCK.findall(text) if word == "yaml"]
    file = tmp_path / "sources.yaml"
    file.write_text(block, encoding="utf-8")
    sources = load_sources(file)
    assert sources.must_vouch() == ("eoffice",)
    assert sources.our_code("eoffice", "A02") == "stnmt-02"


@pytest.mark.parametrize("block", blocks("yaml"))
def test_a_yaml_example_can_be_read_as_yaml(block: str) -> None:
    assert yaml.safe_load(block)


@pytest.mark.parametrize("block", blocks("python"))
def test_a_python_example_is_python_that_compiles(block: str) -> None:
    assert ">>>" in block or ast.parse(block)


def test_commands_marked_as_runnable_print_what_the_document_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found = [(file, text) for file in DOCUMENTS if file.exists() for text in RUN.findall(file.read_text())]
    assert found
    monkeypatch.chdir(tmp_path)
    for file, text in found:
        for step in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
            command, _, printed = step.partition("\n")
            answer = answer_of(command, monkeypatch, capsys)
            pattern = re.escape(printed.strip()).replace(re.escape("…"), ".*")
            assert re.fullmatch(pattern, answer, re.DOTALL), f"{file.name}: {command}\n{answer}"


def answer_of(command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> str:
    """Return what a command prints, run in this process: starting another takes seconds on a busy machine."""
    words = shlex.split(command)
    with monkeypatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("THIDUA_")]:
            patch.delenv(name)
        while "=" in words[0]:
            name, _, value = words.pop(0).partition("=")
            patch.setenv(name, value)
        assert words[0] == "thidua"
        patch.setattr(sys, "argv", words)
        with suppress(SystemExit):
            main()
    captured = capsys.readouterr()
    return (captured.out + captured.err).strip()
