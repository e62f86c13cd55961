"""Facts: stating values for criterion inputs, and having them checked by another person."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import groupby
from typing import Any, Final

import orjson
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Row

from thidua.contracts import CriteriaSetState, Document, Fact, SubjectKind
from thidua.contracts.base import Code, Period, Text
from thidua.contracts.campaign import CampaignState
from thidua.contracts.clashes import clashes
from thidua.contracts.judgement import DeclaredInput
from thidua.contracts.work import FactEntry, FactStatus, StatedBy
from thidua.spelling import plain_name
from thidua_monitoring.domain.facts import Said, refusal
from thidua_monitoring.errors import FactRefused, FactUnknown, NotYours, ReasonNeeded, SamePerson, UnitUnknown
from thidua_monitoring.queries import facts as queries
from thidua_monitoring.queries import names
from thidua_monitoring.queries.facts import Key
from thidua_runtime.access import ROLE_WORDS, Principal
from thidua_runtime.database import Transaction
from thidua_runtime.ids import new_id
from thidua_runtime.web import Versioned

MOST_TOLD: Final = 20
"""Refused values that one answer tells."""

STATERS: Final[dict[str, str]] = {"self": "đơn vị, cá nhân", "appraiser": "người thẩm định", "council": "hội đồng"}
MAY_STATE: Final = {
    "unit": {StatedBy.SELF},
    "appraiser": {StatedBy.APPRAISER},
    "office": {StatedBy.SELF, StatedBy.APPRAISER, StatedBy.COUNCIL},
    "operator": {StatedBy.SELF, StatedBy.APPRAISER, StatedBy.COUNCIL},
}
"""Whose statements each role may enter; the office enters what came on paper."""


class EntryIn(BaseModel):
    """One stated value. Without an `id` it is a new entry."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Code | None = None
    period: Period
    dated: date
    value: Text
    document: Document | None = None
    evidence: tuple[Code, ...] = Field((), max_length=100)


class FactIn(BaseModel):
    """Everything one source states for one input of a subject; it replaces what was stated before."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    subject: Code
    campaign: Code
    input: Code
    stated_by: StatedBy
    entries: tuple[EntryIn, ...] = Field((), max_length=1000)


class Check(BaseModel):
    """A person's verdict on one stated value; refusing needs a reason."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    subject: Code
    campaign: Code
    input: Code
    stated_by: StatedBy
    entry: Code
    accept: bool
    because: Text = ""


async def state_facts(tx: Transaction, facts: Sequence[FactIn], principal: Principal) -> list[dict[str, Any]]:
    """Store statements, all or none; raises FactRefused with every reason."""
    if any(fact.stated_by is StatedBy.UNKNOWN for fact in facts):
        known = ", ".join(STATERS)
        raise FactRefused(why=f"stated_by phải là một trong {known}", why_en=f"stated_by is one of {known}")
    subjects = await _subjects(tx, facts, principal)
    campaigns = {name: await names.campaign(tx, name) for name in sorted({fact.campaign for fact in facts})}
    over = [name for name, row in campaigns.items() if row.body.get("state") == CampaignState.CLOSED]
    if over:
        raise FactRefused(
            why=f"phong trào {', '.join(over)} đã kết thúc", why_en=f"closed campaigns: {', '.join(over)}"
        )
    sets = {name: await queries.sets_of(tx, row.body) for name, row in campaigns.items()}
    inputs = {name: queries.inputs_asked(used) for name, used in sets.items()}
    stored = [_stored(fact, subjects[fact.subject], campaigns[fact.campaign].key) for fact in facts]
    wrong: list[Said] = []
    for fact in facts:
        kind = SubjectKind.INDIVIDUAL if subjects[fact.subject].individual else SubjectKind.COLLECTIVE
        wrong += _refusals(fact, inputs[fact.campaign].get(kind, {}))
        wrong += _ambiguities(fact, kind, sets[fact.campaign])
        wrong += _periods_outside(fact, campaigns[fact.campaign].body)
    if wrong:
        said, told = zip(*wrong[:MOST_TOLD], strict=True)
        raise FactRefused(why="; ".join(said), why_en="; ".join(told))
    await _save(tx, stored, facts)
    keys = [_key(each) for each in stored]
    await publish_facts(tx, keys)
    return [dict(zip(("subject", "campaign", "input", "stated_by"), key, strict=True)) for key in keys]


