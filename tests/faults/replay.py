"""Plays one seed again and prints every step of it: `.venv/bin/python -m tests.faults.replay 17`."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

from thidua_runtime.postgres import start_postgres, stop_postgres
from thidua_runtime.testing_databases import Databases

from ..flows.thidua_command import difference
from .ground import open_ground
from .scheduler import CountingLoop, Scheduler
from .simulation import run_story


async def replay(seed: int) -> int:
    """Print the steps of a seed as they come, then the lines of its canonical state that should not differ."""
    with tempfile.TemporaryDirectory(prefix="thidua-replay-") as folder:
        databases = Databases(start_postgres(Path(folder) / "pg"))
        try:
            async with open_ground(databases) as ground:
                undisturbed = await run_story(None, ground)
                outcome = await run_story(seed, ground, _Printing)
        finally:
            stop_postgres(Path(folder) / "pg")
    lines = [*difference(outcome.state, undisturbed.state), *outcome.wrong]
    print("\n".join(lines) if lines else f"seed {seed} ends as it should, after {outcome.kills} kills")
    return 1 if lines else 0


class _Printing(Scheduler):
    def note(self, step: str) -> None:
        super().note(step)
        print(f"{self.steps:6d} {step}")


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=CountingLoop) as runner:
        sys.exit(runner.run(replay(int(sys.argv[1]))))
