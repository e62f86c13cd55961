"""Examining a set: the report that `thidua plugins check` prints and that is stored with an installed set."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from thidua.criteria.errors import CriteriaSetNotFound, CriteriaSetRefused, first_line
from thidua.testkit.apart import ScoringFailed, SetEnded
from thidua.testkit.exam import Exam, begun_apart
from thidua.testkit.rules import RULES, Tier, TierRule, tier_reached

FORMAT = 1
EXAMINATION_SECONDS = 60.0
EXAMINATION_MB = 512
"""What one examination may take, whatever the set does."""

MOST_FOUND = 20
MOST_BYTES = 1_000_000


def examine(place: str | Path) -> dict[str, Any]:
    """Load a set and hold every rule of the tiers against it; a set that cannot be loaded has the tier none.

    The report is JSON-able: format, tier, refused (why it was not loaded), set, version, artefact, golden (how many
    cases), rules (key, tier, promise, address, kept, found).
    """
    try:
        with begun_apart(place) as exam:
            return _judged(exam)
    except (CriteriaSetRefused, CriteriaSetNotFound, SetEnded) as error:
        return _unloaded(str(error))


def _judged(exam: Exam) -> dict[str, Any]:
    rows = [_row(rule, exam) for rule in RULES]
    one = exam.criteria_set
    return {
        "format": FORMAT,
        "set": one.id,
        "version": one.version,
        "artefact": one.artefact,
        "tier": tier_reached(row["key"] for row in rows if not row["kept"]),
        "refused": "",
        "golden": len(exam.cases),
        "rules": rows,
    }


def _row(rule: TierRule, exam: Exam) -> dict[str, Any]:
    try:
        found = rule.check(exam)
    except ScoringFailed as error:
        found = [str(error)]
    except SetEnded:
        raise
    except Exception as error:
        # A check that cannot cope with what came back is a rule that was not kept.
        found = [f"{type(error).__name__}: {first_line(error)}"]
    return {
        "key": rule.key,
        "tier": rule.tier,
        "promise": rule.promise,
        "address": rule.address,
        "kept": not found,
        "found": [one[:2000] for one in found[:MOST_FOUND]],
    }


def examine_apart(folder: Path, memory_mb: int, seconds: float) -> dict[str, Any]:
    """Examine the set in a folder in a process of its own: whatever its code does, an answer comes back.

    The process has an empty environment, so much memory, and so long; then it and what it started are ended.
    """
    with tempfile.TemporaryFile() as answer:
        command = [sys.executable, "-I", "-c", f"from {__name__} import main; main()", str(folder), str(memory_mb)]
        # A session of its own, so that what the code of a set started goes with it.
        child = subprocess.Popen(command, stdout=answer, stderr=subprocess.DEVNULL, env={}, start_new_session=True)  # noqa: S603
        try:
            child.wait(seconds)
            why = f"its code ended the process that examined it (code {child.returncode})"
        except subprocess.TimeoutExpired:
            why = f"it did not come to an end within {seconds:g} seconds"
        finally:
            _end(child)
        answer.seek(0)
        return _answered(answer.read(MOST_BYTES + 1), why)


def _end(child: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    key: str
    tier: Tier
    promise: str
    address: str
    kept: bool
    found: list[str]


class _Report(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    format: Literal[1]
    set: str = ""
    version: str = ""
    artefact: str = ""
    tier: Tier
    refused: str
    golden: int
    rules: list[_Row]


def _answered(written: bytes, why: str) -> dict[str, Any]:
    if len(written) > MOST_BYTES:
        return _unloaded("its report is larger than a megabyte")
    try:
        found = _Report.model_validate_json(written)
    except ValidationError:
        return _unloaded(why)
    return found.model_dump(exclude_unset=True)


def _unloaded(why: str) -> dict[str, Any]:
    return {"format": FORMAT, "tier": "none", "refused": why, "golden": 0, "rules": []}


def main() -> None:
    """Examine the folder named on the command line within the memory named after it; print the report."""
    folder, memory_mb = sys.argv[1], int(sys.argv[2])
    # What the code of a set prints must not stand among the answer.
    answer = os.dup(1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    resource.setrlimit(resource.RLIMIT_DATA, (memory_mb * 1024 * 1024,) * 2)
    with os.fdopen(answer, "w", encoding="utf-8") as out:
        out.write(json.dumps(examine(Path(folder)), ensure_ascii=False))
