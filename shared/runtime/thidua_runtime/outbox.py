"""How states come into the outbox: versions, digests, rows of many states."""

from __future__ import annotations

from typing import Final

from sqlalchemy import text

STATES_PER_ROW: Final = 250
"""So many states stand in one row of the outbox: a row for each cost as much as all else it takes to publish one."""

# Versions are drawn in the same statement that locks the key's row, so that a later lock holder always
# gets a higher version; unchanged bodies draw none and are not published.
_SEND: Final = """
drawn as (
    insert into thidua.published as p (stream, key, version, deleted, digest)
    select stream, key, nextval('thidua.version'), body is null, digest from incoming order by stream, key
        on conflict (stream, key) do update
           set version = nextval('thidua.version'), deleted = excluded.deleted, digest = excluded.digest
         where {only}
    returning stream, key, version
), sent as (
    insert into thidua.outbox (stream, key, partition_key, kind, version, keys, partition_keys, versions, bodies)
    select stream, '', '', 'states', max(version), array_agg(key order by version),
           array_agg(partition_key order by version), array_agg(version order by version),
           array_agg(body order by version)
      from drawn join incoming using (stream, key)
     group by stream, version / {bundle} order by max(version)
    returning 1
)
"""
SEND: Final = _SEND.format(only="p.digest is distinct from excluded.digest", bundle=STATES_PER_ROW)
"""Publishes the rows (stream, key, partition_key, body, digest) of `incoming`; a body of null withdraws a key.

Part of a statement that makes bodies where their figures are: of a hundred thousand none comes to Python.
`digest`: see `DIGEST`. Such a statement runs by `Transaction.publish_by`.
"""

DIGEST: Final = "substring(sha256(convert_to({}, 'UTF8')) from 1 for 16)"
"""The digest of a body as text without its version and its stamps, the same as `published` keeps of any other."""

_PUBLISH: Final = """
with incoming as (
    select * from unnest(cast(:streams as text[]), cast(:keys as text[]), cast(:partition_keys as text[]),
                         cast(:bodies as text[]), cast(:digests as bytea[]))
           as i (stream, key, partition_key, body, digest)
), {send}
select count(*) from sent
"""
PUBLISH: Final = text(_PUBLISH.format(send=SEND))
# Every state gets a new version: what was published under the old one may have been published from another database.
PUBLISH_ANEW: Final = text(_PUBLISH.format(send=_SEND.format(only="true", bundle=STATES_PER_ROW)))
