"""Hold the sizes that the project promises its readers; exit code 1 names what is too large.

Functions: median at most 10 lines, nine in ten at most 30, none above 60; files at most 400 lines;
compound statements nested at most 3 deep. Tests are measured for file length alone.
"""

from __future__ import annotations

import ast
import statistics
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

MEDIAN, NINETIETH, LONGEST, FILE_LINES, NESTING = 10, 30, 60, 400, 3
COMPOUND = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith, ast.Try, ast.TryStar, ast.Match)
FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True)
class Measured:
    """One function: where, how long, how deep."""

    where: str
    lines: int
    depth: int


def depth_of(node: ast.AST) -> int:
    """Return how deep compound statements nest below `node`; an elif is as deep as its if."""
    deepest = 0
    for name, value in ast.iter_fields(node):
        children = value if isinstance(value, list) else [value]
        for child in children:
            if not isinstance(child, ast.AST) or isinstance(child, FUNCTION):
                continue
            is_elif = isinstance(node, ast.If) and name == "orelse" and isinstance(child, ast.If) and len(children) == 1
            own = int(isinstance(child, COMPOUND) and not is_elif)
            deepest = max(deepest, own + depth_of(child))
    return deepest


def measure(path: Path) -> list[Measured]:
    """Return every function of a file."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [
        Measured(
            f"{path}:{node.lineno} {node.name}", (node.end_lineno or node.lineno) - node.lineno + 1, depth_of(node)
        )
        for node in ast.walk(tree)
        if isinstance(node, FUNCTION)
    ]


def is_test(path: Path) -> bool:
    """Whether a file belongs to the tests."""
    return "tests" in path.parts or path.name.startswith(("test_", "conftest"))


def main() -> int:
    """Measure all tracked files; print the figures and what breaks a bound."""
    listed = subprocess.run(["git", "ls-files", "*.py"], capture_output=True, text=True, check=True).stdout.split()
    files = [Path(name) for name in listed if Path(name).exists()]
    functions = [one for path in files if not is_test(path) for one in measure(path)]
    lengths = sorted(one.lines for one in functions)
    median, ninetieth = statistics.median(lengths), lengths[int(len(lengths) * 0.9)]
    wrong = [f"{one.where}: {one.lines} lines" for one in functions if one.lines > LONGEST]
    wrong += [f"{one.where}: nested {one.depth} deep" for one in functions if one.depth > NESTING]
    counted = ((path, len(path.read_text(encoding="utf-8").splitlines())) for path in files)
    wrong += [f"{path}: {count} lines" for path, count in counted if count > FILE_LINES]
    if median > MEDIAN or ninetieth > NINETIETH:
        wrong.append("functions are too long on the whole")
    print(f"sizes: {len(functions)} functions, median {median:g}, p90 {ninetieth}, longest {lengths[-1]} lines")
    print("\n".join(wrong), end="\n" if wrong else "")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
