"""What a service tells about streams that only another version of it follows."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from thidua_runtime.database import Database
from thidua_runtime.state_gauges import runtime_gauges

pytestmark = pytest.mark.anyio

HEARD = text("""
insert into thidua.heartbeat (stream, partition, departed_at)
select stream, 0, '2022-03-01 08:00+07' from unnest(array['tasks', 'erasures']) as s (stream)
""")


async def test_a_stream_that_this_version_does_not_follow_is_never_told_as_late(database: Database) -> None:
    async with database.transaction() as tx:
        await tx.execute(HEARD)
        samples = await runtime_gauges(tx)
    told = [sample.labels["stream"] for sample in samples if sample.name == "thidua_heartbeat_timestamp_seconds"]
    assert told == ["tasks"]
