"""What every score goes through is compiled where there is a C compiler; as plain Python it gives the same bytes."""

from __future__ import annotations

import hashlib
import random
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import thidua
from thidua.criteria import engine, load_criteria_set, score

from .test_decree_335 import HERE
from .test_remembered import any_case

CASES = 300
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
    if shutil.which("cc") and headers.exists():
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
