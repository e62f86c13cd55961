"""The committed schemas are what the models say, and change only compatibly."""

from __future__ import annotations

import copy
import re
from typing import Any

import pytest

from thidua.contracts import STREAMS
from thidua.contracts.schemas import as_text, breaking_changes, committed, schema_of


@pytest.mark.parametrize("stream", sorted(STREAMS))
def test_no_stream_breaks_what_its_committed_schema_promised(stream: str) -> None:
    assert breaking_changes(committed(stream), schema_of(stream)) == []


@pytest.mark.parametrize("stream", sorted(STREAMS))
def test_the_committed_schema_is_what_the_model_says_now(stream: str) -> None:
    assert as_text(committed(stream)) == as_text(schema_of(stream)), "run `python -m thidua.contracts.schemas`"


def test_every_schema_names_its_stream_and_says_what_it_is() -> None:
    for stream in STREAMS:
        schema = committed(stream)
        assert schema["$id"] == f"urn:thidua:stream:{stream}"
        assert re.search(r"[a-z]", schema["description"])


def _changed(stream: str, path: str, value: Any) -> dict[str, Any]:
    schema = copy.deepcopy(committed(stream))
    *way, last = path.split(".")
    found: Any = schema
    for step in way:
        found = found[step]
    if value is None:
        del found[last]
    else:
        found[last] = value
    return schema


MONTH_STATES = ["running", "published", "objection", "closed", "corrected", "unknown"]

BREAKING = {
    "/weight was removed": ("tasks", "properties.weight", None),
    "/secret became required": ("tasks", "required", ["source", "source_id", "version", "unit", "deadline", "secret"]),
    "/incidents[]/on was removed": ("tasks", "$defs.Incident.properties.on", None),
    "/due no longer takes integer": ("monthly-results", "properties.due.type", "string"),
    "/source_id has a narrower maxLength (200 → 20)": ("tasks", "properties.source_id.maxLength", 20),
    "/state no longer knows running": ("monthly-results", "$defs.MonthState.enum", MONTH_STATES[1:]),
    "/month has another pattern": ("monthly-results", "properties.month.pattern", "^.*$"),
}  # fmt: skip


@pytest.mark.parametrize("sentence", sorted(BREAKING))
def test_a_change_that_breaks_somebody_is_named(sentence: str) -> None:
    stream, path, value = BREAKING[sentence]
    assert sentence in breaking_changes(committed(stream), _changed(stream, path, value))


COMPATIBLE = {
    "new optional field": ("tasks", "properties.colour", {"type": "string", "default": ""}),
    "new value": ("monthly-results", "$defs.MonthState.enum", [*MONTH_STATES, "archived"]),
    "wider limit": ("tasks", "properties.source_id.maxLength", 400),
    "new words": ("tasks", "description", "Otherwise said."),
    "less required": ("tasks", "required", ["source", "source_id", "version", "unit"]),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(COMPATIBLE))
def test_a_change_that_breaks_nobody_is_allowed(name: str) -> None:
    stream, path, value = COMPATIBLE[name]
    assert breaking_changes(committed(stream), _changed(stream, path, value)) == []
