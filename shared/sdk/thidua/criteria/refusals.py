"""Turning what Pydantic says about a file into sentences with the place and what to write instead."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from thidua.criteria.errors import Problem
from thidua.criteria.strict import unknown
from thidua.criteria.yaml_source import Path, Source


def problems_of(error: ValidationError, source: Source) -> list[Problem]:
    """Return one problem per mistake Pydantic found."""
    return [_problem(one, source) for one in error.errors()]


def _problem(error: Any, source: Source) -> Problem:
    path = place_of(error["loc"], source.tree)
    kind, context = error["type"], error.get("ctx", {})
    if kind == "unknown_key":
        return source.problem((*path, context["key"]), context["sentence"])
    if kind == "missing":
        return source.problem(path, _missing(str(error["loc"][-1])))
    if kind == "union_tag_not_found":
        return source.problem(path, "it is not said what this is; write feed: …, fact: … or kind: …")
    if kind == "union_tag_invalid":
        return source.problem(path, _unknown_tag(context))
    return source.problem(path, _sentence(error, context))


def place_of(location: tuple[str | int, ...], tree: Any) -> Path:
    """Follow a location into the file, leaving out steps that are not in it, such as tags of a union."""
    path: list[str | int] = []
    here = tree
    for step in location:
        steps = here if isinstance(here, dict) else dict(enumerate(here)) if isinstance(here, list) else {}
        if step in steps:
            here = steps[step]
            path.append(step)
    return tuple(path)


_EXAMPLES = {
    "title": "title: Đăng ký chỉ tiêu thi đua",
    "source": "source: Công văn 8240/BTNMT-TĐKTTT",
    "legal_basis": "legal_basis: [Công văn 8240/BTNMT-TĐKTTT]",
    "version": "version: 1.0.0",
    "format": "format: 1",
    "limit": "limit: {at_least: 1}",
    "credit": "credit: pro_rata",
}


def _missing(name: str) -> str:
    return f"{name} is missing; write {_EXAMPLES.get(name, f'{name}: …')}"


def _unknown_tag(context: Mapping[str, Any]) -> str:
    tag = str(context["tag"])
    expected = [one.strip(" '") for one in str(context["expected_tags"]).split(",")]
    word, _, name = tag.rpartition(": ")
    if word:
        names = [one.removeprefix(f"{word}: ") for one in expected if one.startswith(f"{word}: ")]
        return unknown(name, names, word)
    return unknown(tag.removesuffix("@1"), [one.removesuffix("@1") for one in expected], "rule kind")


def _sentence(error: Any, context: Mapping[str, Any]) -> str:
    if error["type"] == "value_error":
        return str(context["error"])
    if error["type"] == "literal_error":
        valid = str(context["expected"]).replace(" or ", ", ").replace("'", "")
        return unknown(str(error["input"]), valid.split(", "), "value")
    if error["type"] == "string_pattern_mismatch":
        return f'"{error["input"]}" does not have the form {context["pattern"]}'
    message = str(error["msg"])
    return f"{error['input']!r}: {message[0].lower()}{message[1:]}"
