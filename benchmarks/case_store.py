"""How large the stored cases of official scores are: 20,000 people, every month, quarter and the year of 2026.

    python -m benchmarks.case_store [--people 20000] [--scored 1000] [--json FILE]

The cases of so many generated people (`--scored`) are built, hashed and compressed as the service does it and stored
in the table of the service, in a real PostgreSQL. The size of table and index is taken times the share of people.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from benchmarks.officials import FRAME, PLACE, SET, Official, officials
from thidua.criteria.periods import period
from thidua_runtime.clock import SystemClock
from thidua_runtime.database import open_database
from thidua_runtime.migrate import migrate
from thidua_runtime.postgres import prepare_server, socket_url, start_postgres
from thidua_runtime.settings import Settings
from thidua_scoring.domain.cases import Wanted
from thidua_scoring.domain.material import Material, PartScore
from thidua_scoring.domain.outcomes import Outcome, SetUsed
from thidua_scoring.domain.reads import reads_of
from thidua_scoring.domain.scoring import Order, load, score_order
from thidua_scoring.queries.writing import store_cases
from thidua_scoring.service import SERVICE

YEAR: Final = period("2026")
MONTHS: Final = [month.name for month in YEAR.parts("month")]
PERIODS: Final = [*MONTHS, *(quarter.name for quarter in YEAR.parts("quarter")), YEAR.name]
FRAME_OF_THE_YEAR: Final = replace(FRAME, as_of=date(2027, 1, 20))
PORTION: Final = 50


def outcomes_of(people: int) -> Iterator[list[Outcome]]:
    """Score everybody in every period, a few people at a time."""
    criteria_set = load(PLACE)
    used = SetUsed(SET, criteria_set.version, criteria_set.artefact)
    reads, known = reads_of(criteria_set), frozenset(criteria_set.parameters)
    generated = list(officials(people, MONTHS))
    for first in range(0, people, PORTION):
        materials = [_material(one) for one in generated[first : first + PORTION]]
        items = tuple((one, Wanted(name, "official", reads, known)) for one in materials for name in PERIODS)
        yield score_order(Order(PLACE, used, items))


def _material(one: Official) -> Material:
    # The year is made of the months' official totals; which ones they are changes the size of no case.
    parts = tuple(PartScore(name, "complete", "81.25") for name in MONTHS)
    months, facts = (tuple(body for _, body in pairs) for pairs in (one.months, one.facts))
    return Material(
        FRAME_OF_THE_YEAR, one.id, "individual", one.unit, None, one.person, months=months, facts=facts, parts=parts
    )


async def measure(people: int, scored: int, folder: Path) -> dict[str, Any]:
    """Store the cases of `scored` people; return the figures for `people`."""
    socket = await asyncio.to_thread(start_postgres, folder)
    await prepare_server(socket, ["thidua_scoring"], {})
    url = socket_url(socket, "thidua_scoring")
    engine = create_async_engine(url)
    await migrate(engine, SERVICE)
    await engine.dispose()
    database = open_database(url, SERVICE, Settings(), SystemClock())
    try:
        for outcomes in outcomes_of(scored):
            async with database.transaction("benchmark") as tx:
                await store_cases(tx, outcomes)
        stored = text("select count(*) as cases, pg_total_relation_size('case_store') as size from case_store")
        row = (await database.alone(stored))[0]
    finally:
        await database.close()
    total = row.size * people // scored
    return {
        "people": people, "cases": row.cases * people // scored, "bytes_per_case": row.size // row.cases,
        "megabytes": total // 1_000_000,
    }  # fmt: skip


def main() -> None:
    """Read the options, measure, print."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--people", type=int, default=20_000)
    options.add_argument("--scored", type=int, default=1_000, help="people whose cases are really stored")
    options.add_argument("--json", type=Path, metavar="FILE", help="keep the figures")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        found = asyncio.run(measure(chosen.people, chosen.scored, Path(folder) / "postgres"))
    print("  ".join(f"{name} {figure:,}" for name, figure in found.items()))
    if chosen.json:
        chosen.json.write_text(json.dumps(found, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
