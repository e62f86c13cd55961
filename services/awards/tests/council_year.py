"""A council of fifteen at the department of the small year, and what its secretary sends."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from thidua_runtime.testing import RunningSuite


def member(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "id": f"tv{number:02d}",
        "name": f"Lê Thị {number}",
        "post": "Ủy viên Hội đồng",
        "role": "chair" if number == 1 else "member",
        "starts_on": "2022-01-01",
        **changes,
    }


def council(members: int = 15, **changes: Any) -> dict[str, Any]:
    return {
        "name": "Hội đồng Thi đua - Khen thưởng Sở Tài nguyên và Môi trường",
        "unit": "STNMT",
        "document": "Quyết định 12/QĐ-STNMT",
        "dated": "2022-01-04",
        "rules": "Quy chế hoạt động của Hội đồng (Quyết định 13/QĐ-STNMT), Điều 7",
        "electronic": True,
        "quorum": {"at_least": "2/3"},
        "members": [member(number) for number in range(1, members + 1)],
        **changes,
    }


class Secretary:
    """Sends what the secretary of the council sends, each call through the door."""

    def __init__(self, running: RunningSuite) -> None:
        self.running = running
        self.council = ""
        self.meeting = ""
        self.tokens: dict[str, str] = {}

    async def call(self, method: str, path: str, body: Any = None, *, actor: str = "Thư ký", token: str = "") -> Any:
        async with self.running.client("awards", actor=actor) as client:
            headers = {"Authorization": f"Bearer {token}"} if token else {}
            return await client.request(method, path, json=body, headers=headers)

    async def done(self, method: str, path: str, body: Any = None, **how: str) -> Any:
        answer = await self.call(method, path, body, **how)
        assert answer.status_code < 300, answer.text
        return answer.json()

    async def meet(
        self,
        members: int = 15,
        present: int | None = None,
        roll: Any = None,
        campaign: str = "TD2022",
        held_on: str = "2022-12-30",
        **changes: Any,
    ) -> None:
        entry = {**council(members, **changes), **({"members": roll} if roll else {})}
        self.council = (await self.done("POST", "/councils", entry))["id"]
        meeting = {
            "campaign": campaign,
            "held_on": held_on,
            "place": "Phòng họp tầng 3",
            "chair": "Lê Thị 1",
            "secretary": "Lê Thị 2",
            "agenda": ["Xét danh hiệu năm 2022"],
        }
        self.meeting = (await self.done("POST", f"/councils/{self.council}/meetings", meeting))["id"]
        await self.attend(present if present is not None else members)

    async def attend(self, present: int, **others: str) -> None:
        body = [{"member": f"tv{number:02d}", "presence": "present"} for number in range(1, present + 1)]
        body += [{"member": name, "presence": how} for name, how in others.items()]
        await self.done("PUT", f"/meetings/{self.meeting}/attendance", body)

    async def draw_up(self, method: str = "paper", title: str = "CSTDB", subjects: Sequence[str] = ("P0", "P1")) -> str:
        body = {"title": title, "method": method, "subjects": list(subjects)}
        return str((await self.done("POST", f"/meetings/{self.meeting}/votes", body))["id"])

    async def open(self, vote: str, **body: Any) -> Any:
        return await self.done("POST", f"/votes/{vote}/open", body)

    async def token(self, name: str) -> str:
        if name not in self.tokens:
            given = await self.done("POST", f"/councils/{self.council}/members/{name}/token")
            self.tokens[name] = given["token"]
        return self.tokens[name]

    async def cast(self, vote: str, number: int, *choices: str) -> Any:
        token = await self.token(f"tv{number:02d}")
        return await self.call("PUT", f"/votes/{vote}/ballot", {"choices": list(choices)}, token=token)

    def minutes(self, *yes_no: tuple[int, int]) -> dict[str, Any]:
        totals = [{"place": place, "yes": yes, "no": no} for place, (yes, no) in enumerate(yes_no, 1)]
        return {"document": "Biên bản kiểm phiếu 01/BB", "totals": totals}

    async def count(self, vote: str, *yes_no: tuple[int, int]) -> Any:
        body = self.minutes(*yes_no)
        await self.done("POST", f"/votes/{vote}/counts", body, actor="Tổ trưởng kiểm phiếu")
        await self.done("POST", f"/votes/{vote}/counts/check", body, actor="Kiểm phiếu viên A")
        return await self.done("POST", f"/votes/{vote}/counts/check", body, actor="Kiểm phiếu viên B")
