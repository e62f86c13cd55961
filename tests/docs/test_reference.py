"""The reference tables say what the code says, in both directions: nothing missing, nothing invented."""

from __future__ import annotations

import re
from pathlib import Path
from types import ModuleType
from typing import get_args, get_type_hints

import pytest
from pydantic import BaseModel

from thidua.contracts import STREAMS, TaskReport
from thidua.contracts.work import Assignee, Extension, Incident, TaskEnd
from thidua.criteria.kinds import KINDS
from thidua.criteria.manifest import Adjustment, Criterion, Elimination, Manifest
from thidua_monitoring.api.tasks import list_events
from thidua_monitoring.commands.intake import TaskRow
from thidua_runtime.commands_import import SERVICE_OF_KIND
from thidua_runtime.settings import Settings
from thidua_runtime.state_gauges import REASONS

KINDS_HEAD = "| kind | parameters | credit | met when | not applicable (NA), missing |"
FEED_OR_FACT = re.compile(r"(feed|fact): ([a-z_]+)")


TABLES = (
    "settings",
    "unread settings",
    "errors",
    "commands",
    "streams",
    "services",
    "flow",
    "topics",
    "tiers",
    "import columns",
)


@pytest.mark.parametrize("name", TABLES)
def test_a_generated_table_is_what_the_code_gives_today(reference: ModuleType, name: str) -> None:
    written = reference.written(name).splitlines()
    made = reference.BLOCKS[name][1]().splitlines()
    differing = sorted(set(written) ^ set(made))
    assert not differing, f"run `python docs/generate.py`; {name} differs in {differing[:4]}"
    assert written == made


def test_every_generated_table_of_the_code_is_tested_here(reference: ModuleType) -> None:
    assert set(reference.BLOCKS) == set(TABLES)


def test_the_table_of_settings_names_each_setting_once(reference: ModuleType) -> None:
    names = first_cells(reference.written("settings"))
    assert names == [f"THIDUA_{name.upper()}" for name in Settings.model_fields]


def test_the_table_of_streams_names_each_stream_once(reference: ModuleType) -> None:
    assert first_cells(reference.written("streams")) == list(STREAMS)


def test_a_task_is_documented_field_by_field_as_the_contract_has_it(root: Path) -> None:
    rows = table_after(root / "docs/integrators.md", "| field | must | meaning |")
    documented = {row[0]: row[1] == "yes" for row in rows}
    fields = {name: field.is_required() for name, field in TaskReport.model_fields.items()}
    assert documented == fields


@pytest.mark.parametrize(
    ("field", "part"),
    [
        ("assignees", Assignee), ("extensions", Extension), ("incidents", Incident),
        ("withdrawn", TaskEnd), ("reassigned", TaskEnd),
    ],
)  # fmt: skip
def test_the_parts_of_a_task_are_documented_with_all_their_fields(
    root: Path, field: str, part: type[BaseModel]
) -> None:
    rows = table_after(root / "docs/integrators.md", "| field | must | meaning |")
    meaning = next(row[2] for row in rows if row[0] == field)
    assert {name for name in part.model_fields if f"`{name}`" not in meaning} == set()


def test_every_kind_of_import_file_is_documented_with_its_columns(reference: ModuleType) -> None:
    kinds = re.findall(r"^`([a-z]+)` \(([a-z]+)\)", reference.written("import columns"), re.MULTILINE)
    assert dict(kinds) == SERVICE_OF_KIND
    of_tasks = reference.written("import columns").partition("`tasks` (")[2].partition("`units` (")[0]
    documented = re.findall(r"^\| `([a-z_]+)` \| .* \| (yes|no) \|", of_tasks, re.MULTILINE)
    assert {name: must == "yes" for name, must in documented} == {
        name: field.is_required() for name, field in TaskRow.model_fields.items()
    }


def test_the_reasons_of_dead_letters_are_those_the_metrics_know(root: Path) -> None:
    rows = table_after(root / "docs/integrators.md", "| reason | means |")
    assert {row[0] for row in rows} == set(REASONS)


def test_the_outcomes_of_a_sources_events_are_those_that_can_be_asked_for(root: Path) -> None:
    rows = table_after(root / "docs/integrators.md", "| outcome | means |")
    asked = get_args(get_type_hints(list_events)["outcome"])[0]
    assert {row[0] for row in rows} == set(get_args(asked))


def test_the_top_level_keys_of_criteria_yaml_are_all_documented(root: Path) -> None:
    rows = table_after(root / "docs/criteria.md", "| key | must | meaning |")
    assert {row[0]: row[1] == "yes" for row in rows} == {
        name: field.is_required() for name, field in Manifest.model_fields.items()
    }


def test_every_rule_kind_is_documented_with_each_of_its_parameters(root: Path) -> None:
    rows = table_after(
        root / "docs/criteria.md", "| kind | parameters | credit | met when | not applicable (NA), missing |"
    )
    documented = {row[0]: " ".join(row[1:]) for row in rows}
    assert set(documented) == set(KINDS)
    for name, kind in KINDS.items():
        own = set(kind.parameters.model_fields) - {"kind", "sentence"}
        assert {one for one in own if f"`{one}`" not in documented[name]} == set(), name


def test_the_figures_of_each_kind_are_those_its_sentences_may_use(root: Path) -> None:
    rows = table_after(root / "docs/criteria.md", "| kind | figures |")
    documented = {row[0]: set(re.findall(r"\{([a-z_]+)\}", row[1])) for row in rows}
    assert documented == {name: set(kind.placeholders) for name, kind in KINDS.items() if kind.placeholders}


def test_every_feed_and_every_fact_that_can_be_declared_is_documented(root: Path) -> None:
    feeds = {row[0] for row in table_after(root / "docs/criteria.md", "| `feed:` | gives | parameters |")}
    facts = {row[0] for row in table_after(root / "docs/criteria.md", "| `fact:` | value | own keys |")}
    declared = FEED_OR_FACT.findall(str(Manifest.model_fields["inputs"].annotation))
    assert feeds == {name for source, name in declared if source == "feed"}
    assert facts == {name for source, name in declared if source == "fact"}


@pytest.mark.parametrize("model", [Criterion, Adjustment, Elimination])
def test_every_key_of_a_line_of_the_table_is_documented(root: Path, model: type[BaseModel]) -> None:
    text = (root / "docs/criteria.md").read_text(encoding="utf-8").split("## Groups, adjustments, result")[1]
    assert {name for name in model.model_fields if f"`{name}`" not in text} == set()


def first_cells(table: str) -> list[str]:
    return [line.split("|")[1].strip().strip("`") for line in table.splitlines()[2:]]


def table_after(file: Path, head: str) -> list[list[str]]:
    """Return the rows of the hand-written table with that head, backticks around the first cell taken off."""
    lines = file.read_text(encoding="utf-8").splitlines()
    rows = []
    for line in lines[lines.index(head) + 2 :]:
        if not line.startswith("|"):
            break
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        rows.append([cells[0].strip("`"), *cells[1:]])
    return rows
