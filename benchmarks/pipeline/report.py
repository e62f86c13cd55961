"""Whether a run came out right, its table, and its figures as JSON."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import asyncpg
from rich.console import Console
from rich.table import Table

from benchmarks.bus.postgres import SETTINGS, Server
from benchmarks.pipeline.course import Course
from benchmarks.pipeline.phases import Phase, service_of
from thidua_sample.generate.campaign import YEAR

FROM_TASKS: Final = "tasks"
"""The phase in which the events begin to flow; all before it is what an organisation has done already."""

SET_ASIDE: Final = "select (select count(*) from thidua.dead_letter) + (select count(*) from thidua.parked)"
EXPECTED: Final = {
    "monitoring": {
        "tasks stored": "select count(*) from task",
        "counters that differ from the recount": "select coalesce(sum(differing), 0) from recount",
        "months closed": "select count(*) from month_period where state = 'closed'",
    },
    "scoring": {
        "subjects with an official score": f"""
select count(distinct subject) from score where lane = 'official' and period = '{YEAR}'
""",
    },
    "awards": {"subjects with a recommendation": "select count(distinct subject) from recommendation"},
}


async def check(course: Course, server: Server) -> dict[str, int]:
    """Return what was counted at the end; raises SystemExit where it is not what it must be."""
    found: dict[str, int] = {}
    for name, room in course.house.rooms.items():
        connection = await asyncpg.connect(server.url(room.database))
        try:
            found[f"set aside by {name}"] = await connection.fetchval(SET_ASIDE)
            for what, statement in EXPECTED.get(name, {}).items():
                found[what] = int(await connection.fetchval(statement))
        finally:
            await connection.close()
    larger = course.larger
    subjects = len(larger.copies) + len(larger.year.people)
    wanted = {
        "tasks stored": larger.tasks, "counters that differ from the recount": 0, "months closed": 12,
        "subjects with an official score": subjects,
        **{f"set aside by {name}": 0 for name in course.house.rooms},
    }  # fmt: skip
    wrong = [f"{what}: {found[what]:,} instead of {right:,}" for what, right in wanted.items() if found[what] != right]
    if wrong or not found["subjects with a recommendation"]:
        raise SystemExit("; ".join(wrong) or "nobody has a recommendation")
    return found


def figures(course: Course, counted: dict[str, int]) -> dict[str, Any]:
    """Return what is kept of a run."""
    phases = course.phases.found
    seconds = sum(phase.seconds for phase in _from_tasks(phases))
    return {
        "units": len(course.larger.year.units),
        "people": len(course.larger.year.people),
        "tasks": course.larger.tasks,
        "events": course.events,
        "intake_seconds": round(course.intake_seconds, 1),
        "intake_events_per_s": round(course.events / course.intake_seconds),
        "seconds": round(seconds, 1),
        "events_per_s": round(course.events / seconds),
        "counted": counted,
        "peak_mb": {group.name: round(group.peak_mb) for group in course.phases.groups},
        "phases": [phase.figures() for phase in phases],
    }


def keep(found: dict[str, Any], path: Path) -> None:
    """Write the figures."""
    path.write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n", "utf-8")


def show(course: Course, found: dict[str, Any]) -> None:
    """Print the phases, the statements that took longest, and how it went on the whole."""
    console = Console(width=150)
    console.print("PostgreSQL: " + ", ".join(f"{name}={value}" for name, value in SETTINGS.items()))
    phases = course.phases.found
    for phase in phases:
        for one in phase.statements:
            console.print(f"{phase.name}, {service_of(one.database)}: {one}", highlight=False, markup=False)
    console.print(_table(phases))
    peaks = ", ".join(f"{name} {size:,}" for name, size in found["peak_mb"].items())
    console.print(
        f"{os.cpu_count()} cores; peak MB: {peaks}; " + ", ".join(f"{w} {n:,}" for w, n in found["counted"].items())
    )
    console.print(
        f"{found['events']:,} events of {found['tasks']:,} tasks: taken and published by monitoring in "
        f"{found['intake_seconds']:,} s ({found['intake_events_per_s']:,} events/s); from `tasks` to "
        f"`recommendations` in {found['seconds']:,} s ({found['events_per_s']:,} events/s)"
    )


def _from_tasks(phases: Sequence[Phase]) -> Sequence[Phase]:
    first = next(number for number, phase in enumerate(phases) if phase.name == FROM_TASKS)
    return phases[first:]


def _table(phases: Sequence[Phase]) -> Table:
    table = Table(title="CPU seconds of each process, and states published by all services")
    table.add_column("phase", no_wrap=True)
    for heading in ("s", *phases[0].cpu, "states"):
        table.add_column(heading, justify="right", no_wrap=True)
    for phase in phases:
        states = f"{sum(phase.published.values()):,}"
        table.add_row(phase.name, f"{phase.seconds:.1f}", *(f"{used:.1f}" for used in phase.cpu.values()), states)
    return table
