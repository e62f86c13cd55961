"""The database of one service, and its transactions: state and outbox change together or not at all."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final, Protocol

import orjson
from sqlalchemy import Executable, Row, TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from thidua.contracts import State
from thidua_runtime.clock import Clock
from thidua_runtime.connections import close_engine, commits, open_engine
from thidua_runtime.metrics import Meters
from thidua_runtime.outbox import PUBLISH, PUBLISH_ANEW
from thidua_runtime.records import Arrival, Outgoing, Record
from thidua_runtime.settings import Settings

# A stream that is read again from its beginning brings the same events: one that waits, or was discarded, stays so.
REFUSE: Final = text("""
insert into thidua.dead_letter (stream, partition, record_offset, key, aggregate, version, source, reason, sentence,
                                headers, body, body_hash, body_length)
select :stream, :partition, :offset, cast(:key as bytea), :aggregate, :version, :source, :reason, :sentence,
       cast(:headers as jsonb), cast(:body as bytea), cast(:body_hash as bytea), :body_length
 where not exists (
       select from thidua.dead_letter
        where stream = :stream and partition = :partition and record_offset = :offset
          and body_hash = cast(:body_hash as bytea) and state in ('waiting', 'discarded'))
""")

PARK: Final = text("""
insert into thidua.parked (stream, partition, record_offset, key, aggregate, version, waits_for, source, headers, body)
values (:stream, :partition, :offset, :key, :aggregate, :version, :waits_for, :source, cast(:headers as jsonb), :body)
    on conflict (stream, aggregate) do update
       set version = excluded.version, waits_for = excluded.waits_for, headers = excluded.headers,
           body = excluded.body, record_offset = excluded.record_offset
     where excluded.version >= parked.version
""")

UNPARK: Final = text("""
delete from thidua.parked where waits_for = any(cast(:references as text[]))
returning stream, partition, record_offset, key, aggregate, version, headers, body
""")

REACH_DISK: Final = text("select set_config('synchronous_commit', 'on', true)")
# A transaction that wrote nothing waits for nothing; the message is read by nobody.
ALL_ON_DISK: Final = text(
    "select set_config('synchronous_commit', 'on', true), pg_logical_emit_message(true, 'thidua', '')"
)

# A batch of thousands of records is sorted and grouped in memory; with 4 MB it goes through files. What is asked for
# lies in memory: with the costs of a turning disk, tables were read through for a few rows, and sorted instead of read
# in order.
_SESSION: Final = {"jit": "off", "work_mem": "32MB", "random_page_cost": "1.1"}


class Owner(Protocol):
    """The service that a database belongs to, as far as what works on the database needs to know it.

    `thidua_runtime.service.Service` is one; it stands above this module and imports it.
    """

    @property
    def name(self) -> str:
        """Return the service's name."""
        ...

    @property
    def owns(self) -> tuple[type[State], ...]:
        """Return the streams that only this service publishes."""
        ...

    @property
    def follows(self) -> Mapping[type[State], tuple[Callable[..., Awaitable[Any]], ...]]:
        """Return the handlers of each followed stream."""
        ...

    @property
    def by_stream(self) -> Mapping[str, tuple[type[State], tuple[Callable[..., Awaitable[Any]], ...]]]:
        """Return the same by the stream's name."""
        ...

    @property
    def side_by_side(self) -> tuple[type[State], ...]:
        """Return the streams of which two halves may be applied at the same time."""
        ...

    @property
    def before_heartbeat(self) -> Callable[[Database], Awaitable[None]] | None:
        """Return what publishes everything that was put off."""
        ...


WriteAtEnd = Callable[["Transaction", list[Any]], Awaitable[None]]
"""Writes what a transaction collected, sorted, right before its commit."""


