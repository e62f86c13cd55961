"""The canonical state: what the streams say, without anything that differs between two runs of one story.

Two runs that were fed the same facts, in whatever order and with whatever crashes between, give the same
canonical state: natural keys in place of generated ids, no versions, no arrival times, everything sorted.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from thidua.contracts import STREAMS
from thidua_runtime.bus import Bus
from thidua_runtime.records import HEARTBEAT, TYPE_HEADER, Record

INBOXES: Final = ("tasks", "sources")
# Left out by name: versions, hashes over ids, the moment of a cut, and since when a state stands differ between
# two runs of one story that got the same facts in another order.
LEFT_OUT: Final = frozenset({"version", "score_version", "case_hash", "cut", "artefact", "as_of"})

PARTS: Final = re.compile(r"([/:])")

Body = Mapping[str, Any]


async def read_streams(bus: Bus, streams: Sequence[str]) -> dict[str, dict[str, Body]]:
    """Read streams from their beginning to their end and keep the newest body per key."""
    found: dict[str, dict[str, Body]] = {}
    for stream in streams:
        found[stream] = await _fold(bus, stream)
    return found


def owned_streams() -> tuple[str, ...]:
    """Return the streams that have an owner, sorted: inboxes hold what others said, not a state."""
    return tuple(sorted(set(STREAMS) - set(INBOXES)))


def canonical(streams: Mapping[str, Mapping[str, Body]]) -> str:
    """Return the canonical state as JSON text, one state per line; equal text means equal state."""
    names = natural_names(streams)
    lines = []
    for stream in sorted(streams):
        states = (_plain(body, names) for body in streams[stream].values())
        lines += sorted(json.dumps([stream, state], ensure_ascii=False, sort_keys=True) for state in states)
    return "\n".join(lines) + "\n"


def natural_names(streams: Mapping[str, Mapping[str, Body]]) -> dict[str, str]:
    """Return the natural name of every generated id: unit and staff codes, campaign codes, numbers."""
    names: dict[str, str] = {}
    for unit in streams.get("units", {}).values():
        names[unit["id"]] = unit["codes"][0]["code"]
    for cluster in streams.get("clusters", {}).values():
        names[cluster["id"]] = cluster["name"]
    for campaign in streams.get("campaigns", {}).values():
        names[campaign["id"]] = campaign["code"]
    for person in streams.get("people", {}).values():
        names[person["id"]] = f"{names.get(person['unit'], '?')}:{person['code']}"
    for initiative in streams.get("initiatives", {}).values():
        names[initiative["id"]] = f"{names.get(initiative['unit'], '?')}:{initiative['code']}"
    for decision in streams.get("decisions", {}).values():
        names[decision["id"]] = decision["number"]
    names.update(_entry_names(streams.get("facts", {}).values()))
    return names


def _entry_names(facts: Iterable[Body]) -> dict[str, str]:
    names: dict[str, str] = {}
    for fact in facts:
        ordered = sorted(fact["entries"], key=lambda e: (e["period"], e["dated"], e["value"], e["status"]))
        for number, entry in enumerate(ordered):
            names[entry["id"]] = f"{fact['input']}#{number}"
    return names


def _plain(value: Any, names: Mapping[str, str]) -> Any:
    if isinstance(value, Mapping):
        return {_renamed(name, names): _plain(inner, names) for name, inner in value.items() if name not in LEFT_OUT}
    if isinstance(value, list):
        return sorted((_plain(inner, names) for inner in value), key=lambda one: json.dumps(one, sort_keys=True))
    return _renamed(value, names) if isinstance(value, str) else value


def _renamed(text: str, names: Mapping[str, str]) -> str:
    if text in names:
        return names[text]
    # Keys such as `subject/month` and names such as `fact:campaign:input` carry ids between their marks.
    return "".join(names.get(part, part) for part in PARTS.split(text))


async def _fold(bus: Bus, stream: str) -> dict[str, Body]:
    newest: dict[str, Body] = {}
    versions: dict[str, int] = {}

    for record in await bus.everything(stream):
        if record.header(TYPE_HEADER) != HEARTBEAT:
            _keep(record, newest, versions)
    return newest


def _keep(record: Record, newest: dict[str, Body], versions: dict[str, int]) -> None:
    key, version = (record.key or b"").decode(), int(record.header("version") or 0)
    if version < versions.get(key, -1):
        return
    versions[key] = version
    if record.body is None:
        newest.pop(key, None)
    else:
        newest[key] = json.loads(record.body)
