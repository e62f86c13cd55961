"""Watching a rule while it runs: what reaches outside its case is refused with a sentence.

Switched on in processes that run foreign code (`watch`); elsewhere it costs nothing.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar, Final

_FILE: Final = "a rule reads and writes no file; declare what it needs under inputs: or parameters:"
_NETWORK: Final = "a rule reaches no network; declare what it needs under inputs:"
_PROCESS: Final = "a rule starts no program; declare what it needs under inputs:"
_SENTENCES: Final = (
    ("open", _FILE),
    ("os.", _FILE),
    ("shutil.", _FILE),
    ("tempfile.", _FILE),
    ("sqlite3.", _FILE),
    ("socket.", _NETWORK),
    ("urllib.", _NETWORK),
    ("http.", _NETWORK),
    ("ssl.", _NETWORK),
    ("subprocess.", _PROCESS),
    ("ctypes.", _PROCESS),
    # Told since Python 3.12.
    ("_thread.", "a rule starts no thread; compute one thing after the other"),
    ("time.sleep", "a rule knows no clock; take the waiting out"),
    ("import", "a module is imported while a rule runs; move the import to the top of the module"),
)


class Impure(Exception):
    """A rule reached outside its case; the engine turns this into RuleBroken."""


class _Watch:
    is_on = False
    is_sealed = False
    seen: ClassVar[list[str]] = []


def watch() -> None:
    """Watch this process for good; an audit hook cannot be taken off again."""
    if not _Watch.is_on:
        _Watch.is_on = True
        sys.addaudithook(_hook)


@contextmanager
def sealed() -> Iterator[None]:
    """Refuse, until the end of the block, whatever reaches outside; without `watch` nothing happens."""
    before, _Watch.is_sealed = _Watch.is_sealed, True
    try:
        yield
    finally:
        _Watch.is_sealed = before


@contextmanager
def violations() -> Iterator[list[str]]:
    """Give the list of what is refused until the end of the block, also where the rule swallowed the refusal."""
    before, _Watch.seen = _Watch.seen, []
    try:
        yield _Watch.seen
    finally:
        _Watch.seen = before


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if not _Watch.is_sealed:
        return
    for start, sentence in _SENTENCES:
        if event == start or (start.endswith(".") and event.startswith(start)):
            _Watch.seen.append(f"{event}: {sentence}")
            raise Impure(f"{event}: {sentence}")
