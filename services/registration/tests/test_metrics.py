from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from thidua_registration import metrics

pytestmark = pytest.mark.anyio

DOOR = "/campaigns/pt-2022/registrations"


async def samples(ministry: Any) -> dict[tuple[str, ...], int | float]:
    async with ministry.running.transaction("registration") as tx:
        found = [
            *await metrics.unit_gauges(tx),
            *await metrics.registration_gauges(tx),
            *await metrics.waiting_gauges(tx),
        ]
    return {(sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value for sample in found}


async def test_gauges_count_states_late_and_expected_from_zero(registered: Any) -> None:
    await registered.move({"move": "submit"}, {"person": "CB1", "move": "submit"}, {"move": "accept"})
    found = await samples(registered)
    state = {key[2:]: value for key, value in found.items() if key[0] == "thidua_registrations"}
    assert len(state) == 2 * 9
    assert {key: value for key, value in state.items() if value} == {
        ("accepted", "collective"): 1,
        ("submitted", "individual"): 1,
        ("draft", "individual"): 1,
    }
    assert found["thidua_registrations_late", "pt-2022", "individual"] == 0
    assert found["thidua_registrations_expected", "pt-2022", "individual"] == 3
    assert found["thidua_registrations_expected", "pt-2022", "collective"] == 2


async def test_what_waits_for_the_office_has_a_deadline_only_while_it_waits(registered: Any) -> None:
    deadline = ("thidua_waiting_for_person_deadline_timestamp_seconds", "registration")
    found = await samples(registered)
    assert found["thidua_waiting_for_person", "registration"] == 0
    assert deadline not in found
    await registered.move({"move": "submit"})
    found = await samples(registered)
    assert found["thidua_waiting_for_person", "registration"] == 1
    assert found[deadline] == metrics.end_of(date(2022, 9, 30))


async def test_time_limits_of_a_campaign_end_what_waits_and_a_draft_of_an_initiative_waits_a_year(
    registered: Any,
) -> None:
    campaign = await registered.get("/campaigns/pt-2022")
    names = ("title", "year", "starts_on", "ends_on", "registration_due", "amend_until")
    whole = {name: campaign[name] for name in names} | {"participants": ["vdd", "stnmt-01"]}
    limits = [{"about": "registration", "state": "returned", "days": 5, "document": "Kế hoạch 01"}]
    await registered.put("/campaigns/pt-2022", whole | {"deadlines": limits})
    silent = await registered.office.put("/campaigns/pt-2022", json=whole | {"deadlines": [limits[0] | {"days": 9}]})
    assert "đăng ký/returned (5 ngày; nay 9 ngày)" in silent.json()["detail"]
    both = await registered.office.put(
        "/campaigns/pt-2022", json=whole | {"deadlines": [limits[0] | {"on": "2022-05-01"}]}
    )
    assert "đúng một trong ba" in both.json()["detail"]
    await registered.move({"move": "submit"}, {"move": "return", "reason": "Thiếu chỉ tiêu"})
    entry = {"unit": "vdd", "code": "SK-9", "title": "Tra cứu", "first_applied_on": "2022-02-01"}
    await registered.put("/initiatives", [entry | {"authors": [{"person": "CB1", "share": 100}]}])
    found = await samples(registered)
    end = "thidua_waiting_for_person_deadline_timestamp_seconds"
    today = registered.clock.today()
    assert found[end, "registration"] == metrics.end_of(today + timedelta(days=5))
    assert (found["thidua_waiting_for_person", "initiative"], found[end, "initiative"]) == (
        1,
        metrics.end_of(date(2023, 2, 1)),
    )


async def test_a_unit_joins_its_code_to_name_kind_and_cluster(ministry: Any) -> None:
    await ministry.put("/clusters", [{"code": "k1", "year": 2022, "name": "Khối I", "members": [{"unit": "vdd"}]}])
    found = await samples(ministry)
    assert found["thidua_unit_info", "Khối I", "vu", "vdd", "Vụ Đất đai"] == 1


async def test_the_metrics_door_shows_the_gauges_of_registration(registered: Any) -> None:
    service = registered.running.suite.services["registration"]
    await service.refresh_gauges()
    names = {sample.name for sample in service.meters.gauges.samples}
    assert {"thidua_unit_info", "thidua_registrations", "thidua_registrations_expected"} <= names


def test_a_deadline_ends_at_midnight_in_vietnam() -> None:
    assert metrics.end_of(date(2022, 3, 31)) == 1648746000
