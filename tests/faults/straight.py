"""Statements that go to PostgreSQL straight through its driver: the way through SQLAlchemy took a third of a run.

The texts, their parameters, transactions, types and rows are the same; what lies between is tested everywhere else.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Final

import asyncpg
from sqlalchemy import Executable, TextualSelect
from sqlalchemy.engine import IteratorResult
from sqlalchemy.engine.result import SimpleResultMetaData
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

# A run must not depend on how often its connections have run a statement before: a plan made for some parameters
# may find rows in another order than the plan made for all.
SAME_PLANS: Final = "set plan_cache_mode = force_generic_plan"


@dataclass(frozen=True)
class Written:
    """A statement as the driver takes it."""

    sql: str
    names: tuple[str, ...]
    processors: Mapping[str, Any]


@dataclass
class Line:
    """One connection, with all that was ever prepared on it."""

    owner: AsyncConnection
    driver: asyncpg.Connection
    prepared: dict[str, tuple[Any, SimpleResultMetaData]] = field(default_factory=dict)

    async def run(self, written: Written, parameters: Mapping[str, Any]) -> Found:
        """Run a statement; what fails raises the driver's own errors, which have an SQLSTATE as all do."""
        if written.sql not in self.prepared:
            statement = await self.driver.prepare(written.sql)
            keys = [attribute.name for attribute in statement.get_attributes()]
            processors = [written.processors.get(key) for key in keys]
            metadata = SimpleResultMetaData(keys, _processors=processors if any(processors) else None)
            self.prepared[written.sql] = statement, metadata
        statement, metadata = self.prepared[written.sql]
        rows = await statement.fetch(*[parameters[name] for name in written.names])
        return Found(metadata, rows, statement.get_statusmsg())


class Found(IteratorResult[Any]):
    """What a statement came to."""

    returns_rows = True

    def __init__(self, metadata: SimpleResultMetaData, rows: list[Any], status: str) -> None:
        super().__init__(metadata, iter(rows))
        self.status = status

    @property
    def rowcount(self) -> int:
        """How many rows it changed or found."""
        told = self.status.rpartition(" ")[2]
        return int(told) if told.isdigit() else -1


@dataclass
class Lines:
    """The connections to one database; whoever takes one gives it back with nothing open."""

    engine: AsyncEngine
    free: list[Line] = field(default_factory=list)
    number: int = 0
    written: dict[Executable, Written] = field(default_factory=dict)

    @asynccontextmanager
    async def one(self) -> AsyncIterator[Line]:
        """Give a connection to whoever needs one."""
        line = self.free.pop() if self.free else await self._open()
        try:
            yield line
        finally:
            try:
                if line.driver.is_in_transaction():
                    await line.driver.execute("rollback")
            finally:
                if line.driver.is_closed():
                    self.number -= 1
                else:
                    self.free.append(line)

    async def _open(self) -> Line:
        # Opened by SQLAlchemy, which sets up its session and types.
        owner = await self.engine.connect()
        driver: Any = (await owner.get_raw_connection()).driver_connection
        await driver.execute(SAME_PLANS)
        self.number += 1
        return Line(owner, driver)

    def write(self, statement: Executable) -> Written:
        """Compile a statement, once."""
        if statement not in self.written:
            compiled: Any = statement.compile(dialect=self.engine.dialect)  # type: ignore[attr-defined]
            assert not compiled._bind_processors
            typed = statement.selected_columns if isinstance(statement, TextualSelect) else ()
            processors = {one.name: one.type.result_processor(self.engine.dialect, None) for one in typed}
            self.written[statement] = Written(compiled.string, tuple(compiled.positiontup or ()), processors)
        return self.written[statement]

    async def close(self) -> None:
        """Give all connections back to SQLAlchemy."""
        for line in self.free:
            await line.owner.close()


class StraightConnection:
    """What a transaction needs of a connection; `before` is called before every statement."""

    def __init__(self, lines: Lines, line: Line, before: Callable[[], None]) -> None:
        self.lines = lines
        self.line = line
        self.before = before
        self.driver_connection = line.driver

    async def execute(self, statement: Executable, parameters: Mapping[str, Any] | None = None) -> Found:
        self.before()
        return await self.line.run(self.lines.write(statement), parameters or {})

    @asynccontextmanager
    async def begin_nested(self) -> AsyncIterator[None]:
        self.before()
        await self.line.driver.execute("savepoint nested")
        try:
            yield
        except Exception:
            await self.line.driver.execute("rollback to savepoint nested")
            raise
        await self.line.driver.execute("release savepoint nested")

    async def get_raw_connection(self) -> StraightConnection:
        return self

    async def commit(self) -> None:
        await self.line.driver.execute("commit")


def _live() -> None:
    """Whoever only looks never dies."""


@dataclass(frozen=True)
class Straight:
    """What a `Database` and the log need of an engine; `alone`: statements outside of `begin` are transactions."""

    lines: Lines
    before: Callable[[], None] = _live
    alone: bool = False

    def execution_options(self, *, isolation_level: str) -> Straight:
        assert isolation_level == "AUTOCOMMIT"
        return replace(self, alone=True)

    @asynccontextmanager
    async def connect(self) -> AsyncIterator[StraightConnection]:
        async with self.lines.one() as line:
            if not self.alone:
                await line.driver.execute("begin")
            yield StraightConnection(self.lines, line, self.before)

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[StraightConnection]:
        async with self.connect() as connection:
            yield connection
            self.before()
            await connection.commit()
