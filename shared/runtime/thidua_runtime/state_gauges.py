"""State gauges that every service has: outbox, dead letters, heartbeats, jobs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import text

from thidua_runtime.database import Transaction
from thidua_runtime.metrics import Sample

REASONS: Final = ("decode", "contract", "refused", "too_large", "reference")

# What another version of this service has heard on a stream that this one does not follow grows old in its table.
STATE: Final = text("""
select 'outbox' as what, '' as a, '' as b, coalesce(sum(cardinality(keys)), 0)::float8 as value,
       extract(epoch from min(created_at))::float8 as since
  from thidua.outbox where kind = 'states'
union all
select 'dead', stream, reason, count(*), null from thidua.dead_letter where state = 'waiting' group by 2, 3
union all
select 'heartbeat', stream, '', extract(epoch from min(departed_at)), null from thidua.heartbeat
 where stream = any(cast(:followed as text[])) group by 2
union all
select 'job', name, '', extract(epoch from max(finished_at)),
       (array_agg(extract(epoch from finished_at - started_at) order by finished_at desc))[1]
  from thidua.job_run where finished_at is not null and error is null group by 2
union all
select 'parked', stream, '', count(*), null from thidua.parked
 where since < clock_timestamp() - make_interval(hours => :grace_hours) group by 2
""")


async def runtime_gauges(tx: Transaction) -> Sequence[Sample]:
    """Return outbox, dead-letter, heartbeat and job gauges of one service in one query."""
    followed = [model.stream for model in tx.service.follows]
    rows = await tx.rows(STATE, grace_hours=tx.settings.reference_grace_hours, followed=followed)
    dead = {(model.stream, reason): 0.0 for model in tx.service.follows for reason in REASONS}
    samples: list[Sample] = []
    for row in rows:
        if row.what == "dead":
            dead[row.a, row.b] = dead.get((row.a, row.b), 0) + row.value
        elif row.what == "parked":
            dead[row.a, "reference"] = dead.get((row.a, "reference"), 0) + row.value
        else:
            samples.extend(_samples(row.what, row.a, row.value, row.since))
    samples.extend(
        Sample("thidua_dead_letters", {"stream": stream, "reason": reason}, value)
        for (stream, reason), value in dead.items()
    )
    return samples


def _samples(what: str, name: str, value: float, since: float | None) -> list[Sample]:
    if what == "outbox":
        oldest = [] if since is None else [Sample("thidua_outbox_oldest_timestamp_seconds", {}, since)]
        return [Sample("thidua_outbox_events", {}, value), *oldest]
    if what == "heartbeat":
        return [Sample("thidua_heartbeat_timestamp_seconds", {"stream": name}, value)]
    duration = [Sample("thidua_job_last_duration_seconds", {"job": name}, since or 0)]
    return [Sample("thidua_job_last_success_timestamp_seconds", {"job": name}, value), *duration]
