"""JSON Schemas of the streams, and what counts as a compatible change of one.

The committed files under `schemas/` are the promise to other programs; `python -m thidua.contracts.schemas`
writes them anew after a compatible change.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from thidua.contracts import STREAMS

Schema = Mapping[str, Any]


def schema_of(stream: str) -> dict[str, Any]:
    """Return the JSON Schema of a stream's body, as a reader of it needs it."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:thidua:stream:{stream}",
        **STREAMS[stream].model_json_schema(mode="validation"),
    }


def as_text(schema: Schema) -> str:
    """Return a schema as it is committed: sorted, indented, one line feed at the end."""
    return json.dumps(schema, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def committed(stream: str) -> dict[str, Any]:
    """Return the committed schema of a stream; raises FileNotFoundError for a stream not yet promised."""
    text = (files("thidua.contracts") / "schemas" / f"{stream}.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def breaking_changes(old: Schema, new: Schema) -> list[str]:
    """Return a sentence for each change that would break who reads or writes by the old schema.

    Adding an optional field or an enumeration value is compatible: readers ignore fields they do not know and
    take values they do not know as `unknown`.
    """
    return sorted(_changes(old, new, "", old, new, frozenset()))


def write_schemas(folder: Path) -> list[str]:
    """Write all schemas; return the streams whose file changed."""
    folder.mkdir(parents=True, exist_ok=True)
    changed = []
    for stream in STREAMS:
        path, text = folder / f"{stream}.json", as_text(schema_of(stream))
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            changed.append(stream)
    return changed


def _changes(
    old: Schema, new: Schema, where: str, old_root: Schema, new_root: Schema, seen: frozenset[str]
) -> Iterator[str]:
    name = str(old.get("$ref", ""))
    if name in seen:
        return
    seen = seen | {name} if name else seen
    old, new = _resolved(old, old_root), _resolved(new, new_root)
    yield from _type_changes(old, new, where)
    yield from _limit_changes(old, new, where)
    yield from _field_changes(old, new, where)
    for part in _parts(old):
        if part in _parts(new):
            yield from _changes(_parts(old)[part], _parts(new)[part], f"{where}{part}", old_root, new_root, seen)


def _field_changes(old: Schema, new: Schema, where: str) -> Iterator[str]:
    before, after = old.get("properties", {}), new.get("properties", {})
    for field in before.keys() - after.keys():
        yield f"{where}/{field} was removed"
    for field in set(new.get("required", ())) - set(old.get("required", ())):
        yield f"{where}/{field} became required" if field in before else f"{where}/{field} is new and required"


def _type_changes(old: Schema, new: Schema, where: str) -> Iterator[str]:
    gone = _types(old) - _types(new)
    if gone and _types(new):
        yield f"{where or '/'} no longer takes {', '.join(sorted(gone))}"
    values = set(map(str, old.get("enum", ()))) - set(map(str, new.get("enum", ())))
    if values and "enum" in new:
        yield f"{where or '/'} no longer knows {', '.join(sorted(values))}"


def _limit_changes(old: Schema, new: Schema, where: str) -> Iterator[str]:
    for limit, narrower in (
        ("maxLength", _is_less),
        ("maximum", _is_less),
        ("minLength", _is_more),
        ("minimum", _is_more),
    ):
        if limit in new and (limit not in old or narrower(new[limit], old[limit])):
            yield f"{where or '/'} has a narrower {limit} ({old.get(limit, 'none')} → {new[limit]})"
    if "pattern" in new and new["pattern"] != old.get("pattern"):
        yield f"{where or '/'} has another pattern"


def _is_less(one: Any, other: Any) -> bool:
    return bool(one < other)


def _is_more(one: Any, other: Any) -> bool:
    return bool(one > other)


def _parts(schema: Schema) -> dict[str, Schema]:
    """Return the schemas within a schema by the way to them: fields, elements, the one that is not null."""
    found = {f"/{name}": inner for name, inner in schema.get("properties", {}).items()}
    if "items" in schema:
        found["[]"] = schema["items"]
    kinds = [inner for inner in schema.get("anyOf", ()) if inner.get("type") != "null"]
    found.update({"" if len(kinds) == 1 else f"<{inner.get('type', inner.get('$ref'))}>": inner for inner in kinds})
    return found


def _types(schema: Schema) -> set[str]:
    if "anyOf" in schema:
        return {kind for inner in schema["anyOf"] for kind in _types(inner)}
    if "$ref" in schema:
        return {"reference"}
    return {str(schema["type"])} if "type" in schema else set()


def _resolved(schema: Schema, root: Schema) -> Schema:
    if "$ref" not in schema:
        return schema
    found: Schema = root["$defs"][str(schema["$ref"]).rsplit("/", 1)[1]]
    return found


if __name__ == "__main__":
    write_schemas(Path(str(files("thidua.contracts"))) / "schemas")
