"""What `thidua doctor` examines: one finding per thing, none hides the next."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC
from importlib.metadata import entry_points

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from thidua.errors import ThiduaError
from thidua_runtime.access import read_tokens
from thidua_runtime.clock import wall_clock
from thidua_runtime.kafka import open_kafka_bus
from thidua_runtime.migrate import check_schema
from thidua_runtime.ports import is_taken, is_thidua
from thidua_runtime.service import Examine, Service
from thidua_runtime.settings import PREFIX, Settings, check_doors

CLOCK_TOLERANCE_SECONDS = 5
OWNER = "may create tables: works, but a role without that right is safer (`thidua roles` prints it)"
MAY_CREATE = text("select has_schema_privilege(current_user, 'public', 'CREATE')")
DATABASE_TIME = text("select clock_timestamp()")


@dataclass(frozen=True)
class Finding:
    """One examined thing."""

    what: str
    good: bool
    found: str


async def examine(service: Service, settings: Settings) -> list[Finding]:
    """Examine everything `service` needs before it starts."""
    findings = [_doors(settings), *_ports(service, settings), _criteria_sets()]
    findings += [_examined(what, check, settings) for what, check in service.examines.items()]
    url = settings.url_of(service.name)
    if url is None:
        findings.append(Finding("database", False, f"{PREFIX}DATABASE_URL is not set: give the service's PostgreSQL"))
    else:
        findings.extend(await _database(url, service))
    if not settings.kafka_servers:
        findings.append(Finding("topics", False, f"{PREFIX}KAFKA_SERVERS is not set: name one broker, host:port"))
    else:
        findings.append(await _checked("topics", lambda: _topics(service, settings)))
    return findings


def _doors(settings: Settings) -> Finding:
    try:
        check_doors(settings)
        known = [one.role for one in read_tokens(settings.api_tokens_file).by_hash.values()]
    except (ThiduaError, OSError) as error:
        return Finding("doors", False, str(error))
    where = f"listens on {settings.http_host}:{settings.http_port}"
    writers = sum(role != "reader" for role in known)
    if not writers:
        return Finding("doors", True, f"{where}; nobody may write yet: name a file in {PREFIX}API_TOKENS_FILE")
    return Finding("doors", True, f"{where}; tokens that may write: {writers}, that only read: {len(known) - writers}")


def _ports(service: Service, settings: Settings) -> list[Finding]:
    # A service that is being examined while it runs holds its ports itself.
    doors = (("API", settings.http_port, f"{service.name}/health/live"), ("metrics", settings.metrics_port, "metrics"))
    return [
        Finding(f"port of {what}", False, f"{port} is taken by another program")
        for what, port, door in doors
        if is_taken(settings.http_host, port) and not is_thidua(settings.http_host, port, door)
    ]


def _examined(what: str, check: Examine, settings: Settings) -> Finding:
    try:
        return Finding(what, True, check(settings))
    except (ThiduaError, OSError) as error:
        return Finding(what, False, str(error))


def _criteria_sets() -> Finding:
    names = sorted(point.name for point in entry_points(group="thidua.criteria_sets"))
    if not names:
        return Finding("criteria sets", True, "none installed; nothing is scored until one is")
    return Finding("criteria sets", True, f"installed: {', '.join(names)}")


async def _database(url: str, service: Service) -> list[Finding]:
    engine = create_async_engine(url)
    try:
        async with engine.connect():
            pass
        return [
            await _checked("database clock", lambda: _clock(engine)),
            await _checked("role", lambda: _role(engine)),
            await _checked("schema", lambda: _schema(engine, service)),
        ]
    except (SQLAlchemyError, OSError) as error:
        return [Finding("database", False, _no_answer(error))]
    finally:
        await engine.dispose()


async def _checked(what: str, check: Callable[[], Awaitable[Finding]]) -> Finding:
    try:
        return await check()
    except ThiduaError as error:
        return Finding(what, False, str(error))
    except (SQLAlchemyError, OSError) as error:
        return Finding(what, False, _no_answer(error))


def _no_answer(error: Exception) -> str:
    # The driver's class stands in front of what it says.
    why = str(getattr(error, "orig", None) or error).splitlines()[0].rpartition(">: ")[2]
    return f"PostgreSQL did not answer: {why}. Is it up, and is {PREFIX}DATABASE_URL right?"


async def _clock(engine: AsyncEngine) -> Finding:
    async with engine.connect() as connection:
        there = (await connection.execute(DATABASE_TIME)).scalar_one()
    apart = abs((wall_clock() - there.astimezone(UTC)).total_seconds())
    return Finding(
        "database clock",
        apart < CLOCK_TOLERANCE_SECONDS,
        f"{apart:.1f} s from this machine's clock; at most {CLOCK_TOLERANCE_SECONDS} s are well",
    )


async def _role(engine: AsyncEngine) -> Finding:
    async with engine.connect() as connection:
        owner = (await connection.execute(MAY_CREATE)).scalar_one()
    return Finding("role", True, OWNER if owner else "may read and write, and create no tables")


async def _schema(engine: AsyncEngine, service: Service) -> Finding:
    await check_schema(engine, service)
    return Finding("schema", True, "is as this version needs it")


async def _topics(service: Service, settings: Settings) -> Finding:
    bus = await open_kafka_bus(settings)
    try:
        await bus.check(service.name, sorted({m.stream for m in service.owns} | set(service.by_stream)))
    finally:
        await bus.close()
    return Finding("topics", True, "are as the service needs them")
