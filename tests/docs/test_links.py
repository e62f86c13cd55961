"""What the documents point at exists: files, headings, tests, commands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`([^`\n]+)`")
FOLDERS = ("shared/", "services/", "criteria_sets/", "sample/", "deploy/", "tests/", "tools/", "benchmarks/", "docs/")
PACKAGES = {"thidua/": "shared/sdk/", "thidua_runtime/": "shared/runtime/"}
COMMAND = re.compile(r"thidua((?: [a-z][a-z-]*)+)")


def test_every_relative_link_leads_to_a_file_and_a_heading(documents: dict[Path, str]) -> None:
    broken = [f"{file.name}: {link}" for file, text in documents.items() for link in dead_links(file, text)]
    assert broken == []


def test_every_path_in_backticks_is_there(documents: dict[Path, str], root: Path) -> None:
    absent = [f"{file.name}: {path}" for file, text in documents.items() for path in absent_paths(text, root)]
    assert absent == []


def test_every_test_that_a_document_names_is_there(documents: dict[Path, str], root: Path) -> None:
    absent = []
    for file, text in documents.items():
        for path, name in re.findall(r"`([\w/.-]+\.py)::(\w+)`", text):
            source = root / path
            if not source.exists() or f"def {name}(" not in source.read_text(encoding="utf-8"):
                absent.append(f"{file.name}: {path}::{name}")
    assert absent == []


def test_every_command_in_backticks_is_one_that_can_be_run_or_is_planned(
    documents: dict[Path, str], reference: ModuleType, root: Path
) -> None:
    known = known_commands(reference) | planned_commands(root)
    wrong = [
        f"{file.name}: thidua {words}"
        for file, text in documents.items()
        for words in commands_in(without_plans(text))
        if not is_command(words, known)
    ]
    assert wrong == []


def test_a_command_listed_as_planned_does_not_exist_yet(reference: ModuleType, root: Path) -> None:
    known = known_commands(reference)
    assert {words for words in planned_commands(root) if is_command(words, known)} == set()


def test_every_command_that_an_error_advises_can_be_run_or_is_planned(reference: ModuleType, root: Path) -> None:
    known = known_commands(reference) | planned_commands(root)
    wrong = [
        f"{error.__name__}: thidua {words}"
        for error in reference.error_classes()
        for words in commands_in(f"{error.sentence} {error.english}")
        if not is_command(words, known)
    ]
    assert wrong == []


def dead_links(file: Path, text: str) -> Iterator[str]:
    for link in LINK.findall(FENCE.sub("", text)):
        path, _, anchor = link.partition("#")
        if path.startswith(("http:", "https:", "mailto:")):
            continue
        target = (file.parent / path).resolve() if path else file
        if not target.exists() or (anchor and anchor not in anchors(target)):
            yield link


def anchors(file: Path) -> set[str]:
    headings = re.findall(r"^#+ (.*)$", FENCE.sub("", file.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def absent_paths(text: str, root: Path) -> Iterator[str]:
    for code in CODE.findall(FENCE.sub("", text)):
        path = code.partition("::")[0]
        if not re.fullmatch(r"[\w./-]+", path):
            continue
        for package, folder in PACKAGES.items():
            path = folder + path if path.startswith(package) else path
        if path.startswith(FOLDERS) and not (root / path).exists():
            yield code


def without_plans(text: str) -> str:
    """Leave out what a document itself calls planned: a section "Not yet" or "Planned"."""
    return re.sub(r"^## (Not yet|Planned)$.*?(?=^## |\Z)", "", text, flags=re.MULTILINE | re.DOTALL)


def commands_in(text: str) -> Iterator[str]:
    for code in CODE.findall(text):
        found = COMMAND.match(code)
        if found:
            yield found[1].strip()


def known_commands(reference: ModuleType) -> set[str]:
    rows = reference.commands().splitlines()[2:]
    return {row.split("|")[1].strip().strip("`").removeprefix("thidua ") for row in rows}


def planned_commands(root: Path) -> set[str]:
    """Return what docs/commands.md says is missing: nobody should look for it in vain."""
    text = (root / "docs/commands.md").read_text(encoding="utf-8").partition("## Not yet")[2]
    return set(commands_in(text))


def is_command(words: str, known: set[str]) -> bool:
    # What follows the command are its arguments; a group alone may be named too.
    return any(words == one or words.startswith(f"{one} ") or one.startswith(f"{words} ") for one in known)
