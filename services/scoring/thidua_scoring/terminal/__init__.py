"""Commands of `thidua` that ask a running scoring service through its doors."""

from __future__ import annotations

import typer

from thidua_scoring.terminal import installed


def register(app: typer.Typer) -> None:
    """Add the commands to `app`, and those about installed sets to `thidua plugins`."""
    installed.register()