class Transaction:
    """One PostgreSQL transaction of one service. What `publish` takes goes to the outbox at commit."""

    def __init__(self, database: Database, connection: AsyncConnection, actor: str) -> None:
        self.database = database
        self.service = database.service
        self.settings = database.settings
        self.clock = database.clock
        self.connection = connection
        self.actor = actor
        self._outgoing: dict[tuple[str, str], State | None] = {}
        self._counts: list[tuple[str, int, dict[str, str]]] = []
        self._at_end: dict[WriteAtEnd, set[Any]] = {}
        self._after_commit: list[Callable[[], None]] = []
        self._has_published = False

    async def rows(self, statement: Executable, **parameters: Any) -> Sequence[Row[Any]]:
        """Run a statement with named parameters and return all rows."""
        return (await self.connection.execute(statement, parameters)).fetchall()

    async def row(self, statement: Executable, **parameters: Any) -> Row[Any] | None:
        """Run a statement and return its first row, or None."""
        return (await self.connection.execute(statement, parameters)).first()

    async def page(
        self, statement: Executable, limit: int, offset: int, **parameters: Any
    ) -> tuple[Sequence[Row[Any]], int]:
        """Return a page of rows and how many there are in all, which the statement says in its column `total`.

        Behind the last page there is no row to say so: the first one is asked.
        """
        rows = await self.rows(statement, limit=limit, offset=offset, **parameters)
        told = rows or (await self.rows(statement, limit=1, offset=0, **parameters) if offset else ())
        return rows, told[0].total if told else 0

    async def portions(self, statement: Executable, size: int, **parameters: Any) -> AsyncIterator[Sequence[Row[Any]]]:
        """Run a statement and yield its rows, at most `size` at once; other statements may run between."""
        result = await self.connection.stream(statement, parameters)
        async for portion in result.partitions(size):
            yield portion

    async def execute(self, statement: Executable, **parameters: Any) -> int:
        """Run a statement and return the number of rows it changed."""
        return (await self.connection.execute(statement, parameters)).rowcount

    async def copy(self, table: str, columns: Sequence[str], portions: AsyncIterator[bytes]) -> None:
        """Store rows given as PostgreSQL's binary COPY format; what fails takes back these rows alone.

        Raises the driver's own errors: they have an SQLSTATE as all do.
        """
        async with self.connection.begin_nested():
            raw = await self.connection.get_raw_connection()
            driver: Any = raw.driver_connection
            await driver.copy_to_table(table, source=portions, columns=columns, format="binary")

    def publish(self, states: Iterable[State]) -> None:
        """Publish states of streams this service owns; the last one per key wins, unchanged ones are dropped."""
        for state in states:
            self._outgoing[state.stream, state.key] = state

    async def publish_by(self, statement: Executable, **parameters: Any) -> Sequence[Row[Any]]:
        """Run a statement that publishes by itself (`outbox.SEND`); only `at_end`, behind what `publish` collected."""
        self._has_published = True
        return await self.rows(statement, **parameters)

    @property
    def is_publishing(self) -> bool:
        """Whether anything was published so far, or waits for the end and so may publish."""
        return bool(self._outgoing or self._at_end or self._has_published)

    def withdraw(self, model: type[State], keys: Iterable[str]) -> None:
        """Publish tombstones: what these keys named exists no more."""
        for key in keys:
            self._outgoing[model.stream, key] = None

    def count(self, name: str, amount: int = 1, **labels: str) -> None:
        """Add to a Prometheus counter of this process, once the transaction is committed."""
        self._counts.append((name, amount, labels))

    def report_counts(self) -> None:
        """Pass on what was counted; called once, right after the commit."""
        if self.database.meters is not None:
            for name, amount, labels in self._counts:
                self.database.meters.count(name, amount, **labels)
        self._counts.clear()

    async def lag(self, *streams: str) -> int:
        """Return how many records of these streams this process has not applied yet; 0 outside a running service."""
        return 0 if self.database.lag is None else await self.database.lag(streams)

    def at_end(self, write: WriteAtEnd, items: Iterable[Any]) -> None:
        """Collect items; right before the commit `write` gets all of them once, sorted.

        So rows that many transactions write are taken in one order, however often each of them asked.
        """
        self._at_end.setdefault(write, set()).update(items)

    async def reach_disk(self) -> None:
        """Let the commit wait until it is on the disk, and with it all that was committed before on this server."""
        if self.database.write_behind:
            await self.execute(REACH_DISK)

    def after_commit(self, call: Callable[[], None]) -> None:
        """Call this once the transaction is committed; an error before that forgets it."""
        self._after_commit.append(call)

    async def refuse(self, arrival: Arrival[Any], reason: str, sentence: str, source: str = "") -> None:
        """Put one event among the dead letters; its neighbours are not affected."""
        await refuse_record(
            self,
            arrival.record,
            reason,
            sentence,
            aggregate=arrival.key,
            version=arrival.version,
            source=source,
        )

    async def park(self, arrival: Arrival[Any], waits_for: str, source: str = "") -> None:
        """Keep an event until what it names arrives; `waits_for` is `stream/name`, such as `units/stnmt-01`.

        Whoever looked for it and did not find it must hold a lock that whoever unparks takes alone: otherwise the
        reference may arrive in between, and the event waits for ever.
        """
        record = arrival.record
        await self.execute(
            PARK, stream=record.stream, partition=record.partition, offset=record.offset, key=record.key,
            aggregate=arrival.key, version=arrival.version, waits_for=waits_for, source=source,
            headers=headers_json(record), body=arrival.body,
        )  # fmt: skip

    async def unpark(self, references: Iterable[str]) -> list[Record]:
        """Take back the events that waited for these references, to be handled again in this transaction."""
        rows = await self.rows(UNPARK, references=sorted(set(references)))
        return [
            Record(row.stream, row.partition, row.record_offset, row.key, headers_of(row.headers), row.body, 0)
            for row in rows
        ]

    async def flush(self) -> bool:
        """Run what waits for the end, then write what was published; return whether anything was."""
        for write, items in self._at_end.items():
            if items:
                await write(self, sorted(items))
        self._at_end.clear()
        if not self._outgoing:
            return self._has_published
        await self._write(PUBLISH)
        return True

    async def publish_anew(self) -> None:
        """Write what was published under new versions, whether or not it differs from what was published before."""
        if self._outgoing:
            await self._write(PUBLISH_ANEW)

    async def _write(self, statement: Executable) -> None:
        ordered = sorted(self._outgoing.items())
        texts = [written(state) for _, state in ordered]
        await self.execute(
            statement,
            streams=[stream for (stream, _), _ in ordered],
            keys=[key for (_, key), _ in ordered],
            partition_keys=[state.partition_key if state else key.split("/", 1)[0] for (_, key), state in ordered],
            bodies=[body for body, _ in texts],
            digests=[digest for _, digest in texts],
        )
        self._outgoing.clear()


