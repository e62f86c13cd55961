"""Starting: what waits until the doors are open, what is built once, what happens when one service cannot start."""

from __future__ import annotations

import asyncio
import socket
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from fastapi import APIRouter, FastAPI
from sqlalchemy.ext.asyncio import create_async_engine

from thidua_runtime.access import Tokens
from thidua_runtime.clock import SystemClock
from thidua_runtime.database import Transaction
from thidua_runtime.doctor import examine
from thidua_runtime.errors import DatabaseNotReached, FolderInUse, MigrationNotAllowed, PortTaken, SettingRefused
from thidua_runtime.exposition import serve_metrics
from thidua_runtime.host import embedded_suite, hold_folder
from thidua_runtime.jobs import Job
from thidua_runtime.metrics import Sample
from thidua_runtime.migrate import check_schema, migrate
from thidua_runtime.serving import serve
from thidua_runtime.settings import Settings
from thidua_runtime.testing import SuiteFactory
from thidua_runtime.web import join_routers, service_app

from .small import SMALL

pytestmark = pytest.mark.anyio


class Seen:
    """Remembers whether it was asked to do anything."""

    def __init__(self) -> None:
        self.done = asyncio.Event()

    async def run(self, day: date, tx: Transaction) -> None:
        self.done.set()

    async def count(self, tx: Transaction) -> list[Sample]:
        self.done.set()
        return []


async def test_jobs_and_gauges_begin_after_the_start_and_do_begin(suite: SuiteFactory) -> None:
    job, gauge = Seen(), Seen()
    service = replace(SMALL, jobs=(Job("seen", job.run, every="seconds:1"),), gauges=(gauge.count,))
    async with suite(service) as running:
        running.suite.services["small"].start_jobs()
        await asyncio.sleep(0.2)
        assert not job.done.is_set()
        assert not gauge.done.is_set()
        await asyncio.wait_for(asyncio.gather(job.done.wait(), gauge.done.wait()), 10)


async def test_a_service_that_cannot_start_ends_the_others_with_its_reason(suite: SuiteFactory) -> None:
    async def no_counters(tx: Transaction) -> list[Sample]:
        raise ValueError("no register today")

    broken = replace(SMALL, name="broken", owns=(), counters=(no_counters,))
    with pytest.raises(ValueError, match="no register today"):
        async with suite(broken, SMALL):
            pytest.fail("the suite says that it runs")
    assert [task for task in asyncio.all_tasks() if task.get_name().startswith(("small:", "broken:"))] == []


async def test_the_routes_of_a_service_are_served_as_they_are(suite: SuiteFactory) -> None:
    async with suite(SMALL) as running:
        one = running.suite.services["small"]
        first, second = service_app(one, Tokens({})), service_app(one, Tokens({}))
    for route in SMALL.api.routes:
        assert any(route is each for each in first.routes)
    operation = [route for route in first.routes if getattr(route, "path", "").startswith("/operation")]
    assert operation
    assert all(any(route is each for each in second.routes) for route in operation)
    acts = [act for path in first.openapi()["paths"].values() for act in path.values()]
    assert {tag for act in acts for tag in act.get("tags", ())} >= {"operation", "health"}


def test_joined_routers_keep_their_prefixes_tags_and_order() -> None:
    one, two = APIRouter(prefix="/one", tags=["first"]), APIRouter(tags=["second"])
    one.add_api_route("/{name}", lambda name: name)
    two.add_api_route("/two", lambda: "two")
    joined = join_routers(one, two)
    assert joined.routes == [*one.routes, *two.routes]
    app = FastAPI(openapi_url=None, routes=joined.routes)
    tags = {path: act["get"]["tags"] for path, act in app.openapi()["paths"].items()}
    assert tags == {"/one/{name}": ["first"], "/two": ["second"]}


async def test_a_port_that_is_taken_is_told_in_one_sentence_with_its_setting() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(PortTaken, match=f"Port {port} .* THIDUA_HTTP_PORT"):
            async with serve(FastAPI(), "127.0.0.1", port):
                pass
        with pytest.raises(PortTaken, match="THIDUA_METRICS_PORT"):
            serve_metrics((), "127.0.0.1", port)


async def test_a_folder_is_served_by_one_process_at_a_time(tmp_path: Path) -> None:
    with hold_folder(tmp_path), pytest.raises(FolderInUse, match="Another process"):
        async with embedded_suite(tmp_path, [], Settings(), SystemClock(), jobs_by_clock=False):
            pass
    with hold_folder(tmp_path):
        pass


async def test_a_database_that_does_not_answer_or_exist_is_told_in_one_sentence(postgres_folder: str) -> None:
    for url, why in (
        ("postgresql+asyncpg://x@127.0.0.1:1/y", "Errno 111"),
        (f"postgresql+asyncpg://postgres@/nowhere?host={postgres_folder}", "nowhere"),
    ):
        engine = create_async_engine(url)
        with pytest.raises(DatabaseNotReached, match=f"of small cannot be used: .*{why}"):
            await check_schema(engine, SMALL)
        await engine.dispose()


async def test_a_role_that_may_not_migrate_is_told_which_setting_names_the_owner(postgres_folder: Path) -> None:
    owner = create_async_engine(f"postgresql+asyncpg://postgres@/postgres?host={postgres_folder}")
    async with owner.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        await connection.exec_driver_sql("create role run_time login")
        await connection.exec_driver_sql("create database for_owners")
    engine = create_async_engine(f"postgresql+asyncpg://run_time@/for_owners?host={postgres_folder}")
    with pytest.raises(MigrationNotAllowed, match=r"permission denied.*THIDUA_MIGRATION_DATABASE_URL") as refused:
        await migrate(engine, SMALL)
    assert "\n" not in str(refused.value)
    await engine.dispose()
    async with owner.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        await connection.exec_driver_sql("drop database for_owners")
        await connection.exec_driver_sql("drop role run_time")
    await owner.dispose()


async def test_the_examination_names_a_port_of_another_program_and_counts_readers_apart(tmp_path: Path) -> None:
    tokens = tmp_path / "tokens"
    tokens.write_text("".join(f"a {role} {number}\n" for number, role in enumerate(("office", "reader", "operator"))))

    def refuse(settings: Settings) -> str:
        raise SettingRefused(name="SOURCES_FILE", why="hỏng")

    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        settings = Settings.model_validate({"http_port": port, "metrics_port": 0, "api_tokens_file": tokens})
        service = replace(SMALL, examines={"task sources": refuse})
        found = {one.what: one for one in await examine(service, settings)}
    assert found["doors"].found.endswith("tokens that may write: 2, that only read: 1")
    assert (found["port of API"].good, found["port of API"].found) == (False, f"{port} is taken by another program")
    assert "port of metrics" not in found
    assert (found["task sources"].good, "hỏng" in found["task sources"].found) == (False, True)
