"""Dossiers of the titles that the Minister awards: opened, sent, appraised, shown for opinions.

The dates stand in for those of a ministry; the regime of 2022 asks for opinions and names no number of days.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from thidua_sample.play.doors import APPRAISER, together
from thidua_sample.play.reviewing import met_but_for, recommended
from thidua_sample.play.stage import Stage

PERSONAL: Final = "CSTDB"
TEAMS: Final = "TTLDXS"
FLAGS: Final = "CTDB"
ANSWERED_LATER: Final[Mapping[str, Collection[str]]] = {
    # Answered by sending the dossier and by the council; by the title signed on the same day.
    PERSONAL: ("cstdb.timing", "cstdb.vote"),
    TEAMS: ("ttldxs.base",),
    FLAGS: (),
}
BY_APPRAISER: Final = ("ctdb.number", "g.once")
"""Questions that the appraisal answers: the number of flags, and an achievement that counted before."""
EXCELLENT: Final = "ttldxs.excellent"
NOT_FORWARDED: Final = 2
"""So many units are proposed although they were not rated excellent, so that the appraisal stops them."""

REVIEWED_ON: Final = date(2023, 2, 1)
SENT_ON: Final = date(2023, 2, 3)
POSTED_ON: Final = date(2023, 2, 6)
SHOWN_UNTIL: Final = date(2023, 2, 17)
CLUSTER_MINUTES: Final = date(2023, 1, 11)


@dataclass(frozen=True, slots=True)
class Case:
    """A subject with the dossier for one title; `code` orders and names it."""

    code: str
    subject: str
    unit_name: str
    title: str
    dossier: str


@dataclass
class Proposing:
    """The dossiers of the year, in the order of titles and codes, and the requests for opinions."""

    stage: Stage
    codes: Mapping[str, str]
    cases: list[Case] = field(default_factory=list)
    stopped: list[Case] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    questions: list[tuple[str, str]] = field(default_factory=list)

    def of(self, title: str) -> list[Case]:
        """Return the cases of a title that are still on their way."""
        return [one for one in self.cases if one.title == title]

    async def send(self) -> None:
        """Send everybody whose other conditions are met, and two units that were not rated as they should be."""
        for title in (PERSONAL, TEAMS, FLAGS):
            self.cases += await self._open(title, await self._ready(title))
        self.cases += await self._open(TEAMS, await self._failing())
        if self.cases:
            await self._send(self.cases)
        if flags := self.of(FLAGS):
            await self._cluster_votes(flags)
        if self.questions:
            await self._answer()

    async def appraise(self) -> None:
        """Stop whoever does not meet a condition after the review, and ask for opinions on all others."""
        failing = {row["subject"] for row in await recommended(self.stage, TEAMS) if row["verdict"] != "eligible"}
        self.stopped = [one for one in self.of(TEAMS) if one.subject in failing]
        self.cases = [one for one in self.cases if one not in self.stopped]
        if self.stopped:
            why = "Chưa đạt điều kiện theo phiếu thẩm định (mẫu)"
            await self.move(self.stopped, step("not_forwarded", "MẪU-06/TB-TĐKT", POSTED_ON, reason=why))
        if self.cases:
            await self.move(self.cases, step("opinions"))
            await self._ask()

    async def move(self, cases: Iterable[Case], *steps: Mapping[str, Any]) -> None:
        """Take the same steps with the dossiers of these cases."""
        body = {"dossiers": [one.dossier for one in cases], "steps": steps}
        await self.stage.doors.post("/awards/dossiers/steps", body)

    async def _ready(self, title: str) -> list[dict[str, Any]]:
        later = (*ANSWERED_LATER[title], *BY_APPRAISER)
        return await met_but_for(self.stage, await recommended(self.stage, title), later)

    async def _failing(self) -> list[dict[str, Any]]:
        rows = await recommended(self.stage, TEAMS, verdict="not_met")
        likely = await met_but_for(self.stage, rows, (EXCELLENT, *BY_APPRAISER))
        failing = [row for row in likely if _unmet(row) == [EXCELLENT]]
        return sorted(failing, key=lambda row: self.codes[row["subject"]])[:NOT_FORWARDED]

    async def _open(self, title: str, rows: Sequence[Mapping[str, Any]]) -> list[Case]:
        ordered = sorted(rows, key=lambda row: self.codes[row["subject"]])
        if not ordered:
            return []
        campaign = self.stage.year.campaign.code
        body = [{"campaign": campaign, "subject": row["subject"], "title": title} for row in ordered]
        made = (await self.stage.doors.post("/awards/dossiers/list", body))["dossiers"]
        self.questions += [
            (row["subject"], one["key"])
            for row in ordered
            for one in row["findings"]
            if one["key"] in BY_APPRAISER and one["status"] == "person"
        ]
        return [
            Case(self.codes[row["subject"]], row["subject"], row["unit_name"], title, dossier["id"])
            for row, dossier in zip(ordered, made, strict=True)
        ]

    async def _send(self, cases: Sequence[Case]) -> None:
        await self.move(
            cases,
            step("unit_reviewed", "MẪU-01/BB", REVIEWED_ON, acted_on=REVIEWED_ON, on_behalf="Tập thể đơn vị"),
            step("unit_council", "MẪU-02/BB-HĐ", SENT_ON, on_behalf="Hội đồng đơn vị"),
            step("sent", "MẪU-03/TTr", SENT_ON, on_behalf="Thủ trưởng đơn vị"),
            step("received"),
            step("appraisal"),
        )

    async def _cluster_votes(self, flags: Sequence[Case]) -> None:
        minutes = "Biên bản suy tôn của Khối, Cụm (mẫu)"
        vote = step("cluster_vote", minutes, CLUSTER_MINUTES, acted_on=CLUSTER_MINUTES, on_behalf="Khối, Cụm trưởng")
        await self.move(flags, vote, step("appraisal", minutes, CLUSTER_MINUTES))

    async def _answer(self) -> None:
        """Answer what the software leaves to the appraisal, once for a subject."""
        answers = [
            {
                "campaign": self.stage.year.campaign.code,
                "subject": subject,
                "key": key,
                "answer": True,
                "by": "Thường trực Hội đồng",
                "document": "MẪU-04/TĐ-TĐKT",
                "dated": SENT_ON,
            }
            for subject, key in dict.fromkeys(self.questions)
        ]
        await self.stage.doors.put("/awards/confirmations", answers, APPRAISER)

    async def _ask(self) -> None:
        """Show the list in public, ask agencies about collectives and the Party committee about people."""
        people, teams = self.of(PERSONAL), [*self.of(TEAMS), *self.of(FLAGS)]
        wanted = (
            ("public", "MẪU-07/TB-TĐKT", "Cổng thông tin điện tử của Bộ (mẫu)", self.cases),
            ("agencies", "MẪU-08/CV-TĐKT", "Thanh tra Bộ; Công đoàn Bộ (mẫu)", teams),
            ("party", "MẪU-09/CV-TĐKT", "Ban cán sự đảng Bộ (mẫu)", people),
        )
        for kind, document, addressee, cases in wanted:
            if cases:
                entry = {
                    "kind": kind,
                    "campaign": self.stage.year.campaign.code,
                    "document": document,
                    "addressee": addressee,
                    "posted_on": POSTED_ON,
                    "until": SHOWN_UNTIL,
                    "dossiers": [one.dossier for one in cases],
                }
                self.asked.append((await self.stage.doors.post("/awards/consultations", entry))["id"])

    async def hear(self, day: date) -> None:
        """End the asking on `day`: one comment came in and is answered, everybody else agrees; all are ready."""
        if not self.cases:
            return
        doors, public = self.stage.doors, self.asked[0]
        said = {"received_on": date(2023, 2, 13), "said": "Đề nghị làm rõ phạm vi áp dụng của sáng kiến (mẫu)."}
        await doors.post(f"/awards/consultations/{public}/remarks", said)
        answer = {"answer": "Đã đối chiếu quyết định công nhận; giữ nguyên danh sách (mẫu)."}
        await doors.post(f"/awards/consultations/{public}/remarks/1/answer", answer)
        ended = {"closed_on": day, "answer": "Thống nhất với danh sách (mẫu)"}
        ends = [lambda id=id: doors.post(f"/awards/consultations/{id}/end", ended) for id in self.asked]
        await together(ends)
        await self.move(self.cases[:1], step("comments"))
        await self.move(self.cases, step("council_ready"))


def step(to: str, document: str = "", dated: date | None = None, **more: Any) -> dict[str, Any]:
    """Return a step of a dossier as its door takes it."""
    return {"to": to, "document": document, "dated": dated, **more}


def _unmet(row: Mapping[str, Any]) -> list[str]:
    return [f["key"] for f in row["findings"] if f["status"] == "not_met"]
