"""Writes the JSON Schema of a law file: `python -m thidua_awards.law.schema > thidua_awards/law/schema.json`."""

from __future__ import annotations

import json
from typing import Any

from thidua_awards.law.rules import Regime


def law_schema() -> dict[str, Any]:
    """Return the schema of one file, from the models that read it.

    A rule may leave its dates to the regime, and a regime that `extends` another its names.
    """
    schema = Regime.model_json_schema()
    schema["properties"]["extends"] = {"type": "string", "description": "Code of the regime whose rules are kept."}
    schema["required"] = ["code", "name", "valid_from", "rules"]
    rule = schema["$defs"]["Rule"]
    rule["required"] = [name for name in rule["required"] if name != "valid_from"]
    share = schema["$defs"]["Share"]["properties"]
    for side in share:
        share[side] = {"type": "string", "pattern": r"^\d+/\d+$"}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


if __name__ == "__main__":
    print(json.dumps(law_schema(), ensure_ascii=False, indent=2))
