"""`thidua state`: the canonical state of a suite, for comparing two runs of one story."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("state")(state)


def state(
    data: Annotated[Path | None, typer.Option(help="Folder of an embedded suite; without it, Kafka is read.")] = None,
) -> None:
    """Print the canonical state: natural keys, no versions, ids or arrival times, sorted."""
    import asyncio

    from thidua_runtime.postgres import begin_postgres
    from thidua_runtime.settings import read_settings

    settings = read_settings()
    if data is not None:
        # The server starts on one core while the other imports what reads from it.
        begin_postgres(data / "postgres")
    from thidua_runtime.state import state_of

    typer.echo(asyncio.run(state_of(data, settings)), nl=False)
