"""Official scores of the national pay-roll: everybody scored once with the set of decree 335/2025.

    python -m benchmarks.payroll [--people 256685] [--json FILE]

A real PostgreSQL (the embedded one) holds the replicas of the scoring service: people, one month of work items
and six or eight stated facts of each. Filling them is not measured. Measured is the official run as the service makes
it: reading, building the cases, scoring in worker processes, storing score, whole explanation and case, and writing
the events into the outbox. Publishing them from there is the relay's work and not part of it.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import resource
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from benchmarks.bus.processes import cpu_seconds, family
from benchmarks.officials import AS_OF, CAMPAIGN, PAYROLL, PEOPLE_OF_A_UNIT, PERIOD, SET, Official, officials, unit_of
from thidua.contracts import Campaign, Unit
from thidua_runtime.clock import SystemClock
from thidua_runtime.collector import spare_collector
from thidua_runtime.database import Database, open_database
from thidua_runtime.host import SERVER_SETTINGS
from thidua_runtime.migrate import migrate
from thidua_runtime.postgres import prepare_server, socket_url, start_postgres
from thidua_runtime.settings import Settings
from thidua_scoring.commands import official
from thidua_scoring.commands.sets import register_installed
from thidua_scoring.scorer.official import advance
from thidua_scoring.scorer.turn import Scorer
from thidua_scoring.scorer.workers import Workers
from thidua_scoring.service import SERVICE
from thidua_scoring.workplace import workplace_of

ROWS_AT_ONCE: Final = 5_000
CUT: Final = datetime(2026, 2, 6, tzinfo=UTC)
LATER: Final = datetime(2026, 2, 7, tzinfo=UTC)
FILL: Final = """
insert into {table} (key, version, deleted, body)
select key, 1, false, cast(body as jsonb) from unnest(cast(:keys as text[]), cast(:bodies as text[])) as n (key, body)
"""


async def fill(database: Database, people: int) -> None:
    """Put the replicas of that many people, their units and their campaign into a database."""
    units = [unit_of(number) for number in range(0, people, PEOPLE_OF_A_UNIT)]
    async with database.transaction() as tx:
        await tx.execute(text(FILL.format(table="replica_units")), keys=units, bodies=[_unit(one) for one in units])
        await tx.execute(text(FILL.format(table="replica_campaigns")), keys=[CAMPAIGN], bodies=[_campaign(units)])
        await tx.execute(text("insert into campaign_day values (:campaign, :day)"), campaign=CAMPAIGN, day=AS_OF)
        for model in SERVICE.follows:
            await tx.execute(
                text("insert into thidua.heartbeat values (:stream, 0, :at)"), stream=model.stream, at=LATER
            )
    generated = officials(people)
    while portion := list(islice(generated, ROWS_AT_ONCE)):
        await _fill_people(database, portion)
    async with database.engine.connect() as connection:
        alone = await connection.execution_options(isolation_level="AUTOCOMMIT")
        for statement in ("vacuum analyze", "checkpoint"):
            await alone.execute(text(statement))


async def _fill_people(database: Database, portion: Sequence[Official]) -> None:
    facts = [fact for one in portion for fact in one.facts]
    tables = {
        "replica_people": [(f"{one.unit}/{one.id}", one.person) for one in portion],
        "replica_monthly_results": [month for one in portion for month in one.months],
        "replica_facts": facts,
    }
    async with database.transaction() as tx:
        for table, rows in tables.items():
            keys, bodies = [key for key, _ in rows], [body for _, body in rows]
            await tx.execute(text(FILL.format(table=table)), keys=keys, bodies=bodies)


def _unit(name: str) -> str:
    code = {"code": name.upper(), "valid_from": "2020-01-01"}
    given = {"id": name, "name": f"Đơn vị {name}", "kind": "phong", "codes": [code], "valid_from": "2020-01-01"}
    return Unit.model_validate(given).model_dump_json()


def _campaign(units: Sequence[str]) -> str:
    given = {
        "id": CAMPAIGN, "code": CAMPAIGN, "title": "Theo dõi, đánh giá công chức năm 2026", "year": 2026,
        "starts_on": "2026-01-01", "ends_on": "2026-12-31", "participants": units,
        "registration_due": "2026-03-31",
        "criteria_sets": [{"id": SET, "version": "1.0.0", "subject_kind": "individual"}],
    }  # fmt: skip
    return Campaign.model_validate(given).model_dump_json()


async def score_payroll(database: Database, server: int) -> dict[str, Any]:
    """Make the official scores of the month; return the figures. `server`: the process of PostgreSQL."""
    await register_installed(database)
    workers = Workers(database.settings)
    scorer = Scorer(database, workers)
    workplace_of(database).apart = workers
    spare_collector()
    begun, before = time.perf_counter(), _cpu(server)
    try:
        async with database.transaction("benchmark") as tx:
            await official.ask(tx, CAMPAIGN, PERIOD, CUT)
        await advance(scorer)
        seconds = time.perf_counter() - begun
        spent = {name: round(after - before[name], 1) for name, after in _cpu(server).items()}
    finally:
        workers.close()
    async with database.transaction() as tx:
        found = await official.status(tx, CAMPAIGN, PERIOD)
    if found["state"] != "done" or found["not_scored"]:
        raise RuntimeError(f"the run did not score everybody: {found['state']}, {found['not_scored']} not scored")
    scored = found["scored"]
    return {"people": scored, "seconds": round(seconds, 1), "people_per_second": round(scored / seconds), **spent}


def _cpu(server: int) -> dict[str, float]:
    service, workers = os.getpid(), [pid for pid in family(os.getpid()) if pid != os.getpid()]
    return {
        "service_cpu_s": cpu_seconds(service),
        "workers_cpu_s": sum(map(cpu_seconds, workers)),
        "postgres_cpu_s": sum(map(cpu_seconds, family(server))),
    }


async def measure(people: int, folder: Path) -> dict[str, Any]:
    """Fill a new database and score; return the figures."""
    socket = await asyncio.to_thread(start_postgres, folder)
    await prepare_server(socket, ["thidua_scoring"], SERVER_SETTINGS)
    url = socket_url(socket, "thidua_scoring")
    engine = create_async_engine(url)
    await migrate(engine, SERVICE)
    await engine.dispose()
    database = open_database(url, SERVICE, Settings(), SystemClock())
    try:
        begun = time.perf_counter()
        await fill(database, people)
        print(f"filled in {time.perf_counter() - begun:.0f} s", file=sys.stderr)
        server = int((folder / "postmaster.pid").read_text().split()[0])
        return {**await score_payroll(database, server), **await _stored(database)}
    finally:
        await database.close()


async def _stored(database: Database) -> dict[str, Any]:
    rows = await database.alone(
        text("select pg_total_relation_size('score') as scores, pg_total_relation_size('case_store') as cases")
    )
    return {
        "cores": os.cpu_count(),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "score_bytes": rows[0].scores,
        "case_bytes": rows[0].cases,
    }


def main() -> None:
    """Read the options, measure, print."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--people", type=int, default=PAYROLL)
    options.add_argument("--json", type=Path, metavar="FILE", help="keep the figures")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        found = asyncio.run(measure(chosen.people, Path(folder) / "postgres"))
    print("  ".join(f"{name} {figure:,}" for name, figure in found.items()))
    if chosen.json:
        chosen.json.write_text(json.dumps(found, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
