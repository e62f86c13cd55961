"""Open dossiers and move them, step by step; nothing is skipped in silence."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import Row

from thidua.contracts import Campaign
from thidua.errors import Stale
from thidua_awards.commands import gates, later, limits
from thidua_awards.commands.review import review_pending
from thidua_awards.domain import dossier as domain
from thidua_awards.domain.dossier import LABELS, Move
from thidua_awards.dossier_entries import DossierEntry, ListStepsEntry, StepEntry
from thidua_awards.errors import (
    AlreadyMoved,
    CouncilSaysOtherwise,
    DossierExists,
    NoSuchStep,
    StepIncomplete,
    UnknownSubject,
)
from thidua_awards.queries import chain, lookups, marks, objections, outcomes
from thidua_awards.queries import dossiers as queries
from thidua_awards.queries.matters import Line, key_of, line_of
from thidua_runtime.access import ROLE_WORDS, Principal
from thidua_runtime.database import Transaction
from thidua_runtime.errors import NotAllowed
from thidua_runtime.ids import new_id
from thidua_runtime.web import Versioned

NAMED_FOR: Final = {"refused": ("không tặng", "refused"), "on_hold": ("tạm dừng xem xét", "held the review")}
"""Steps that only a named official decides, as the refusal to take them says it."""


async def open_dossier(tx: Transaction, principal: Principal, entry: DossierEntry) -> dict[str, Any]:
    """Begin a dossier of a subject that was reviewed for the title.

    Raises NotReviewed; DossierExists while another is under way, or where one of the same achievement was decided;
    AlreadyMoved where a decision stands, whose findings stay as they are.
    """
    (id,) = await _open(tx, principal, [entry])
    return await _shown(tx, principal, id)


async def open_dossiers(tx: Transaction, principal: Principal, entries: Sequence[DossierEntry]) -> dict[str, Any]:
    """Begin dossiers together, all of them or none; raises what `open_dossier` raises, for the first refused."""
    return {"dossiers": await queries.heads(tx, await _open(tx, principal, entries))}


async def _open(tx: Transaction, principal: Principal, entries: Sequence[DossierEntry]) -> list[str]:
    subjects = await lookups.subjects(tx, (entry.subject for entry in entries))
    ids: dict[tuple[str, str, str], str] = {}
    by_campaign: dict[str, list[DossierEntry]] = defaultdict(list)
    for entry in entries:
        by_campaign[entry.campaign].append(entry)
    for code, wanted in by_campaign.items():
        campaign = await lookups.campaign(tx, code)
        named = [(entry, _known(subjects, entry.subject)) for entry in wanted]
        for unit in dict.fromkeys(subject.unit for _, subject in named):
            await _act_for(tx, principal, unit)
        begun = await _begin(tx, campaign, named, "drafting", None)
        ids |= {(code, entry.subject, entry.title): id for entry, id in zip(wanted, begun, strict=True)}
    return [ids[entry.campaign, entry.subject, entry.title] for entry in entries]


def _known(subjects: Mapping[str, lookups.Subject], name: str) -> lookups.Subject:
    if name not in subjects:
        raise UnknownSubject(subject=name)
    return subjects[name]


async def read_dossier(tx: Transaction, principal: Principal, id: str) -> Versioned:
    """Return a dossier to those who work on it; raises NotFound, NotAllowed for a clerk of another unit."""
    row = await queries.found(tx, id)
    await _act_for(tx, principal, row.unit)
    return Versioned(await _shown(tx, principal, id), row.revision)


async def _shown(tx: Transaction, principal: Principal, id: str) -> dict[str, Any]:
    return await queries.shown(tx, id, to_unit=principal.role == "unit")


Named = Sequence[tuple[DossierEntry, lookups.Subject]]


async def _begin(
    tx: Transaction, campaign: Campaign, named: Named, state: str, origin: str | None, begun_on: date | None = None
) -> list[str]:
    """Begin dossiers of one campaign, today or `begun_on`; return their ids in the order asked for."""
    ids = [new_id() for _ in named]
    of = await later.matters_of(tx, campaign.id, named, ids)
    movers = [limits.Mover(entry.title, subject.unit) for entry, subject in named]
    due = await limits.due(tx, campaign, movers, state, begun_on or tx.clock.today())
    added = await queries.add(tx, ids, campaign.id, named, of, state, origin, due)
    for (entry, subject), id in zip(named, ids, strict=True):
        if id not in added:
            why = "danh sách ghi hai lần, hoặc vừa có người lập hồ sơ khác"
            why_en = "the list names it twice, or somebody began another one just now"
            name = await lookups.name_of(tx, subject.id)
            raise DossierExists(subject=name, title=entry.title, why=why, why_en=why_en)
    first = [(subject.id, entry.title, "") for (entry, subject), matter in zip(named, of, strict=True) if not matter]
    moved = await outcomes.move_all(tx, campaign.id, first, state, outcomes.UNMOVED)
    for subject_id, title, _ in sorted(set(first) - moved):
        # A decision recorded at the same moment.
        name, now = await lookups.name_of(tx, subject_id), "decided"
        raise AlreadyMoved(subject=name, title=title, state=LABELS[now], state_en=now)
    await later.review(tx, campaign, named, of)
    return ids


async def take_steps(
    tx: Transaction, principal: Principal, id: str, entries: Sequence[StepEntry], expected: int | None = None
) -> dict[str, Any]:
    """Move a dossier along these steps, all of them or none.

    Raises NoSuchStep naming where it may go, StepIncomplete, AppraisalOpen, OpinionsOpen, CouncilSaysOtherwise; Stale
    where somebody moved it since it was read in revision `expected`.
    """
    if expected is not None:
        (row,) = await queries.found_all(tx, [id])
        if row.revision != expected:
            raise Stale(current=row.revision, expected=expected)
    for entry in entries:
        await _take(tx, principal, await queries.found_all(tx, [id]), entry)
    return await _shown(tx, principal, id)


async def take_steps_together(tx: Transaction, principal: Principal, entry: ListStepsEntry) -> dict[str, Any]:
    """Move dossiers of one campaign along the same steps, all of them or none; raises what `take_steps` raises."""
    for step in entry.steps:
        rows = await queries.found_all(tx, entry.dossiers)
        if len({row.campaign for row in rows}) > 1:
            raise StepIncomplete(
                why="danh sách có hồ sơ của nhiều phong trào", why_en="the list has dossiers of several campaigns"
            )
        if step.to == "converted" and len(rows) > 1:
            raise StepIncomplete(
                why="chuyển hình thức khen thưởng được ghi riêng cho từng hồ sơ",
                why_en="a conversion is recorded for one dossier at a time",
            )
        await _take(tx, principal, rows, step)
    return {"dossiers": await queries.heads(tx, entry.dossiers)}


async def _take(tx: Transaction, principal: Principal, rows: Sequence[Row[Any]], entry: StepEntry) -> None:
    campaign, to = rows[0].campaign, entry.to
    acted_on = entry.acted_on or tx.clock.today()
    for unit in dict.fromkeys(row.unit for row in rows):
        await _act_for(tx, principal, unit)
    for row in rows:
        _allowed(principal, row, entry, acted_on, tx.clock.today())
    await gates.check(tx, rows, entry)
    units = sorted({row.unit for row in rows})
    if to == "voted":
        # From here on the findings stand: they are to hold the minutes that were just written.
        await review_pending(tx, await lookups.campaign(tx, campaign), units)
    received = await queries.received_on(tx, [row.id for row in rows]) if to in limits.RESUMED else {}
    movers = [
        limits.Mover(row.title, row.unit, row.state, row.due_on, received.get(row.id), row.due_before) for row in rows
    ]
    due = await limits.due(tx, await lookups.campaign(tx, campaign), movers, to, acted_on)
    # What is converted waits for nothing any more: the time limit is that of the dossier that begins.
    await queries.move(tx, rows, to, [None if to == "converted" else entry.due_on or day for day in due])
    await _note(tx, rows, entry, acted_on)
    lines = [line_of(row) for row in rows]
    await outcomes.move(tx, campaign, lines, to, sorted({row.state for row in rows}))
    if to in ("sent", "received"):
        # The date of a proposal is a condition of some titles; both tell which regime judges it.
        marks.mark_subjects(tx, {row.subject for row in rows}, campaign)
    if to == "on_hold" or any(row.state == "on_hold" for row in rows):
        await _hold_or_go_on(tx, rows)
    if to == "voted":
        await chain.add_links(tx, "judged", [key_of(campaign, line) for line in lines])
    if to in outcomes.OPEN:
        back = [row for row in rows if row.state not in outcomes.OPEN]
        await chain.add_links(tx, "reopened", [key_of(campaign, line_of(row)) for row in back])
    if to == "converted":
        await _convert(tx, rows[0], entry)


async def _hold_or_go_on(tx: Transaction, rows: Sequence[Row[Any]]) -> None:
    """Review at once whose dossier is held or goes on: the step that follows looks at what is found."""
    campaign = rows[0].campaign
    marks.mark_subjects(tx, {row.subject for row in rows}, campaign)
    await tx.flush()
    await review_pending(tx, await lookups.campaign(tx, campaign), sorted({row.unit for row in rows}))


def _allowed(principal: Principal, row: Row[Any], entry: StepEntry, acted_on: date, today: date) -> None:
    move = _move(row, entry.to)
    if principal.role not in (*move.by, "operator"):
        by, named = " hoặc ".join(ROLE_WORDS[one] for one in move.by), " or ".join(move.by)
        raise NotAllowed(
            why=f"bước “{LABELS[entry.to]}” do {by} thực hiện", why_en=f"the step {entry.to} is taken by {named}"
        )
    _complete(entry, move, acted_on, today)


def _move(row: Row[Any], to: str) -> Move:
    open_to = [one for one in domain.moves_from(row.state, row.kind, row.before) if one.to not in domain.BY_DECISION]
    found = next((one for one in open_to if one.to == to), None)
    if found is None:
        where = ", ".join(f"{one.to} ({LABELS[one.to]})" for one in open_to) or "không còn bước nào"
        named = ", ".join(one.to for one in open_to) or "no step"
        raise NoSuchStep(state=LABELS[row.state], to=LABELS.get(to, to), to_en=to, open=where, open_en=named)
    return found


def _complete(entry: StepEntry, move: Move, acted_on: date, today: date) -> None:
    if acted_on > today:
        raise StepIncomplete(why="ngày thực hiện ở tương lai", why_en="the day of the step is still to come")
    if entry.dated is not None and entry.dated > today:
        raise StepIncomplete(why="ngày văn bản ở tương lai", why_en="the day of the document is still to come")
    afterwards = domain.is_afterwards(acted_on, today)
    if (move.document or afterwards) and not (entry.document and entry.dated):
        what, named = ("việc ghi sau", "a step recorded afterwards") if afterwards else ("bước này", "the step")
        raise StepIncomplete(why=f"{what} cần số, ngày văn bản", why_en=f"{named} needs number and date of a document")
    if move.reason and not entry.reason:
        raise StepIncomplete(why="bước này cần lý do", why_en="the step needs a reason")
    if move.named and not entry.on_behalf:
        what, named = NAMED_FOR[move.to]
        raise StepIncomplete(
            why=f"ghi người có thẩm quyền đã quyết định {what} (on_behalf)",
            why_en=f"name the competent person who {named} (on_behalf)",
        )
    if entry.to == "converted" and entry.title is None:
        raise StepIncomplete(
            why="ghi hình thức Hội đồng đề nghị (title)", why_en="name the form that the council proposes (title)"
        )
    if entry.to == "converted" and not entry.agreement:
        raise StepIncomplete(
            why="ghi văn bản của đơn vị đồng ý chuyển hình thức (agreement)",
            why_en="name the agreement of the unit (agreement)",
        )


async def _note(
    tx: Transaction, rows: Sequence[Row[Any]], entry: StepEntry, acted_on: date, skipped: Sequence[Sequence[str]] = ()
) -> None:
    await queries.add_steps(
        tx,
        rows,
        skipped,
        state=entry.to,
        acted_on=acted_on,
        on_behalf=entry.on_behalf or tx.actor,
        document=entry.document,
        dated=entry.dated,
        reason=entry.reason,
        agreement=entry.agreement,
        afterwards=max((tx.clock.today() - acted_on) // timedelta(days=1), 0),
    )


async def _convert(tx: Transaction, row: Row[Any], entry: StepEntry) -> None:
    """Begin the dossier of the form the council proposes and the unit agrees to.

    It was reviewed for that form, and is reviewed anew before; a condition left open refuses the step. The dates of the
    file and what was achieved go along; who was asked for an opinion about another form was not asked about this one.
    """
    campaign, title = await lookups.campaign(tx, row.campaign), entry.title or ""
    marks.mark_subjects(tx, [row.subject], row.campaign)
    await tx.flush()
    await review_pending(tx, campaign, [row.unit])
    subject = lookups.Subject(row.subject, (await lookups.subject(tx, row.subject)).kind, row.unit)
    begun = DossierEntry(campaign=row.campaign, subject=row.subject, title=title, kind=row.kind)
    of_file = {"achieved_on": row.achieved_on, "achievement": row.achievement, "due_on": entry.due_on}
    acted_on = entry.acted_on or tx.clock.today()
    named = [(begun.model_copy(update=of_file), subject)]
    made = await queries.found_all(tx, await _begin(tx, campaign, named, "council_ready", row.id, acted_on))
    await gates.appraised(tx, row.campaign, [line_of(one) for one in made])
    await _note(tx, made, entry, acted_on)
    # The dates of the file that goes along tell which regime judges it.
    marks.mark_subjects(tx, [row.subject], row.campaign)


async def decided(
    tx: Transaction, campaign: str, lines: Sequence[Line], document: str, dated: date, reason: str
) -> None:
    """Move the dossiers of a recorded decision; steps that nobody recorded are named on the way.

    The competent person may differ from the council, and decide on what was held, withdrawn or refused: raises
    CouncilSaysOtherwise (with or without a dossier) and StepIncomplete where that has no reason.
    """
    lost = None if reason else await objections.first_lost(tx, campaign, lines)
    if lost:
        raise CouncilSaysOtherwise(
            why=f"biên bản kiểm phiếu {lost.document}: không đạt; ghi lý do (reason)",
            why_en=f"minutes {lost.document}: not passed; say why it was decided all the same (reason)",
        )
    rows = await queries.by_lines(tx, campaign, lines)
    for row in rows:
        if not reason and not domain.is_on_the_way(row.state):
            why = f"hồ sơ {row.title} của {row.subject} ở bước “{LABELS[row.state]}”; ghi lý do (reason) để quyết định"
            told = f"the dossier {row.title} of {row.subject} is at {row.state}; say why it is decided (reason)"
            raise StepIncomplete(why=why, why_en=told)
    skipped = [domain.steps_between(row.state, "decided", row.before) if row.kind == "merit" else () for row in rows]
    await _follow(tx, rows, "decided", document, dated, reason, skipped)


async def cancelled(
    tx: Transaction, campaign: str, lines: Iterable[Line], document: str, dated: date, reason: str
) -> set[Line]:
    """Move the dossiers of a cancelled decision; return the lines that have one."""
    rows = await queries.by_lines(tx, campaign, lines)
    await _follow(tx, rows, "cancelled", document, dated, reason)
    told = {line_of(row) for row in rows}
    await outcomes.move(tx, campaign, told, "cancelled", outcomes.ANY_STATE)
    return told


async def corrected(
    tx: Transaction, campaign: str, lines: Iterable[Line], document: str, dated: date, reason: str
) -> None:
    """Note a correction on the dossiers of these lines; one that was presented or filed since stays where it is."""
    every = await queries.by_lines(tx, campaign, lines)
    rows = [
        row for row in every if "corrected" in {one.to for one in domain.moves_from(row.state, row.kind, row.before)}
    ]
    await _follow(tx, rows, "corrected", document, dated, reason)
    told = [line_of(row) for row in rows]
    await outcomes.move(tx, campaign, told, "corrected", outcomes.ANY_STATE)


async def _follow(
    tx: Transaction,
    rows: Sequence[Row[Any]],
    to: str,
    document: str,
    dated: date,
    reason: str,
    skipped: Sequence[Sequence[str]] = (),
) -> None:
    if not rows:
        return
    entry = StepEntry(to=to, document=document, dated=dated, reason=reason, on_behalf="Người có thẩm quyền")
    await queries.move(tx, rows, to, [None] * len(rows))
    await _note(tx, rows, entry, min(dated, tx.clock.today()), skipped)


async def _act_for(tx: Transaction, principal: Principal, unit: str) -> None:
    if principal.unit is not None:
        codes = await lookups.unit_codes(tx, unit)
        if principal.unit not in codes:
            principal.may_act_for(codes[-1])
