"""Merging reports about tasks into the ledger: one function, whichever door they came through."""

from __future__ import annotations

import hashlib
import itertools
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from itertools import groupby
from operator import attrgetter
from typing import Any, Final, NamedTuple

import orjson

from thidua.contracts import TaskReport
from thidua.contracts.work import Assignee, Extension, Incident, IncidentKind, TaskEnd
from thidua_monitoring.commands import plain_tasks
from thidua_monitoring.commands.frame import Frame, Task, read_frame
from thidua_monitoring.commands.marks import publish_vouched
from thidua_monitoring.commands.plain_tasks import Sorted
from thidua_monitoring.commands.results import moved, publish_at_end
from thidua_monitoring.domain.deadlines import position_of, standing, without_secrets
from thidua_monitoring.domain.months import month_of
from thidua_monitoring.domain.sources import load_sources
from thidua_monitoring.queries import ledger, set_aside, sources
from thidua_monitoring.queries.counting import counters
from thidua_monitoring.queries.ledger import SEPARATOR, LedgerRow, Merged
from thidua_monitoring.queries.months import PEOPLE_AT_ONCE, UNITS_AT_ONCE
from thidua_monitoring.queries.new_tasks import NewTask
from thidua_runtime.database import Transaction
from thidua_runtime.plain_reports import is_plain

APPLIED: Final = "applied"
STALE: Final = "stale"
WARNED: Final = "warned"
PARKED: Final = "parked"
REFUSED: Final = "refused"
COUNTED: Final = (APPLIED, STALE, WARNED, PARKED, "dead_letter")
SOURCE_EVENTS: Final = "thidua_source_events_total"

MOST_INCIDENTS: Final = 999
"""More counted failures or delays of one task are a defect of the source; the column is a smallint."""

SHARE_PLACES: Final = Decimal("0.000001")
"""A person's share of a converted weight is rounded once, so that what is added can be taken away."""

NUL: Final = b"\\u0000"
"""As JSON writes U+0000, which PostgreSQL cannot keep; where our contract forbids it the report is refused before."""

FIELDS: Final[Mapping[str, frozenset[str]]] = {
    **dict.fromkeys(TaskReport.model_fields, frozenset()),
    "assignees": frozenset(Assignee.model_fields),
    "extensions": frozenset(Extension.model_fields),
    "incidents": frozenset(Incident.model_fields),
    "withdrawn": frozenset(TaskEnd.model_fields),
    "reassigned": frozenset(TaskEnd.model_fields),
}
"""The fields of a report, and those of its parts; none for what has no parts."""

WORTH_COPYING: Final = 100
"""Of fewer reports each is merged: the five statements that store and count new ones take longer than one does."""

# Two batches of one transaction may come to the same counts: a number keeps them apart.
_ORDER: Final = itertools.count()

_SOURCE: Final = attrgetter("state.source")
_TAKEN: Final = attrgetter("record.timestamp_ms")

NONE_APPLIED: Final[Mapping[str, int]] = {}


class Outcome(NamedTuple):
    """What became of one event: applied, stale, warned, parked or refused, with the reason."""

    source: str
    source_id: str
    version: int
    outcome: str
    reason: str = ""
    tie: bool = False


async def merge_reports(tx: Transaction, arrivals: Sequence[Task]) -> list[Outcome]:
    """Store changed tasks, in any order and however often repeated; publish the months they move.

    `arrivals`: at most one per task. A report that names an unknown unit or person waits until it arrives. Returns
    what became of each.
    """
    added, outcomes = await take_reports(tx, arrivals)
    return outcomes + [
        Outcome(subject.source, source_id, arrival.version, APPLIED) for source_id, arrival, subject, _ in added
    ]


