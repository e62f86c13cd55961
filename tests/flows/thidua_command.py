"""Running the command `thidua` as its user does: a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

THIDUA = Path(sys.executable).parent / "thidua"
SEED = "7"


def environment(**settings: str) -> dict[str, str]:
    """The environment of a command: ports that are free, nothing of the caller's own settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("THIDUA_")}
    return {**kept, "THIDUA_HTTP_PORT": "0", "THIDUA_METRICS_PORT": "0", **settings}


def run(*arguments: str | Path, fails: bool = False, **settings: str) -> str:
    """Run a command to its end and return what it printed; a failure shows both outputs.

    `fails`: it has to, and both outputs are returned.
    """
    command = [THIDUA, *map(str, arguments)]
    done = subprocess.run(
        command, capture_output=True, text=True, env=environment(**settings), timeout=280, check=False
    )
    assert (done.returncode != 0) is fails, f"{done.stdout}\n{done.stderr}"
    return done.stdout + done.stderr if fails else done.stdout


def demo(folder: Path, seed: str = SEED) -> dict[str, Any]:
    """Play the small sample year in `folder` and return its result."""
    result = folder.parent / f"{folder.name}.json"
    run("demo", "--once", "--small", "--seed", seed, "--data", folder, "--json", result)
    found = json.loads(result.read_text(encoding="utf-8"))
    assert isinstance(found, dict)
    return found


def state(folder: Path) -> str:
    """Return the canonical state of a data folder."""
    return run("state", "--data", folder)


def difference(one: str, other: str) -> list[str]:
    """Return the first lines that only one of two canonical states has."""
    return sorted(set(one.splitlines()) ^ set(other.splitlines()))[:10]
