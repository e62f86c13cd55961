"""Registered criteria sets and their stored artefacts."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import Any, Final

import orjson
from sqlalchemy import Row, text

from thidua.contracts import CriteriaSetState
from thidua.criteria.canonical import canonical_json
from thidua.criteria.loader import FILE, CriteriaSet
from thidua.plugins.packages import FOLDER, SetFiles
from thidua_runtime.database import Transaction

FIND: Final = text("select * from criteria_set where id = :id and version = :version for update")
SEE: Final = text("select * from criteria_set where id = :id and version = :version")
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
EXAMINED: Final = text("""
insert into examination (artefact, tier, report, examined_at)
values (:artefact, :tier, cast(:report as jsonb), clock_timestamp())
    on conflict (artefact) do update set tier = excluded.tier, report = excluded.report,
       examined_at = excluded.examined_at
""")
EXAMINATION: Final = text("select tier, report, examined_at from examination where artefact = :artefact")
# Serves the scorer: sets that may score and lie in the store.
STORED: Final = text("""
select s.id, s.version, s.artefact from criteria_set as s join artefact as a on a.hash = s.artefact
 where s.state <> 'withdrawn' order by s.id, s.version
""")
# The package that the code of a set imports itself by; no path of a file begins so.
PACKAGE: Final = "//package"


async def find(tx: Transaction, name: str, version: str) -> Row[Any] | None:
    """Return and lock a registered set, or None."""
    return await tx.row(FIND, id=name, version=version)


async def row_of(tx: Transaction, name: str, version: str) -> Row[Any] | None:
    """Return a registered set as it stands, or None."""
    return await tx.row(SEE, id=name, version=version)


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
    if "__init__.py" in files:
        files[PACKAGE] = folder.name
    await tx.execute(STORE, hash=criteria_set.artefact, files=zlib.compress(canonical_json(files), 9))


async def stored_artefact(tx: Transaction, content: str) -> dict[str, str] | None:
    """Return the files of an artefact by their path, or None."""
    row = await tx.row(FILES, hash=content)
    return None if row is None else orjson.loads(zlib.decompress(row.files))


async def stored_files(tx: Transaction, content: str) -> SetFiles | None:
    """Return the files of an artefact, ready to be written to a folder, or None."""
    files = await stored_artefact(tx, content)
    if files is None:
        return None
    package = files.pop(PACKAGE, FOLDER)
    return SetFiles(package, {name: text.encode() for name, text in files.items()})


async def all_stored(tx: Transaction) -> Sequence[Row[Any]]:
    """Return the registered sets whose files are stored."""
    return await tx.rows(STORED)


async def keep_report(tx: Transaction, artefact: str, report: dict[str, Any]) -> None:
    """Keep what the examiners found about an artefact."""
    await tx.execute(EXAMINED, artefact=artefact, tier=report["tier"], report=orjson.dumps(report).decode())


async def report_of(tx: Transaction, artefact: str) -> dict[str, Any] | None:
    """Return the report of an artefact, or None if nobody examined it."""
    row = await tx.row(EXAMINATION, artefact=artefact)
    if row is None:
        return None
    return {**orjson.loads(row.report), "examined_at": row.examined_at.isoformat()}


def shown(row: Row[Any], *, is_whole: bool) -> dict[str, Any]:
    """Return a set for the API; the manifest only when one set is asked for."""
    body: dict[str, Any] = orjson.loads(row.body)
    if not is_whole:
        body = {key: body[key] for key in ("id", "set_version", "title", "subject_kind")}
    return {**body, "state": row.state, "reason": row.reason, "artefact": row.artefact,
            "changed_by": row.changed_by, "changed_at": row.changed_at.isoformat()}  # fmt: skip
