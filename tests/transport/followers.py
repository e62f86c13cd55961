"""What a service owes whichever transport it follows: nothing lost, nothing twice, bad events set aside."""

from __future__ import annotations

import asyncio
import random
from dataclasses import replace

import pytest
from msgspec import structs

from thidua.contracts import Rating, TaskReport
from thidua_runtime import consume, replicas
from thidua_runtime.errors import UnexpectedFailure
from thidua_runtime.follower import resume
from thidua_runtime.records import Outgoing, Record
from thidua_runtime.state_gauges import runtime_gauges
from thidua_runtime.testing import outgoing_state

from .echo import ECHO, echo_ratings, keep_units, rating, task, unit
from .world import World, calm, cuttable, record, until, within

pytestmark = pytest.mark.anyio

A_TASK = task("good").model_dump_json()
A_RATING = rating("ai-do", "u-1").model_dump_json()

# What is wrong, the record, the reason that its dead letter must give.
BAD_EVENTS = {
    "not JSON": (record("u-1", b"{not json", "tasks"), "decode"),
    "not even text": (record("u-1", b"\xff\xfe\x00", "tasks"), "decode"),
    "empty body": (record("u-1", b"", "tasks"), "decode"),
    "a number": (record("u-1", b"12", "tasks"), "contract"),
    "a list": (record("u-1", b"[]", "tasks"), "contract"),
    "wrong type": (record("u-1", A_TASK.replace('"2022-03-31"', '"soon"').encode(), "tasks"), "contract"),
    "missing field": (record("u-1", b'{"source":"x","source_id":"1"}', "tasks"), "contract"),
    "negative version": (record("u-1", A_TASK.replace('"version":1', '"version":-1').encode(), "tasks"), "contract"),
    "version as text": (record("u-1", A_TASK.replace('"version":1', '"version":"x"').encode(), "tasks"), "contract"),
    "title of 30,000 letters": (record("u-1", task("t", title="đ" * 19_999).model_dump_json()
                                       .replace("đđ", "đđđ").encode(), "tasks"), "contract"),
    "title of a megabyte": (record("u-1", A_TASK.replace('"title":null', f'"title":"{"x" * 1_000_000}"')
                                   .encode(), "tasks"), "too_large"),
    "lone surrogate": (record("u-1", A_TASK.replace('"title":null', '"title":"\\ud800"').encode(), "tasks"), "decode"),
    "U+0000": (record("u-1", A_TASK.replace('"title":null', '"title":"a\\u0000b"').encode(), "tasks"), "contract"),
    "two documents": (record("u-1", f"{A_TASK},{A_TASK}".encode(), "tasks"), "decode"),
    "body of another key": (record("other/2022", A_RATING.encode()), "contract"),
    "tombstone without version": (record("a/2022", None, version="soon"), "contract"),
    "tombstone of an inbox": (record("u-1", None, "tasks"), "contract"),
    "refused by the database": (record("u-1", task("r", title="fail: refused").model_dump_json().encode(), "tasks"),
                                "refused"),
}  # fmt: skip


