"""The council meets: fifteen members, paper ballots, totals that two people check against the minutes.

How anybody votes is drawn by nobody: totals follow the places on the list in the plainest way, so that one case of
people is voted down by a single vote, and one flag by the council's own rules.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Any, Final

from thidua_sample.generate.council import SET_UP_ON
from thidua_sample.generate.organisation import MINISTRY
from thidua_sample.play.doors import OFFICE, together
from thidua_sample.play.proposing import FLAGS, PERSONAL, TEAMS, Case, Proposing, step
from thidua_sample.play.stage import Stage

MET_ON: Final = date(2023, 2, 20)
WROTE: Final = ("tv13", "tv14", "tv15")
"""Members who could not come and sent a written opinion: three, so that nobody's can be told."""

CONCERNED: Final = "tv04"
"""A member with a declared interest in the first flag: no vote on it, and still one of fifteen."""

COUNTER: Final = f"{OFFICE}/Tổ trưởng tổ kiểm phiếu"
CHECKERS: Final = (f"{OFFICE}/Kiểm phiếu viên thứ nhất", f"{OFFICE}/Kiểm phiếu viên thứ hai")
AGAINST: Final = {PERSONAL: 2, FLAGS: 6}
"""Votes against the last case of a list of several: 13 of 15 miss 90 %, 9 of 15 miss the council's own 70 %."""


@dataclass
class Meeting:
    """The meeting and what it came to: who passed, and who did not."""

    stage: Stage
    proposing: Proposing
    passed: list[Case] = field(default_factory=list)
    lost: list[Case] = field(default_factory=list)
    _id: str = ""

    async def hold(self) -> None:
        """Set up the council, call the meeting, vote on every title, and record what follows from the minutes."""
        if not self.proposing.cases:
            return
        await self._call()
        for title in (PERSONAL, TEAMS, FLAGS):
            cases = self.proposing.of(title)
            if cases:
                await self._vote(title, cases)
        await self._follow()

    async def _call(self) -> None:
        doors, council = self.stage.doors, self.stage.year.council
        members = [
            {"id": one.code, "name": one.name, "post": one.post, "role": one.role, "starts_on": SET_UP_ON}
            for one in council.members
        ]
        entry = {
            "name": council.name,
            "unit": MINISTRY,
            "document": council.document.number,
            "dated": council.document.dated,
            "rules": council.rules,
            "quorum": {"at_least": "2/3"},
            "share": {"at_least": "70/100"},
            "members": members,
        }
        made = await doors.post("/awards/councils", entry)
        called = {
            "campaign": self.stage.year.campaign.code,
            "held_on": MET_ON,
            "place": "Phòng họp trụ sở Bộ (mẫu)",
            "chair": council.members[0].name,
            "secretary": council.members[2].name,
            "agenda": ["Xét danh hiệu thi đua cấp Bộ năm 2022", "Bỏ phiếu kín", "Thông qua biên bản"],
        }
        self._id = (await doors.post(f"/awards/councils/{made['id']}/meetings", called))["id"]
        came = [
            {"member": one.code, "presence": "written" if one.code in WROTE else "present"} for one in council.members
        ]
        await doors.put(f"/awards/meetings/{self._id}/attendance", came)

    async def _vote(self, title: str, cases: Sequence[Case]) -> None:
        doors = self.stage.doors
        entry = {"title": title, "method": "paper", "subjects": [one.subject for one in cases]}
        vote = (await doors.post(f"/awards/meetings/{self._id}/votes", entry))["id"]
        if title == FLAGS:
            interest = {"place": 1, "member": CONCERNED, "document": "MẪU-10/Bản khai"}
            await doors.put(f"/awards/votes/{vote}/interests", [interest])
        await doors.post(f"/awards/votes/{vote}/open", {})
        minutes = {"document": _minutes(title), "totals": _totals(title, len(cases), self._members)}
        await doors.post(f"/awards/votes/{vote}/counts", minutes, COUNTER)
        for checker in CHECKERS:
            counted = await doors.post(f"/awards/votes/{vote}/counts/check", minutes, checker)
        results = {one["subject"]: one["passed"] for one in counted["cases"]}
        self.passed += [one for one in cases if results[one.subject]]
        self.lost += [one for one in cases if not results[one.subject]]

    @property
    def _members(self) -> int:
        return len(self.stage.year.council.members)

    async def _follow(self) -> None:
        move = self.proposing.move
        for title in (PERSONAL, TEAMS, FLAGS):
            cases = self.proposing.of(title)
            if cases:
                await move(cases, step("voted", _minutes(title), MET_ON, on_behalf="Chủ trì và Thư ký phiên họp"))
        submission = partial(step, "to_authority", "MẪU-11/TTr-TĐKT", MET_ON)
        await move(self.passed, submission())
        flags = [one for one in self.lost if one.title == FLAGS]
        people = [one for one in self.lost if one.title == PERSONAL]
        calls = []
        if flags:
            why = "Hội đồng không đủ tỷ lệ theo quy chế; Thường trực trình kèm ý kiến để Bộ trưởng xem xét (mẫu)"
            calls.append(partial(move, flags, submission(reason=why)))
        if people:
            calls.append(partial(move, people, step("not_passed", _minutes(PERSONAL), MET_ON)))
        await together(calls)


def _minutes(title: str) -> str:
    return f"MẪU-BBKP-{title}/BB-HĐ"


def _totals(title: str, cases: int, members: int) -> list[dict[str, Any]]:
    """Return votes per place: one against at every third, and the last of several voted down where a title has it."""
    found = []
    for place in range(1, cases + 1):
        against = AGAINST.get(title, 1) if place == cases > 1 else int(place % 3 == 0)
        most = members - (title == FLAGS and place == 1)
        found.append({"place": place, "yes": most - against, "no": against, "invalid": 0})
    return found
