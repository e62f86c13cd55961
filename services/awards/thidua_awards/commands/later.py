"""A later dossier of a subject for a title: for another achievement, or anew after the one before has ended."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row

from thidua.contracts import Campaign
from thidua_awards.commands import gates
from thidua_awards.commands.review import review_pending
from thidua_awards.domain.dossier import AWARDED, ENDED, LABELS
from thidua_awards.dossier_entries import DossierEntry
from thidua_awards.errors import AlreadyMoved, DossierExists, NotReviewed
from thidua_awards.queries import lookups, marks, matters, outcomes
from thidua_runtime.database import Transaction

Named = Sequence[tuple[DossierEntry, lookups.Subject]]


async def matters_of(tx: Transaction, campaign: str, named: Named, ids: Sequence[str]) -> list[str]:
    """Return the matter of each new dossier: empty for the first of its subject and title, its id for a later one.

    Raises NotReviewed; DossierExists while one is under way or where the same achievement was decided on; AlreadyMoved
    where a decision stands without a dossier and no other achievement is named.
    """
    about = [(subject.id, entry.title) for entry, subject in named]
    reviewed = await gates.found_states(tx, campaign, [(subject, title, "") for subject, title in about])
    before = await matters.before(tx, campaign, about)
    found = []
    for (entry, subject), id in zip(named, ids, strict=True):
        state = reviewed.get((subject.id, entry.title, ""))
        if state is None:
            raise NotReviewed(subject=await lookups.name_of(tx, subject.id), title=entry.title)
        earlier = before.get((subject.id, entry.title), ())
        await _room(tx, entry, subject.id, earlier)
        is_first = not earlier and state in outcomes.UNMOVED
        if not is_first and not earlier and not entry.achievement:
            now = LABELS.get(state, state)
            name = await lookups.name_of(tx, subject.id)
            raise AlreadyMoved(subject=name, title=entry.title, state=now, state_en=state)
        found.append("" if is_first else id)
    return found


async def _room(tx: Transaction, entry: DossierEntry, subject: str, earlier: Sequence[Row[Any]]) -> None:
    """Raise DossierExists, naming where the dossier stands that leaves no room, and what to do."""
    under_way = next((one for one in earlier if one.state not in (*AWARDED, *ENDED)), None)
    if under_way is not None:
        about = f" (thành tích “{under_way.achievement}”)" if under_way.achievement else ""
        why = f"hồ sơ đã có{about} đang ở bước “{LABELS[under_way.state]}”; xử lý xong hồ sơ đó rồi lập hồ sơ khác"
        why_en = f"one is under way, at {under_way.state}; end it, then begin another"
    elif any(one.state in AWARDED and one.achievement == entry.achievement for one in earlier):
        why = "đã có quyết định cho thành tích này; hồ sơ khác ghi thành tích khác (achievement)"
        why_en = "this achievement was decided on; another dossier names another one (achievement)"
    else:
        return
    name = await lookups.name_of(tx, subject)
    raise DossierExists(subject=name, title=entry.title, why=why, why_en=why_en)


async def review(tx: Transaction, campaign: Campaign, named: Named, of: Sequence[str]) -> None:
    """Review at once what the later ones of these dossiers ask for; what the earlier ones came to stays as it is."""
    new = [(entry, subject, matter) for (entry, subject), matter in zip(named, of, strict=True) if matter]
    if not new:
        return
    marks.mark_subjects(tx, [subject.id for _, subject, _ in new], campaign.id)
    await tx.flush()
    await review_pending(tx, campaign, sorted({subject.unit for _, subject, _ in new}))
    lines = [(subject.id, entry.title, matter) for entry, subject, matter in new]
    found = await gates.found_states(tx, campaign.id, lines)
    for line in lines:
        if line not in found:
            raise NotReviewed(subject=await lookups.name_of(tx, line[0]), title=line[1])
