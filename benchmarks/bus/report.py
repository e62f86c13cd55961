"""The table of a benchmark run, and its figures as JSON."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from pathlib import Path
from statistics import median
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from benchmarks.bus.course import Run
from benchmarks.bus.events import PEOPLE_PER_UNIT, UNITS
from benchmarks.bus.postgres import SETTINGS

YARDSTICK: Final = "limit"
HEADINGS: Final = (
    "contestant", "processes", "events/s", "of limit", "CPU s/million", "× limit", "peak MB", "p50 ms", "p99 ms",
)  # fmt: skip


def keep(runs: Sequence[Run], path: Path) -> None:
    """Write the medians as a list of objects; a disqualified contestant has no line."""
    path.write_text(json.dumps(figures(runs), indent=2) + "\n", "utf-8")


def figures(runs: Sequence[Run]) -> list[dict[str, Any]]:
    """Return the medians per contestant, number of processes and mix."""
    return [_medians(list(group)) for _, group in groupby(sorted(_right(runs), key=_place), key=_place)]


def show(runs: Sequence[Run], events: int) -> None:
    """Print what was measured under which settings, a table per mix, and who was disqualified."""
    console = Console(width=120)
    settings = ", ".join(f"{name}={value}" for name, value in SETTINGS.items())
    console.print(
        f"\n{events:,} events, {UNITS:,} units × 12 months, {PEOPLE_PER_UNIT} people each; {os.cpu_count()} cores, "
        f"{platform.python_implementation()} {platform.python_version()}\nPostgreSQL: {settings}"
    )
    for mix, lines in groupby(figures(runs), key=lambda line: line["mix"]):
        console.print(_table(mix, list(lines)))
    for run in runs:
        if run.race.wrong:
            console.print(f"disqualified: {run.contestant.name} ({run.mix}): {run.race.wrong[0]}")


def _table(mix: str, lines: Sequence[dict[str, Any]]) -> Table:
    table = Table(title=f"mix {mix}")
    for heading in HEADINGS:
        table.add_column(heading, justify="left" if heading == "contestant" else "right")
    best = next((line for line in lines if line["contestant"] == YARDSTICK and line["processes"] == 1), None)
    for line in lines:
        table.add_row(
            line["contestant"], str(line["processes"]),
            f"{line['events_per_s']:,}", _ratio(line, best, "events_per_s"),
            f"{line['cpu_s_per_million']:,.1f}", _ratio(line, best, "cpu_s_per_million"), f"{line['peak_mb']:,}",
            *("–" if line[name] is None else f"{line[name]:g}" for name in ("p50_ms", "p99_ms")),
        )  # fmt: skip
    return table


def _ratio(line: dict[str, Any], best: dict[str, Any] | None, name: str) -> str:
    return "–" if best is None else f"{line[name] / best[name]:.2f}"


def _medians(runs: Sequence[Run]) -> dict[str, Any]:
    return {
        "contestant": runs[0].contestant.name,
        "processes": runs[0].contestant.processes,
        "mix": runs[0].mix,
        "events_per_s": round(median(run.race.events_per_s for run in runs)),
        "cpu_s_per_million": round(median(run.race.cpu_s_per_million for run in runs), 1),
        "peak_mb": round(median(run.race.peak_mb for run in runs)),
        "p50_ms": _median_of(runs, lambda run: run.p50_ms),
        "p99_ms": _median_of(runs, lambda run: run.p99_ms),
    }


def _median_of(runs: Iterable[Run], figure: Callable[[Run], float | None]) -> float | None:
    found = [value for value in map(figure, runs) if value is not None]
    return round(median(found), 1) if found else None


def _right(runs: Iterable[Run]) -> list[Run]:
    return [run for run in runs if not run.race.wrong]


def _place(run: Run) -> tuple[str, str, int]:
    return run.mix, run.contestant.name, run.contestant.processes
