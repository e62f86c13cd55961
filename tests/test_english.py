"""Whoever reads English gets a whole English sentence: no Vietnamese words inside, names and data aside."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from importlib import import_module
from pathlib import Path
from string import Formatter
from typing import Any, Final

from thidua.contracts import STREAMS
from thidua.errors import Reader, ThiduaError
from thidua_runtime.cuts import WORDS

ROOT: Final = Path(__file__).parents[1]
PACKAGES: Final = (
    ROOT / "shared/runtime/thidua_runtime",
    *(ROOT / f"services/{name}/thidua_{name}" for name in ("registration", "monitoring", "scoring", "awards")),
)
VIETNAMESE: Final = re.compile(r"[À-ÖØ-öø-ɏ\u1e00-\u1eff]")


def modules() -> Iterator[tuple[str, ast.Module]]:
    for package in PACKAGES:
        for file in sorted(package.rglob("*.py")):
            if "migrations" not in file.parts:
                path = file.relative_to(package.parent).with_suffix("")
                yield ".".join(path.parts).removesuffix(".__init__"), ast.parse(file.read_text(encoding="utf-8"))


def errors(of: type[ThiduaError] = ThiduaError) -> Iterator[type[ThiduaError]]:
    for one in of.__subclasses__():
        yield one
        yield from errors(one)


def fields(template: str) -> set[str]:
    return {name.partition("[")[0].partition(".")[0] for _, name, _, _ in Formatter().parse(template) if name}


def is_vietnamese(value: object) -> bool:
    if isinstance(value, str):
        return VIETNAMESE.search(value) is not None
    if isinstance(value, Mapping):
        return any(map(is_vietnamese, value.values()))
    return isinstance(value, (tuple, list, frozenset)) and any(map(is_vietnamese, value))


def spoken(node: ast.AST, given: Mapping[str, Any], local: Mapping[str, list[ast.expr]], depth: int = 2) -> bool:
    """Whether Vietnamese words stand in an expression: in its texts, its module's constants, its local names."""
    for one in ast.walk(node):
        if isinstance(one, ast.Constant) and is_vietnamese(one.value):
            return True
        if isinstance(one, ast.Name):
            if one.id in local:
                if depth and any(spoken(value, given, local, depth - 1) for value in local[one.id]):
                    return True
            elif is_vietnamese(given.get(one.id)):
                return True
        if isinstance(one, ast.Attribute) and isinstance(one.value, ast.Name):
            home = given.get(one.value.id)
            if home is not None and is_vietnamese(getattr(home, one.attr, None)):
                return True
    return False


def assigned(function: ast.AST) -> dict[str, list[ast.expr]]:
    found: dict[str, list[ast.expr]] = {}
    for one in ast.walk(function):
        if isinstance(one, ast.Assign):
            for target in one.targets:
                if isinstance(target, ast.Name):
                    found.setdefault(target.id, []).append(one.value)
                elif isinstance(target, ast.Tuple) and isinstance(one.value, ast.Tuple):
                    pairs = zip(target.elts, one.value.elts, strict=False)
                    for name, value in pairs:
                        if isinstance(name, ast.Name):
                            found.setdefault(name.id, []).append(value)
    return found


def untranslated(name: str, tree: ast.Module, known: Mapping[str, type[ThiduaError]]) -> Iterable[str]:
    given = vars(import_module(name))
    functions = [one for one in ast.walk(tree) if isinstance(one, (ast.FunctionDef, ast.AsyncFunctionDef))]
    for function in functions:
        local = assigned(function)
        for call in (one for one in ast.walk(function) if isinstance(one, ast.Call)):
            error = known.get(ast.unparse(call.func).rpartition(".")[2])
            if error is None:
                continue
            said = {one.arg: one.value for one in call.keywords if one.arg}
            for field in sorted(fields(error.english) & said.keys()):
                if f"{field}_en" not in said and spoken(said[field], given, local):
                    yield f"{name}:{call.lineno} {error.__name__}({field}={ast.unparse(said[field])})"


def test_every_vietnamese_figure_of_an_error_has_an_english_one_beside_it() -> None:
    every = list(modules())
    known = {one.__name__: one for name, _ in every if import_module(name) for one in errors()}
    assert [line for name, tree in every for line in untranslated(name, tree, known)] == []


def test_what_a_validator_finds_wrong_is_told_in_both_languages() -> None:
    for name, tree in modules():
        for call in (one for one in ast.walk(tree) if isinstance(one, ast.Call)):
            called = ast.unparse(call.func)
            if called == "ValueError":
                assert not spoken(call, {}, {}), f"{name}:{call.lineno}: raise WrongEntry"
            if called == "WrongEntry":
                assert not spoken(call.args[1], {}, {}), f"{name}:{call.lineno}"


def test_an_official_reads_of_every_stream_in_vietnamese() -> None:
    assert WORDS.keys() == STREAMS.keys()


def test_the_sentences_of_every_error_are_each_in_one_language() -> None:
    for name, _ in modules():
        import_module(name)
    for one in errors():
        assert VIETNAMESE.search(one.english) is None, one
        if one.reader is Reader.OFFICIAL:
            assert one.english, one
