"""`thidua run`, `thidua up`, `thidua migrate`: start services, bring their databases up to date."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
import uvloop
from rich.console import Console
from sqlalchemy.ext.asyncio import create_async_engine

from thidua_runtime.errors import SettingMissing
from thidua_runtime.host import embedded_host, until_signal
from thidua_runtime.logs import configure_logs
from thidua_runtime.migrate import migrate
from thidua_runtime.service import installed_services, load_service
from thidua_runtime.settings import Settings, read_settings

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
    settings = read_settings()
    configure_logs(settings)
    uvloop.run(_run(names, settings))


def up(
    data: Annotated[Path, typer.Option(help="Folder of the embedded PostgreSQL and its data.")] = DATA,
    host_name: Annotated[str | None, typer.Option("--host", help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port of API and pages; 0 takes a free one.")] = None,
) -> None:
    """Serve all installed services from one folder: embedded PostgreSQL, no Kafka."""
    settings = _with_doors(read_settings(), host_name, port)
    configure_logs(settings.model_copy(update={"log_format": "text"}))
    uvloop.run(_up(data, settings))


def migrate_command(names: Names) -> None:
    """Bring the databases of services to this version's schema; safe to repeat."""
    settings = read_settings()
    uvloop.run(_migrate(names, settings))


def services() -> None:
    """List the installed services."""
    for name in installed_services():
        typer.echo(name)


def _with_doors(settings: Settings, host: str | None, port: int | None) -> Settings:
    given = {"http_host": host, "http_port": port}
    return settings.model_copy(update={name: value for name, value in given.items() if value is not None})


async def _run(names: list[str], settings: Settings) -> None:
    # FastStream takes half a second to import; nobody who runs embedded should wait for it.
    from thidua_runtime.kafka_host import kafka_host  # noqa: PLC0415

    async with kafka_host([load_service(name) for name in names], settings) as host:
        Console(stderr=True).print(f"thidua: {', '.join(names)} at {host.address}, metrics on port {host.metrics_port}")
        await until_signal(host)


async def _up(data: Path, settings: Settings) -> None:
    chosen = [load_service(name) for name in installed_services()]
    async with embedded_host(data, chosen, settings) as host:
        Console().print(f"Mở trang đầu / open: {host.address}/?token={host.token}")
        Console().print(f"Prometheus: http://{settings.http_host}:{host.metrics_port}/metrics · Ctrl+C để dừng")
        await until_signal(host)


async def _migrate(names: list[str], settings: Settings) -> None:
    for name in names:
        url = settings.url_of(name, owner=True)
        if url is None:
            raise SettingMissing(name="DATABASE_URL", meaning="give the PostgreSQL address of the service.")
        engine = create_async_engine(url)
        try:
            await migrate(engine, load_service(name))
        finally:
            await engine.dispose()
        typer.echo(f"{name}: the schema is up to date")
