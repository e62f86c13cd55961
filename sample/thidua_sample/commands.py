"""`thidua demo`: play the sample year, print what it came to, keep serving it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from thidua_sample.seed import DEFAULT_SEED

DATA = Path(".thidua")


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("demo")(demo)


def demo(
    once: Annotated[bool, typer.Option("--once", help="Print the result and end; do not keep serving.")] = False,
    json_file: Annotated[Path | None, typer.Option("--json", help="Also write the result to this file.")] = None,
    data: Annotated[Path | None, typer.Option(help="Folder of the data; with --once, default a temporary one.")] = None,
    seed: Annotated[int, typer.Option(help="The same seed gives the same year.")] = DEFAULT_SEED,
    small: Annotated[bool, typer.Option("--small", help="Two clusters instead of all: half a minute.")] = False,
    criteria_set: Annotated[
        Path | None,
        typer.Option("--criteria-set", exists=True, help="Also score the year with this set: folder or wheel."),
    ] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Port of API and pages; 0 takes a free one.")
    ] = None,
) -> None:
    """Play the sample year 2022 through the public doors, print the result and serve it.

    All of it is generated from published totals; points are illustrative ("mẫu minh họa").
    A play that was interrupted goes on where it stopped.
    """
    import shutil
    import tempfile

    from thidua_runtime.postgres import begin_postgres
    from thidua_runtime.settings import read_settings

    settings = read_settings()
    if port is not None:
        settings = settings.model_copy(update={"http_port": port})
    folder = data or (Path(tempfile.mkdtemp(prefix="thidua-demo-")) if once else DATA)
    # The server starts on one core while the other imports services and player.
    begin_postgres(folder / "postgres")
    from thidua_sample.terminal import play_and_serve

    try:
        play_and_serve(
            folder, seed, settings, json_file, criteria_set, once=once, small=small, kept=not once or data is not None
        )
    finally:
        if once and data is None:
            shutil.rmtree(folder, ignore_errors=True)
