"""Titles: the history of earlier years, what people confirm, and the decisions that heads of unit sign.

Where the law leaves a choice to people, the sample stands in for them in the plainest way: a head of
unit awards whoever is eligible, a council fills its places in the order of staff codes. Nothing of the
services chooses anything.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any, Final

from thidua_sample.generate.campaign import YEAR
from thidua_sample.generate.organisation import MINISTRY
from thidua_sample.generate.records import SampleDecision, SampleUnit
from thidua_sample.play.deciding import DECIDED_ON, Adding, Deciding
from thidua_sample.play.doors import APPRAISER, OFFICE, batches
from thidua_sample.play.meeting import MET_ON, Meeting
from thidua_sample.play.proposing import Proposing
from thidua_sample.play.reviewing import behind_cut, met_but_for, recommended, review
from thidua_sample.play.stage import Stage, Waiting

HEAD: Final = "Thủ trưởng đơn vị"
MINISTER: Final = "Bộ trưởng Bộ Tài nguyên và Môi trường"
CONFIRMATIONS_PER_REQUEST: Final = 2_000
DECISIONS_PER_REQUEST: Final = 100
PAST_DECISIONS_PER_FILE: Final = 500
QUOTA_KEY: Final = "cstdcs.quota"

LDTT_DECIDED_ON: Final = date(2023, 1, 25)
CSTDCS_DECIDED_ON: Final = date(2023, 1, 30)
TTLDTT_DECIDED_ON: Final = date(2023, 2, 3)
LAST_REVIEW_ON: Final = date(2023, 2, 6)


class Recording:
    """Decisions of earlier years and disciplines, entered as their days come."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._decisions = Waiting(stage.year.decisions, lambda one: one.document.dated)
        self._disciplines = Waiting(stage.year.discipline, lambda one: one.decision.dated)
        self._done = 0

    async def until(self, day: date) -> None:
        """Enter what was signed up to a day."""
        stage = self._stage
        for decisions in batches(self._decisions.until(day), PAST_DECISIONS_PER_FILE):
            # The award history of an agency comes as a file: one line per award.
            rows = [row for decision in decisions for row in _past_awards(decision)]
            await stage.doors.send_table("/awards/imports/awards?name=khen-thuong.csv", rows)
            self._done += len(decisions)
            stage.progress("history", self._done, len(stage.year.decisions))
        entries = [
            {
                "subject": one.person,
                "form": one.form,
                "decided_on": one.decision.dated,
                "ends_on": one.ends_on,
            }
            for one in self._disciplines.until(day)
        ]
        if entries:
            await stage.doors.post("/awards/disciplines", entries)


def _past_awards(decision: SampleDecision) -> list[dict[str, Any]]:
    return [
        {
            "subject": award.subject,
            "code": award.code,
            "year": award.year,
            "number": decision.document.number,
            "dated": decision.document.dated.isoformat(),
            "signer": decision.signer,
            "authority": decision.authority,
        }
        for award in decision.awards
    ]


async def enter_ratings(stage: Stage) -> None:
    """Enter the quality ratings of the year."""
    rows = [
        {
            "person": rating.subject if rating.kind == "individual" else None,
            "unit": rating.unit,
            "year": rating.year,
            "level": rating.level,
            "decision": rating.decision,
        }
        for rating in stage.year.ratings
    ]
    for batch in batches(rows, CONFIRMATIONS_PER_REQUEST):
        await stage.doors.put("/registration/ratings", batch)


async def enter_confirmations(stage: Stage) -> None:
    """Enter what unit reviews, personnel officers, the office, appraisers and clusters answered."""
    by_role: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for one in stage.year.confirmations:
        entry = {
            "campaign": stage.year.campaign.code,
            "subject": one.subject,
            "key": one.key,
            "title": one.title,
            "answer": one.answer,
            "by": WHO[one.by],
            "document": one.document.number,
            "dated": one.document.dated,
        }
        by_role[APPRAISER if one.by == "appraiser" else OFFICE].append(entry)
    for role, entries in sorted(by_role.items()):
        for batch in batches(entries, CONFIRMATIONS_PER_REQUEST):
            await stage.doors.put("/awards/confirmations", batch, role)


WHO: Final[Mapping[str, str]] = {
    "unit": "Tập thể đơn vị bình xét",
    "personnel": "Bộ phận tổ chức cán bộ",
    "office": "Thường trực Hội đồng",
    "appraiser": "Người thẩm định",
    "cluster": "Khối, cụm thi đua",
}