async def _subjects(tx: Transaction, facts: Sequence[FactIn], principal: Principal) -> dict[str, Row[Any]]:
    codes = sorted({fact.subject for fact in facts})
    found = await queries.subjects(tx, codes)
    others = [code for code in codes if code not in found]
    named = await queries.people_by_code(tx, others) if others else {}
    named |= await names.unit_ids(tx, (code for code in others if code not in named), tx.clock.today())
    known = await queries.subjects(tx, list(named.values()))
    found |= {code: known[id] for code, id in named.items()}
    own = None if principal.unit is None else await names.unit_id(tx, principal.unit, tx.clock.today())
    for fact in facts:
        if fact.stated_by not in MAY_STATE.get(principal.role, set()):
            raise NotYours(
                why=f"vai trò {ROLE_WORDS[principal.role]} không khai số liệu loại {fact.stated_by}",
                why_en=f"the role {principal.role} states no facts as {fact.stated_by}",
            )
        if own is not None and found[fact.subject].unit != own:
            raise NotYours(
                why=f"{fact.subject} không thuộc đơn vị {principal.unit}",
                why_en=f"{fact.subject} is not of unit {principal.unit}",
            )
    return found


def _refusals(fact: FactIn, inputs: dict[str, DeclaredInput]) -> Iterable[Said]:
    declared = inputs.get(fact.input)
    if declared is None:
        why = f"không bộ tiêu chí nào của phong trào cần “{fact.input}” cho loại đối tượng này"
        return [(why, f"no criteria set of the campaign asks {fact.input!r} of this kind of subject")]
    if declared.stated_by and fact.stated_by not in declared.stated_by:
        why = f"“{declared.title or fact.input}” không do {STATERS.get(fact.stated_by, fact.stated_by)} khai"
        return [(why, f"{fact.input} is not stated by {fact.stated_by}")]
    checked = (refusal(declared, _entry(entry)) for entry in fact.entries)
    return [why for why in checked if why is not None]


def _ambiguities(fact: FactIn, kind: SubjectKind, sets: Iterable[CriteriaSetState]) -> Iterable[Said]:
    for name, one, other in clashes([each for each in sets if each.subject_kind is kind]):
        if name == fact.input:
            why = f"“{name}” được hai bộ tiêu chí {one} và {other} hỏi khác nhau; hãy đổi tên đầu vào ở một bộ"
            yield why, f"the sets {one} and {other} declare {name!r} differently; rename the input in one of them"


def _periods_outside(fact: FactIn, campaign: Mapping[str, Any]) -> Iterable[Said]:
    first, last = campaign["starts_on"][:4], campaign["ends_on"][:4]
    for entry in fact.entries:
        if not min(first, str(campaign["year"])) <= entry.period[:4] <= max(last, str(campaign["year"])):
            why = f"kỳ {entry.period} không thuộc năm của phong trào {fact.campaign}"
            yield why, f"the period {entry.period} is of no year of the campaign {fact.campaign}"


def _entry(entry: EntryIn) -> FactEntry:
    return FactEntry(**{**entry.model_dump(), "id": entry.id or new_id()})


def _stored(fact: FactIn, subject: Row[Any], campaign: str) -> dict[str, Any]:
    return {
        "subject": subject.id, "campaign": campaign, "input": fact.input, "stated_by": fact.stated_by.value,
        "individual": subject.individual, "unit": subject.unit,
    }  # fmt: skip