async def take_reports(tx: Transaction, arrivals: Sequence[Task]) -> tuple[Sequence[NewTask], list[Outcome]]:
    """Do the same; return the new tasks of the usual kind, all of them applied, and the outcomes of the others."""
    reported = [arrival for arrival in arrivals if arrival.state is not None]
    if not reported:
        return (), []
    frame = await read_frame(tx, [arrival.state for arrival in reported if arrival.state is not None])
    usual = plain_tasks.sort_out(reported, frame) if len(reported) >= WORTH_COPYING else Sorted((), reported)
    added, known = await plain_tasks.add(tx, usual.candidates, frame)
    rows, outcomes = await _derived(tx, [*usual.others, *known], frame)
    merged = await _merged(tx, rows, added, frame.as_of)
    outcomes += await _settled(tx, rows, merged)
    publish_at_end(tx, merged.months)
    if len(rows) + len(added) > PEOPLE_AT_ONCE:
        tx.after_commit(moved(tx.database).set)
    await _note(tx, frame, _latest(reported, frame), added, rows, outcomes)
    return added, outcomes


async def _derived(tx: Transaction, arrivals: Sequence[Task], frame: Frame) -> tuple[list[LedgerRow], list[Outcome]]:
    rows: list[LedgerRow] = []
    outcomes: list[Outcome] = []
    for arrival in arrivals:
        report = arrival.state
        assert report is not None
        resolved = resolve(report, frame)
        if isinstance(resolved, str):
            await tx.park(_without_secrets(arrival, report), resolved, source=report.source)
            outcomes.append(_outcome(report, PARKED, f"chờ khai báo {_in_words(resolved)}"))
        else:
            rows.append(ledger_row(arrival, report, resolved, frame))
    return rows, outcomes


_WAITED_FOR: Final = {"units": "đơn vị", "people": "cán bộ"}


def _in_words(reference: str) -> str:
    stream, _, code = reference.partition("/")
    return f"{_WAITED_FOR[stream]} {code}"


async def _merged(tx: Transaction, rows: Sequence[LedgerRow], added: Sequence[NewTask], as_of: date) -> Merged:
    if not rows and not added:
        return Merged()
    counts = plain_tasks.count(added)
    if counters(counts.people) > PEOPLE_AT_ONCE:
        counts = await set_aside.set_people_aside(tx, counts)
    if not rows and counters(counts.units) > UNITS_AT_ONCE:
        counts = await set_aside.set_units_aside(tx, counts)
    if not (rows or counts.units or counts.people):
        return Merged()
    return await ledger.merge(tx, rows, counts, as_of)


def _latest(arrivals: Sequence[Task], frame: Frame) -> dict[str, datetime]:
    latest: dict[str, int] = {}
    for source, together in groupby(arrivals, _SOURCE):
        taken = max(map(_TAKEN, together))
        latest[source] = max(taken, latest.get(source, taken))
    return {source: frame.moment(taken) for source, taken in latest.items()}


def _without_secrets(arrival: Task, report: TaskReport) -> Task:
    # What waits is stored as it came; of a secret task that would be its title.
    if not report.secret:
        return arrival
    body = without_secrets(report).model_dump_json(exclude_defaults=True).encode()
    return arrival.with_body(body)


class Resolved(NamedTuple):
    """Our unit and people behind the codes of a report; each person with the weight of their share."""

    unit: str
    people: tuple[tuple[str, int], ...]


def resolve(report: TaskReport, frame: Frame) -> Resolved | str:
    """Return whom a report is about, or the reference it has to wait for."""
    code = frame.sources.our_code(report.source, report.unit)
    unit = frame.names.unit(code, report.deadline)
    if unit is None:
        return f"units/{code}"
    if report.secret or not report.assignees:
        return Resolved(unit, ())
    shares: dict[str, int] = {}
    for assignee in report.assignees:
        person = frame.names.person(assignee.code, unit)
        if person is None:
            return f"people/{assignee.code}"
        shares[person] = shares.get(person, 0) + assignee.weight
    return Resolved(unit, tuple(sorted(shares.items())))


