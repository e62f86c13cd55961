"""Commands of `thidua` that ask a running awards service through its doors."""

from __future__ import annotations

import typer

from thidua_awards.terminal import auditing, fairness


def register(app: typer.Typer) -> None:
    """Add the commands to `app`."""
    app.add_typer(auditing.audit, name="audit")
    app.command("fairness")(fairness.fairness)
