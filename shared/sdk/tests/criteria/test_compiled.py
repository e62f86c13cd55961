"""What every score goes through is compiled where there is a C compiler; as plain Python it gives the same bytes."""

from __future__ import annotations

import copy
import hashlib
import importlib.util
import os
import pickle
import random
import shutil
import subprocess
import sys
import sysconfig
from fractions import Fraction
from pathlib import Path

import pytest

import thidua
from thidua.criteria import CriterionResult, engine, load_criteria_set, score
from thidua.criteria.canonical import canonical_json
from thidua.criteria.resolved import Document, MonthFigures, Months, judged

from .test_decree_335 import HERE
from .test_remembered import any_case

CASES = 300
ROOT = Path(__file__).parents[4]
DIGEST = """
import hashlib, json, sys
from thidua.criteria import Case, engine, load_criteria_set, score
assert engine.__file__.endswith(".py"), engine.__file__
criteria_set = load_criteria_set(sys.argv[1])
for line in sys.stdin.buffer.read().splitlines():
    print(hashlib.sha256(score(criteria_set, Case.from_canonical(line)).canonical()).hexdigest())
"""


def test_the_engine_is_compiled_where_that_is_possible() -> None:
    headers = Path(sysconfig.get_path("include")) / "Python.h"
    compiler = os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc"
    if shutil.which(compiler.split()[0]) and headers.exists():
        assert engine.__file__.endswith(".so"), "run make venv"


def test_plain_python_scores_to_the_same_bytes(tmp_path: Path) -> None:
    plain = shutil.copytree(Path(thidua.__file__).parent, tmp_path / "thidua", ignore=shutil.ignore_patterns("*.so"))
    chance = random.Random(48)
    cases = [any_case(chance) for _ in range(CASES)]
    criteria_set = load_criteria_set(HERE)
    expected = [hashlib.sha256(score(criteria_set, case).canonical()).hexdigest() for case in cases]
    found = subprocess.run(
        [sys.executable, "-c", DIGEST, str(HERE)],
        input=b"\n".join([case.canonical for case in cases]),
        env={"PYTHONPATH": str(plain.parent)},
        capture_output=True,
        check=True,
    )
    assert found.stdout.decode().split() == expected


def test_pytest_refuses_what_was_compiled_of_older_sources_or_of_older_constants(tmp_path: Path) -> None:
    spec = importlib.util.spec_from_file_location("guard", ROOT / "conftest.py")
    assert spec is not None
    assert spec.loader is not None
    guard = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(guard)
    for at, name in enumerate(("engine.py", "base.py", "engine.cpython-311-x86_64-linux-gnu.so")):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (at, at))
    guard.refuse_older(tmp_path)
    os.utime(tmp_path / "base.py", (9, 9))
    with pytest.raises(pytest.UsageError, match=r"base\.py is newer"):
        guard.refuse_older(tmp_path)


def test_without_a_compiler_make_leaves_python_and_looks_again_the_next_time(tmp_path: Path) -> None:
    for file in ("Makefile", "tools/compile.sh"):
        (tmp_path / file).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / file, tmp_path / file)
    old = tmp_path / "shared/sdk/thidua/criteria/engine.so"
    for file in (old, tmp_path / ".venv/.installed"):
        file.parent.mkdir(parents=True)
        file.touch()
    (tmp_path / ".venv/bin").symlink_to(Path(sys.executable).parent)
    make = ["make", "-C", str(tmp_path), "--old-file=.venv/.installed", "venv"]
    said = [subprocess.check_output(make, env={**os.environ, "CC": "no-such-cc"}, text=True) for _ in range(2)]
    assert all("No C compiler (no-such-cc)" in one for one in said)
    assert not old.exists()


def test_a_score_is_copied_and_pickled_as_python_does() -> None:
    found = score(load_criteria_set(HERE), any_case(random.Random(48)))
    for other in (copy.deepcopy(found), pickle.loads(pickle.dumps(found)), copy.copy(found)):
        assert (other, other.canonical()) == (found, found.canonical())
    assert copy.copy(found.criteria[0]) == found.criteria[0]


def test_what_is_kept_of_a_line_without_parts_is_not_taken_for_one_with_parts() -> None:
    line = score(load_criteria_set(HERE), any_case(random.Random(48))).criteria[0]
    finding = line.finding
    for one in (CriterionResult(finding), CriterionResult(finding), CriterionResult(finding, parts=(line,))):
        assert one.written() == canonical_json(one.as_json())


def test_rules_of_foreign_sets_copy_and_make_what_they_see_as_in_python() -> None:
    seen = Months([MonthFigures("2022-01", 1, 2)], (), (), 0)  # type: ignore[arg-type]
    for one in (seen, Document("1/QĐ", None)):
        assert copy.deepcopy(one) == pickle.loads(pickle.dumps(one)) == one
    assert judged(1, Fraction(1), "Có.").status == "met"  # type: ignore[arg-type]
