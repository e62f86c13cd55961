"""`thidua verify`, `thidua restore`, `thidua rebuild`: from a backup back to streams that agree."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Data = Annotated[Path | None, typer.Option(help="Folder of an embedded suite; without it, Kafka and PostgreSQL.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("verify")(verify)
    app.command("restore")(restore)
    app.command("rebuild")(rebuild)
    app.command("republish")(republish)


def verify(
    services: Annotated[list[str] | None, typer.Argument(help="Whose databases to compare; all installed.")] = None,
    data: Data = None,
    keys: Annotated[int, typer.Option(help="How many differing keys are listed per stream and service.")] = 20,
) -> None:
    """Compare every stream at owner, log and followers; exit code 1, and the keys, where they differ."""
    from thidua_runtime.recovery import verify_all

    if not verify_all(services or (), data, keys):
        raise typer.Exit(1)


def restore(
    service: Annotated[str, typer.Argument(help="Service whose database came from a backup; it must be stopped.")],
    adopt: Annotated[bool, typer.Option("--adopt", help="Take over what was published since the backup.")] = False,
    data: Data = None,
) -> None:
    """Get a restored service in front of what it has published; without --adopt the backup is the truth."""
    from thidua_runtime.recovery import restore_service

    restore_service(service, data, adopt=adopt)


def rebuild(
    service: Annotated[str, typer.Argument(help="Service to rebuild; it must be stopped.")],
    data: Data = None,
) -> None:
    """Drop what a service derived from the streams of others and make it anew; what people did stays."""
    from thidua_runtime.recovery import rebuild_service

    rebuild_service(service, data)


def republish(
    service: Annotated[str, typer.Argument(help="Service that publishes all its states anew; it must be stopped.")],
    data: Data = None,
) -> None:
    """Publish every state of a service anew, after its streams were lost."""
    from thidua_runtime.recovery import republish_service

    republish_service(service, data)
