"""Cases that may leave the agency: the same figures under other names.

Whoever gets them can score them to the same points and learns neither who they are about nor which paper proves them.
Dates and figures stay, because scores rest on them: in a small agency they may still tell who is meant.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

# What a stated value may be without telling anybody: a number, a day, yes or no, a case of a log.
_PLAIN_VALUE: Final = re.compile(r"-?\d+(\.\d+)?|\d{4}-\d\d-\d\d|[a-z][a-z0-9_]{0,59}")
_KINDS: Final = {
    "subject": "s", "id": "x", "unit": "u", "cluster": "c", "evidence": "e", "number": "n", "campaign": "k",
    "comparable_group": "g", "post": "p", "unit_kind": "l",
}  # fmt: skip


class Pseudonyms:
    """New names for one export; the same name gets the same new one, in no relation to it."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], str] = {}

    def of(self, kind: str, name: str) -> str:
        """Return the new name of a subject, unit, cluster, paper or other thing."""
        return self._known.setdefault((kind, name), f"{kind}{len(self._known) + 1:06d}")


def anonymous(case: Mapping[str, Any], names: Pseudonyms) -> dict[str, Any]:
    """Return a case (JSON-able) under the new names."""
    made = {key: _part(key, one, names) for key, one in case.items()}
    subject = dict(case["subject"])
    # What a campaign replaced, as "9/10", is a rule and nobody's figure.
    changed = {name: {**one, "reason": "…"} for name, one in case.get("parameters", {}).items()}
    made |= {"parameters": changed} if changed else {}
    made["subject"] = {**{key: _part(key, one, names) for key, one in subject.items()}, "kind": subject["kind"]}
    made["subject"]["id"] = names.of("s", subject["id"])
    # A collective is its own unit: both names must stay one.
    if subject["unit"] == subject["id"]:
        made["subject"]["unit"] = made["subject"]["id"]
    return made


def _part(key: str, one: Any, names: Pseudonyms) -> Any:
    if key == "targets":
        # A target's figure may be a fraction, which of anything else would be told from no paper's number.
        return [{**target, "name": names.of("t", target["name"])} for target in one]
    if isinstance(one, Mapping):
        return {name: _part(name, value, names) for name, value in one.items()}
    if isinstance(one, list):
        return [_part(key, value, names) for value in one]
    if isinstance(one, str):
        return _text(key, one, names)
    return one


def _text(key: str, text: str, names: Pseudonyms) -> str:
    if key in _KINDS:
        return names.of(_KINDS[key], text)
    if key == "value" and not _PLAIN_VALUE.fullmatch(text):
        return names.of("n", text)
    return text
