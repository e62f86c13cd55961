"""What `thidua run`, `thidua up` and `thidua migrate` do, from their settings to the end of the process."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import structlog
import uvloop
from rich.console import Console
from sqlalchemy.ext.asyncio import create_async_engine

from thidua_runtime.errors import SettingMissing
from thidua_runtime.host import embedded_host, until_signal
from thidua_runtime.installed import installed_services
from thidua_runtime.logs import configure_logs
from thidua_runtime.migrate import migrate
from thidua_runtime.service import load_service
from thidua_runtime.settings import Settings

log = structlog.get_logger()


def run_on_kafka(names: Sequence[str], settings: Settings) -> None:
    """Run services against Kafka and PostgreSQL until a signal ends them."""
    configure_logs(settings)
    uvloop.run(_run(names, settings))


def serve_folder(data: Path, settings: Settings) -> None:
    """Serve all installed services from one folder until a signal ends them."""
    configure_logs(settings.model_copy(update={"log_format": "text"}))
    uvloop.run(_serve(data, settings))


def migrate_services(names: Sequence[str], settings: Settings, tell: Callable[[str], None]) -> None:
    """Bring the databases of services to this version's schema; `tell` gets a sentence for each."""
    uvloop.run(_migrate(names, settings, tell))


async def _run(names: Sequence[str], settings: Settings) -> None:
    # FastStream takes half a second to import; nobody who runs embedded should wait for it.
    from thidua_runtime.kafka_host import kafka_host  # noqa: PLC0415

    async with kafka_host([load_service(name) for name in names], settings) as host:
        log.info("serving", services=", ".join(names), address=host.address, metrics_port=host.metrics_port)
        await until_signal(host)


async def _serve(data: Path, settings: Settings) -> None:
    chosen = [load_service(name) for name in installed_services()]
    async with embedded_host(data, chosen, settings) as host:
        Console().print(f"Mở trang đầu / open: {host.address}/?token={host.token}")
        Console().print(f"Prometheus: http://{settings.http_host}:{host.metrics_port}/metrics · Ctrl+C để dừng")
        await until_signal(host)


async def _migrate(names: Sequence[str], settings: Settings, tell: Callable[[str], None]) -> None:
    for name in names:
        url = settings.url_of(name, owner=True)
        if url is None:
            raise SettingMissing(name="DATABASE_URL", meaning="give the PostgreSQL address of the service.")
        engine = create_async_engine(url)
        try:
            await migrate(engine, load_service(name))
        finally:
            await engine.dispose()
        tell(f"{name}: the schema is up to date")
