"""What Python of a criteria set may be made of, judged on its text, before any of it is imported.

A guard against mistakes, not against attackers: those are kept by the process a set runs in.
"""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from thidua.criteria.errors import CriteriaSetRefused, Problem
from thidua.criteria.kept_state import kept_state
from thidua.criteria.yaml_source import decoded

_PURE: Final = (
    "__future__ abc bisect calendar collections contextlib copy dataclasses datetime decimal enum fractions functools "
    "heapq itertools numbers operator re string textwrap thidua types typing unicodedata"
)
PURE_MODULES: Final = frozenset(_PURE.split())
"""Modules of the standard library that reach neither clock nor chance nor anything outside the case."""

_CHANCE: Final = "the same case must give the same points; take every figure from the inputs"
_CLOCK: Final = "a rule knows no clock; compare with dates among its inputs and parameters"
_NETWORK: Final = "a rule reaches no network; declare what it needs under inputs:"
_FILES: Final = "a rule reads and writes no file; declare what it needs under inputs: or parameters:"
_FLOATS: Final = "it computes with floats; use fractions.Fraction"
_REFUSED_MODULES: Final = (
    ("random secrets uuid hashlib", _CHANCE),
    ("time zoneinfo sched", _CLOCK),
    ("socket ssl http urllib asyncio ftplib smtplib socketserver xmlrpc", _NETWORK),
    ("os io pathlib shutil tempfile glob fileinput sqlite3 pickle shelve csv importlib", _FILES),
    ("math cmath statistics", _FLOATS),
)
_WHY_NOT: Final = {name: why for names, why in _REFUSED_MODULES for name in names.split()}
_REFUSED_CALLS: Final = {
    "open": _FILES,
    "input": "a rule asks nobody; declare what it needs under inputs:",
    "print": "a rule prints nothing; put what it has to say into the sentence of its Outcome",
    "eval": "code made of text cannot be read by a lawyer; write it out",
    "exec": "code made of text cannot be read by a lawyer; write it out",
    "compile": "code made of text cannot be read by a lawyer; write it out",
    "__import__": "import at the top of the module, by name",
    "float": _FLOATS,
    "hash": "it differs from run to run; compare the values themselves",
    "id": "it differs from run to run; compare the values themselves",
    "vars": "a case cannot be changed; compute with values of your own",
}
_UNFREEZES: Final = frozenset({"__dict__", "__setattr__", "__delattr__"})
_CLOCK_NAMES: Final = frozenset({"now", "today", "utcnow", "fromtimestamp", "utcfromtimestamp"})
_CONTEXT: Final = "the context of decimals rounds for everybody; use fractions.Fraction, which needs none"
_CONTEXT_NAMES: Final = frozenset(
    {"getcontext", "setcontext", "localcontext", "DefaultContext", "BasicContext", "ExtendedContext"}
)
_BY_NAME: Final = frozenset({"getattr", "attrgetter", "methodcaller"})
_OURS: Final = frozenset({"thidua.criteria", "thidua.criteria.resolved"})


def refuse_impure_code(folder: Path, package: str) -> None:
    """Raise CriteriaSetRefused, with line and column, for the first file that no rule may be made of."""
    for file in sorted(folder.rglob("*.py")):
        name = str(file.relative_to(folder))
        problems = tuple(_problems(decoded(file.read_bytes(), name), package))
        if problems:
            raise CriteriaSetRefused(name, problems)


def why_no_function(folder: Path, call: str) -> str | None:
    """Return why `package.module:function` names no function of the package in `folder`; None if it does."""
    path, _, name = call.partition(":")
    steps = path.split(".")[1:]
    places = (folder.joinpath(*steps).with_suffix(".py") if steps else folder, folder.joinpath(*steps, "__init__.py"))
    file = next((one for one in places if one.is_file()), None)
    if file is None:
        return f"{call}: there is no module {path}; write the file {'/'.join(steps) or '__init__'}.py"
    defined = {node.name for node in _parsed(file.read_text("utf-8")).body if isinstance(node, ast.FunctionDef)}
    if name not in defined:
        return f"{call}: {path} defines no function {name}; it defines {', '.join(sorted(defined)) or 'none'}"
    return None


def _parsed(text: str) -> ast.Module:
    try:
        return ast.parse(text)
    except SyntaxError:
        return ast.Module(body=[], type_ignores=[])


def _problems(text: str, package: str) -> Iterator[Problem]:
    try:
        tree = ast.parse(text)
    except SyntaxError as error:
        yield Problem(error.lineno or 1, error.offset or 1, f"this is no Python: {error.msg}")
        return
    except (ValueError, RecursionError, MemoryError) as error:
        yield Problem(1, 1, f"this is no Python that can be read: {error or 'it lies too many brackets deep'}")
        return
    bound = _bound(tree)
    for node in ast.walk(tree):
        for sentence in _sentences(node, package.partition(".")[0], bound):
            yield _problem(node, sentence)
    yield from dict.fromkeys(_problem(node, sentence) for node, sentence in kept_state(tree))


