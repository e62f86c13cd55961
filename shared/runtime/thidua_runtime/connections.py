"""Engines that leave no connection behind, whenever the task that opened it was cancelled."""

from __future__ import annotations

from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

_open: WeakKeyDictionary[Any, set[Any]] = WeakKeyDictionary()


def open_engine(url: str, **options: Any) -> AsyncEngine:
    """Create an engine; close it with `close_engine`."""
    # The connection used last is taken first: the others come into being only when many are needed at once.
    engine = create_async_engine(url, pool_use_lifo=True, **options)
    connections: set[Any] = set()
    _open[engine.sync_engine] = connections

    def opened(connection: Any, record: Any) -> None:
        # Looked at instead of counted off when closed: a close can be cancelled as well.
        connections.difference_update([each for each in connections if each.driver_connection.is_closed()])
        connections.add(connection)

    # Before SQLAlchemy's own listeners, which ask the new connection for its types: cancelled there, it would
    # be in no pool and nobody would close it.
    event.listen(engine.sync_engine, "first_connect", opened, insert=True)
    event.listen(engine.sync_engine, "connect", opened, insert=True)
    return engine


def commits(write_behind: bool) -> dict[str, str]:
    """Return the server settings of a connection whose commits need not wait for the disk."""
    return {"synchronous_commit": "off"} if write_behind else {}


async def close_engine(engine: AsyncEngine) -> None:
    """Close all connections, those that were never handed over too."""
    await engine.dispose()
    for connection in _open.pop(engine.sync_engine, ()):
        if not connection.driver_connection.is_closed():
            connection.driver_connection.terminate()
