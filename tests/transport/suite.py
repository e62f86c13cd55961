"""What every transport owes; each transport inherits these tests with its own `open_world`."""

from __future__ import annotations

import asyncio

import pytest

from thidua_runtime.errors import RelayFenced

from .world import Shelf, Store, World, record

pytestmark = pytest.mark.anyio


class TransportPromises:
    """Publishing and reading, without any service."""

    async def test_records_of_one_key_arrive_in_the_order_they_were_published(self, world: World) -> None:
        async with world.bus() as bus:
            publisher, shelf = await bus.publisher("registration"), Shelf()
            for start in range(0, 300, 60):
                await publisher.publish([record(f"s{n % 7}/2022", str(n).encode()) for n in range(start, start + 60)])
            async with shelf.read(bus):
                pass
            for key in set(shelf.keys()):
                bodies = [int(r.body or b"") for r in shelf.records if r.key == key.encode()]
                assert bodies == sorted(bodies)
            assert len(shelf.records) == 300
            await publisher.close()

    async def test_what_was_published_survives_a_process_that_dies_right_after(self, world: World) -> None:
        async with world.bus() as dying:
            publisher = await dying.publisher("registration")
            await publisher.publish([record("a/2022", b"1")])
            shelf = Shelf()
            async with world.bus() as other, shelf.read(other):
                assert shelf.keys() == ["a/2022"]
            await publisher.close()

    async def test_a_reader_killed_after_its_transaction_gets_nothing_twice(self, world: World) -> None:
        shelf = Shelf(broken_after=RuntimeError("killed before the transport was told"))
        async with world.bus() as bus:
            await world.feed([record(f"s{n}/2022", b"{}") for n in range(50)])
            with pytest.raises(RuntimeError):
                await _read_until_it_ends(shelf, bus)
        shelf.broken_after = None
        async with world.bus() as bus, shelf.read(bus):
            assert sorted(shelf.keys()) == sorted(f"s{n}/2022" for n in range(50))

    async def test_a_reader_killed_before_its_transaction_gets_everything_again(self, world: World) -> None:
        shelf = Shelf(broken=RuntimeError("killed before the commit"))
        async with world.bus() as bus:
            await world.feed([record(f"s{n}/2022", b"{}") for n in range(50)])
            with pytest.raises(RuntimeError):
                await _read_until_it_ends(shelf, bus)
            assert shelf.records == []
        shelf.broken = None
        async with world.bus() as bus, shelf.read(bus):
            assert len(shelf.records) == 50

    async def test_an_older_publisher_is_fenced_and_leaves_nothing_behind(self, world: World) -> None:
        async with world.bus() as bus:
            old = await bus.publisher("registration")
            await old.publish([record("a/2022", b"1")])
            new = await bus.publisher("registration")
            await new.publish([record("a/2022", b"2")])
            with pytest.raises(RelayFenced):
                await old.publish([record("a/2022", b"1")])
            shelf = Shelf()
            async with shelf.read(bus):
                assert [r.body for r in shelf.records] == [b"1", b"2"]
            await new.close()

    async def test_publishers_of_two_services_do_not_fence_each_other(self, world: World) -> None:
        async with world.bus() as bus:
            one, two = await bus.publisher("registration"), await bus.publisher("awards")
            await one.publish([record("a/2022", b"1")])
            await two.publish([record("b/2022", b"2")])
            await one.publish([record("c/2022", b"3")])
            shelf = Shelf()
            async with shelf.read(bus):
                assert sorted(shelf.keys()) == ["a/2022", "b/2022", "c/2022"]
            await one.close()
            await two.close()

    async def test_a_tombstone_arrives_without_body_with_its_key_and_version(self, world: World) -> None:
        async with world.bus() as bus:
            publisher, shelf = await bus.publisher("registration"), Shelf()
            await publisher.publish([record("a/2022", b"{}"), record("a/2022", None, version=7)])
            async with shelf.read(bus):
                last = shelf.records[-1]
            assert (last.body, last.key, last.header("version")) == (None, b"a/2022", "7")
            await publisher.close()

    async def test_a_late_follower_reads_from_the_start_of_the_stream(self, world: World) -> None:
        async with world.bus() as bus:
            early, late = Shelf(), Shelf()
            await world.feed([record(f"s{n}/2022", b"{}") for n in range(20)])
            async with early.read(bus, "monitoring"):
                pass
            async with late.read(bus, "awards"):
                assert sorted(late.keys()) == sorted(early.keys())
                assert len(late.records) == 20

    async def test_reach_end_waits_for_a_slow_delivery_and_lag_then_is_zero(self, world: World) -> None:
        shelf = Shelf(seconds=0.3)
        async with world.bus() as bus:
            await world.feed([record(f"s{n}/2022", b"{}") for n in range(30)])
            async with shelf.read(bus) as reading:
                assert len(shelf.records) == 30
                assert await reading.lag() == 0
                await world.feed([record("late/2022", b"{}")])
                assert await reading.lag() == 1
                await reading.reach_end()
                assert (len(shelf.records), await reading.lag()) == (31, 0)

    async def test_reach_end_returns_after_transactions_and_empty_streams_too(self, world: World) -> None:
        async with world.bus() as bus:
            async with Shelf().read(bus) as reading:
                assert await reading.lag() == 0
                publisher = await bus.publisher("registration")
                for n in range(3):
                    await publisher.publish([record(f"s{n}/2022", b"{}")])
                await publisher.publish([])
                async with asyncio.timeout(10):
                    await reading.reach_end()
                assert await reading.lag() == 0
            await publisher.close()

    async def test_a_record_reaches_the_partition_that_it_names(self, world: World) -> None:
        async with world.bus() as bus:
            publisher, shelf = await bus.publisher("registration"), Shelf()
            numbers = range(await publisher.partitions("ratings"))
            await publisher.publish([record(f"~heartbeat/{n}", b"{}", partition=n) for n in numbers])
            async with shelf.read(bus):
                assert {(r.partition, (r.key or b"").decode()) for r in shelf.records} == {
                    (n, f"~heartbeat/{n}") for n in numbers
                }
            await publisher.close()

    async def test_everything_gives_the_whole_stream_and_moves_no_position(self, world: World) -> None:
        async with world.bus() as bus:
            await world.feed([record(f"s{n}/2022", b"{}") for n in range(40)])
            assert len(await bus.everything("ratings")) == 40
            shelf = Shelf()
            async with shelf.read(bus):
                assert len(shelf.records) == 40

    async def test_two_readers_of_one_service_share_the_partitions(self, world: World) -> None:
        store = Store()
        one, two = Shelf(store=store), Shelf(store=store)
        async with world.bus() as first, world.bus() as second, one.read(first), two.read(second):
            await world.feed([record(f"s{n}/2022", b"{}") for n in range(60)])
            async with asyncio.timeout(20):
                while len(one.records) + len(two.records) < 60:  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
            assert sorted(one.keys() + two.keys()) == sorted(f"s{n}/2022" for n in range(60))
            assert one.records
            assert two.records


async def _read_until_it_ends(shelf: Shelf, bus: object) -> None:
    reading = await bus.reading("echo", shelf.stream, shelf.stored, shelf.deliver)  # type: ignore[attr-defined]
    async with asyncio.timeout(20):
        await reading.run()