def ledger_row(arrival: Task, report: TaskReport, resolved: Resolved, frame: Frame) -> LedgerRow:
    """Derive everything the ledger stores of a report; of a secret task neither title nor people."""
    decided = frame.decisions.get((report.source, report.source_id), ())
    position = position_of(report, decided, frame.rolled)
    body = arrival.body
    plain = is_plain(report)
    unknown = "" if plain else unknown_fields(body)
    secret = position.secret
    people = () if secret else resolved.people
    weight = None if secret else report.weight
    exact = not secret and (plain or not (unknown or NUL in body))
    return LedgerRow(
        source=report.source,
        source_id=report.source_id,
        version=report.version,
        content_hash=hashlib.sha256(body).digest(),
        unit=resolved.unit,
        month=month_of(position.terms.counted),
        counted_deadline=position.terms.counted,
        open_deadline=position.terms.open,
        completed_on=position.completed_on,
        ended_on=position.ended_on,
        secret=secret,
        standing=standing(position, frame.as_of).value,
        people=SEPARATOR.join([person for person, _ in people]),
        weights=SEPARATOR.join(_shares(weight, people)),
        weight=None if weight is None else str(weight),
        failures=_counted(report, IncidentKind.FAILED_REVIEW),
        delays=_counted(report, IncidentKind.DELAY),
        # What nobody reads may also be what PostgreSQL cannot keep (U+0000, half a surrogate): left out.
        report=None if plain and not secret else body.decode() if exact else _kept(report, body, secret),
        body=body.decode() if plain and not secret else None,
        report_bytes=len(body),
        unknown_fields=unknown or None,
        received_at=frame.moment(arrival.record.timestamp_ms),
    )


def unknown_fields(body: bytes) -> str:
    """Return the names of fields nobody reads, joined by commas; a misspelt one must not pass in silence."""
    unknown: list[str] = []
    for name, value in orjson.loads(body).items():
        fields = FIELDS.get(name)
        if fields is None:
            unknown.append(name)
        elif fields and value:
            parts = value if isinstance(value, list) else [value]
            unknown += {f"{name}.{each}" for item in parts for each in item if each not in fields}
    if not unknown:
        return ""
    return ", ".join(sorted(_shown(name) for name in unknown))[:500]


def _shown(name: str) -> str:
    return name[:80].replace("\x00", "\\u0000").encode("utf-8", "backslashreplace").decode()


def _kept(report: TaskReport, body: bytes, secret: bool) -> str:
    whole = TaskReport.model_validate_json(body) if is_plain(report) else report
    return (without_secrets(whole) if secret else whole).model_dump_json(exclude_defaults=True)


def _counted(report: TaskReport, kind: IncidentKind) -> int:
    if not report.incidents:
        return 0
    counted = sum(1 for i in report.incidents if i.kind is kind and i.objective_cause is None)
    return min(counted, MOST_INCIDENTS)


def _shares(weight: Decimal | None, people: Sequence[tuple[str, int]]) -> list[str]:
    total = 0 if weight is None else sum(share for _, share in people)
    if weight is None or not total:
        return ["NULL"] * len(people)
    return [str((weight * share / total).quantize(SHARE_PLACES, rounding=ROUND_HALF_UP)) for _, share in people]


async def _settled(tx: Transaction, rows: Sequence[LedgerRow], merged: Merged) -> list[Outcome]:
    stored = await ledger.stored_versions(tx, sorted(merged.left)) if merged.left else {}
    outcomes: list[Outcome] = []
    for row in rows:
        name = row.source, row.source_id
        if name in merged.left:
            outcomes.append(_stale(row, stored[name]))
        else:
            outcome = WARNED if row.unknown_fields else APPLIED
            reason = f"không có trường này, đã bỏ qua: {row.unknown_fields}" if row.unknown_fields else ""
            outcomes.append(Outcome(*name, row.version, outcome, reason, name in merged.ties))
    return outcomes