async def award_titles(stage: Stage, ids: Mapping[str, str]) -> None:
    """Review and decide title after title, each on the decisions of the one before; `ids` by staff code.

    What the Minister awards goes on to the council.
    """
    await _decide(stage, "LDTT", LDTT_DECIDED_ON, ids)
    await _decide(stage, "CSTDCS", CSTDCS_DECIDED_ON, ids)
    await _decide(stage, "TTLDTT", TTLDTT_DECIDED_ON, ids)
    await award_at_ministry(stage, {person: code for code, person in ids.items()})


async def award_at_ministry(stage: Stage, codes: dict[str, str]) -> None:
    """Let dossiers go to the council and the Minister; `codes` of people by id."""
    codes |= {row["id"]: row["code"] async for row in stage.doors.pages("/registration/units")}
    proposing, adding = Proposing(stage, codes), Adding(stage, codes)
    meeting = Meeting(stage, proposing)
    await proposing.send()
    await adding.answer()
    stage.progress("titles", 3, 4)
    await stage.morning_of(LAST_REVIEW_ON)
    await adding.decide(await review(stage))
    stage.progress("titles", 4, 4)
    stage.progress("council", 0, 3)
    await proposing.appraise()
    await stage.morning_of(MET_ON)
    stage.progress("council", 1, 3)
    await proposing.hear(MET_ON)
    await meeting.hold()
    await stage.morning_of(DECIDED_ON)
    stage.progress("council", 2, 3)
    await Deciding(stage, proposing, meeting).decide()
    await adding.cancel()
    await review(stage)
    stage.progress("council", 3, 3)


async def _decide(stage: Stage, title: str, day: date, ids: Mapping[str, str]) -> None:
    order = ("LDTT", "CSTDCS", "TTLDTT").index(title)
    stage.progress("titles", order, 4)
    await stage.morning_of(day)
    cut = await review(stage)
    chosen = await _within_places(stage, title, cut, ids) if title == "CSTDCS" else await _eligible(stage, title)
    signed = [{**decision, "cut": cut} for decision in _new_decisions(stage, title, day, chosen)]
    for batch in batches(signed, DECISIONS_PER_REQUEST):
        await behind_cut(stage, partial(stage.doors.post, "/awards/decisions/list", batch))


async def _eligible(stage: Stage, title: str) -> list[dict[str, Any]]:
    return await recommended(stage, title, verdict="eligible")


async def _within_places(stage: Stage, title: str, cut: str, ids: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return, per deciding unit, as many candidates as there are places, in the order of staff codes."""
    official = partial(stage.doors.get, "/awards/quotas", campaign=stage.year.campaign.code, cut=cut)
    # The clock of the play stands still, so that nothing that arrives is reviewed by itself.
    quotas = (await behind_cut(stage, official, partial(review, stage)))["quotas"]
    places = {row["deciding_unit"]: row["quota"]["places"] for row in quotas if row["quota"]}
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    counted = [row for row in await recommended(stage, title) if row["quota"]]
    for row in await met_but_for(stage, counted, (QUOTA_KEY,)):
        found[row["quota"]["group"]].append(row)
    codes = {person: code for code, person in ids.items()}
    return [
        row
        for group, rows in sorted(found.items())
        for row in sorted(rows, key=lambda row: codes[row["subject"]])[: places[group]]
    ]


async def staff_ids(stage: Stage) -> dict[str, str]:
    """Return the ids of people by staff code."""
    return {row["code"]: row["id"] async for row in stage.doors.pages("/registration/people")}


def _by_authority(stage: Stage, rows: Iterable[dict[str, Any]]) -> dict[str, list[str]]:
    """Group subjects by who signs: the head of a unit that is a legal person, else the Minister."""
    by_name = {unit.name: unit for unit in stage.year.units}
    grouped: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        grouped[_authority(by_name[row["unit_name"]])].append(row["subject"])
    return grouped


def _authority(unit: SampleUnit) -> str:
    return unit.code if unit.legal_person else MINISTRY


def _new_decisions(stage: Stage, title: str, day: date, chosen: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    by_authority = sorted(_by_authority(stage, chosen).items())
    for place, (authority, subjects) in enumerate(by_authority, start=1):
        yield _new_decision(stage, title, day, authority, place, subjects)


def _new_decision(
    stage: Stage, title: str, day: date, authority: str, place: int, subjects: Sequence[str]
) -> dict[str, Any]:
    return {
        "number": f"MẪU-{title}-{place:02d}/QĐ-{authority.upper()}",
        "dated": day,
        "signer": MINISTER if authority == MINISTRY else HEAD,
        "authority": authority,
        "campaign": stage.year.campaign.code,
        "awards": [{"subject": subject, "code": title, "year": YEAR} for subject in sorted(subjects)],
    }
