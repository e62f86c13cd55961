"""Reading YAML strictly, remembering where everything stands, so that a refusal can name line and column.

Plain YAML 1.1 is full of surprises for people who are not programmers: `0.9` is a float, `010` is eight, `no`
is false, `12:30` is 750. Here a plain scalar is a whole number, true, false, a date or text; what would
surprise is refused with what to write instead.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import yaml

from thidua.criteria.canonical import normal_text
from thidua.criteria.errors import CriteriaSetRefused, Problem

Path = tuple[str | int, ...]

_WHOLE = re.compile(r"[+-]?(0|[1-9][0-9]{0,17})")
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_MONTH_OR_VERSION = re.compile(r"\d{4}-\d\d|\d+\.\d+\.\d+", re.ASCII)
_FLOAT = re.compile(r"[+-]?(\d+\.\d*|\.\d+|\d+(\.\d*)?[eE][+-]?\d+|\.inf|\.nan)", re.IGNORECASE)
_LOOKS_LIKE_NUMBER = re.compile(r"[+-]?(0[0-9box_][0-9a-fA-F_]*|[\d_]+_[\d_]*|\d+(:\d+)+)")
_SPOKEN = {"yes": "true", "on": "true", "no": "false", "off": "false"}
_DEEPEST = 30
"""Levels of lists and mappings: more than any set needs, and few enough for readers that call themselves."""


@dataclass
class Source:
    """A YAML text as plain Python, and the places of its keys and values (line, column; from 1)."""

    file: str
    tree: Any = None
    keys: dict[Path, tuple[int, int]] = field(default_factory=dict)
    values: dict[Path, tuple[int, int]] = field(default_factory=dict)

    def problem(self, path: Path, sentence: str) -> Problem:
        """Place a sentence at a key if it has one, else at the value, else at what holds it."""
        for end in range(len(path), -1, -1):
            place = self.keys.get(path[:end]) or self.values.get(path[:end])
            if place:
                return Problem(*place, sentence)
        return Problem(1, 1, sentence)

    def refuse(self, problems: Iterable[Problem]) -> None:
        """Raise CriteriaSetRefused if there is any problem."""
        found = tuple(dict.fromkeys(problems))
        if found:
            raise CriteriaSetRefused(self.file, found)


def decoded(content: bytes, file: str) -> str:
    """Return the text of a file. Raises CriteriaSetRefused, at line and column, for what is no UTF-8."""
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        before = content[: error.start].rpartition(b"\n")[2]
        line, column = content[: error.start].count(b"\n") + 1, len(before.decode("utf-8", "replace")) + 1
        problem = Problem(line, column, "this is no UTF-8; save the file as UTF-8")
        raise CriteriaSetRefused(file, (problem,)) from error


def read_yaml(text: str, file: str) -> Source:
    """Read one YAML document.

    Raises CriteriaSetRefused, listing every place, for what YAML or this format cannot accept.
    """
    source = Source(file)
    try:
        loader = _Loader(text, source)
    except yaml.YAMLError as error:
        source.refuse([Problem(1, 1, f"this is no YAML: {error}")])
        return source
    node = _composed(loader, source)
    source.refuse(loader.problems)
    reader = _Reader(source)
    source.tree = reader.read(node, ()) if node is not None else None
    source.refuse(reader.problems)
    return source


def _composed(loader: _Loader, source: Source) -> yaml.Node | None:
    try:
        node: yaml.Node | None = loader.get_single_node()
    except yaml.MarkedYAMLError as error:
        source.refuse([_syntax(error)])
    except ValueError:
        # PyYAML hands the number of an escape to chr() as it is.
        source.refuse([Problem(loader.line + 1, loader.column + 1, "this escape is no character; write the letter")])
    else:
        return node
    return None


class _Loader(yaml.SafeLoader):
    """Composes nodes, noting tags that somebody wrote and what lies deeper than any set."""

    def __init__(self, text: str, source: Source) -> None:
        super().__init__(text)
        self._source = source
        self.problems: list[Problem] = []
        self._depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call]
        line, column = event.start_mark.line + 1, event.start_mark.column + 1
        tag = getattr(event, "tag", None)
        if tag is not None:
            self.problems.append(Problem(line, column, f"the tag {tag} is not allowed; write the plain value"))
        self._depth += 1
        if self._depth > _DEEPEST:
            sentence = f"this lies more than {_DEEPEST} levels deep; take brackets out"
            self._source.refuse([Problem(line, column, sentence)])
        node = super().compose_node(parent, index)
        self._depth -= 1
        return node


def _syntax(error: yaml.MarkedYAMLError) -> Problem:
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    said = str(error.problem or error.context)
    if "\\t" in said:
        return Problem(line, column, "this is no YAML: a tab; indent with spaces")
    if said.startswith("expected <block end>"):
        return Problem(line, column, "this is no YAML: begin the line in the same column as the lines it belongs to")
    return Problem(line, column, f"this is no YAML: {said}; a text with a comma, a colon or a # stands in quotes")


class _Reader:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.problems: list[Problem] = []
        self.seen: set[int] = set()

    def read(self, node: yaml.Node, path: Path) -> Any:
        self.source.values[path] = _place(node)
        if id(node) in self.seen:
            self._complain(node, "an alias (*) points elsewhere; write the values out here")
            return None
        self.seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.read(item, (*path, place)) for place, item in enumerate(node.value)]
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node, path)
        return None

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Any]:
        mapping: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                self._complain(key_node, "a key must be one word")
                continue
            key = self._text(key_node)
            if key in mapping:
                self._complain(key_node, f'the key "{key}" is given twice; keep one of them')
            self.source.keys[(*path, key)] = _place(key_node)
            mapping[key] = self.read(value_node, (*path, key))
        return mapping

    def _scalar(self, node: yaml.ScalarNode, path: Path) -> Any:
        text = str(node.value)
        if node.style in ("'", '"', "|", ">"):
            return self._text(node)
        if text in ("", "~", "null"):
            self._complain(node, "a value is missing; write it, or leave the key out; a text with a comma is quoted")
            return None
        if text in ("true", "false"):
            return text == "true"
        if _WHOLE.fullmatch(text):
            return int(text)
        if path == ("version",):
            return text
        return self._dated_or_text(node, text)

    def _dated_or_text(self, node: yaml.Node, text: str) -> Any:
        if _DATE.fullmatch(text):
            try:
                return date.fromisoformat(text)
            except ValueError:
                self._complain(node, f"{text} is no day of the calendar")
        elif text.lower() in _SPOKEN:
            self._complain(node, f'"{text}" is read differently by different programs; write {_SPOKEN[text.lower()]}')
        elif _FLOAT.fullmatch(text):
            self._complain(node, f'{text} is not exact; write a fraction (9/10) or a quoted decimal ("{text}")')
        elif _LOOKS_LIKE_NUMBER.fullmatch(text) and not _MONTH_OR_VERSION.fullmatch(text):
            self._complain(node, f'{text} is read differently by different programs; write "{text}" in quotes')
        return self._text(node)

    def _text(self, node: yaml.Node) -> str:
        try:
            return normal_text(str(node.value))
        except ValueError as error:
            self._complain(node, f"{error}; write letters that people read")
            return ""

    def _complain(self, node: yaml.Node, sentence: str) -> None:
        self.problems.append(Problem(*_place(node), sentence))


def _place(node: yaml.Node) -> tuple[int, int]:
    return node.start_mark.line + 1, node.start_mark.column + 1
