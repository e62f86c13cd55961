"""What a transaction publishes, and in which order it reaches the outbox."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import text

from thidua.contracts import Unit
from thidua_runtime.database import Database

from .small import outbox, unit

pytestmark = pytest.mark.anyio


async def test_state_and_outbox_row_are_written_together_or_not_at_all(database: Database) -> None:
    async def write_and_fail() -> None:
        async with database.transaction() as tx:
            tx.publish([unit("a")])
            await tx.flush()
            raise RuntimeError("after the flush")

    with pytest.raises(RuntimeError):
        await write_and_fail()
    async with database.transaction() as tx:
        assert await outbox(tx) == []
        assert await tx.rows(text("select * from thidua.published")) == []


async def test_an_unchanged_body_is_not_published_again(database: Database) -> None:
    for title in ("Vụ Đất đai", "Vụ Đất đai", "Vụ Pháp chế"):
        async with database.transaction() as tx:
            tx.publish([unit("a", title)])
    async with database.transaction() as tx:
        rows = await outbox(tx)
    assert len(rows) == 2
    assert rows[0][1] < rows[1][1]


async def test_of_two_states_of_one_key_in_a_transaction_the_last_is_published(database: Database) -> None:
    async with database.transaction() as tx:
        tx.publish([unit("a", "Một"), unit("b"), unit("a", "Hai")])
    async with database.transaction() as tx:
        rows = await outbox(tx)
    assert [(key, "Hai" in body) for key, _, body in rows] == [("a", True), ("b", False)]


async def test_a_withdrawn_key_leaves_a_tombstone_and_may_come_back(database: Database) -> None:
    async with database.transaction() as tx:
        tx.publish([unit("a")])
    async with database.transaction() as tx:
        tx.withdraw(Unit, ["a"])
    async with database.transaction() as tx:
        tx.publish([unit("a")])
    async with database.transaction() as tx:
        rows = await outbox(tx)
    assert [body is None for _, _, body in rows] == [False, True, False]
    assert [version for _, version, _ in rows] == sorted(version for _, version, _ in rows)


async def test_concurrent_transactions_on_one_key_publish_in_the_order_of_the_lock(database: Database) -> None:
    holds, may_go = asyncio.Event(), asyncio.Event()

    async def first() -> None:
        async with database.transaction() as tx:
            tx.publish([unit("a", "Một")])
            await tx.flush()
            holds.set()
            await may_go.wait()

    async def second() -> None:
        async with database.transaction() as tx:
            tx.publish([unit("a", "Hai"), unit("b", "Hai")])

    one = asyncio.create_task(first())
    await holds.wait()
    two = asyncio.create_task(second())
    await asyncio.sleep(0.2)
    assert not two.done()
    may_go.set()
    await asyncio.gather(one, two)
    async with database.transaction() as tx:
        rows = [(version, "Hai" in body) for key, version, body in await outbox(tx) if key == "a"]
    assert [late for _, late in sorted(rows)] == [False, True]


async def test_a_gap_of_ids_that_fills_later_is_not_skipped(database: Database) -> None:
    holds, may_go = asyncio.Event(), asyncio.Event()

    async def slow() -> None:
        async with database.transaction() as tx:
            tx.publish([unit("slow")])
            await tx.flush()
            holds.set()
            await may_go.wait()

    task = asyncio.create_task(slow())
    await holds.wait()
    async with database.transaction() as tx:
        tx.publish([unit("quick")])
    async with database.transaction() as tx:
        assert [key for key, _, _ in await outbox(tx)] == ["quick"]
        await tx.execute(text("delete from thidua.outbox"))
    may_go.set()
    await task
    async with database.transaction() as tx:
        assert [key for key, _, _ in await outbox(tx)] == ["slow"]


async def test_transactions_that_publish_the_same_keys_never_deadlock(database: Database) -> None:
    async def publish(number: int) -> None:
        names = [f"u{n}" for n in range(50)]
        async with database.transaction() as tx:
            tx.publish([unit(name, f"Lần {number}") for name in (names if number % 2 else names[::-1])])

    await asyncio.gather(*(publish(number) for number in range(12)))
    async with database.transaction() as tx:
        row = await tx.row(text("select count(*) as n from thidua.published"))
    assert row is not None
    assert row.n == 50