class Database:
    """The database of one service: an engine, and the transactions that belong to it."""

    def __init__(
        self, engine: AsyncEngine, service: Owner, settings: Settings, clock: Clock, *, write_behind: bool = False
    ) -> None:
        self.engine = engine
        self.write_behind = write_behind
        self._alone = engine.execution_options(isolation_level="AUTOCOMMIT")
        self.service = service
        self.settings = settings
        self.clock = clock
        self.published = asyncio.Event()
        # Both come with the running service; commands that only open a database have neither.
        self.meters: Meters | None = None
        self.lag: Callable[[Sequence[str]], Awaitable[int]] | None = None

    @asynccontextmanager
    async def transaction(self, actor: str = "") -> AsyncIterator[Transaction]:
        """Open a transaction; it commits with its outbox rows at the end, or leaves no trace after an error."""
        async with self.engine.begin() as connection:
            tx = Transaction(self, connection, actor or self.service.name)
            yield tx
            published = await tx.flush()
        tx.report_counts()
        if published:
            self.published.set()
        for call in tx._after_commit:
            call()

    async def alone(self, statement: Executable, **parameters: Any) -> Sequence[Row[Any]]:
        """Run one statement as a transaction of its own and return its rows: one round trip instead of three."""
        async with self._alone.connect() as connection:
            result = await connection.execute(statement, parameters)
            return result.fetchall() if result.returns_rows else ()

    async def reach_disk(self) -> None:
        """Return once all that was committed before on this server is on the disk."""
        if self.write_behind:
            await self.alone(ALL_ON_DISK)

    async def close(self) -> None:
        """Close all connections."""
        await close_engine(self.engine)


def open_database(
    url: str, service: Owner, settings: Settings, clock: Clock, *, write_behind: bool = False
) -> Database:
    """Prepare the database of `service`; the first transaction connects.

    `write_behind`: commits do not wait for the disk, unless a transaction asks for it. Only where all databases and
    the log share a server, whose write-ahead log keeps them in step, and whoever works with them ends with it.
    """
    engine = open_engine(
        url,
        pool_size=settings.database_pool_size,
        max_overflow=0,
        # Bodies come back as the JSON text they are: whoever reads one knows its model.
        json_deserializer=str,
        connect_args={
            "server_settings": _SESSION | {"application_name": f"thidua-{service.name}"} | commits(write_behind)
        },
    )
    return Database(engine, service, settings, clock, write_behind=write_behind)


async def refuse_record(
    tx: Transaction,
    record: Record,
    reason: str,
    sentence: str,
    *,
    aggregate: str | None = None,
    version: int | None = None,
    source: str = "",
) -> None:
    """Write a dead letter; of a secret task only hash and length are kept."""
    body = record.body or b""
    await tx.execute(
        REFUSE, stream=record.stream, partition=record.partition, offset=record.offset, key=record.key,
        aggregate=aggregate, version=version, source=source, reason=reason,
        sentence=sentence.replace("\x00", "\\u0000")[:2000], headers=headers_json(record),
        body=None if is_secret(record) else record.body, body_hash=hashlib.sha256(body).digest(),
        body_length=len(body),
    )  # fmt: skip


def is_secret(record: Record) -> bool:
    """Whether a task's body says that it is secret, as far as it can be read."""
    if record.stream != "tasks" or not record.body or b"secret" not in record.body:
        return False
    try:
        found = orjson.loads(record.body)
    except orjson.JSONDecodeError:
        return True
    return not isinstance(found, dict) or bool(found.get("secret", True))


def headers_json(record: Record | Outgoing) -> str:
    """Return the headers as a JSON list of pairs; bytes that are not UTF-8 are escaped."""
    pairs = [[_stored(name), _stored(value.decode("utf-8", "backslashreplace"))] for name, value in record.headers]
    return orjson.dumps(pairs).decode()


def headers_of(stored: str) -> tuple[tuple[str, bytes], ...]:
    """Return headers from their stored JSON."""
    return tuple((name, value.encode()) for name, value in orjson.loads(stored))


def _stored(value: str) -> str:
    return value.encode("utf-8", "backslashreplace").decode().replace("\x00", "\\x00")


def written(state: State | None) -> tuple[str | None, bytes | None]:
    """Return a body as it is kept, and its digest; what stamps a state (such as as_of) is in the body alone."""
    if state is None:
        return None, None
    body = state.model_dump_json(exclude={"version", *state.stamps})
    digest = hashlib.sha256(body.encode()).digest()[:16]
    if state.stamps:
        body = f"{body[:-1]},{state.model_dump_json(include=set(state.stamps))[1:]}"
    return body, digest


__all__ = ["Database", "TextClause", "Transaction", "open_database", "refuse_record", "written"]