def _problem(node: ast.AST, sentence: str) -> Problem:
    return Problem(getattr(node, "lineno", 1), getattr(node, "col_offset", 0) + 1, sentence)


def _bound(tree: ast.Module) -> frozenset[str]:
    """Return every name that a module gives a meaning of its own somewhere."""
    nodes = list(ast.walk(tree))
    names = {one.id for one in nodes if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)}
    names |= {one.arg for one in nodes if isinstance(one, ast.arg)}
    return frozenset(names | {one.name for one in nodes if isinstance(one, ast.FunctionDef | ast.ClassDef)})


def _sentences(node: ast.AST, package: str, bound: frozenset[str]) -> Iterable[str]:
    if isinstance(node, ast.Import):
        return _of_modules((one.name for one in node.names), package)
    if isinstance(node, ast.ImportFrom):
        return () if node.level else _of_import_from(node, package)
    if isinstance(node, ast.Constant) and isinstance(node.value, float | complex):
        return (f"{node.value} is a float, which is not exact; write a fraction, as Fraction(9, 10)",)
    if isinstance(node, ast.Attribute) and node.attr in _UNFREEZES:
        return (f"{node.attr} changes what is frozen; a case cannot be changed, compute with values of your own",)
    if isinstance(node, ast.Attribute) and node.attr in _CLOCK_NAMES:
        return (f"{node.attr} asks the clock: {_CLOCK}",)
    if isinstance(node, ast.Attribute | ast.Name) and _named(node) in _CONTEXT_NAMES:
        return (f"{_named(node)} cannot be used by a rule: {_CONTEXT}",)
    if isinstance(node, ast.Attribute) and (sentence := _roundabout(node)):
        return (sentence,)
    if isinstance(node, ast.Name) and node.id in _REFUSED_CALLS and node.id not in bound:
        return (f"{node.id}(…) cannot be used by a rule: {_REFUSED_CALLS[node.id]}",)
    if isinstance(node, ast.Global | ast.Nonlocal):
        return ("a rule keeps nothing from one case to the next; return it, or take it out",)
    return _of_call(node) if isinstance(node, ast.Call) else ()


def _named(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def _roundabout(node: ast.Attribute) -> str:
    if node.attr == "sys":
        return f"{node.attr} reaches what a rule must not; take every figure from the inputs"
    is_private = node.attr.startswith("_") and isinstance(node.value, ast.Name) and node.value.id == "inputs"
    return f"{node.attr} is none of the inputs; read what the rule declares, as inputs['name']" if is_private else ""


def _of_modules(names: Iterable[str], package: str) -> Iterator[str]:
    for name in names:
        top = name.partition(".")[0]
        if top == "thidua" and name not in _OURS:
            yield f'the module "{name}" cannot be used by a rule: of thidua it uses {" and ".join(sorted(_OURS))}'
        elif top not in PURE_MODULES and top != package:
            why = _WHY_NOT.get(top, "a rule uses " + ", ".join(sorted(PURE_MODULES - {"__future__"})))
            yield f'the module "{name}" cannot be used by a rule: {why}'


def _of_import_from(node: ast.ImportFrom, package: str) -> Iterator[str]:
    module = node.module or ""
    if module == "thidua":
        # What is taken from it are modules of ours.
        yield from _of_modules((f"thidua.{one.name}" for one in node.names), package)
        return
    yield from _of_modules((module,), package)
    if module == "decimal":
        names = (one.name for one in node.names if one.name in _CONTEXT_NAMES)
        yield from (f"{name} cannot be used by a rule: {_CONTEXT}" for name in names)
    if any(one.name == "sys" for one in node.names):
        yield "sys reaches what a rule must not; take every figure from the inputs"
    if module == "thidua.criteria":
        for one in node.names:
            if one.name not in _offered():
                yield f'thidua.criteria offers no "{one.name}" to a rule; use one of {", ".join(sorted(_offered()))}'


def _offered() -> frozenset[str]:
    # Looked up when it is asked: this module is a part of that package.
    return frozenset(importlib.import_module("thidua.criteria").__all__)


def _of_call(node: ast.Call) -> Iterable[str]:
    called = node.func
    if _named(called) in _BY_NAME:
        asked = [one.value for one in node.args if isinstance(one, ast.Constant)]
        of_the_clock = [f"{one} asks the clock: {_CLOCK}" for one in asked if one in _CLOCK_NAMES]
        return of_the_clock + [f"{one} cannot be used by a rule: {_CONTEXT}" for one in asked if one in _CONTEXT_NAMES]
    return ()
