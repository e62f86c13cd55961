"""A list of dossiers goes its way as one: the same steps for all of them, or none for any."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest

from thidua_runtime.testing import RunningSuite

pytestmark = pytest.mark.anyio

Awards = Callable[[], AbstractAsyncContextManager[RunningSuite]]
PAPER = {"document": "01/BB", "dated": "2022-12-28"}
UNIT_STEPS = [{"to": to, **PAPER} for to in ("unit_reviewed", "unit_council", "sent")]


async def test_a_list_is_opened_and_moved_as_one_or_not_at_all(awards: Awards, council: Any) -> None:
    async with awards() as running:
        secretary = council.Secretary(running)
        cases = [{"campaign": "TD2022", "subject": name, "title": "LDTT"} for name in ("P0", "P1", "P2")]
        await secretary.done("POST", "/campaigns/TD2022/review")
        unknown = {**cases[0], "title": "CTDB"}
        none = await secretary.call("POST", "/dossiers/list", [*cases, unknown])
        assert none.json()["type"] == "urn:thidua:problem:not-reviewed"
        assert (await secretary.done("GET", "/dossiers?campaign=TD2022"))["total"] == 0
        opened = (await secretary.done("POST", "/dossiers/list", cases))["dossiers"]
        behind = await secretary.done("GET", "/dossiers?campaign=TD2022&offset=50")
        assert behind == {"total": 3, "items": []}, "how many there are, also behind the last page"
        ids = [one["id"] for one in opened]
        assert [one["subject"] for one in opened] == ["p0", "p1", "p2"]
        again = await secretary.call("POST", "/dossiers/list", cases[2:])
        assert again.json()["type"] == "urn:thidua:problem:dossier-exists"

        await secretary.done("POST", f"/dossiers/{ids[2]}/steps", UNIT_STEPS[:1])
        refused = await secretary.call("POST", "/dossiers/steps", {"dossiers": ids, "steps": UNIT_STEPS})
        assert "Tập thể đã bình xét" in refused.json()["detail"]
        assert {one["state"] for one in await states(secretary)} == {"drafting", "unit_reviewed"}
        moved = await secretary.done("POST", "/dossiers/steps", {"dossiers": ids[:2], "steps": UNIT_STEPS})
        assert [(one["id"], one["state"]) for one in moved["dossiers"]] == [(id, "sent") for id in ids[:2]]
        steps = (await secretary.done("GET", f"/dossiers/{ids[1]}"))["steps"]
        assert [(one["number"], one["from"], one["to"]) for one in steps] == [
            (1, "drafting", "unit_reviewed"),
            (2, "unit_reviewed", "unit_council"),
            (3, "unit_council", "sent"),
        ]
        converted = {"dossiers": ids, "steps": [{"to": "converted", "title": "BKB", **PAPER}]}
        together = await secretary.call("POST", "/dossiers/steps", converted)
        assert "riêng cho từng hồ sơ" in together.json()["detail"]
        assert together.json()["detail_en"].endswith("a conversion is recorded for one dossier at a time.")
        twice = await secretary.call("POST", "/dossiers/steps", {"dossiers": [ids[0]] * 2, "steps": UNIT_STEPS})
        assert twice.json()["errors"][0]["reason_en"] == "the list names a dossier twice"
        assert twice.status_code == 422
        async with running.client("awards") as client:
            read = (await client.get(f"/dossiers/{ids[2]}")).headers["etag"]
            step = f"/dossiers/{ids[2]}/steps"
            assert (await client.post(step, json=UNIT_STEPS[1:2], headers={"If-Match": read})).status_code == 200
            stale = await client.post(step, json=UNIT_STEPS[2:], headers={"If-Match": read})
            assert stale.status_code == 412, stale.text
        await running.settle()
        streamed = {one["subject"]: one["state"] for one in await running.published("recommendations")}
        assert (streamed["p0"], streamed["p2"]) == ("sent", "unit_council")


async def test_a_step_dated_before_the_one_it_follows_needs_a_reason(awards: Awards, council: Any) -> None:
    async with awards() as running:
        secretary = council.Secretary(running)
        await secretary.done("POST", "/campaigns/TD2022/review")
        case = {"campaign": "TD2022", "subject": "P0", "title": "LDTT", "kind": "sudden"}
        path = f"/dossiers/{(await secretary.done('POST', '/dossiers', case))['id']}/steps"
        await secretary.done("POST", path, [{"to": "sent", "acted_on": "2022-12-20", **PAPER}])
        received = {"to": "received", "acted_on": "2022-12-10", **PAPER}
        refused = await secretary.call("POST", path, [received])
        assert "ngày thực hiện 10/12/2022 trước bước “Đã trình” ngày 20/12/2022" in refused.json()["detail"]
        await secretary.done("POST", path, [{**received, "reason": "Ngày trình ghi theo dấu công văn đến"}])


async def states(secretary: Any) -> list[dict[str, Any]]:
    return list((await secretary.done("GET", "/dossiers?campaign=TD2022"))["items"])
