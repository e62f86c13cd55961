"""Which seeds and rounds of kills this very code has been through: whoever starts again goes on where it ended."""

from __future__ import annotations

import hashlib
import json
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[2]
JUDGED: Final = ("shared", "services", "criteria_sets", "sample", "tests/faults")
"""A change of these makes everything that was found out about them count no more."""


@dataclass
class Notebook:
    """The notes of one state of the code, a line of JSON each."""

    path: Path
    lines: list[dict[str, Any]] = field(default_factory=list)

    def of(self, kind: str) -> list[dict[str, Any]]:
        """Return the notes of one kind: `seeds` or `kills`."""
        return [line for line in self.lines if line["kind"] == kind]

    def note(self, kind: str, **what: Any) -> None:
        """Add a note; it is on the disk when this returns."""
        self.lines.append({"kind": kind, **what})
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(self.lines[-1]) + "\n")


def open_notebook(folder: Path = ROOT / ".cache" / "faults") -> Notebook:
    """Open the notes about the code as it stands here, with what is not committed yet."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{_code()}.jsonl"
    known = path.read_text("utf-8").splitlines() if path.exists() else []
    return Notebook(path, [json.loads(line) for line in known])


def _code() -> str:
    told = hashlib.sha256()
    for command in (["ls-files", "-s"], ["diff", "HEAD"], ["ls-files", "--others", "--exclude-standard"]):
        done = subprocess.run(["git", *command, "--", *JUDGED], cwd=ROOT, capture_output=True, check=True)
        told.update(done.stdout)
    return told.hexdigest()[:16]
