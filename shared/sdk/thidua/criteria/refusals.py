"""Turning what Pydantic says about a file into sentences with the place and what to write instead."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from pydantic import BaseModel, ValidationError

from thidua.criteria.errors import Problem
from thidua.criteria.strict import PARAMETER, VERSION_PATTERN, Strict, unknown, words_of
from thidua.criteria.yaml_source import Path, Source


def problems_of(error: ValidationError, source: Source) -> list[Problem]:
    """Return one problem per mistake Pydantic found; what follows from another mistake is left out."""
    undeclared = [one for one in error.errors() if _is_undeclared(one, source)]
    errors = [one for one in error.errors() if one not in undeclared]
    worded = [*undeclared, *(one for one in errors if one["type"] not in _SHAPES)]
    words = {place_of(one["loc"], source.tree) for one in worded}
    return [
        _problem(one, source) for one in errors if one["type"] not in _SHAPES or not _is_followed(one, words, source)
    ]


def _is_undeclared(error: Any, source: Source) -> bool:
    # The loader says so itself, at the same place.
    name = PARAMETER.fullmatch(str(error["input"]))
    return name is not None and name[1] not in _parameters(source)


def _is_followed(error: Any, words: set[Path], source: Source) -> bool:
    """Whether a mistake of shape comes with one of words: an unknown word in a list leaves the list too short."""
    path = place_of(error["loc"], source.tree)
    return any(word[: len(path)] == path for word in words)


def _parameters(source: Source) -> Mapping[str, Any]:
    written = source.tree.get("parameters", {}) if isinstance(source.tree, dict) else {}
    return written if isinstance(written, dict) else {}


def _problem(error: Any, source: Source) -> Problem:
    path = _origin(place_of(error["loc"], source.tree), source)
    kind, context = error["type"], error.get("ctx", {})
    if kind == "unknown_key":
        return source.problem((*path, context["key"]), context["sentence"])
    if kind == "missing":
        return source.problem(path, _missing(str(error["loc"][-1])))
    if kind == "union_tag_not_found":
        return source.problem(path, _untold(path))
    if kind == "union_tag_invalid":
        return source.problem((*path, _tag_word(context)), _unknown_tag(context))
    return source.problem(path, _sentence(error, context))


def _origin(path: Path, source: Source) -> Path:
    """Follow `$name` to the parameter: a value is mended where it is written."""
    here: Any = source.tree
    for step in path:
        here = here[step]
    name = PARAMETER.fullmatch(here) if isinstance(here, str) else None
    return ("parameters", name[1]) if name and name[1] in _parameters(source) else path


def _untold(path: Path) -> str:
    if "inputs" in path[:1]:
        return "it is not said what this input is; write {feed: …} or {fact: …, title: …}"
    return "it is not said what this rule does; write {kind: …, input: …}"


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


_FORMS: Final = MappingProxyType(
    {
        r"^[a-z0-9]+(-[a-z0-9]+)*$": "small ASCII letters, digits and -: vi-du-2022",
        VERSION_PATTERN: "three numbers: 1.0.0",
        r"^[A-Z][A-Z0-9]{1,19}$": "the code of a title or commendation: LDTT",
        r"^[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)*:[a-z_][a-z0-9_]*$": "package.module:function",
    }
)
_SHAPES: Final = frozenset({"too_short", "tuple_type", "list_type", "dict_type", "model_type"})


def _missing(name: str) -> str:
    return f"{name} is missing; write {_EXAMPLES.get(name, f'{name}: …')}"


def _tag_word(context: Mapping[str, Any]) -> str:
    return str(context["tag"]).rpartition(": ")[0] or "kind"


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
        return _not_listed(error["input"], str(context["expected"]))
    if error["type"] == "string_pattern_mismatch":
        pattern = str(context["pattern"])
        return f'"{error["input"]}" does not have the right form; write {_FORMS.get(pattern, pattern)}'
    if error["type"] in _SHAPES:
        return _misshapen(error, context)
    if error["type"] in ("greater_than", "greater_than_equal", "less_than", "less_than_equal"):
        return (
            f"{_short(error['input'])} is out of range; write a number {error['msg'].removeprefix('Input should be ')}"
        )
    message = str(error["msg"])
    return f"{_short(error['input'])}: {message[0].lower()}{message[1:]}"


def _not_listed(written: Any, expected: str) -> str:
    valid = words_of(expected)
    if str(written) in valid:
        return f'"{written}" stands in quotes; write {written}'
    return unknown(str(written), valid, "value")


def _misshapen(error: Any, context: Mapping[str, Any]) -> str:
    written, kind = error["input"], error["type"]
    if kind == "too_short":
        return "the list is empty; name at least one"
    if kind in ("tuple_type", "list_type"):
        return f"{_short(written)} is no list; write [{written if isinstance(written, str | int) else '…'}]"
    keys = _keys(str(context.get("class_name", "")))
    return f"{_short(written)} is no mapping; write {{{', '.join(f'{key}: …' for key in keys)}}}"


def _keys(model: str) -> list[str]:
    """Return what a mapping must hold, or all it may hold where nothing is needed."""
    fields = _models(Strict).get(model, Strict).model_fields.items()
    needed = [field.alias or name for name, field in fields if field.is_required()]
    return needed or [field.alias or name for name, field in fields] or ["name"]


def _models(base: type[BaseModel]) -> dict[str, type[BaseModel]]:
    found = {one.__name__: one for one in base.__subclasses__()}
    for one in base.__subclasses__():
        found |= _models(one)
    return found


def _short(written: object) -> str:
    if isinstance(written, list | tuple):
        return "a list"
    return "a mapping" if isinstance(written, dict) else repr(written)[:60]