def _key(stored: dict[str, Any]) -> Key:
    return stored["subject"], stored["campaign"], stored["input"], stored["stated_by"]


async def _save(tx: Transaction, stored: Sequence[dict[str, Any]], facts: Sequence[FactIn]) -> None:
    whole = {_key(each): (each, fact) for each, fact in zip(stored, facts, strict=True)}
    entries = {}
    for key, (each, fact) in whole.items():
        for entry in fact.entries:
            made = {**each, **_entry(entry).model_dump(mode="json", exclude={"status"})}
            entries[*key, made["id"]] = made
    kept = orjson.dumps([each for each, _ in whole.values()]).decode()
    sent = orjson.dumps(list(entries.values())).decode()
    await tx.rows(queries.SAVE_FACTS, facts=kept, actor=tx.actor)
    await tx.execute(queries.DROP_ENTRIES, facts=kept, entries=sent)
    await tx.execute(queries.SAVE_ENTRIES, entries=sent, actor=tx.actor)


async def check_fact(tx: Transaction, check: Check) -> Versioned:
    """Verify or refuse one stated value; never by the person who stated it."""
    if not check.accept and not check.because.strip():
        raise ReasonNeeded
    key = await _known_key(tx, check)
    names_of_key = dict(zip(("subject", "campaign", "input", "stated_by"), key, strict=True))
    row = await tx.row(queries.LOCK_ENTRY, **names_of_key, id=check.entry)
    if row is None:
        raise FactUnknown(input=check.input, subject=check.subject)
    if plain_name(row.stated_actor) == plain_name(tx.actor):
        raise SamePerson
    status = FactStatus.VERIFIED if check.accept else FactStatus.REFUSED
    because = "" if check.accept else check.because
    saved = await tx.row(
        queries.CHECK_ENTRY, **names_of_key, id=check.entry, status=status.value, because=because, actor=tx.actor
    )
    assert saved is not None
    await publish_facts(tx, [key])
    return Versioned({"entry": check.entry, "status": status.value}, saved.revision)


async def _known_key(tx: Transaction, check: Check) -> Key:
    campaign = (await names.campaign(tx, check.campaign)).key
    subject = check.subject
    if subject not in await queries.subjects(tx, [subject]):
        named = await queries.people_by_code(tx, [subject])
        try:
            subject = named.get(subject) or await names.unit_id(tx, subject, tx.clock.today())
        except UnitUnknown:
            raise FactUnknown(input=check.input, subject=check.subject) from None
    return subject, campaign, check.input, check.stated_by.value


async def publish_facts(tx: Transaction, keys: Sequence[Key]) -> None:
    """Publish statements as they are stored."""
    tx.publish(await fact_states(tx, keys))


async def fact_states(tx: Transaction, keys: Sequence[Key]) -> list[Fact]:
    """Return statements as they are published."""
    rows = await queries.entries(tx, keys)
    by_fact = groupby(rows, key=lambda row: (row.subject, row.campaign, row.input, row.stated_by))
    return [fact_state(tuple(group)) for _, group in by_fact]


def fact_state(rows: Sequence[Row[Any]]) -> Fact:
    """Return the published state of one statement from its rows."""
    first = rows[0]
    return Fact(
        subject=first.subject, campaign=first.campaign, input=first.input, stated_by=StatedBy(first.stated_by),
        subject_kind=SubjectKind.INDIVIDUAL if first.individual else SubjectKind.COLLECTIVE, unit=first.unit,
        entries=tuple(entry_of(row) for row in rows if row.id is not None),
    )  # fmt: skip


def entry_of(row: Row[Any]) -> FactEntry:
    """Return one stored entry as the contract has it."""
    return FactEntry(
        id=row.id, period=row.period, dated=row.dated, value=row.value, evidence=tuple(row.evidence),
        document=None if row.document is None else Document.model_validate(row.document),
        status=FactStatus(row.status), entered_by=row.stated_actor, checked_by=row.checked_by or "",
    )  # fmt: skip
