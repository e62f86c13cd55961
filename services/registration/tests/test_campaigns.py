from __future__ import annotations

from typing import Any

import pytest

from thidua.contracts import CriteriaSetState, SubjectKind
from thidua.contracts.judgement import DeclaredInput, SetState

pytestmark = pytest.mark.anyio

PATH = "/campaigns/pt-2022"


def as_entry(shown: dict[str, Any]) -> dict[str, Any]:
    computed = {"id", "code", "revision", "participant_codes", "warnings", "version"}
    return {n: v for n, v in shown.items() if n not in computed} | {"participants": shown["participant_codes"]}


async def test_the_same_campaign_twice_changes_nothing(ministry: Any) -> None:
    before = await ministry.published("campaigns")
    shown = await ministry.get(PATH)
    await ministry.put(PATH, as_entry(shown))
    assert (await ministry.get(PATH))["revision"] == shown["revision"] == 1
    assert await ministry.published("campaigns") == before


async def test_a_date_moves_only_with_a_reason_which_is_kept(ministry: Any) -> None:
    entry = as_entry(await ministry.get(PATH))
    entry["registration_due"] = "2022-04-15"
    entry["calendar"][0]["closes_on"] = "2022-04-20"
    refused = await ministry.office.put(PATH, json=entry)
    assert refused.status_code == 422
    assert refused.json()["detail"] == "Đổi hạn đăng ký từ 2022-03-31 sang 2022-04-15 phải nêu lý do."
    moved = await ministry.put(PATH, entry | {"moved_because": "Nghỉ lễ"})
    assert moved["calendar"][0]["moved_because"] == "Nghỉ lễ"
    moves = (await ministry.get(f"{PATH}/date-moves"))["items"]
    assert [(m["what"], m["old"], m["new"], m["reason"]) for m in moves] == [
        ("hạn đăng ký", "2022-03-31", "2022-04-15", "Nghỉ lễ"),
        ("ngày chốt số liệu kỳ 2022-03", "2022-04-15", "2022-04-20", "Nghỉ lễ"),
    ]


async def test_the_reason_of_an_earlier_move_does_not_speak_for_the_next(ministry: Any) -> None:
    entry = as_entry(await ministry.get(PATH))
    entry["calendar"][0]["closes_on"] = "2022-04-20"
    entry = as_entry(await ministry.put(PATH, entry | {"moved_because": "Nghỉ lễ"}))
    entry["calendar"][0]["closes_on"] = "2022-04-25"
    assert (await ministry.office.put(PATH, json=entry)).status_code == 422


async def test_an_unknown_criteria_set_is_a_warning_until_scoring_publishes_it(ministry: Any) -> None:
    entry = as_entry(await ministry.get(PATH))
    assert len((await ministry.put(PATH, entry))["warnings"]) == 1
    await ministry.running.deliver(
        CriteriaSetState(
            id="tnmt-2022-tap-the", set_version="1.0.0", title="Tập thể", subject_kind=SubjectKind.COLLECTIVE,
            state=SetState.ENABLED, artefact="sha256:0",
        )
    )  # fmt: skip
    await ministry.running.settle()
    assert (await ministry.put(PATH, entry))["warnings"] == []


