"""Commands of `thidua` that the runtime offers; registered through the entry-point group `thidua.commands`."""

from __future__ import annotations

import typer

from thidua_runtime.commands import configuration, letters, recovery, running, state, topics


def register(app: typer.Typer) -> None:
    """Add the runtime's commands to `app`."""
    running.register(app)
    configuration.register(app)
    topics.register(app)
    letters.register(app)
    state.register(app)
    recovery.register(app)
