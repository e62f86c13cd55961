"""What a rule in Python must not do: each misuse is refused with a sentence that says what to write instead."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import pytest

from thidua.criteria import CriteriaSet, CriteriaSetRefused, RuleBroken, load_criteria_set, score
from thidua.criteria.kinds.code import function
from thidua.criteria.purity import watch

YAML = """
inputs: {n: {fact: count, title: Số lượng}, secret: {fact: count, title: Số khác}}
criteria:
- code: A
  title: Riêng
  maximum: 60
  rule: {kind: rule, call: 'bo_sai.rules:judge', inputs: [n], parameters: {of: 10, deep: {best: [0]}}}
- {code: B, title: Khác, maximum: 40, rule: {kind: threshold, input: secret, limit: {at_least: 0}}}
"""
MODULE = """
from collections import _sys
from fractions import Fraction
from thidua.criteria import Outcome
HEAD
def judge(inputs, parameters):
    BODY
    return Outcome("met", Fraction(1), Fraction(1), "Đạt 1/1.")
"""
Load = Callable[..., CriteriaSet]


@pytest.fixture
def load(tmp_path: Path, make_set) -> Iterator[Load]:
    """Load a set with one rule; `head` and `body` go into its module."""
    with pytest.raises(CriteriaSetRefused, match="install the set as a distribution"):
        make_set(YAML)
    folder = tmp_path / "bo_sai"
    folder.mkdir()
    (folder / "__init__.py").write_text("", "utf-8")
    (tmp_path / "criteria.yaml").rename(folder / "criteria.yaml")

    def make(body: str = "pass", head: str = "") -> CriteriaSet:
        text = MODULE.replace("HEAD", head).replace("BODY", body.replace("\n", "\n    "))
        (folder / "rules.py").write_text(text, "utf-8")
        return load_criteria_set(folder)

    function.cache_clear()
    yield make
    function.cache_clear()
    for name in [name for name in sys.modules if name.startswith("bo_sai")]:
        del sys.modules[name]


@pytest.mark.parametrize(
    ("head", "body", "said"),
    [
        ("import random", "pass", r'rules.py:5:1: the module "random" cannot be used .* the same case must give'),
        ("from uuid import uuid4", "pass", r'the module "uuid" .* take every figure from the inputs'),
        ("import time", "pass", r'the module "time" .* a rule knows no clock; compare with dates among'),
        ("import socket", "pass", r'the module "socket" .* reaches no network; declare what it needs'),
        ("import urllib.request", "pass", r'the module "urllib.request" .* reaches no network'),
        ("import pathlib", "pass", r'the module "pathlib" .* reads and writes no file; declare what it needs'),
        ("import math", "pass", r'the module "math" .* computes with floats; use fractions.Fraction'),
        ("import numpy", "pass", r'the module "numpy" cannot be used by a rule: a rule uses abc, bisect'),
        ("", "share = 0.5", r"rules.py:7:13: 0.5 is a float, which is not exact; write a fraction"),
        ("", "share = float(1)", r"float\(…\) cannot be used .* use fractions.Fraction"),
        ("", "text = open('x')", r"open\(…\) cannot be used by a rule: .* declare what it needs under inputs"),
        ("from datetime import date", "date.today()", r"today asks the clock: a rule knows no clock"),
        ("from datetime import datetime\nnow = datetime.now", "pass", r"rules.py:6:7: now asks the clock"),
        ("", "list(map(_sys.modules['datetime'].date.today, ()))", r"today asks the clock: a rule knows no clock"),
        ("import datetime", "getattr(datetime.date, 'today')()", r"today asks the clock: a rule knows no clock"),
        ("from thidua.testkit.checks import time", "pass", r'"thidua.testkit.checks" .* of thidua it uses thidua.crit'),
        ("from thidua import testkit", "pass", r'the module "thidua.testkit" cannot be used by a rule'),
        ("from thidua.criteria import purity", "pass", r'thidua.criteria offers no "purity" to a rule; use one of'),
        ("", "eval('1')", r"eval\(…\) cannot be used by a rule: .* write it out"),
        (
            "",
            "inputs['n'].__dict__['value'] = 1",
            r"__dict__ changes what is frozen; a case cannot be changed",
        ),
        ("", "object.__setattr__(inputs['n'], 'value', 1)", r"__setattr__ changes what is frozen; a case cannot be"),
        ("", "vars(inputs['n'])['value'] = 1", r"vars\(…\) cannot be used .* a case cannot be changed; compute"),
        ("", "print(1)", r"print\(…\) cannot be used .* put what it has to say into the sentence"),
        ("", "order = hash('a')", r"hash\(…\) cannot be used .* differs from run to run"),
        ("import decimal", "decimal.getcontext().prec = 3", r"rules.py:7:5: getcontext cannot .* rounds for everybody"),
        ("from decimal import localcontext", "pass", r"rules.py:5:1: localcontext cannot be used .* use fractions"),
        ("from decimal import *", "setcontext(None)", r"rules.py:7:5: setcontext cannot be used .* use fractions"),
        ("import decimal", "getattr(decimal, 'getcontext')()", r"rules.py:7:5: getcontext cannot be used by a rule"),
        ("SEEN = 0", "global SEEN\nSEEN = 1", r"keeps nothing from one case to the next; return it"),
        ("SEEN = []", "SEEN.append(1)", r"rules.py:7:5: a rule keeps nothing .* SEEN is changed here; make it inside"),
        ("SEEN = {}", "SEEN['a'] = 1", r"SEEN is changed here; make it inside the function, or write a tuple"),
        ("", "judge.seen = 1", r"judge is changed here"),
        ("def more(n, seen=[]):\n    return seen", "pass", r"rules.py:5:18: .* a default that can change does; write"),
        ("from itertools import count\nNEXT = count()", "pass", r"rules.py:6:1: .* begin it inside the function"),
        ("O = [open][0]", "pass", r"rules.py:5:6: open\(…\) cannot be used by a rule"),
        ("import dataclasses", "dataclasses.sys.modules", r"sys reaches what a rule must not; take every figure"),
        ("from dataclasses import sys", "pass", r"rules.py:5:1: sys reaches what a rule must not"),
        ("", "inputs._inputs.clear()", r"_inputs is none of the inputs; read what the rule declares"),
        ("def (:", "pass", r"rules.py:5:5: this is no Python"),
    ],
)
def test_code_that_cannot_be_pure_is_refused_before_it_is_imported(load: Load, head: str, body: str, said: str) -> None:
    with pytest.raises(CriteriaSetRefused, match=said):
        load(body, head)
    assert not any(name.startswith("bo_sai") for name in sys.modules)


def test_what_only_looks_like_something_kept_is_taken(load: Load) -> None:
    head = """from decimal import Context
