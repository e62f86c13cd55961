"""What code would keep from one case to the next, found in its text: the score of a case must not know the case before.

Only what cannot be meant otherwise is refused; scoring in two orders (`thidua.testkit.seeds`) finds more.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Set
from typing import Final

_DISPLAYS: Final = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp)
_MUTABLE: Final = frozenset({"list", "dict", "set", "bytearray", "defaultdict", "deque", "Counter", "OrderedDict"})
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
    tools = _from_itertools(tree)
    held: set[str] = set()
    filled: set[str] = set()
    for body in (tree.body, *(node.body for node in tree.body if isinstance(node, ast.ClassDef))):
        for statement in body:
            value = getattr(statement, "value", None) if isinstance(statement, ast.Assign | ast.AnnAssign) else None
            if isinstance(value, ast.GeneratorExp) or _called(value, "itertools") in tools:
                yield statement, f"{_KEEPS}, and what is counted on does; begin it inside the function"
            held |= _bound(statement)
            filled |= _bound(statement) if _can_change(value) else set()
    for node in ast.walk(tree):
        if isinstance(node, _FUNCTIONS):
            own = _names_of(node)
            yield from _defaults(node)
            yield from _changes(node, held - own, filled - own)


def _from_itertools(tree: ast.Module) -> Set[str]:
    imported = {
        one.asname or one.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "itertools"
        for one in node.names
    }
    return {"iter", "itertools.count", "itertools.cycle"} | imported & {"count", "cycle"}


def _defaults(function: ast.AST) -> Found:
    given: ast.arguments = function.args  # type: ignore[attr-defined]  # of each of _FUNCTIONS
    for default in (*given.defaults, *given.kw_defaults):
        if default is not None and _can_change(default):
            yield default, f"{_KEEPS}, and a default that can change does; write a tuple, or make it inside"


def _can_change(value: ast.AST | None) -> bool:
    return isinstance(value, _DISPLAYS) or _called(value, "collections").removeprefix("collections.") in _MUTABLE


def _changes(function: ast.AST, held: Set[str], filled: Set[str]) -> Found:
    """Yield where a function changes what it did not make.

    That is what names of `filled` hold (`X.append(…)`), or those of `held` themselves (`X[…] = …`, `X.seen = …`).
    """
    for node in ast.walk(function):
        name = None
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _CHANGES:
            name = _root(node.func.value, filled)
        elif isinstance(node, ast.Subscript | ast.Attribute) and isinstance(node.ctx, ast.Store | ast.Del):
            name = _root(node.value, held)
        if name:
            yield node, f"{_KEEPS}, and {name} is changed here; make it inside the function, or write a tuple"


def _root(node: ast.AST, names: Set[str]) -> str | None:
    while isinstance(node, ast.Subscript | ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) and node.id in names else None


def _called(value: ast.AST | None, module: str) -> str:
    """Return the name that is called, with the module before it if it is that one; "" for anything else."""
    function = value.func if isinstance(value, ast.Call) else None
    if isinstance(function, ast.Name):
        return function.id
    is_of_it = isinstance(function, ast.Attribute) and getattr(function.value, "id", "") == module
    return f"{module}.{function.attr}" if is_of_it and isinstance(function, ast.Attribute) else ""


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
