"""A journal of the play, so that a play that was killed goes on where it stopped.

Every answer of a door is written down before the play sees it. A play that starts again is answered from
the journal as far as it reaches; the one request that may have been cut off carries the same
Idempotency-Key again, so that it cannot count twice.
"""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import httpx2


class Journal:
    """Answers of one play, in order, in a file of JSON lines; a torn last line is dropped."""

    def __init__(self, path: Path) -> None:
        self._entries = _read(path)
        self._file = path.open("a", encoding="utf-8")
        self._next = 0
        if len(self._entries) != _lines(path):
            _rewrite(path, self._entries)

    @property
    def replays(self) -> bool:
        """Whether what comes next was recorded by an earlier play."""
        return self._next < len(self._entries)

    def number(self) -> int:
        """Return the number of the next entry, counted from 0."""
        return self._next

    def recorded(self) -> dict[str, Any] | None:
        """Return the next entry if an earlier play wrote it, and move on; None when there is none."""
        if not self.replays:
            return None
        self._next += 1
        return self._entries[self._next - 1]

    def record(self, entry: dict[str, Any]) -> None:
        """Write an entry down and move on."""
        self._entries.append(entry)
        self._file.write(json.dumps(entry) + "\n")
        self._file.flush()
        self._next += 1

    def close(self) -> None:
        """Close the file."""
        self._file.close()


class JournalTransport(httpx2.AsyncBaseTransport):
    """Answers from the journal as far as it reaches, then from the real transport."""

    def __init__(self, journal: Journal, real: httpx2.AsyncBaseTransport) -> None:
        self.journal = journal
        self.real = real

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Answer a request, giving writes a key that is the same in every repetition of the play."""
        known = self.journal.recorded()
        if known is not None:
            return httpx2.Response(known["status"], headers=JSON, content=base64.b64decode(known["body"]))
        if request.method != "GET":
            request.headers["Idempotency-Key"] = f"play-{self.journal.number()}"
        answer = await self.real.handle_async_request(request)
        body = await answer.aread()
        if answer.status_code < 500:
            encoded = base64.b64encode(body).decode()
            self.journal.record({"status": answer.status_code, "body": encoded})
        return httpx2.Response(answer.status_code, headers=JSON, content=body)


JSON = {"content-type": "application/json"}


def _read(path: Path) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = []
    if path.exists():
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