CONTEXT = Context(prec=9)
NAMES = ("a", "b")
TWICE = NAMES.count("a")
TABLE = {name: Fraction(1) for name in NAMES}
TABLE["c"] = Fraction(2)
def own(n, seen=()):
    table = dict(TABLE)
    table.update(a=n)
    hash = [*seen, CONTEXT.add(1, 2)]
    hash.append(n)
    return hash
"""
    assert load("own(1)\nTABLE['a'].limit_denominator(3)", head).id


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("return Outcome('met', 1 / 2, Fraction(1), 'Đạt.')", "credit 0.5 is a float, not exact; return a Fraction"),
        (
            "share = Fraction(inputs['n'].value.numerator * 2 / 15)\nreturn Outcome('met', share, share, 'Đạt 2/3.')",
            r"credit 6004799503160661/9007199254740992 was a float, not exact: 2/3 .* as Fraction\(2, 3\)",
        ),
        ("return Outcome('met', '1', Fraction(1), 'Đạt.')", "credit is of the type str; return a Fraction"),
        ("return inputs['secret']", '"secret" is not declared for this rule; add it to `inputs` of the rule'),
        ("return Outcome('met', Fraction(2), Fraction(2), 'Đạt.')", r"outside \[0, 1\]; return the share"),
        ("return Outcome('met', Fraction(1), Fraction(1), ' ')", "gave no reason; return a Vietnamese sentence"),
        ("return Outcome('good', Fraction(1), Fraction(1), 'Đạt.')", "status 'good' is none; return one of met"),
        ("return None", "it returned NoneType; return thidua.criteria.Outcome"),
        ("inputs['n'] = 1", "inputs of a case cannot be changed; compute with values of your own"),
        ("inputs['n'].value = 1", "a case cannot be changed .*; compute with values of your own"),
        ("parameters['of'] = 1", "a case cannot be changed .*; compute with values of your own"),
        ("parameters['deep']['best'] = 1", "a case cannot be changed .*; compute with values of your own"),
        ("parameters['deep']['best'].append(1)", "'tuple' object has no attribute 'append'"),
        ("return Outcome('met', Fraction(1), Fraction(1), 'A' * 5000)", "5000 letters, more than 2000; say it shorter"),
        ("raise MemoryError", "failed for criterion A: MemoryError. Install"),
        ("raise SystemExit(2)", "failed for criterion A: 2"),
        ("return Outcome('met', Fraction(0), Fraction(0), 'Đạt.')", "met with the credit 0; the credit of met is more"),
        ("return Outcome('not_met', Fraction(1), Fraction(1), 'Đạt.')", "not_met with the credit 1; .* is 0"),
        ("return Outcome('partly', Fraction(0), Fraction(0), 'Đạt.')", "partly with the credit 0"),
        ("return Outcome('not_applicable', Fraction(1), Fraction(1), 'Đạt.')", "not_applicable with the credit 1"),
        ("return Outcome('met', Fraction(1, 2), Fraction(1), 'Đạt.')", "met with an open share .* return missing"),
        ("return Outcome('not_due', Fraction(0), Fraction(0), 'Chưa.')", "its status is not_due at close"),
        ("return Outcome('met', Fraction(1), Fraction(1), 'Đạt.\\n1/1.')", r"holds '\\n', which is no letter; return"),
        ("return Outcome('met', Fraction(1), Fraction(1), 'Đạt \\x1b[2J.')", r"holds '\\x1b', which is no letter"),
        ("return Outcome('met', Fraction(1), Fraction(1), 'Đạt \\ud800.')", r"holds '\\ud800', which is no letter"),
        ("return Outcome('met', Fraction(1), Fraction(1), '<script>1</script>.')", "holds a tag"),
        ("return Outcome('met', Fraction(1), Fraction(1), 'Đạt.', {'n': 1})", "figures are not all texts"),
        ("return type('O', (Outcome,), {})('met', Fraction(1), Fraction(1), 'Đạt.')", "it returned O; return thidua"),
        (
            "return Outcome('met', type('F', (Fraction,), {'__le__': lambda *_: True})(5), Fraction(1), 'Đạt.')",
            "credit is of the type F; return a Fraction",
        ),
        (
            "share = Fraction(1)\nshare._numerator = True\nreturn Outcome('met', share, share, 'Đạt.')",
            "no whole number",
        ),
    ],
)
def test_an_answer_that_is_none_is_refused_with_what_to_return(load: Load, make_case, body: str, said: str) -> None:
    with pytest.raises(RuleBroken, match=said):
        score(load(body), make_case({"n": 5, "secret": 1}))


@pytest.mark.parametrize(
    "body",
    [
        "return Outcome('met', 1, 1, 'Đạt 1/1, 90\u00a0% < 100\u00a0%.')",
        "return Outcome('met', Fraction(1, 2), Fraction(1, 2), 'Đạt 1/2.')",
        "return Outcome('partly', Fraction(1), Fraction(1), 'Đạt 1/1.')",
        # Exact, though they end on large powers of two: eleven months of 27 in 32, and as near to 1 as that goes.
        "return Outcome('partly', *[Fraction(27, 32) ** 11] * 2, 'Đạt 11/11.')",
        "return Outcome('partly', *[1 - Fraction(1, 2) ** 60] * 2, 'Đạt 1/1.')",
        "return Outcome('partly', *[Fraction(1, 2) ** 60] * 2, 'Đạt 1/1.')",
        "return Outcome('not_met', 0, 0, 'Đạt 0/1.')",
        "return Outcome('missing', Fraction(1, 2), Fraction(1), 'Chưa có số liệu: tháng 3.')",
        "return Outcome('missing', 0, 0, 'Chưa có số liệu: tháng 3.')",
        "return Outcome('not_applicable', 0, 0, 'Không áp dụng: không có.')",
    ],
)
def test_each_status_is_accepted_with_the_credit_that_belongs_to_it(load: Load, make_case, body: str) -> None:
    line = score(load(body), make_case({"n": 5, "secret": 1})).line("A")
    assert (line.status, line.sentence) == (body.split("'")[1], body.split("'")[3])
    assert type(line.credit) is Fraction


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("_sys.modules['io'].open('/etc/hostname')", "open: a rule reads and writes no file"),
        ("_sys.modules['os'].listdir('/')", "os.listdir: a rule reads and writes no file"),
        ("_sys.modules['socket'].socket()", "socket.__new__: a rule reaches no network"),
        ("_sys.modules['subprocess'].run(['true'])", "a rule starts no program"),
        ("_sys.audit('_thread.start_new_thread')", "a rule starts no thread"),
        ("import bo_sai.later", "import: .* move the import to the top of the module"),
    ],
)
def test_what_slips_past_the_text_is_refused_while_it_runs(load: Load, make_case, body: str, said: str) -> None:
    assert {socket.__name__, subprocess.__name__} <= set(sys.modules)
    watch()
    with pytest.raises(RuleBroken, match=said):
        score(load(body), make_case({"n": 5, "secret": 1}))


def test_a_function_that_is_not_there_is_named_with_those_that_are(load: Load, tmp_path: Path) -> None:
    file = tmp_path / "bo_sai" / "criteria.yaml"
    file.write_text(file.read_text("utf-8").replace("rules:judge", "rules:judges"), "utf-8")
    with pytest.raises(CriteriaSetRefused, match=r"defines no function judges; it defines judge"):
        load()