async def test_two_sets_that_mean_different_things_by_one_fact_are_refused(ministry: Any) -> None:
    for name, kind in (("bo-a", "log"), ("bo-b", "mark"), ("bo-c", "log")):
        await ministry.running.deliver(
            CriteriaSetState(
                id=name, set_version="1.0.0", title=name, subject_kind=SubjectKind.COLLECTIVE, state=SetState.ENABLED,
                artefact="sha256:0", inputs=(DeclaredInput(name="conduct", origin="fact", kind=kind),),
            )
        )  # fmt: skip
    await ministry.running.settle()
    entry = as_entry(await ministry.get(PATH))
    sets = {name: {"id": name, "version": "1.0.0", "subject_kind": "collective"} for name in ("bo-a", "bo-b", "bo-c")}
    refused = await ministry.office.put(PATH, json=entry | {"criteria_sets": [sets["bo-a"], sets["bo-b"]]})
    assert refused.status_code == 422
    assert "bo-a và bo-b cùng hỏi “conduct”" in refused.json()["detail"]
    await ministry.put(PATH, entry | {"criteria_sets": [sets["bo-a"], sets["bo-c"]]})
    apart = [sets["bo-a"], sets["bo-b"] | {"subject_kind": "individual"}]
    await ministry.put(PATH, entry | {"criteria_sets": apart})


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"ends_on": "2021-12-31"}, "ngày kết thúc"),
        ({"registration_due": "2023-01-31", "moved_because": "x"}, "hạn đăng ký ở sau"),
        ({"amend_until": "2022-02-01", "moved_because": "x"}, "hạn điều chỉnh"),
        ({"participants": ["khong-co"]}, "khong-co"),
        (
            {"calendar": [{"period": "2019-03", "report_due": "2022-04-05", "objection_until": "2022-04-10",
                           "closes_on": "2022-04-15"}]},
            "2019-03",
        ),
        (
            {"calendar": [{"period": "2022-04", "report_due": "2022-05-15", "objection_until": "2022-05-10",
                           "closes_on": "2022-05-15"}]},
            "thứ tự",
        ),
        ({"participant": []}, "participant"),
        ({"state": "asleep"}, "state"),
        ({"parameters": [{"name": "p", "value": {"a": {"b": 1}}, "reason": "x"}]}, "parameters"),
        ({"parameters": [{"name": "p", "value": "a\x00b", "reason": "x"}]}, "parameters"),
        ({"parameters": [{"name": "p", "value": 1, "reason": ""}]}, "reason"),
    ],
)  # fmt: skip
async def test_a_campaign_that_contradicts_itself_is_refused(ministry: Any, change: Any, reason: str) -> None:
    entry = as_entry(await ministry.get(PATH))
    answer = await ministry.office.put(PATH, json=entry | change)
    assert answer.status_code == 422
    assert reason in answer.text
    assert (await ministry.get(PATH))["revision"] == 1


async def test_a_parameter_with_a_fraction_travels_as_text(ministry: Any) -> None:
    entry = as_entry(await ministry.get(PATH))
    entry["parameters"] = [{"name": "on_time", "value": 90.5, "reason": "Công văn 8240"}]
    await ministry.put(PATH, entry)
    assert (await ministry.published("campaigns"))[0]["parameters"][0]["value"] == "90.5"


async def test_if_match_stops_the_second_writer_of_a_campaign(ministry: Any) -> None:
    shown = await ministry.office.get(PATH)
    entry = as_entry(shown.json())
    etag = {"If-Match": shown.headers["etag"]}
    first = await ministry.office.put(PATH, json=entry | {"theme": "Mới"}, headers=etag)
    second = await ministry.office.put(PATH, json=entry | {"theme": "Khác"}, headers=etag)
    assert (first.status_code, second.status_code) == (200, 412)
    assert (await ministry.get(PATH))["theme"] == "Mới"


async def test_what_is_published_is_what_the_api_shows(ministry: Any) -> None:
    shown = await ministry.get(PATH)
    (published,) = await ministry.published("campaigns")
    published.pop("version")
    assert {name: shown[name] for name in published} == published


async def test_an_unknown_campaign_is_not_found_at_every_door(ministry: Any) -> None:
    for path in ("", "/date-moves", "/registrations", "/registrations/vdd", "/registrations/counts",
                 "/registrations/missing", "/registrations/moves"):  # fmt: skip
        answer = await ministry.office.get(f"/campaigns/pt-1999{path}")
        assert answer.status_code == 404, path
        assert "pt-1999" in answer.json()["detail"]


async def test_a_unit_may_not_open_a_campaign(ministry: Any) -> None:
    entry = as_entry(await ministry.get(PATH))
    assert (await ministry.unit.put(PATH, json=entry)).status_code == 403
