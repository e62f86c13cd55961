"""Private keys of votes: files in THIDUA_BALLOT_KEYS_FOLDER, never in the database."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from thidua_awards.errors import BallotKeyMissing, NoBallotKeys

OWNER_ONLY: Final = 0o600


def write_key(folder: Path | None, public_key: bytes, private_key: bytes) -> None:
    """Write a private key where only the service's own user reads it, and on disk before anything names it.

    Raises NoBallotKeys without a folder.
    """
    path = _path(folder, public_key)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
        with os.fdopen(handle, "wb") as file:
            file.write(private_key)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise NoBallotKeys(why=error) from None


def read_key(folder: Path | None, public_key: bytes) -> bytes:
    """Return the private key of a public one; raises BallotKeyMissing where the file is gone."""
    try:
        return _path(folder, public_key).read_bytes()
    except OSError as error:
        raise BallotKeyMissing(file=_path(folder, public_key), why=error) from None


def destroy_key(folder: Path | None, public_key: bytes) -> None:
    """Overwrite and remove a private key; nothing happens if that was done before."""
    path = _path(folder, public_key)
    try:
        path.write_bytes(os.urandom(path.stat().st_size))
    except FileNotFoundError:
        return
    path.unlink(missing_ok=True)


def _path(folder: Path | None, public_key: bytes) -> Path:
    if folder is None:
        raise NoBallotKeys(why="it is not set")
    return folder / f"{public_key.hex()[:32]}.key"
