"""What is published holds no trace of the machine it was written on, and no pointer to papers that are not in it."""

from __future__ import annotations

import os
import re
from pathlib import Path
from urllib.parse import urlsplit

MACHINE_PATH = re.compile(r"(?<![\w.])/(?:work|root|home|Users|opt|tmp/(?!thidua))/[\w.-]+")
INDEX_OPTION = re.compile(r"--(?:extra-)?index-url|^\s*(?:extra-)?index-url\s*=", re.MULTILINE)
REGISTRY_SETTINGS = ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "UV_INDEX_URL", "UV_DEFAULT_INDEX", "NPM_CONFIG_REGISTRY")
DOCUMENT = re.compile(r"(?<![\w/.-])([\w./-]+\.md)\b")
SOURCED = re.compile(r"\[([SN]\d+)[ ,\]]")


def test_no_file_names_a_path_of_somebodys_machine(tracked: dict[Path, str], root: Path) -> None:
    found = [
        f"{file.relative_to(root)}: {path}"
        for file, text in tracked.items()
        if file.name != Path(__file__).name
        for path in MACHINE_PATH.findall(text)
    ]
    assert found == []


def test_no_file_chooses_a_package_registry(tracked: dict[Path, str], root: Path) -> None:
    chosen = {urlsplit(os.environ[name]).hostname or "" for name in REGISTRY_SETTINGS if name in os.environ}
    hosts = chosen - {""}
    found = [
        str(file.relative_to(root))
        for file, text in tracked.items()
        if file.name != Path(__file__).name and (INDEX_OPTION.search(text) or any(host in text for host in hosts))
    ]
    assert found == []


def test_sources_refer_only_to_documents_that_are_here(tracked: dict[Path, str], root: Path) -> None:
    names = {file.name for file in tracked if file.suffix == ".md"}
    absent = [
        f"{file.relative_to(root)}: {name}"
        for file, text in tracked.items()
        if file.suffix in {".py", ".yaml", ".toml"} and "/tests/" not in str(file)
        for name in DOCUMENT.findall(text)
        if Path(name).name not in names
    ]
    assert absent == []


def test_the_field_facts_cite_exactly_the_sources_they_list(root: Path) -> None:
    facts, sources = (root / "docs/domain.md").read_text(encoding="utf-8").split("## Sources")
    listed = set(re.findall(r"^\| ([SN]\d+) \|", sources, re.MULTILINE))
    assert set(SOURCED.findall(facts)) == listed
