"""Registered criteria sets and their stored artefacts."""

from __future__ import annotations

import zlib
from typing import Any, Final

import orjson
from sqlalchemy import Row, text

from thidua.contracts import CriteriaSetState
from thidua.criteria.canonical import canonical_json
from thidua.criteria.loader import FILE, CriteriaSet
from thidua_runtime.database import Transaction

FIND: Final = text("select * from criteria_set where id = :id and version = :version for update")
LIST: Final = text("select * from criteria_set order by id, version")
SAVE: Final = text("""
insert into criteria_set as s (id, version, state, reason, artefact, reads, body, revision, changed_by, changed_at)
values (:id, :version, :state, :reason, :artefact, :reads, cast(:body as jsonb), 1, :actor, clock_timestamp())
    on conflict (id, version) do update
       set state = excluded.state, reason = excluded.reason, artefact = excluded.artefact, reads = excluded.reads,
           body = excluded.body, revision = s.revision + 1, changed_by = excluded.changed_by,
           changed_at = excluded.changed_at
returning revision
""")
STORE: Final = text("insert into artefact (hash, files) values (:hash, :files) on conflict (hash) do nothing")
FILES: Final = text("select files from artefact where hash = :hash")


async def find(tx: Transaction, name: str, version: str) -> Row[Any] | None:
    """Return and lock a registered set, or None."""
    return await tx.row(FIND, id=name, version=version)


async def save(tx: Transaction, state: CriteriaSetState, reads: frozenset[str]) -> int:
    """Write a set and publish it; return its revision."""
    row = await tx.row(
        SAVE, id=state.id, version=state.set_version, state=state.state.value, reason=state.reason,
        artefact=state.artefact, reads=sorted(reads), body=state.model_dump_json(exclude={"version"}), actor=tx.actor,
    )  # fmt: skip
    tx.publish([state])
    assert row is not None
    return int(row.revision)


async def store_artefact(tx: Transaction, criteria_set: CriteriaSet) -> None:
    """Keep the file and code of a set under their hash, so that a score can be redone after an upgrade."""
    folder = criteria_set.folder
    files = {str(one.relative_to(folder)): one.read_text("utf-8") for one in (folder / FILE, *folder.rglob("*.py"))}
    await tx.execute(STORE, hash=criteria_set.artefact, files=zlib.compress(canonical_json(files), 9))


async def stored_artefact(tx: Transaction, content: str) -> dict[str, str] | None:
    """Return the files of an artefact by their path, or None."""
    row = await tx.row(FILES, hash=content)
    return None if row is None else orjson.loads(zlib.decompress(row.files))


def shown(row: Row[Any], *, is_whole: bool) -> dict[str, Any]:
    """Return a set for the API; the manifest only when one set is asked for."""
    body: dict[str, Any] = orjson.loads(row.body)
    if not is_whole:
        body = {key: body[key] for key in ("id", "set_version", "title", "subject_kind")}
    return {**body, "state": row.state, "reason": row.reason, "artefact": row.artefact,
            "changed_by": row.changed_by, "changed_at": row.changed_at.isoformat()}  # fmt: skip