class FollowerPromises:
    """Bad events, failures and kills, seen at the echo service."""

    async def test_every_kind_of_bad_event_is_set_aside_and_its_neighbours_are_applied(self, world: World) -> None:
        await world.send(unit("u-1"))
        for number, (bad, _) in enumerate(BAD_EVENTS.values()):
            await world.send(task(f"before-{number}"), rating(f"before-{number}", "u-1"))
            await world.feed([bad])
            await world.send(task(f"after-{number}"), rating(f"after-{number}", "u-1"))
        async with world.service() as echo:
            await calm(echo)
            await world.send(task("moving"))
            await calm(echo)
        letters = await world.letters()
        found = sorted((letter.stream, letter.reason, letter.body_length) for letter in letters)
        wanted = sorted((bad.stream, reason, len(bad.body or b"")) for bad, reason in BAD_EVENTS.values())
        assert found == wanted
        assert all(letter.sentence for letter in letters)
        seen = await world.seen()
        for number in range(len(BAD_EVENTS)):
            for name in (f"before-{number}", f"after-{number}"):
                assert seen[f"tasks:van-phong/{name}:1"] == 1
                assert seen[f"ratings:{name}/2022:1"] == 1
        assert seen["tasks:van-phong/moving:1"] == 1

    async def test_a_header_that_is_not_text_harms_no_good_event(self, world: World) -> None:
        odd = (("version", b"1"), ("trace", b"\xff\xfe"), ("trace", b"\x00"), ("ce_type", b"\xff"))
        await world.feed([structs.replace(outgoing_state(task(n)), headers=odd) for n in range(3)])
        await world.feed([record("u-1", b"{", "tasks", headers=odd)])
        async with world.service() as echo:
            await calm(echo)
        assert sum((await world.seen()).values()) == 3
        assert [letter.reason for letter in await world.letters()] == ["decode"]

    async def test_a_poisoned_event_amid_a_thousand_costs_only_itself(self, world: World) -> None:
        await world.send(*(task(n, of=f"u-{n % 9}", title="fail: refused" if n == 500 else None) for n in range(1000)))
        async with world.service() as echo:
            await calm(echo)
        seen = await world.seen()
        assert len(seen) == 999
        assert set(seen.values()) == {1}
        assert [(letter.reason, letter.state) for letter in await world.letters()] == [("refused", "waiting")]

    async def test_an_older_version_changes_nothing_and_is_no_error(self, world: World) -> None:
        await world.send(unit("u-1"), rating("an", "u-1", version=5))
        async with world.service() as echo:
            await calm(echo)
            await world.send(rating("an", "u-1", version=4))
            await calm(echo)
        rows = await world.rows("select version from replica_ratings")
        assert [row.version for row in rows] == [5]
        assert await world.letters() == []

    async def test_a_tombstone_deletes_and_an_older_state_does_not_bring_back(self, world: World) -> None:
        await world.send(unit("u-1"), rating("an", "u-1", version=5))
        async with world.service() as echo:
            await calm(echo)
            await world.feed([record("an/2022", None, version=6)])
            await calm(echo)
            await world.send(rating("an", "u-1", version=5))
            await calm(echo)
            reminders = await echo.bus.everything("reminders")
        assert [(r.version, r.deleted) for r in await world.rows("select version, deleted from replica_ratings")] == [
            (6, True)
        ]
        assert [r.body is None for r in reminders if (r.key or b"").startswith(b"an/")] == [False, True]

    async def test_a_flood_of_bad_events_stops_the_follower_until_it_is_resumed(self, world: World) -> None:
        await world.send(*(task(f"good-{n}") for n in range(100)))
        await world.feed([record("u-1", b"{", "tasks") for _ in range(400)])
        async with world.service(dead_letter_limit=50) as echo:
            follower = echo.followers["tasks"]
            await until(lambda: _is_state(follower, "stopped"))
            assert 50 <= len(await world.letters()) <= 100
            await world.send(unit("u-7"))
            await until(lambda: _was_seen(world, "units:u-7:1"))
            before = len(await world.letters())
            async with world.database() as database:
                assert await resume(database, "tasks")
            await until(lambda: _more_letters(world, before))

    async def test_a_stopped_follower_loses_nothing_once_it_goes_on(self, world: World) -> None:
        await world.feed([record("u-1", b"{", "tasks") for _ in range(60)])
        await world.send(*(task(f"good-{n}") for n in range(100)))
        async with world.service(dead_letter_limit=50, fetch_max_records=20) as echo:
            await until(lambda: _is_state(echo.followers["tasks"], "stopped"))
            async with world.database() as database:
                await resume(database, "tasks")
            await calm(echo)
        assert len(await world.letters()) == 60
        assert len(await world.seen()) == 100

    async def test_a_defect_in_a_handler_ends_the_service_and_loses_nothing(self, world: World) -> None:
        await world.send(*(task(n) for n in range(20)), task("bad", title="fail: handler"))
        with pytest.raises(UnexpectedFailure, match="the handler has a defect"):
            async with world.process() as echo:
                await within(calm(echo), echo)
        assert await world.letters() == []
        mended = replace(ECHO, follows={**ECHO.follows, TaskReport: (_count_only,)})
        async with world.process(service=mended) as echo:
            await within(echo.started.wait(), echo)
            await calm(echo)
        seen = await world.seen()
        assert len(seen) == 21
        assert set(seen.values()) == {1}

    async def test_an_error_of_the_program_stops_with_a_sentence_and_blames_no_event(self, world: World) -> None:
        await world.send(task("bad", title="fail: program"), task("good"))
        with pytest.raises(UnexpectedFailure, match="echo cannot go on with tasks"):
            async with world.process() as echo:
                await within(calm(echo), echo)
        assert await world.letters() == []
        assert await world.rows("select * from thidua.position where stream = 'tasks' and next_offset > 0") == []

    async def test_a_database_that_goes_away_is_waited_for_and_nothing_is_lost(self, world: World) -> None:
        await world.send(unit("u-1"))
        async with cuttable(world.url) as (line, url), world.process(url=url) as echo:
            await within(echo.started.wait(), echo)
            await calm(echo)
            await line.cut()
            await world.send(*(task(n) for n in range(30)), rating("an", "u-1"))
            await until(lambda: _waits(echo.followers["tasks"]))
            assert echo.failed is None
            assert echo.stuck() is None
            await line.mend()
            await until(lambda: _was_seen(world, "ratings:an/2022:1"))
            await calm(echo)
            assert len(await echo.bus.everything("reminders")) >= 1
        assert await world.letters() == []
        assert set((await world.seen()).values()) == {1}

    async def test_a_newer_version_closes_the_dead_letter_of_its_aggregate(self, world: World) -> None:
        await world.send(task("t", version=1, title="fail: refused"), task("other", title="fail: refused"))
        async with world.service() as echo:
            await calm(echo)
            await world.send(task("t", version=2))
            await calm(echo)
        states = {letter.aggregate: letter.state for letter in await world.letters()}
        assert states == {"van-phong/t": "superseded", "van-phong/other": "waiting"}

    async def test_what_names_an_unknown_unit_waits_and_is_applied_when_it_arrives(self, world: World) -> None:
        await world.send(rating("an", "u-later"), rating("binh", "u-never"))
        async with world.service() as echo:
            await calm(echo)
            assert [row.waits_for for row in await world.rows("select waits_for from thidua.parked order by 1")] == [
                "units/u-later", "units/u-never",
            ]  # fmt: skip
            await world.send(unit("u-later"))
            await calm(echo)
        assert (await world.seen())["ratings:an/2022:1"] == 1
        assert [row.waits_for for row in await world.rows("select waits_for from thidua.parked")] == ["units/u-never"]
        assert await world.letters() == []

    async def test_what_waits_beyond_the_grace_time_is_shown_as_a_letter_and_stops_no_follower(
        self, world: World
    ) -> None:
        await world.send(unit("u-1"), *(rating(f"s{n}", f"u-{n}") for n in range(5)))
        async with world.service(dead_letter_limit=2) as echo:
            await calm(echo)
            await world.rows("update thidua.parked set since = since - interval '25 hours' returning 1 as one")
            async with world.transaction() as tx:
                shown = {(s.labels.get("stream"), s.labels.get("reason")): s.value for s in await runtime_gauges(tx)}
            await world.send(rating("late", "u-1"))
            await calm(echo)
            assert "stopped" not in {follower.state for follower in echo.followers.values()}
        assert shown["ratings", "reference"] == 4
        assert (await world.seen())["ratings:late/2022:1"] == 1

    async def test_reference_streams_are_read_to_their_end_before_the_others(self, world: World) -> None:
        await world.send(*(rating(f"s{n}", f"u{n}") for n in range(40)))
        await world.send(*(unit(f"u{n}") for n in range(40)))
        async with world.service() as echo:
            await calm(echo)
        streams = [what.split(":")[0] for what in await world.seen()]
        assert streams == ["units"] * 40 + ["ratings"] * 40
        assert await world.rows("select * from thidua.parked") == []

    async def test_killed_at_any_moment_a_service_applies_every_event_once(self, world: World) -> None:
        await world.send(*(unit(f"u{n}") for n in range(9)))
        await world.send(*(rating(f"s{n}", f"u{n % 9}") for n in range(300)))
        await world.send(*(task(n, of=f"u{n % 9}") for n in range(700)))
        moments = random.Random(2022)
        for _ in range(6):
            async with world.process(fetch_max_records=40, relay_batch_rows=20):
                await asyncio.sleep(moments.uniform(0.05, 0.6))
        async with world.service() as echo:
            await calm(echo)
            reminders = await echo.bus.everything("reminders")
        seen = await world.seen()
        assert len(seen) == 9 + 300 + 700
        assert set(seen.values()) == {1}
        assert len({r.key for r in reminders if r.header("ce_type") == "thidua.reminders"}) == 300

    async def test_two_instances_that_both_believe_in_a_partition_apply_each_event_once(self, world: World) -> None:
        sent = [outgoing_state(task(n)) for n in range(60)]
        records = [_record(one, 0, offset) for offset, one in enumerate(sent)]
        async with world.database() as database:
            late, early = [await consume.open_inlet(database, "tasks") for _ in range(2)]
            await asyncio.gather(consume.consume(late, records[:40]), consume.consume(early, records[:50]))
            await consume.consume(early, records[50:])
            await consume.consume(late, records[30:50])
        assert list((await world.seen()).values()) == [1] * 60
        rows = await world.rows("select next_offset from thidua.position where stream = 'tasks'")
        assert [row.next_offset for row in rows] == [60]

    async def test_two_workers_with_the_same_keys_never_deadlock(self, world: World) -> None:
        async with world.database() as database, world.transaction() as tx:
            await replicas.keep(_units_batch(9), tx)
            await tx.connection.commit()
            bodies = [outgoing_state(rating(f"s{n}", f"u{n % 9}")) for n in range(200)]
            inlets = [await consume.open_inlet(database, "ratings") for _ in range(2)]
            await asyncio.gather(*(_apply_rounds(inlet, bodies, partition) for partition, inlet in enumerate(inlets)))
        row = (await world.rows("select deadlocks from pg_stat_database where datname = current_database()"))[0]
        assert row.deadlocks == 0


