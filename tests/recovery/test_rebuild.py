from __future__ import annotations

import pytest
from sqlalchemy import text

from thidua_runtime.contents import read_log
from thidua_runtime.rebuilding import rebuild

from ..flows.thidua_command import difference
from .year import Copy, each_service

pytestmark = [pytest.mark.anyio, pytest.mark.drill, pytest.mark.xdist_group("recovery")]

# What a defect, or somebody with psql, may have done to what is derived.
DAMAGE = {
    "registration": ("update replica_criteria_sets set body = '{}'",),
    "monitoring": (
        "update month_counter set on_time = on_time + 3, due = due + 5",
        "delete from month_counter where individual",
        "update task set standing = 'open' where standing = 'late'",
        "delete from replica_people where key > (select min(key) from replica_people)",
        "update replica_units set body = jsonb_set(body, '{name}', '\"Sai\"')",
    ),
    "scoring": (
        "update score set points = 0, body = jsonb_set(body, '{points}', '\"0\"') where lane = 'running'",
        "delete from replica_facts where key > (select min(key) from replica_facts)",
        "delete from initiative_subject",
    ),
    "awards": (
        "delete from recommendation where state = 'reviewed'",
        "delete from replica_ratings",
    ),
}
# Acts of people, and what proves official results: not one row of these may change.
ACTS = {
    "registration": ("unit", "person", "registration", "initiative", "campaign", "rating", "move", "sheet"),
    "monitoring": ("month_period", "month_result", "report", "fact", "fact_entry", "task_decision", "declared_total"),
    "scoring": ("criteria_set", "official_run", "case_store", "artefact"),
    "awards": (
        *("decision", "decision_award", "discipline", "hold", "training", "confirmation", "candidate"),
        *("council", "council_member", "meeting", "attendance", "vote", "vote_case", "interest"),
        *("ballot", "opened_ballot"),
        *("dossier", "dossier_step", "consultation", "consultation_case", "remark", "working_day", "chain_link"),
    ),
}
LAST_VERSION = text("select last_value from thidua.version")
DURATION = text("select finished_at, error from thidua.job_run where name = 'rebuild'")


@pytest.mark.parametrize("service", each_service("monitoring", "scoring", "awards"))
async def test_a_damaged_service_is_rebuilt_to_the_same_state_and_no_act_is_touched(copy: Copy, service: str) -> None:
    async with copy.stopped(service) as recovery:
        before = await _acts(recovery.database, service)
        async with recovery.database.transaction() as tx:
            for statement in DAMAGE[service]:
                assert await tx.execute(text(statement)) > 0
    assert await copy.differing() != []
    async with copy.stopped(service) as recovery:
        await rebuild(recovery)
        assert await _acts(recovery.database, service) == before
        highest = max([(await read_log(recovery.bus, model)).highest_version for model in recovery.service.owns])
        assert (await recovery.database.alone(LAST_VERSION))[0].last_value > highest
        assert [row.error for row in await recovery.database.alone(DURATION)] == [None]
    async with copy.running():
        pass
    assert await copy.differing() == []
    assert difference(await copy.state(), copy.year.state) == []


async def _acts(database: object, service: str) -> dict[str, list[object]]:
    found = {}
    async with database.transaction() as tx:  # type: ignore[attr-defined]
        for table in ACTS[service]:
            found[table] = [tuple(row) for row in await tx.rows(text(f"select t::text from {table} as t order by 1"))]
    return found
