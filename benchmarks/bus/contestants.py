"""Who takes part, how each is started, and when it is ready.

All read the same topic and write the same fields (`subject`, `month`, `due`, `on_time`, `late`) to the same one.
What a contestant of our own making is told stands in its environment as BENCH_….
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Final

from benchmarks.bus.broker import PARTITIONS, RESULTS, TASKS
from thidua_runtime.kafka.access import group_name, topic_name
from thidua_runtime.settings import Settings

ROOT: Final = Path(__file__).parents[2]
CACHE: Final = ROOT / ".cache" / "bus"
OTHER_PYTHON: Final = CACHE / "python" / "bin" / "python"
JARS: Final = CACHE / "kafka_streams"
READY: Final = "ready"
FIRST_PORT: Final = 18_400


@dataclass(frozen=True)
class Place:
    """What one run gives its contestant: topics and group (by `settings`), a database, a folder."""

    settings: Settings
    database: str
    folder: Path

    @property
    def group(self) -> str:
        """The consumer group of every contestant; for thidua it is the one it would take anyway."""
        return group_name(self.settings, "monitoring", TASKS)


@dataclass(frozen=True)
class Contestant:
    """A program in so many processes. `most_events`: more would take hours; `joins`: it joins a consumer group."""

    name: str
    command: tuple[str, ...]
    processes: int = 1
    needs_postgres: bool = True
    joins: bool = True
    most_events: int | None = None
    is_thidua: bool = False

    def environment(self, place: Place, number: int) -> dict[str, str]:
        """Return what one process of the contestant is told."""
        told = _told_thidua(place, number) if self.is_thidua else _told(place, number, self.processes)
        return {**os.environ, **told}


def _told(place: Place, number: int, count: int) -> dict[str, str]:
    return {
        "BENCH_SERVERS": place.settings.kafka_servers,
        "BENCH_TASKS": topic_name(place.settings, TASKS),
        "BENCH_RESULTS": topic_name(place.settings, RESULTS),
        "BENCH_PARTITIONS": str(PARTITIONS),
        "BENCH_GROUP": place.group,
        "BENCH_DATABASE": place.database,
        "BENCH_FOLDER": str(place.folder),
        "BENCH_INSTANCE": str(number),
        "BENCH_INSTANCES": str(count),
    }


def _told_thidua(place: Place, number: int) -> dict[str, str]:
    """Only where things are: every other setting is the one that thidua ships with."""
    return {
        "THIDUA_PROVINCE": place.settings.province,
        "THIDUA_KAFKA_SERVERS": place.settings.kafka_servers,
        "THIDUA_KAFKA_REPLICATION": "1",
        "THIDUA_DATABASE_URL": place.database,
        "THIDUA_HTTP_PORT": str(FIRST_PORT + 2 * number),
        "THIDUA_METRICS_PORT": str(FIRST_PORT + 2 * number + 1),
    }


_THIDUA: Final = Contestant(
    "thidua", (str(Path(sys.executable).with_name("thidua")), "run", "monitoring"), is_thidua=True
)
_LIMIT: Final = Contestant("limit", (str(OTHER_PYTHON), "-m", "benchmarks.bus.limit"), joins=False)
CONTESTANTS: Final = (
    _THIDUA,
    replace(_THIDUA, processes=2),
    _LIMIT,
    replace(_LIMIT, processes=2),
    Contestant(
        "kafka-streams",
        ("java", "-Xmx1g", "-cp", f"{JARS}/classes:{JARS}/jars/*", "vn.thidua.bench.Months"),
        needs_postgres=False,
    ),
    Contestant("quix", (str(OTHER_PYTHON), "-m", "benchmarks.bus.quix_months"), needs_postgres=False),
    Contestant(
        "faststream-documented", (str(OTHER_PYTHON), "-m", "benchmarks.bus.faststream_documented"), most_events=2_000
    ),
)
"""In the order in which they run."""


@dataclass
class Running:
    """The processes of a contestant; what they say is in the files of its folder."""

    contestant: Contestant
    place: Place
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)
    _open: ExitStack = field(default_factory=ExitStack)

    def __enter__(self) -> Running:
        self.place.folder.mkdir(parents=True, exist_ok=True)
        for number in range(self.contestant.processes):
            told = self.contestant.environment(self.place, number)
            self.processes.append(
                subprocess.Popen(self.contestant.command, env=told, cwd=ROOT, stdout=self._log(number), stderr=-2)
            )
        return self

    def __exit__(self, *_: object) -> None:
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            try:
                process.wait(40)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._open.close()

    @property
    def pids(self) -> Sequence[int]:
        """The ids of the processes."""
        return [process.pid for process in self.processes]

    def say_ready(self) -> int:
        """Return how many processes have said that they are ready."""
        return sum(READY in path.read_text("utf-8", "replace").split() for path in self._logs())

    def check_alive(self) -> None:
        """Raise RuntimeError with its last words when a process has ended."""
        for process, path in zip(self.processes, self._logs(), strict=True):
            if process.poll() is not None:
                words = path.read_text("utf-8", "replace")[-2000:]
                raise RuntimeError(f"{self.contestant.name} ended with {process.returncode}:\n{words}")

    def _logs(self) -> list[Path]:
        return [self.place.folder / f"{number}.log" for number in range(self.contestant.processes)]

    def _log(self, number: int) -> IO[bytes]:
        return self._open.enter_context((self.place.folder / f"{number}.log").open("wb"))
