"""One relay at a time: the lease, and what a relay without it may still do."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress

import pytest
from sqlalchemy import text

from thidua_runtime.bus import Bus
from thidua_runtime.database import Database
from thidua_runtime.errors import TakenOver
from thidua_runtime.records import Outgoing
from thidua_runtime.relay import FENCED_TIMES, LEASE_SECONDS, Relay, outgoing
from thidua_runtime.testing import SuiteFactory

from .small import SMALL, outbox, unit

pytestmark = pytest.mark.anyio

OPEN_TRANSACTIONS = text("""
select count(*) as number from pg_stat_activity
 where datname = current_database() and pid <> pg_backend_pid() and xact_start is not null
   and backend_type = 'client backend'
""")
EXPIRE = text("update thidua.lease set expires_at = clock_timestamp() - interval '1 second'")


class Kept:
    """A publisher that keeps what it is given."""

    def __init__(self) -> None:
        self.records: list[Outgoing] = []

    async def publish(self, records: Sequence[Outgoing]) -> None:
        self.records += records

    async def partitions(self, stream: str) -> int:
        return 3

    async def close(self) -> None:
        return


def relay(database: Database) -> tuple[Relay, Kept]:
    bus: Bus = None  # type: ignore[assignment]
    made, kept = Relay(database, bus), Kept()
    made._publisher = kept
    return made, kept


async def test_a_second_relay_gets_the_lease_only_after_it_expired(database: Database) -> None:
    (one, _), (two, _) = relay(database), relay(database)
    assert await one._hold_lease()
    assert not await two._hold_lease()
    assert await one._hold_lease()
    async with database.transaction() as tx:
        await tx.execute(EXPIRE)
    assert await two._hold_lease()
    assert not await one._hold_lease()
    assert LEASE_SECONDS >= 5


async def test_a_lease_given_back_is_free_at_once(database: Database) -> None:
    (one, _), (two, _) = relay(database), relay(database)
    assert await one._hold_lease()
    await one._give_back()
    assert await two._hold_lease()


async def test_rows_are_deleted_after_their_acknowledgement_by_the_holder(database: Database) -> None:
    one, kept = relay(database)
    await one._hold_lease()
    async with database.transaction() as tx:
        tx.publish([unit("a"), unit("b")])
    await one._publish_all()
    assert [record.key for record in kept.records] == ["a", "b"]
    async with database.transaction() as tx:
        assert await outbox(tx) == []


async def test_no_transaction_is_open_in_the_database_while_the_relay_sends(database: Database) -> None:
    one, kept = relay(database)
    await one._hold_lease()
    async with database.transaction() as tx:
        tx.publish([unit("a")])
    found: list[int] = []

    async def look_and_keep(records: Sequence[Outgoing]) -> None:
        found.append((await database.alone(OPEN_TRANSACTIONS))[0].number)
        kept.records += records

    kept.publish = look_and_keep  # type: ignore[method-assign]
    await one._publish_all()
    assert (len(kept.records), found) == (1, [0])


async def test_a_relay_that_lost_its_lease_deletes_nothing_its_successor_must_send(database: Database) -> None:
    (old, unsent), (new, sent) = relay(database), relay(database)
    await old._hold_lease()
    async with database.transaction() as tx:
        tx.publish([unit("a")])
        await tx.execute(EXPIRE)
    assert await new._hold_lease()
    await old._publish_all()
    await new._publish_all()
    assert ([record.key for record in sent.records], unsent.records) == (["a"], [])


async def test_a_service_that_runs_again_on_another_database_ends_with_a_sentence(suite: SuiteFactory) -> None:
    async with suite(SMALL) as running:
        one = running.suite.services["small"]
        for number in range(100):
            # What the other instance's relay does whenever it begins anew.
            await running.bus.publisher("small")
            async with running.transaction("small") as tx:
                tx.publish([unit(f"u{number}")])
            with suppress(TimeoutError):
                await asyncio.wait_for(one.ended.wait(), 0.2)
                break
        assert isinstance(one.failed, TakenOver)
        assert str(one.failed).startswith("Another instance of small took over")


async def test_a_relay_fenced_by_an_instance_that_shares_its_lease_waits_for_its_turn(database: Database) -> None:
    (old, _), (new, _) = relay(database), relay(database)
    await old._hold_lease()
    async with database.transaction() as tx:
        await tx.execute(EXPIRE)
    await new._hold_lease()
    for _ in range(2 * FENCED_TIMES):
        await old._note_fencing()


async def test_heartbeats_go_to_every_partition_and_do_not_pile_up(database: Database) -> None:
    one, kept = relay(database)
    await one._hold_lease()
    for _ in range(5):
        await one.write_heartbeats()
    async with database.transaction() as tx:
        rows = await tx.rows(text("select partition from thidua.outbox where kind = 'heartbeat'"))
    assert len(rows) == 6
    assert {row.partition for row in rows} == {0, 1, 2}
    await one._publish_all()
    assert {record.partition for record in kept.records} == {0, 1, 2}


async def test_a_published_record_carries_its_version_in_header_and_body(database: Database) -> None:
    async with database.transaction() as tx:
        tx.publish([unit("a")])
    async with database.transaction() as tx:
        row = await tx.row(text("select * from thidua.outbox"))
    assert row is not None
    (record,) = outgoing(row)
    headers = dict(record.headers)
    assert headers["version"] == str(row.versions[0]).encode()
    assert headers["ce_type"] == b"thidua.units"
    assert (record.body or b"").startswith(f'{{"version":{row.versions[0]},'.encode())
