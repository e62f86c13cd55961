"""The JSON Schema of criteria.yaml: what editors check while a set is written. `python -m` prints it."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema

from thidua.criteria.declarations import DueAfter, HavingBand, HavingTitle
from thidua.criteria.manifest import BandEffect, BestOf, DatedValue, Manifest

FILE: Final = Path(__file__).parent / "schemas" / "criteria-1.schema.json"
"""Where the committed schema lies; a test keeps it current."""

# Read by validators of their own, so Pydantic does not know that the file may hold them.
_BY_HAND: Final[tuple[type[BaseModel], ...]] = (DueAfter, HavingBand, HavingTitle, BandEffect, BestOf, DatedValue)


class _Generator(GenerateJsonSchema):
    # A fraction has no JSON value of its own, so a default that is one is left out of the schema.
    ignored_warning_kinds = {"skipped-choice", "non-serializable-default"}  # noqa: RUF012  # as in the base class


def schema() -> dict[str, Any]:
    """Return the JSON Schema of criteria.yaml, format 1, as it is written, parameters included."""
    made = Manifest.model_json_schema(schema_generator=_Generator)
    definitions = made.setdefault("$defs", {})
    for model in _BY_HAND:
        own = model.model_json_schema(schema_generator=_Generator)
        definitions.update(own.pop("$defs", {}))
        definitions[model.__name__] = own
    definitions["ParameterName"] = {"type": "string", "pattern": r"^\$[a-z][a-z0-9_]*$"}
    written = _with_parameters(made)
    written["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    written["title"] = "criteria.yaml, format 1"
    return dict(sorted(written.items()))


def _with_parameters(part: Any) -> Any:
    """A limit may stand as the name of a parameter wherever one is asked for.

    "x-def" stands for a reference to a definition that Pydantic does not know of and would refuse.
    """
    if isinstance(part, dict):
        if "x-def" in part:
            return {"$ref": f"#/$defs/{part['x-def']}"}
        if part.get("$ref") == "#/$defs/Limit":
            return {"anyOf": [{"$ref": "#/$defs/Limit"}, {"$ref": "#/$defs/ParameterName"}]}
        return {key: _with_parameters(value) for key, value in part.items()}
    if isinstance(part, list):
        return [_with_parameters(value) for value in part]
    return part


def schema_text() -> str:
    """Return the schema as the committed file holds it."""
    return json.dumps(schema(), ensure_ascii=False, indent=2) + "\n"


if __name__ == "__main__":
    sys.stdout.write(schema_text())
