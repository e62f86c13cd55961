from __future__ import annotations

import pytest
from sqlalchemy import text

from thidua_runtime.contents import read_log
from thidua_runtime.rebuilding import rebuild
from thidua_runtime.restoring import restore

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
        "delete from quota_candidate",
    ),
}
# Acts of people, and what proves official results: not one row of these may change.
ACTS = {
    "registration": ("unit", "person", "registration", "initiative", "campaign", "rating", "move", "sheet", "erasure"),
    "monitoring": ("month_period", "month_result", "report", "fact", "fact_entry", "task_decision", "declared_total"),
    "scoring": ("criteria_set", "official_run", "case_store", "artefact"),
    "awards": (
        *("decision", "decision_award", "discipline", "hold", "training", "confirmation", "candidate"),
        *("council", "council_member", "meeting", "attendance", "vote", "vote_case", "interest"),
        *("ballot", "opened_ballot"),
        *("correction", "succession", "erasure", "sex_count", "service_time", "discipline_reading"),
        *("local_value", "kept_name"),
        *("dossier", "dossier_step", "consultation", "consultation_case", "remark", "working_day", "chain_link"),
    ),
}
# A row of each act that the played year may have none of.
ENTERED = {
    "correction": """insert into correction (decision, number, before, after, document, dated, reason, recorded_by)
                     select id, 1, '{}', '{}', '41/QĐ', '2023-02-01', 'Sai tên', 'test'
                       from decision order by id limit 1""",
    "succession": """insert into succession (predecessor, successor, effective_on, document, dated, changed_by)
                     values ('a', 'b', '2023-01-01', '1/NQ', '2022-12-01', 'test')""",
    "erasure": """insert into erasure (id, person, document, reason, removed, kept, erased_by)
                  values ('e', 'p', '3/ĐN', 'Theo đơn', '{}', '{}', 'test')""",
    "sex_count": """insert into sex_count (campaign, unit, title, women, men, women_awarded, men_awarded, document,
                                           changed_by)
                    values ('c', 'u', 'LDTT', 1, 2, 1, 1, '5/BC', 'test')""",
    "service_time": """insert into service_time (subject, woman, years, outsider, years_here, document, changed_by)
                       values ('p', true, 20, false, 0, 'Sổ', 'test')""",
    "discipline_reading": "insert into discipline_reading (subject, what, read_by) values ('p', 'hồ sơ', 'test')",
    "local_value": """insert into local_value (regime, key, document, reason, figures)
                      values ('R03', 'g.once', '5/QĐ', 'Quy chế', '{}')""",
    "kept_name": "insert into kept_name (subject, name, post, unit) values ('p', 'Nguyễn Văn A', '', 'Sở')",
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


async def test_acts_that_no_stream_carries_stand_after_a_rebuild_and_after_a_restore(copy: Copy) -> None:
    async with copy.stopped("awards") as recovery:
        async with recovery.database.transaction() as tx:
            for statement in ENTERED.values():
                assert await tx.execute(text(statement)) == 1
        before = await _acts(recovery.database, "awards")
        await rebuild(recovery)
        assert await _acts(recovery.database, "awards") == before
        for adopt in (False, True):
            await restore(recovery, adopt=adopt)
            after = await _acts(recovery.database, "awards")
            assert {name: rows for name, rows in after.items() if rows != before[name]} == {}, adopt


async def _acts(database: object, service: str) -> dict[str, list[object]]:
    found = {}
    async with database.transaction() as tx:  # type: ignore[attr-defined]
        for table in ACTS[service]:
            found[table] = [tuple(row) for row in await tx.rows(text(f"select t::text from {table} as t order by 1"))]
    return found
