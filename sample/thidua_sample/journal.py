"""A journal of the play, so that a play that was killed goes on where it stopped.

Every answer of a door is written down before the play sees it. A play that starts again is answered from
the journal as far as it reaches; the one request that may have been cut off carries the same
Idempotency-Key again, so that it cannot count twice.
"""

from __future__ import annotations

import base64
import json
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx2

from thidua_sample.play.doors import PART

YEAR = "year"
"""The step that names the year played."""


class Journal:
    """Answers of one play by number, in a file of JSON lines; a torn last line is dropped.

    Steps are numbered within each part of the play in the order they begin, which a play repeats, and written as
    they end: of steps side by side a later one may be known and an earlier one not.
    """

    def __init__(self, path: Path) -> None:
        path.touch()
        entries = _read(path)
        self._entries = {entry["step"]: entry for entry in entries}
        self._repeated = 0
        self._next: Counter[str] = Counter()
        if len(entries) != _lines(path):
            _rewrite(path, entries)
        self._file = path.open("a", encoding="utf-8")

    @property
    def replays(self) -> bool:
        """Whether an earlier play recorded something that this one has not come to yet."""
        return self._repeated < len(self._entries)

    def told_of(self, year: str) -> str:
        """Write down which year is played, unless an earlier play did; return what is written."""
        known = self.recorded(YEAR)
        if known is None:
            self.record(YEAR, {"year": year})
            return year
        return str(known["year"])

    def step(self) -> str:
        """Begin a step and return its name: the part of the play and a number counted from 0."""
        part = PART.get()
        self._next[part] += 1
        return f"{part}-{self._next[part] - 1}"

    def recorded(self, step: str) -> dict[str, Any] | None:
        """Return what an earlier play wrote of a step, None when there is nothing; each step is asked for once."""
        entry = self._entries.get(step)
        self._repeated += entry is not None
        return entry

    def record(self, step: str, entry: dict[str, Any]) -> None:
        """Write down what came of a step."""
        self._file.write(json.dumps({"step": step, **entry}) + "\n")
        self._file.flush()

    def close(self) -> None:
        """Close the file."""
        self._file.close()


class JournalTransport(httpx2.AsyncBaseTransport):
    """Answers from the journal as far as it reaches, then from the real transport."""

    def __init__(
        self, journal: Journal, real: httpx2.AsyncBaseTransport, reach_disk: Callable[[], Awaitable[None]]
    ) -> None:
        self.journal = journal
        self.real = real
        self.reach_disk = reach_disk

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Answer a request, giving writes a key that is the same in every repetition of the play."""
        step = self.journal.step()
        known = self.journal.recorded(step)
        if known is not None:
            return httpx2.Response(known["status"], headers=JSON, content=base64.b64decode(known["body"]))
        if request.method != "GET":
            request.headers["Idempotency-Key"] = step
        answer = await self.real.handle_async_request(request)
        body = await answer.aread()
        if answer.status_code < 500:
            # What was read may rest on what is not on the disk yet.
            await self.reach_disk()
            encoded = base64.b64encode(body).decode()
            self.journal.record(step, {"status": answer.status_code, "body": encoded})
        return httpx2.Response(answer.status_code, headers=JSON, content=body)


JSON = {"content-type": "application/json"}


def _read(path: Path) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            entries.append(json.loads(line))
        except json.JSONDecodeError:
            break
    return entries


def _lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def _rewrite(path: Path, entries: list[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(entry) + "\n" for entry in entries), encoding="utf-8")
