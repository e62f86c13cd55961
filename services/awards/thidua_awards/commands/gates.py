"""What must lie behind a dossier before it takes a step: a whole appraisal, ended opinions, counting minutes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, Final

from sqlalchemy import Row

from thidua_awards.domain import dossier as domain
from thidua_awards.domain.conditions import beside_a_met_route
from thidua_awards.domain.findings import day_text
from thidua_awards.domain.records import answers_of
from thidua_awards.dossier_entries import StepEntry
from thidua_awards.errors import AppraisalOpen, CouncilSaysOtherwise, NoDecision, OpinionsOpen, StepIncomplete
from thidua_awards.law import condition_names
from thidua_awards.queries import dossiers as queries
from thidua_awards.queries import objections, opinions, outcomes
from thidua_awards.queries.answers import denied
from thidua_awards.queries.matters import Line, columns, line_of
from thidua_awards.queries.review_sets import HOLDS
from thidua_runtime.database import Transaction

RESULTS: Final = {
    True: ("đạt", "passed"),
    False: ("không đạt", "not passed"),
    None: ("chưa có tỷ lệ yêu cầu", "no share is known"),
}
HANDED_OVER: Final = ("corrected", "presented", "paid")
"""Steps that only an award takes: a refusal that is corrected becomes one by a decision."""


async def check(tx: Transaction, rows: Sequence[Row[Any]], entry: StepEntry) -> None:
    """Refuse the step for the first dossier that is not ready for it; each gate is one query for all of them.

    Raises AppraisalOpen, OpinionsOpen, StepIncomplete, CouncilSaysOtherwise, NoDecision.
    """
    to = entry.to
    if to in HANDED_OVER:
        await _decided(tx, rows)
    # A cluster meets on a day of its own, which may lie before the appraisal.
    if not entry.reason and to != "cluster_vote":
        await _in_order(tx, rows, entry.acted_on or tx.clock.today())
    if to in domain.FORWARD and not entry.reason:
        await _none_held(tx, rows, entry.acted_on or tx.clock.today())
    if to in ("opinions", "council_ready"):
        looked_at = [line_of(row) for row in rows if row.state == "appraisal"]
        await appraised(tx, rows[0].campaign, looked_at)
    if to == "council_ready":
        await _heard(tx, rows, entry)
    if to in ("voted", "to_authority", "not_passed"):
        await _as_voted(tx, [row for row in rows if row.state in ("council_ready", "voted")], entry)


async def _decided(tx: Transaction, rows: Sequence[Row[Any]]) -> None:
    """Raise NoDecision for what would be handed over or paid without a decision in force, as after a complaint."""
    row = await tx.row(objections.UNDECIDED, ids=[row.id for row in rows])
    if row is not None:
        raise NoDecision(title=row.title, name=row.name)


async def _in_order(tx: Transaction, rows: Sequence[Row[Any]], acted_on: date) -> None:
    """Refuse a step dated before the one it follows: by these days a regime is chosen, and a mistyped one unseen."""
    row = await tx.row(objections.LATER, ids=[row.id for row in rows], day=acted_on)
    if row is not None:
        before = domain.LABELS[row.state]
        raise StepIncomplete(
            why=f"ngày thực hiện {day_text(acted_on)} trước bước “{before}” ngày {day_text(row.acted_on)}; sửa ngày, "
            "hoặc ghi lý do",
            why_en=f"the step of {acted_on} is before {row.state} of {row.acted_on}; mend the day, or say why",
        )


async def _none_held(tx: Transaction, rows: Sequence[Row[Any]], acted_on: date) -> None:
    held = [
        *await tx.rows(HOLDS, as_of=acted_on, subjects=sorted({row.subject for row in rows})),
        *await tx.rows(objections.HELD_BESIDE, as_of=acted_on, ids=[row.id for row in rows]),
    ]
    if held:
        since = day_text(min(one.since for one in held))
        raise StepIncomplete(
            why=f"việc xem xét đang tạm dừng từ ngày {since}; kết thúc tạm dừng, hoặc ghi lý do",
            why_en=f"the review is held since {since}; lift the hold, or say why",
        )


async def found_states(tx: Transaction, campaign: str, lines: Sequence[Line]) -> dict[Line, str]:
    """Return the state of the recommendations there are of these lines."""
    return {line_of(row): row.state for row in await _findings(tx, campaign, lines)}


async def appraised(tx: Transaction, campaign: str, lines: Sequence[Line]) -> None:
    """Raise AppraisalOpen, naming the conditions that still wait for a person's answer."""
    refused = await denied(tx, campaign, [(subject, title) for subject, title, _ in lines])
    others = await _about_another(tx, campaign, lines)
    for row in await _findings(tx, campaign, lines):
        findings = outcomes.FINDINGS.validate_json(row.findings)
        said_no: Iterable[str] = refused.get((row.subject, row.title), frozenset())
        if row.matter:
            keys = dict.fromkeys(said_no)
            said_no = answers_of(keys, row.title, row.matter, is_another=line_of(row) in others)
        left = domain.left_open(findings, {*said_no, *beside_a_met_route(findings)})
        if left:
            names = condition_names()
            raise AppraisalOpen(names=", ".join(f"{names[key]} ({key})" for key in left), names_en=", ".join(left))


