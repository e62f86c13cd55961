"""What the Minister decides: titles, one refusal, one award against the council's vote; and what follows later.

A decision is cancelled and a complaint comes in, so that both can be looked at. Numbers are typed in, as a registrar
would from the document register; "MẪU" stands in each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Any, Final

from thidua_sample.generate.campaign import YEAR
from thidua_sample.generate.organisation import MINISTRY
from thidua_sample.play.doors import APPRAISER
from thidua_sample.play.meeting import Meeting
from thidua_sample.play.proposing import FLAGS, PERSONAL, SENT_ON, TEAMS, Case, Proposing, step
from thidua_sample.play.reviewing import behind_cut, recommended, review, with_whole_findings
from thidua_sample.play.stage import Stage

MINISTER: Final = "Bộ trưởng Bộ Tài nguyên và Môi trường"
HEAD: Final = "Thủ trưởng đơn vị"
DECIDED_ON: Final = date(2023, 2, 28)
ADDED_ON: Final = date(2023, 2, 6)
OPEN_TO_A_PERSON: Final = "person"


@dataclass
class Adding:
    """A person whose open question is answered late, and who gets LĐTT by a decision of one line."""

    stage: Stage
    codes: Mapping[str, str]
    _row: dict[str, Any] | None = None
    decision: str = ""

    async def answer(self) -> None:
        """Answer the open questions of the first person of a unit that is a legal person."""
        rows = await recommended(self.stage, "LDTT", verdict=OPEN_TO_A_PERSON)
        legal = {unit.name for unit in self.stage.year.units if unit.legal_person}
        waiting = [row for row in rows if row["unit_name"] in legal]
        if not waiting:
            return
        first = min(waiting, key=lambda row: self.codes[row["subject"]])
        self._row = await with_whole_findings(self.stage, first)
        answers = [
            {
                "campaign": self.stage.year.campaign.code,
                "subject": self._row["subject"],
                "key": one["key"],
                "answer": True,
                "by": "Bộ phận tổ chức cán bộ",
                "document": "MẪU-12/XN-TCCB",
                "dated": SENT_ON,
            }
            for one in self._row["findings"]
            if one["status"] == OPEN_TO_A_PERSON
        ]
        await self.stage.doors.put("/awards/confirmations", answers, APPRAISER)

    async def decide(self, cut: str) -> None:
        """Record the decision of one line that the head of the unit signs."""
        if self._row is None:
            return
        unit = next(unit.code for unit in self.stage.year.units if unit.name == self._row["unit_name"])
        body = _decision(self.stage, f"MẪU-LDTT-BS/QĐ-{unit.upper()}", HEAD, unit, "LDTT", [self._row["subject"]])
        signed = {**body, "dated": ADDED_ON, "cut": cut}
        answer = await behind_cut(self.stage, partial(self.stage.doors.post, "/awards/decisions", signed))
        self.decision = answer["id"]

    async def cancel(self) -> None:
        """Cancel it: what relied on it is listed for a person, nothing else changes."""
        if self.decision:
            why = {"reason": "Kê khai không đúng thời gian công tác (tình huống mẫu)", "document": "MẪU-16/QĐ-HB"}
            await self.stage.doors.post(f"/awards/decisions/{self.decision}/cancel", why)


@dataclass
class Deciding:
    """The Minister decides on what the council advised."""

    stage: Stage
    proposing: Proposing
    meeting: Meeting
    refused: list[Case] = field(default_factory=list)

    async def decide(self) -> None:
        """Sign the decisions of the ministry, refuse one case, and take up the complaint of whoever was voted down."""
        passed = list(self.meeting.passed)
        people = [one for one in passed if one.title == PERSONAL]
        self.refused = people[-1:] if len(people) > 1 else []
        wanted = [one for one in passed if one not in self.refused]
        signed = [
            _decision(self.stage, f"MẪU-{title}/QĐ-BTNMT", MINISTER, MINISTRY, title, _subjects(wanted, title))
            for title in (PERSONAL, TEAMS, FLAGS)
            if _subjects(wanted, title)
        ]
        against = [one.subject for one in self.meeting.lost if one.title == FLAGS]
        if against:
            why = "Bộ trưởng quyết định khác ý kiến Hội đồng: đơn vị dẫn đầu Cụm, vượt mọi chỉ tiêu (tình huống mẫu)"
            number = f"MẪU-{FLAGS}-2/QĐ-BTNMT"
            signed.append({**_decision(self.stage, number, MINISTER, MINISTRY, FLAGS, against), "reason": why})
        if signed:
            cut = await review(self.stage)
            body = [{**one, "cut": cut} for one in signed]
            await behind_cut(self.stage, partial(self.stage.doors.post, "/awards/decisions/list", body))
        await self._refuse_and_complain()

    async def _refuse_and_complain(self) -> None:
        if self.refused:
            why = "Sáng kiến trùng giải pháp đã được khen thưởng năm trước (tình huống mẫu)"
            refusal = step("refused", "MẪU-13/TB-BTNMT", DECIDED_ON, reason=why, on_behalf=MINISTER)
            await self.proposing.move(self.refused, refusal)
        lost = [one for one in self.meeting.lost if one.title == PERSONAL]
        if lost:
            why = "Đề nghị xem lại kết quả kiểm phiếu (tình huống mẫu)"
            await self.proposing.move(lost, step("complaint", "MẪU-14/Đơn", DECIDED_ON, reason=why))


def _subjects(cases: Sequence[Case], title: str) -> list[str]:
    return sorted(one.subject for one in cases if one.title == title)


def _decision(
    stage: Stage, number: str, signer: str, authority: str, code: str, subjects: Sequence[str]
) -> dict[str, Any]:
    return {
        "number": number,
        "dated": DECIDED_ON,
        "signer": signer,
        "authority": authority,
        "campaign": stage.year.campaign.code,
        "awards": [{"subject": subject, "code": code, "year": YEAR} for subject in subjects],
    }
