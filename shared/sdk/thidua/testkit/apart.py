"""Scoring the cases of an examination in a process of their own: the code of a set scores, and judges nothing.

What comes back are values, read by type; who examines compares them, names the artefact and writes the report.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final, TextIO

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from thidua.criteria.canonical import canonical_json
from thidua.criteria.case import Case
from thidua.criteria.engine import score
from thidua.criteria.errors import CriteriaSetNotFound, CriteriaSetRefused, first_line
from thidua.criteria.loader import CriteriaSet, load_criteria_set
from thidua.criteria.purity import sealed, violations, watch
from thidua.criteria.score import Score

MOST_BYTES: Final = 4_000_000
"""Bytes of one answer; the explanation of the largest set here has a hundredth of it."""
_SCORE: Final = TypeAdapter(Score)


@dataclass(frozen=True)
class Scored:
    """What came of one case: its score, the canonical bytes of it, and how it came about.

    `seconds`: processor time; `seen`: what reached outside; `kept_case`: whether the case was left as it was.
    """

    score: Score
    canonical: bytes
    seconds: float
    seen: tuple[str, ...]
    kept_case: bool


class ScoringFailed(Exception):
    """The code of the set raised something, or its process ended or answered what is no score; says which."""


class SetEnded(Exception):
    """The process that scores could not begin, or ended: nothing more can be asked. Says why."""


def scored(criteria_set: CriteriaSet, case: Case) -> Scored:
    """Score a case in this process; raises what scoring raises."""
    with sealed(), violations() as seen:
        start = time.process_time()
        result = score(criteria_set, case)
        seconds = time.process_time() - start
    kept = canonical_json(case.model_dump(mode="json", exclude_defaults=True)) == case.canonical
    return Scored(result, result.canonical(), seconds, tuple(seen), kept)


class _Answer(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    failed: str = ""
    canonical: str = ""
    seconds: float = 0.0
    seen: list[str] = []
    kept_case: bool = False


@contextmanager
def apart(criteria_set: CriteriaSet) -> Iterator[Callable[[Case], Scored]]:
    """Give a function that scores a case in a process of its own; raises SetEnded where the code does not load."""
    command = [sys.executable, "-I", "-c", f"from {__name__} import main; main()", str(criteria_set.folder)]
    with subprocess.Popen(  # noqa: S603  (our own module)
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={}
    ) as child:
        try:
            begun = _read(child)
            if begun.failed:
                raise SetEnded(begun.failed)
            yield partial(_ask, child, criteria_set)
        finally:
            child.kill()


def _ask(child: subprocess.Popen[bytes], criteria_set: CriteriaSet, case: Case) -> Scored:
    assert child.stdin is not None
    try:
        child.stdin.write(base64.b64encode(case.canonical) + b"\n")
        child.stdin.flush()
    except OSError:
        raise SetEnded(_how(child)) from None
    answer = _read(child)
    if answer.failed:
        raise ScoringFailed(answer.failed)
    try:
        # The parameters in force are those of the case and of the set; nothing here reads them.
        result = _SCORE.validate_json(json.dumps({**json.loads(answer.canonical), "parameters": []}))
    except (ValueError, TypeError) as error:
        raise ScoringFailed(f"it answered what is no score: {first_line(error)}") from None
    if (result.set_id, result.artefact, result.case_hash) != (criteria_set.id, criteria_set.artefact, case.hash):
        raise ScoringFailed("it answered the score of another set or case")
    return Scored(result, answer.canonical.encode(), answer.seconds, tuple(answer.seen), answer.kept_case)


def _read(child: subprocess.Popen[bytes]) -> _Answer:
    assert child.stdout is not None
    line = child.stdout.readline(MOST_BYTES + 1)
    if len(line) > MOST_BYTES:
        raise SetEnded(f"its process answered more than {MOST_BYTES} bytes")
    if not line.endswith(b"\n"):
        raise SetEnded(_how(child))
    try:
        return _Answer.model_validate_json(line)
    except ValidationError:
        raise SetEnded("its process answered something else than was asked") from None


def _how(child: subprocess.Popen[bytes]) -> str:
    return f"its code ended the process that examined it (code {child.wait()})"


def main() -> None:
    """Score the cases that come in, of the set in the folder named on the command line, until there are no more."""
    # What the code of a set prints must not stand among the answers.
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    watch()
    try:
        criteria_set = load_criteria_set(Path(sys.argv[1]))
    except (CriteriaSetRefused, CriteriaSetNotFound) as error:
        _tell(out, _Answer(failed=str(error)))
        return
    _tell(out, _Answer())
    for line in sys.stdin.buffer:
        _tell(out, _told(criteria_set, base64.b64decode(line)))


def _told(criteria_set: CriteriaSet, content: bytes) -> _Answer:
    try:
        one = scored(criteria_set, Case.from_canonical(content))
    except Exception as error:
        # Foreign code: whatever it raises breaks the rule under which it was asked.
        return _Answer(failed=f"{type(error).__name__}: {first_line(error, 2_000)}")
    return _Answer(canonical=one.canonical.decode(), seconds=one.seconds, seen=list(one.seen), kept_case=one.kept_case)


def _tell(out: TextIO, answer: _Answer) -> None:
    out.write(answer.model_dump_json() + "\n")
    out.flush()
