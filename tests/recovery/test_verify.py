from __future__ import annotations

import pytest
from sqlalchemy import text

from .year import Copy, only

pytestmark = [pytest.mark.anyio, pytest.mark.drill, pytest.mark.xdist_group("recovery")]

CHANGE = text("""
update replica_units set body = jsonb_set(body, '{name}', '"Tên sửa bằng tay"')
 where key = (select min(key) from replica_units) returning key
""")
LOSE = text("delete from replica_people where key = (select max(key) from replica_people) returning key")
CHANGE_OWN = text("update report set returned_because = 'sửa bằng tay' where period = '2022-03' returning unit")


async def test_a_played_year_agrees_at_owners_log_and_followers(copy: Copy) -> None:
    looks = await copy.looks()
    assert [look for look in looks if look.differing or look.waiting] == []
    for stream in {look.stream for look in looks}:
        assert len({(look.number, look.digest) for look in looks if look.stream == stream}) == 1
    assert only(looks, "people", "scoring").number > 50


async def test_a_row_that_was_changed_by_hand_is_named_where_it_stands(copy: Copy) -> None:
    async with copy.place() as place:
        async with place.databases["monitoring"].transaction() as tx:
            unit = (await tx.rows(CHANGE))[0].key
            owing = {row.unit for row in await tx.rows(CHANGE_OWN)}
        async with place.databases["awards"].transaction() as tx:
            person = (await tx.rows(LOSE))[0].key
    looks = await copy.looks()
    assert only(looks, "units", "monitoring").differing == {
        unit: "says something else than the log under the same version"
    }
    assert only(looks, "people", "awards").differing == {person: "is on the log and not here"}
    assert {key.partition("/")[0] for key in only(looks, "reports", "monitoring").differing} == owing
    assert len([look for look in looks if look.differing]) == 3
