"""Scoring under other hash seeds: what follows the order of a set differs from process to process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from thidua.criteria.canonical import content_hash
from thidua.criteria.engine import score
from thidua.testkit.exam import Exam, begin

PATIENCE_SECONDS = 60


def digest(exam: Exam) -> str:
    """Return one hash over the scores of all golden cases."""
    return content_hash(b"\n".join(score(exam.criteria_set, one.case).canonical() for one in exam.cases))


def digests_under(seeds: tuple[int, ...], folder: Path) -> list[str]:
    """Return the digest of the set in a folder as new processes with these hash seeds find it.

    Raises subprocess.TimeoutExpired if one does not answer within a minute.
    """
    begun = [_begin(seed, folder) for seed in seeds]
    return [one.communicate(timeout=PATIENCE_SECONDS)[0].strip() for one in begun]


def _begin(seed: int, folder: Path) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONHASHSEED": str(seed)}
    command = [sys.executable, "-P", "-c", f"from {__name__} import main; main()", str(folder)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, text=True)  # noqa: S603  (our own module)


def main() -> None:
    """Print the digest of the set in the folder named on the command line."""
    sys.stdout.write(digest(begin(Path(sys.argv[1]))))
