"""A later dossier of a subject for a title: for another achievement, or anew after the one before has ended.

What names a subject and a title means the one dossier that is under way; where there are several, the dossier is named.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import Row

from thidua.contracts import Campaign
from thidua.errors import NotFound, Refused
from thidua_awards.commands import gates
from thidua_awards.commands.review import review_pending
from thidua_awards.domain.dossier import AWARDED, ENDED, LABELS
from thidua_awards.domain.records import is_about_the_deed
from thidua_awards.dossier_entries import DossierEntry
from thidua_awards.errors import AlreadyMoved, DossierExists, NotReviewed
from thidua_awards.queries import dossiers as queries
from thidua_awards.queries import lookups, marks, matters, outcomes
from thidua_runtime.database import Transaction

Named = Sequence[tuple[DossierEntry, lookups.Subject]]


async def matters_of(tx: Transaction, campaign: str, named: Named, ids: Sequence[str]) -> list[str]:
    """Return the matter of each new dossier: empty for the first of its subject and title, its id for a later one.

    Raises NotReviewed; DossierExists while one of the same achievement is under way, or where that was decided on;
    AlreadyMoved where a decision stands without a dossier and no other achievement is named.
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
    same = next((one for one in earlier if one.state not in ENDED and one.achievement == entry.achievement), None)
    if same is None:
        return
    # A dossier without an achievement is for the merit of the year.
    what, what_en = ("thành tích này", "this achievement") if same.achievement else ("thành tích năm", "the year")
    other = "hồ sơ về thành tích khác ghi rõ thành tích đó (achievement)"
    other_en = "a dossier about something else names what was achieved (achievement)"
    if same.state in AWARDED:
        why, why_en = f"{what} đã có quyết định; {other}", f"{what_en} was decided on; {other_en}"
    else:
        why = f"hồ sơ về {what} đang ở bước “{LABELS[same.state]}”; hãy mở hồ sơ đó, {other}"
        why_en = f"one for {what_en} is at {same.state}; open that one, {other_en}"
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


async def meant(
    tx: Transaction, campaign: str, named: Iterable[tuple[str, str]], chosen: Collection[str] = ()
) -> dict[tuple[str, str], str]:
    """Return which matter each (subject, title) of a list or decision means; one without a dossier is absent.

    The dossier under way, or where none is, the newest; of several under way the one among `chosen`. Raises Refused
    where none of several is chosen, NotFound for one that is chosen and is none of theirs or has ended.
    """
    found: dict[tuple[str, str], str] = {}
    left = set(chosen)
    for (subject, title), rows in (await matters.before(tx, campaign, named)).items():
        under_way = [row for row in rows if row.state not in (*AWARDED, *ENDED)]
        picked = [row for row in rows if row.id in chosen and row.state not in ENDED]
        left -= {row.id for row in picked}
        if len(under_way) > 1 and not picked:
            name = await lookups.name_of(tx, subject)
            deeds = "; ".join(f"{row.achievement or 'thành tích năm'} ({row.id})" for row in under_way)
            raise Refused(
                why=f"{name} có {len(under_way)} hồ sơ {title} đang xử lý, ghi mã của một hồ sơ: {deeds}",
                why_en=f"{name} has {len(under_way)} dossiers of {title} under way, name one of them: {deeds}",
            )
        found[subject, title] = (picked or under_way or rows)[-1].matter
    if left:
        ids = ", ".join(sorted(left))
        raise NotFound(what=f"hồ sơ đang xử lý {ids} trong danh sách", what_en=f"The dossier {ids} on this list")
    return found


async def key_of_answer(tx: Transaction, campaign: str, subject: str, key: str, dossier: str) -> str:
    """Return under which key an answer about one dossier is kept: of the first one it is the subject's own.

    Raises NotFound for a dossier of somebody else, Refused for an answer that is the same for every dossier.
    """
    row = await queries.found(tx, dossier)
    if (row.campaign, row.subject) != (campaign, subject):
        raise NotFound(what=f"hồ sơ {dossier} của đối tượng này", what_en=f"The dossier {dossier} of that subject")
    if not is_about_the_deed(key, row.title):
        raise Refused(
            why=f"{key} không phải nội dung về thành tích của riêng hồ sơ {row.title}; bỏ mã hồ sơ (dossier)",
            why_en=f"{key} is nothing about what a dossier of {row.title} is for; leave out the dossier",
        )
    return f"{key}/{row.matter}" if row.matter else key
