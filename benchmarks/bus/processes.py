"""What processes cost, read from /proc: CPU seconds and memory of a contestant, of PostgreSQL and of the broker."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

TICKS: Final = os.sysconf("SC_CLK_TCK")
PROC: Final = Path("/proc")


def family(root: int) -> Iterator[int]:
    """Return a process and all its descendants that live."""
    yield root
    try:
        tasks = list((PROC / str(root) / "task").iterdir())
        children = [child for task in tasks for child in (task / "children").read_text().split()]
    except OSError:
        return
    for child in children:
        yield from family(int(child))


def cpu_seconds(pid: int) -> float:
    """Return the CPU time of a process, 0 once it has ended."""
    try:
        stat = (PROC / str(pid) / "stat").read_text()
    except OSError:
        return 0.0
    # After the name in brackets: state, parent, …; the 12th and 13th are user and system time.
    return sum(map(int, stat.rpartition(")")[2].split()[11:13])) / TICKS


def memory_kb(pid: int) -> Mapping[str, int]:
    """Return resident memory by kind: RssAnon (its own), RssFile (programs), RssShmem (shared buffers)."""
    try:
        lines = (PROC / str(pid) / "status").read_text().splitlines()
    except OSError:
        return {}
    pairs = (line.split(":", 1) for line in lines if line.startswith(("RssAnon", "RssFile", "RssShmem")))
    return {name: int(value.split()[0]) for name, value in pairs}


@dataclass
class Group:
    """Processes that belong together. Shared memory is counted once, however many processes map it."""

    name: str
    roots: Sequence[int]
    peak_mb: float = 0.0
    peak_of_one_mb: float = 0.0
    _cpu: dict[int, float] = field(default_factory=dict)

    def look(self) -> tuple[float, float]:
        """Return CPU seconds used so far and the memory in MB; notes the peaks."""
        members = [pid for root in self.roots for pid in family(root)]
        for pid in members:
            self._cpu[pid] = max(cpu_seconds(pid), self._cpu.get(pid, 0.0))
        memory = [kinds for kinds in map(memory_kb, members) if kinds]
        shared = max((kinds.get("RssShmem", 0) for kinds in memory), default=0)
        own = [(kinds.get("RssAnon", 0) + kinds.get("RssFile", 0)) / 1024 for kinds in memory]
        total = sum(own) + shared / 1024
        self.peak_mb = max(self.peak_mb, total)
        self.peak_of_one_mb = max(self.peak_of_one_mb, *own, 0.0)
        return sum(self._cpu.values()), total
