"""Bringing golden files up to what a set says now: the difference first, the writing after a yes."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from thidua.criteria.engine import score
from thidua.criteria.loader import CriteriaSet
from thidua.testkit.golden import differences, read_golden


def updated(criteria_set: CriteriaSet) -> dict[Path, tuple[str, str]]:
    """Return, for each golden file that would change, its text before and after; nothing is written.

    Only values that a case expects are replaced, where they stand: comments and layout stay.
    """
    changes: dict[str, list[tuple[int, int, str]]] = {}
    texts: dict[str, str] = {}
    places: dict[str, int] = {}
    for one in read_golden(criteria_set):
        place = places[one.file] = places.get(one.file, -1) + 1
        if one.file not in texts:
            texts[one.file] = (criteria_set.folder / one.file).read_text("utf-8")
        tree = yaml.compose(texts[one.file], Loader=yaml.SafeLoader)
        for code, key, _, got in differences(score(criteria_set, one.case), one.expect):
            node = _at(tree, (place, "expect", code, key))
            changes.setdefault(one.file, []).append((node.start_mark.index, node.end_mark.index, written(got)))
    return {criteria_set.folder / file: (texts[file], _spliced(texts[file], found)) for file, found in changes.items()}


def shown(before: str, after: str, name: str) -> str:
    """Return the difference as a reader of patches knows it."""
    names = (f"{name} (written)", f"{name} (now)")
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), *names, n=1)
    return "\n".join(line.rstrip("\n") for line in lines)


def written(got: Any) -> str:
    """Write a value as a golden file holds it: decimals and sentences in quotes, words and whole numbers bare."""
    if got is None:
        return "none"
    if isinstance(got, bool):
        return "true" if got else "false"
    if isinstance(got, tuple):
        return f"[{', '.join(written(one) for one in got)}]"
    if isinstance(got, Decimal) and got == got.to_integral_value():
        return str(int(got))
    text = str(got)
    return text if isinstance(got, str) and text.replace("_", "a").isascii() and text.isidentifier() else f'"{text}"'


def _at(tree: Any, path: tuple[str | int, ...]) -> yaml.Node:
    node = tree
    for step in path:
        node = node.value[step] if isinstance(step, int) else _value(node, step)
    found: yaml.Node = node
    return found


def _value(node: Any, key: str) -> Any:
    return next(value for name, value in node.value if name.value == key)


def _spliced(text: str, changes: list[tuple[int, int, str]]) -> str:
    return "".join(_pieces(text, changes))


def _pieces(text: str, changes: list[tuple[int, int, str]]) -> Iterator[str]:
    done = 0
    for start, end, new in sorted(changes):
        yield text[done:start]
        yield new
        done = end
    yield text[done:]
