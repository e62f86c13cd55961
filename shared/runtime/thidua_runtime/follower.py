"""A follower: one service following one stream, with its limit of bad events and its visible state."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import Final

import structlog
from sqlalchemy import text

from thidua_runtime.bus import Bus, Reading
from thidua_runtime.clock import wall_clock
from thidua_runtime.consume import Flood, Inlet, consume, open_inlet, patiently, stored_positions
from thidua_runtime.database import Database
from thidua_runtime.metrics import Meters, Sample
from thidua_runtime.records import Positions, Record

LOOK_BACK: Final = 1000
STATES: Final = ("catching_up", "running", "waiting_database", "stopped")
OUTCOMES: Final = ("applied", "stale", "dead_letter")

STOP: Final = text("""
insert into thidua.follower as f (stream, stopped_because) values (:stream, :why)
    on conflict (stream) do update set stopped_because = excluded.stopped_because, changed_at = clock_timestamp()
""")
# Resuming allows as many bad events again as a whole look-back holds: whoever resumes has read the letters.
RESUME: Final = text("""
update thidua.follower set stopped_because = null, changed_at = clock_timestamp()
 where stream = :stream and stopped_because is not null
""")
STOPPED: Final = text("select stopped_because from thidua.follower where stream = :stream")

log = structlog.get_logger()


class Follower:
    """Follows one stream until cancelled; stops by itself when too many events are bad."""

    def __init__(self, database: Database, meters: Meters, stream: str) -> None:
        self.database = database
        self.meters = meters
        self.stream = stream
        self.state = "catching_up"
        self.known_lag = 0
        self._looked = False
        self.reading: Reading | None = None
        self._inlet: Inlet | None = None
        self._busy_since: float | None = None
        self._held = False
        self._bad: deque[int] = deque(maxlen=LOOK_BACK)
        self._counted: dict[str, int] = {}
        for outcome in OUTCOMES:
            meters.count("thidua_events_consumed_total", 0, stream=stream, outcome=outcome)

    @property
    def busy_since(self) -> float | None:
        """Time of the event loop at which the batch in hand was begun; None while the database is away."""
        return None if self._inlet is not None and self._inlet.waits_for_database else self._busy_since

    @property
    def shown_state(self) -> str:
        """What a reader is told: with nothing left to apply a stream is running, though nothing has come yet."""
        if self._inlet is not None and self._inlet.waits_for_database:
            return "waiting_database"
        return "running" if self.state == "catching_up" and self._looked and not self.known_lag else self.state

    async def look(self) -> int | None:
        """Ask the bus how many records were not applied yet; None before it is attached."""
        if self.reading is None:
            return None
        self.known_lag, self._looked = await self.reading.lag(), True
        return self.known_lag

    async def open(self, bus: Bus) -> Reading:
        """Attach to the bus at the stored positions."""
        self._inlet = await open_inlet(self.database, self.stream)
        self._inlet.bad_at_once = self.database.settings.dead_letter_limit
        self.reading = await bus.reading(self.database.service.name, self.stream, self._stored, self._deliver)
        return self.reading

    def hold(self) -> None:
        """Take no further batch; the one in hand is finished. Ends with the cancelling of `run`."""
        self._held = True

    async def run(self) -> None:
        """Deliver until cancelled."""
        assert self.reading is not None
        await self.reading.run()

    def samples(self) -> list[Sample]:
        """Return state and lag for a scrape."""
        state = self.shown_state
        states = [
            Sample("thidua_follower_state", {"stream": self.stream, "state": name}, int(name == state))
            for name in STATES
        ]
        return [*states, Sample("thidua_consumer_lag_events", {"stream": self.stream}, self.known_lag)]

    async def _stored(self) -> Positions:
        return await patiently(lambda: stored_positions(self.database, self.stream), self._note_waiting)

    async def _deliver(self, records: Sequence[Record]) -> None:
        assert self._inlet is not None
        if self.state in {"catching_up", "stopped"}:
            await self._wait_while_stopped()
        pending, step = tuple(records), len(records)
        while pending:
            if self._held:
                # Nothing of it is lost: what was not applied is read again by whoever follows next.
                await asyncio.Event().wait()
            # Once something was bad, small steps: the follower then stops close to its limit, not a batch later.
            size = min(step, LOOK_BACK // 10) if sum(self._bad) else step
            if await self._consume(pending[:size]):
                pending = pending[size:]
            else:
                step = max(1, size // 2)
            if sum(self._bad) >= self.database.settings.dead_letter_limit:
                await self._stop()
                await self._wait_while_stopped()
        self.state = "running"

    async def _consume(self, part: tuple[Record, ...]) -> bool:
        """Return whether all of `part` is done with; else less must be taken at once."""
        assert self._inlet is not None
        self._busy_since = asyncio.get_running_loop().time()
        before = self._inlet.outcomes["dead_letter"]
        try:
            self._note(len(part), await consume(self._inlet, part))
        except Flood:
            set_aside = self._inlet.outcomes["dead_letter"] - before
            self._note(set_aside, set_aside)
            return False
        finally:
            self._busy_since = None
        return True

    def _note(self, total: int, bad: int) -> None:
        self._bad.extend([0] * min(max(total - bad, 0), LOOK_BACK))
        self._bad.extend([1] * min(bad, LOOK_BACK))
        assert self._inlet is not None
        for outcome, count in self._inlet.outcomes.items():
            new = count - self._counted.get(outcome, 0)
            if new:
                self.meters.count("thidua_events_consumed_total", new, stream=self.stream, outcome=outcome)
        self._counted = dict(self._inlet.outcomes)

    async def _stop(self) -> None:
        why = f"{sum(self._bad)} of the last {len(self._bad)} events were bad"
        await patiently(lambda: self._write_stop(why), self._note_waiting)
        log.error(
            "follower stopped", stream=self.stream, why=why, at=wall_clock().isoformat(),
            action="read the dead letters, mend the cause, then `thidua follower resume`",
        )  # fmt: skip

    def _note_waiting(self, waiting: bool) -> None:
        if self._inlet is not None:
            self._inlet.note_waiting(waiting)

    async def _write_stop(self, why: str) -> None:
        async with self.database.transaction() as tx:
            await tx.execute(STOP, stream=self.stream, why=why)

    async def _is_stopped(self) -> bool:
        async with self.database.transaction() as tx:
            row = await tx.row(STOPPED, stream=self.stream)
        return row is not None and row.stopped_because is not None

    async def _wait_while_stopped(self) -> None:
        while await patiently(self._is_stopped, self._note_waiting):
            self.state = "stopped"
            await asyncio.sleep(0.5)
        if self.state == "stopped":
            self._bad.clear()
            self.state = "catching_up"


async def resume(database: Database, stream: str) -> bool:
    """Let a stopped follower go on; return False when it was not stopped."""
    async with database.transaction() as tx:
        return await tx.execute(RESUME, stream=stream) > 0
