"""Commands of `thidua` that ask a running scoring service through its doors."""

from __future__ import annotations

import typer

from thidua_scoring.terminal import explaining, installed, official, proving, rescoring


def register(app: typer.Typer) -> None:
    """Add the commands to `app`, and those about installed sets to `thidua plugins`."""
    installed.register()
    app.command("explain")(explaining.explain)
    app.command("replay")(proving.replay)
    app.command("what-if")(proving.what_if)
    app.add_typer(proving.cases, name="cases")
    app.add_typer(official.official, name="official")
    app.add_typer(rescoring.rescore, name="rescore")
