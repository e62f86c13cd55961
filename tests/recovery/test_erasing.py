"""One request at the register of people removes a person everywhere; what was decided stays, and says about whom."""

from __future__ import annotations

from typing import Any, Final

import pytest
from sqlalchemy import text

from thidua_runtime.database import Database
from thidua_runtime.rebuilding import rebuild
from thidua_runtime.suite import Suite
from thidua_sample.demo import open_roles

from .year import Copy

pytestmark = [pytest.mark.anyio, pytest.mark.drill, pytest.mark.xdist_group("recovery")]

AWARDED: Final = text("""
select a.subject as id, p.code, p.body->>'name' as name
  from decision_award a join replica_people p on p.id = a.subject and not p.deleted
 where a.code = 'LDTT' order by (select count(*) from vote_case c where c.subject = a.subject) desc, a.subject
""")
AT_WORK: Final = text("select distinct unnest(people) as id from task")
REGISTERED: Final = text("select subject as id from registration")
TABLES: Final = text("""
-- Of a replica the tombstones are left out: each is a key with a version and nothing else.
select t.table_name as name, coalesce(bool_or(c.column_name = 'deleted'), false) as is_replica
  from information_schema.tables t
  join information_schema.columns c on (c.table_schema, c.table_name) = (t.table_schema, t.table_name)
 where t.table_schema = 'public' and t.table_type = 'BASE TABLE' group by 1 order by 1
""")
# Works of several authors, decisions with what they rest on, and the records of the erasure name an id.
STAYS: Final = {
    "registration": {"initiative", "move", "erasure"},
    "monitoring": {"replica_erasures"},
    "scoring": {"replica_erasures", "replica_initiatives", "initiative_subject", "replica_decisions",
                "decision_subject"},
    "awards": {"replica_erasures", "replica_initiatives", "decision_award", "vote_case", "recommendation", "dossier",
               "consultation_case", "chain_link", "correction", "kept_name", "erasure", "discipline_reading"},
}  # fmt: skip


async def naming(database: Database, word: str) -> set[str]:
    """Return the tables of a service in which a word stands."""
    found = set()
    async with database.transaction() as tx:
        for table in await tx.rows(TABLES):
            alive = "not deleted" if table.is_replica else "true"
            query = f"select 1 from {table.name} as t where {alive} and strpos(t::text, :word) > 0 limit 1"
            if await tx.row(text(query), word=word):
                found.add(table.name)
    return found


async def everywhere(suite: Suite, word: str) -> dict[str, set[str]]:
    """Return by service the tables in which a word stands."""
    return {name: await naming(running.database, word) for name, running in suite.services.items()}


async def test_an_erased_person_is_gone_from_every_service_and_decisions_still_name_them(copy: Copy) -> None:
    async with copy.running() as suite, open_roles(suite) as doors:
        at_work = {row.id for row in await suite.services["monitoring"].database.alone(AT_WORK)}
        registered = {row.id for row in await suite.services["registration"].database.alone(REGISTERED)}
        awarded = await suite.services["awards"].database.alone(AWARDED)
        somebody = next(one for one in awarded if one.id in at_work & registered)
        before = await everywhere(suite, somebody.id)
        assert {"task", "month_result"} <= before["monitoring"]
        assert {"registration", "rating", "person"} <= before["registration"]
        assert {"score"} <= before["scoring"]
        history = await doors.get(f"/awards/history/{somebody.id}", "office")
        asked = {"person": somebody.code, "document": "03/ĐN", "dated": "2023-02-20", "reason": "Theo yêu cầu"}
        told: Any = await doors.post("/registration/erasures", asked)
        assert told["removed"]["registrations"] >= 1
        await suite.settle()
        await suite.services["awards"].run_job("review_changed")
        await suite.settle()
        after = await everywhere(suite, somebody.id)
        assert {name: tables - STAYS[name] for name, tables in after.items()} == {name: set() for name in STAYS}
        assert await everywhere(suite, somebody.code) == {name: set() for name in STAYS}, "nor by the staff code"
        assert await doors.get(f"/awards/history/{somebody.id}", "office") == history
        assert (await doors.get("/awards/audit", "office"))["sound"] is True
        (record,) = [one async for one in doors.pages("/awards/erasures", "office")]
        assert (record["person"], record["kept"]["awards"] > 0) == (somebody.id, True)
        async with suite.services["awards"].database.transaction() as tx:
            row = await tx.row(text("select name from kept_name where subject = :id"), id=somebody.id)
        assert row is not None
        assert row.name == somebody.name
    assert await copy.differing() == []
    async with copy.stopped("awards") as recovery:
        await rebuild(recovery)
        assert await naming(recovery.database, somebody.id) <= STAYS["awards"], "a rebuild brings nothing back"
