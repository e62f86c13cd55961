"""What code would keep from one case to the next, found in its text: the score of a case must not know the case before.

Only what cannot be meant otherwise is refused; scoring in two orders (`thidua.testkit.seeds`) finds more.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Set
from typing import Final

_DISPLAYS: Final = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp)
_MUTABLE: Final = frozenset({"list", "dict", "set", "bytearray", "defaultdict", "deque", "Counter", "OrderedDict"})
_RUNNING: Final = frozenset({"count", "cycle", "iter"})
_CHANGES: Final = frozenset(
    {
        "add", "append", "appendleft", "clear", "discard", "extend", "insert", "pop", "popitem", "popleft", "remove",
        "reverse", "setdefault", "sort", "update",
    }
)  # fmt: skip
_FUNCTIONS: Final = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_KEEPS: Final = "a rule keeps nothing from one case to the next"

Found = Iterator[tuple[ast.AST, str]]


def kept_state(tree: ast.Module) -> Found:
    """Yield what keeps something between two calls, each with what to write instead."""
    held: set[str] = set()
    for body in (tree.body, *(node.body for node in tree.body if isinstance(node, ast.ClassDef))):
        for statement in body:
            yield from _running(statement)
            held |= _bound(statement)
    for node in ast.walk(tree):
        if isinstance(node, _FUNCTIONS):
            yield from _defaults(node)
            yield from _changes(node, held - _names_of(node))


def _running(statement: ast.stmt) -> Found:
    value = getattr(statement, "value", None) if isinstance(statement, ast.Assign | ast.AnnAssign) else None
    if isinstance(value, ast.GeneratorExp) or (isinstance(value, ast.Call) and _called(value) in _RUNNING):
        yield statement, f"{_KEEPS}, and what is counted on does; begin it inside the function"


def _defaults(function: ast.AST) -> Found:
    given: ast.arguments = function.args  # type: ignore[attr-defined]  # of each of _FUNCTIONS
    for default in (*given.defaults, *given.kw_defaults):
        is_made = isinstance(default, ast.Call) and _called(default) in _MUTABLE
        if default is not None and (isinstance(default, _DISPLAYS) or is_made):
            yield default, f"{_KEEPS}, and a default that can change does; write a tuple, or make it inside"


def _changes(function: ast.AST, held: Set[str]) -> Found:
    for node in ast.walk(function):
        name = _changed(node)
        if name in held:
            yield node, f"{_KEEPS}, and {name} is changed here; make it inside the function, or write a tuple"


def _changed(node: ast.AST) -> str | None:
    """Return the name whose content a node changes: `X.append(…)`, `X[…] = …`, `X.seen = …`."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _CHANGES:
        return _root(node.func.value)
    if isinstance(node, ast.Subscript | ast.Attribute) and isinstance(node.ctx, ast.Store | ast.Del):
        return _root(node.value)
    return None


def _root(node: ast.AST) -> str | None:
    while isinstance(node, ast.Subscript | ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else None


def _called(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _bound(statement: ast.stmt) -> set[str]:
    """Return the names a statement binds at the top of a module or class, imports aside."""
    if isinstance(statement, ast.FunctionDef | ast.ClassDef):
        return {statement.name}
    if isinstance(statement, ast.Import | ast.ImportFrom):
        return set()
    return {one.id for one in ast.walk(statement) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)}


def _names_of(function: ast.AST) -> frozenset[str]:
    """Return the names that are a function's own: its parameters and what it binds, nested functions included."""
    nodes = list(ast.walk(function))
    arguments = {one.arg for one in nodes if isinstance(one, ast.arg)}
    stored = {one.id for one in nodes if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)}
    return frozenset(arguments | stored)
