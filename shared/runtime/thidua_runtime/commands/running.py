"""`thidua run`, `thidua up`, `thidua migrate`: start services, bring their databases up to date."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Names = Annotated[list[str], typer.Argument(help="Services, several run in one process.")]
DATA = Path(".thidua")


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("run")(run)
    app.command("up")(up)
    app.command("migrate")(migrate_command)
    app.command("services")(services)


def run(names: Names) -> None:
    """Run one or several services against Kafka and PostgreSQL."""
    from thidua_runtime.settings import read_settings
    from thidua_runtime.starting import run_on_kafka

    run_on_kafka(names, read_settings())


def up(
    data: Annotated[Path, typer.Option(help="Folder of the embedded PostgreSQL and its data.")] = DATA,
    host_name: Annotated[str | None, typer.Option("--host", help="Address to listen on.")] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Port of API and pages; 0 takes a free one.")
    ] = None,
) -> None:
    """Serve all installed services from one folder: embedded PostgreSQL, no Kafka."""
    from thidua_runtime.postgres import begin_postgres
    from thidua_runtime.settings import check_doors, read_settings

    given = {"http_host": host_name, "http_port": port}
    chosen = {name: value for name, value in given.items() if value is not None}
    settings = read_settings().model_copy(update=chosen)
    check_doors(settings)
    # The server starts on one core while the other imports the services.
    begin_postgres(data / "postgres")
    from thidua_runtime.starting import serve_folder

    serve_folder(data, settings)


def migrate_command(names: Names) -> None:
    """Bring the databases of services to this version's schema; safe to repeat."""
    from thidua_runtime.settings import read_settings
    from thidua_runtime.starting import migrate_services

    migrate_services(names, read_settings(), typer.echo)


def services() -> None:
    """List the installed services."""
    from thidua_runtime.installed import installed_services

    for name in installed_services():
        typer.echo(name)