async def _about_another(tx: Transaction, campaign: str, lines: Sequence[Line]) -> set[Line]:
    """Return the lines of later dossiers that are about something else than those before them."""
    subjects = sorted({subject for subject, _, matter in lines if matter})
    rows = await tx.rows(queries.FILED, campaign=campaign, subjects=subjects) if subjects else ()
    return {line_of(row) for row in rows if row.is_another}


async def _findings(tx: Transaction, campaign: str, lines: Iterable[Line]) -> Sequence[Row[Any]]:
    wanted = sorted(set(lines))
    if not wanted:
        return ()
    return await tx.rows(objections.FINDINGS, campaign=campaign, **columns(wanted))


async def _heard(tx: Transaction, rows: Sequence[Row[Any]], entry: StepEntry) -> None:
    asked = await tx.rows(opinions.OF_DOSSIERS, ids=[row.id for row in rows])
    waiting = [one for one in asked if not one.closed_on or one.unanswered]
    if waiting:
        kinds = sorted({f"{domain.OPINION_WORDS[one.kind]} (văn bản {one.document})" for one in waiting})
        named = sorted({f"{one.kind} ({one.document})" for one in waiting})
        raise OpinionsOpen(kinds=", ".join(kinds), kinds_en=", ".join(named))
    told = {one.dossier for one in asked}
    silent = [row for row in rows if row.state in ("opinions", "comments") and row.id not in told]
    if silent and not entry.reason:
        raise StepIncomplete(
            why="chưa ghi lượt lấy ý kiến nào về hồ sơ này; ghi lượt lấy ý kiến, hoặc ghi lý do",
            why_en="no opinion was asked for on this dossier; record one, or say why",
        )


async def _as_voted(tx: Transaction, rows: Sequence[Row[Any]], entry: StepEntry) -> None:
    found = {one.dossier: one for one in await tx.rows(queries.RESULTS, ids=[row.id for row in rows])} if rows else {}
    for row in rows:
        result = found.get(row.id)
        if result is None:
            raise CouncilSaysOtherwise(
                why="chưa có biên bản kiểm phiếu nào từ ngày hồ sơ đủ điều kiện trình Hội đồng",
                why_en="no counting minutes since the dossier was ready for the council",
            )
        against = {"to_authority": result.passed is not True, "not_passed": result.passed is not False}
        if against.get(entry.to, False) and not entry.reason:
            said, said_en = RESULTS[result.passed]
            raise CouncilSaysOtherwise(
                why=f"biên bản kiểm phiếu {result.document}: {said}; ghi lý do để đi tiếp",
                why_en=f"minutes {result.document}: {said_en}; say why to go on",
            )
