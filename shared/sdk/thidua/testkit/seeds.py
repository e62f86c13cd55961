"""Scoring under other hash seeds and on another day: what follows the order of a set, or the clock, differs then."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from thidua.criteria.canonical import content_hash
from thidua.testkit.another_day import begin_another_day
from thidua.testkit.exam import Exam, begin

PATIENCE_SECONDS = 60
ANOTHER_DAY = "another-day"


def digests(exam: Exam, *, is_reversed: bool = False) -> list[str]:
    """Return a hash of the score of every golden case, in their order; scored in the reversed order if so asked."""
    turn = -1 if is_reversed else 1
    return [content_hash(exam.ask(one.case).canonical) for one in exam.cases[::turn]][::turn]


def digests_under(seeds: tuple[int, ...], folder: Path) -> list[list[str]]:
    """Return the digests of the set in a folder as new processes with these hash seeds find them, each but the first
    on another day and in the reversed order of cases.

    Raises subprocess.TimeoutExpired if one does not answer within a minute.
    """
    begun = [_begin(seed, folder, ANOTHER_DAY if number else "") for number, seed in enumerate(seeds)]
    return [one.communicate(timeout=PATIENCE_SECONDS)[0].split() for one in begun]


def _begin(seed: int, folder: Path, day: str) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONHASHSEED": str(seed)}
    command = [sys.executable, "-P", "-c", f"from {__name__} import main; main()", str(folder), day]
    return subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, text=True)  # noqa: S603  (our own module)


def main() -> None:
    """Print the digests of the set in the folder named on the command line, on another day if so asked."""
    is_another_day = sys.argv[2] == ANOTHER_DAY
    if is_another_day:
        begin_another_day()
    sys.stdout.write(" ".join(digests(begin(Path(sys.argv[1])), is_reversed=is_another_day)))