async def _count_only(batch: object, tx: object) -> None:
    from .echo import _count

    await _count(batch, tx)  # type: ignore[arg-type]


async def _is_state(follower: object, state: str) -> bool:
    return getattr(follower, "state", None) == state


async def _waits(follower: object) -> bool:
    samples = follower.samples()  # type: ignore[attr-defined]
    return any(s.labels.get("state") == "waiting_database" and s.value for s in samples)


async def _was_seen(world: World, what: str) -> bool:
    return what in await world.seen()


async def _more_letters(world: World, before: int) -> bool:
    return len(await world.letters()) > before


def _units_batch(number: int) -> object:
    from thidua_runtime.records import Arrival, Batch

    states = [unit(f"u{n}") for n in range(number)]
    return Batch("units", tuple(Arrival(u.key, 1, u, _record(outgoing_state(u), 0, 0)) for u in states))


def _record(sent: Outgoing, partition: int, offset: int) -> Record:
    return Record(sent.stream, partition, offset, sent.key.encode(), sent.headers, sent.body, 0)


async def _apply_rounds(inlet: consume.Inlet, sent: list[Outgoing], partition: int) -> None:
    for round_number in range(10):
        ordered = sent if (round_number + partition) % 2 else sent[::-1]
        first = round_number * len(sent)
        await consume.consume(inlet, [_record(one, partition, first + n) for n, one in enumerate(ordered)])


__all__ = ["FollowerPromises", "Rating", "echo_ratings", "keep_units"]