def _stale(row: LedgerRow, stored: Any) -> Outcome:
    tie = stored.version == row.version and bytes(stored.content_hash) != row.content_hash
    if tie:
        reason = f"trùng phiên bản {stored.version} nhưng khác nội dung; giữ bản có mã băm lớn hơn"
    elif stored.version == row.version:
        reason = f"đã nhận phiên bản {stored.version} này"
    else:
        reason = f"đã có phiên bản mới hơn ({stored.version})"
    return Outcome(row.source, row.source_id, row.version, STALE, reason, tie)


def _outcome(report: TaskReport, outcome: str, reason: str) -> Outcome:
    return Outcome(report.source, report.source_id, report.version, outcome, reason)


async def _note(
    tx: Transaction,
    frame: Frame,
    latest: Mapping[str, datetime],
    added: Sequence[NewTask],
    rows: Sequence[LedgerRow],
    outcomes: Sequence[Outcome],
) -> None:
    counts: dict[str, dict[str, Any]] = {name: {"last_event_at": at} for name, at in latest.items()}
    for each in outcomes:
        mine = counts[each.source]
        mine[each.outcome] = mine.get(each.outcome, 0) + 1
        mine["ties"] = mine.get("ties", 0) + int(each.tie)
    subjects = plain_tasks.subjects_of(added)
    applied = plain_tasks.sources_of(subjects)
    for name, number in applied.items():
        counts[name][APPLIED] = counts[name].get(APPLIED, 0) + number
    await sources.note_events(
        tx,
        ((o.source, o.source_id, o.outcome, o.version, o.reason) for o in outcomes if o.outcome != APPLIED),
    )
    await _note_speakers(tx, frame, {(e.source, e.unit) for e in subjects} | {(row.source, row.unit) for row in rows})
    count_outcomes(tx, outcomes, applied)
    # Last of all: everybody's batches write the same few rows, and would wait for each other from here on.
    tx.at_end(_note_sources, [(next(_ORDER), name, tuple(mine.items())) for name, mine in counts.items()])


async def _note_speakers(tx: Transaction, frame: Frame, pairs: set[tuple[str, str]]) -> None:
    """Remember which source speaks for which unit; a unit spoken for the first time may be vouched for already."""
    known: set[tuple[str, str]] = frame.names.concluded.setdefault(_note_speakers, set())
    unknown = pairs - known
    if not unknown:
        return
    new = await sources.note_units(tx, unknown)
    tx.after_commit(lambda: known.update(unknown))
    if new:
        # A mark moves only while somebody holds the as-of row alone: it is known here, or will know the new units.
        await publish_vouched(tx, new, await sources.marks(tx, {source for source, _ in new}), frame.as_of)


async def _note_sources(tx: Transaction, noted: Sequence[tuple[int, str, tuple[tuple[str, Any], ...]]]) -> None:
    totals: dict[str, Counter[str]] = {}
    latest: dict[str, datetime] = {}
    for _, name, items in noted:
        counts = dict(items)
        at = counts.pop("last_event_at")
        latest[name] = max(at, latest.get(name, at))
        totals.setdefault(name, Counter()).update(counts)
    await sources.note_sources(tx, {name: {**total, "last_event_at": latest[name]} for name, total in totals.items()})


def count_outcomes(tx: Transaction, outcomes: Iterable[Outcome], applied: Mapping[str, int] = NONE_APPLIED) -> None:
    """Add to `thidua_source_events_total`; a source nobody configured is `unknown`. `applied`: more of them."""
    config = load_sources(tx.settings.sources_file)
    counted = Counter((each.source, each.outcome) for each in outcomes)
    counted.update({(source, APPLIED): count for source, count in applied.items()})
    totals: Counter[tuple[str, str]] = Counter()
    for (source, outcome), count in counted.items():
        totals[config.label(source), "dead_letter" if outcome == REFUSED else outcome] += count
    # Of a source met for the first time all series begin together, its other outcomes at 0.
    for source in sorted({source for source, _ in totals}):
        for outcome in COUNTED:
            tx.count(SOURCE_EVENTS, totals[source, outcome], source=source, outcome=outcome)
