"""How a service's own tables hold the states that it publishes: read out as a whole, and taken over from the stream."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from thidua_runtime.database import Transaction

ReadOut = Callable[[Transaction], AsyncIterator[Sequence[Any]]]
"""Yields, in portions, every state of one stream as the tables hold it: what a published stream must say."""

TakeOver = Callable[[Transaction, Sequence[Any], Sequence[str]], Awaitable[None]]
"""Writes states that were published later than the tables know, and deletes what these keys named."""


async def take_nothing(tx: Transaction, states: Sequence[Any], gone: Sequence[str]) -> None:
    """Take nothing over: what the stream says is derived, and comes out again of what it is derived from."""


@dataclass(frozen=True)
class Keeping:
    """One owned stream in the tables of its owner."""

    read: ReadOut
    take: TakeOver = take_nothing
