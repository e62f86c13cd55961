"""Facts, months and people of the usual kind, read for a case at a fraction of what its models cost.

The models of a case decide what a case may hold. Whatever is unusual in a body is left to them, so that only one
place refuses anything and says why; what is read here, they read the same (a test holds both together).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from fractions import Fraction
from functools import lru_cache
from operator import attrgetter
from typing import Annotated, Any, ClassVar, Final

import msgspec
from msgspec import Meta, Struct

from thidua.contracts.organisation import CountedPeriod
from thidua.criteria import Case, Fact, Month, Subject, WorkTally
from thidua.criteria.canonical import as_written, canonical_json, fraction_text, in_pieces, listed, normal_text
from thidua.criteria.periods import Period, period

Count = Annotated[int, Meta(ge=0, le=2**53)]

_WEIGHT: Final = re.compile(r"\d{1,12}(\.\d{1,6})?", re.ASCII)
_STATERS: Final = frozenset({"self", "appraiser", "council"})
_STATUS: Final = {"verified": "verified", "refused": "refused"}
_CLOSED: Final = frozenset({"closed", "corrected"})


class _UnusualError(Exception):
    """A body has to be read by the models."""


class _Entry(Struct, frozen=True, gc=False):
    id: str
    period: str
    value: str
    dated: date
    evidence: tuple[str, ...] = ()
    status: str = ""
    document: None = None


class _Stated(Struct, frozen=True, gc=False):
    input: str
    stated_by: str
    entries: tuple[_Entry, ...] = ()


class _Weighed(Struct, frozen=True, gc=False):
    count: Count
    weight: str


class _Work(Struct, frozen=True, gc=False):
    assigned: str
    done: str
    by_failures: tuple[_Weighed, ...] = ()
    by_delays: tuple[_Weighed, ...] = ()
    without_weight: Count = 0


class _Result(Struct, frozen=True, gc=False):
    month: Annotated[str, Meta(pattern=r"^\d{4}-(0[1-9]|1[0-2])$")]
    state: str
    reported: bool
    due: Count
    on_time: Count
    late: Count = 0
    overdue: Count = 0
    declared: bool = False
    work: _Work | None = None


class PlainPerson(Struct, frozen=True, gc=False):
    """See `Person` of the contract: what a case says of somebody, nobody's name among it."""

    id: str
    post: str = ""
    leads_unit: bool = False
    comparable_group: str = ""
    first_recruited: date | None = None
    joined_unit: date | None = None
    without_periods: Annotated[tuple[None, ...], Meta(max_length=0)] = msgspec.field(default=(), name="periods")

    periods: ClassVar[tuple[CountedPeriod, ...]] = ()


_IN_ORDER: Final = attrgetter("input", "period", "stated_by", "id")
_FACT: Final = msgspec.json.Decoder(_Stated)
_MONTH: Final = msgspec.json.Decoder(_Result)
_PERSON: Final = msgspec.json.Decoder(PlainPerson)


def _is_simple(text: str) -> bool:
    """Whether every text in it is written as it reads: no accents in two forms, nothing escaped."""
    return text.isascii() and "\\" not in text


def plain_facts(
    bodies: Sequence[str], names: Mapping[str, str], documents: Collection[str], span: Period
) -> tuple[Fact, ...] | None:
    """Return the facts of a case, in order; None where one of the bodies has to be read by the models.

    `names`: of the facts that are wanted, each with itself; `documents`: of those that are documents.
    """
    found: list[Fact] = []
    for body in bodies:
        if not _is_simple(body):
            return None
        try:
            stated = _FACT.decode(body)
        except msgspec.MsgspecError:
            return None
        name = names.get(stated.input)
        if name is None:
            continue
        if stated.stated_by not in _STATERS or name in documents:
            return None
        for one in stated.entries:
            part = _part_of(span.name, one.period)
            if part:
                found.append(_fact(name, stated.stated_by, part, one))
    if len({fact.id for fact in found}) < len(found):
        return None
    found.sort(key=_IN_ORDER)
    return tuple(found)


@lru_cache(maxsize=4096)
def _part_of(whole: str, name: str) -> str:
    """Return the name of a period that lies in another one; "" if it does not."""
    part = period(name)
    return part.name if period(whole).covers(part) else ""


def _fact(name: str, by: str, part: str, entry: _Entry) -> Fact:
    evidence = entry.evidence if len(entry.evidence) < 2 else tuple(sorted(set(entry.evidence)))
    status = _STATUS.get(entry.status, "open")
    made = Fact.checked(
        {
            "id": entry.id,
            "input": name,
            "stated_by": by,
            "value": entry.value,
            "period": part,
            "dated": entry.dated,
            "evidence": evidence,
            "status": status,
        }
    )
    proved = '"evidence":["' + '","'.join(evidence) + '"],' if evidence else ""
    checked = "" if status == "open" else f'"status":"{status}",'
    # Nothing in these texts is escaped: they are spelled as they came.
    made.__dict__["written"] = (
        f'{{"dated":"{entry.dated}",{proved}"id":"{entry.id}","input":"{name}","period":"{entry.period}",'
        f'"stated_by":"{by}",{checked}"value":"{entry.value}"}}'
    ).encode()
    return made


def plain_months(bodies: Sequence[str], span: Period) -> tuple[Month, ...] | None:
    """Return the months of a period, in order; None where one of the bodies has to be read by the models."""
    try:
        results = [_MONTH.decode(body) for body in bodies]
        found = [_of_result(one) for one in results if _is_in(span, one)]
    except (msgspec.MsgspecError, _UnusualError):
        return None
    found.sort(key=lambda one: one.month)
    return tuple(found) if len({one.month for one in found}) == len(found) else None


def _is_in(span: Period, one: _Result) -> bool:
    if _part_of(span.name, one.month):
        return True
    if one.work is not None:
        # What no model would pass is refused wherever it stands.
        _split("by_failures", one.work.by_failures)
        _split("by_delays", one.work.by_delays)
        _number(one.work.assigned), _number(one.work.done)
    return False


def _of_result(one: _Result) -> Month:
    if one.on_time + one.late > one.due:
        raise _UnusualError
    return _plain_month(one) if one.work is None else _weighed_month(one, one.work)


def _plain_month(one: _Result) -> Month:
    is_closed = one.state in _CLOSED
    return _kept_month(one.month, one.reported, one.due, one.on_time, one.late, one.overdue, is_closed, one.declared)


# Most people have the same few tasks in a month: months that say the same are one frozen month. Weights differ.
@lru_cache(maxsize=4096)
def _kept_month(
    month: str, reported: bool, due: int, on_time: int, late: int, overdue: int, closed: bool, declared: bool
) -> Month:
    return Month(
        month=month,
        reported=reported,
        due=due,
        on_time=on_time,
        completed=on_time + late,
        overdue_open=overdue,
        closed=closed,
        declared=declared,
    )


def _weighed_month(one: _Result, work: _Work) -> Month:
    (assigned, of_written), (done, done_written) = _number(work.assigned), _number(work.done)
    failures, failures_written = _split("by_failures", work.by_failures)
    delays, delays_written = _split("by_delays", work.by_delays)
    tally = WorkTally.checked(
        {"assigned": assigned, "done": done, "by_failures": failures, "by_delays": delays}
    )  # fmt: skip
    completed, is_closed, name = one.on_time + one.late, one.state in _CLOSED, period(one.month).name
    made = Month.checked(
        {
            "month": name, "reported": one.reported, "due": one.due, "on_time": one.on_time, "completed": completed,
            "overdue_open": one.overdue, "closed": is_closed, "declared": one.declared, "work": tally,
            "work_unweighted": None, "weights_missing": work.without_weight,
        }
    )  # fmt: skip
    # What is left at its default is not written; the fields stand in the order of their names.
    said = (
        '"closed":true,' if is_closed else "",
        f'"completed":{completed},' if completed else "",
        '"declared":true,' if one.declared else "",
        f'"due":{one.due},' if one.due else "",
        f'"month":"{name}",',
        f'"on_time":{one.on_time},' if one.on_time else "",
        f'"overdue_open":{one.overdue},' if one.overdue else "",
        '"reported":true,' if one.reported else '"reported":false,',
        f'"weights_missing":{work.without_weight},' if work.without_weight else "",
        f'"work":{{"assigned":{of_written},{delays_written}{failures_written}"done":{done_written}}}',
    )
    made.__dict__["written"] = f"{{{''.join(said)}}}".encode()
    return made


def _split(name: str, weights: tuple[_Weighed, ...]) -> tuple[tuple[tuple[int, Fraction], ...], str]:
    if not weights:
        return (), ""
    pairs = sorted([(one.count, *_number(one.weight)) for one in weights])
    written = ",".join([f"[{times},{weight}]" for times, _, weight in pairs])
    return tuple([(times, weight) for times, weight, _ in pairs]), f'"{name}":[{written}],'


@lru_cache(maxsize=16_384)
def _number(text: str) -> tuple[Fraction, str]:
    # Here and not in the record, so that each spelling is looked at once.
    if _WEIGHT.fullmatch(text) is None:
        raise _UnusualError
    number = Fraction(text)
    return number, f'"{fraction_text(number)}"'


def plain_person(body: str) -> PlainPerson | None:
    """Return what a case says of a person; None where the contract has to read the body."""
    try:
        person = _PERSON.decode(body)
    except msgspec.MsgspecError:
        return None
    return person if _is_simple(person.id) and "\0" not in person.post + person.comparable_group else None


def plain_subject(fields: Mapping[str, Any]) -> Subject | None:
    """Return a subject made of checked fields; None where the model has to look at a text."""
    name = fields["id"]
    around = _around_id(*[(key, value) for key, value in fields.items() if key != "id"])
    if around is None or not _is_simple(name):
        return None
    said, before, after = around
    made = Subject.checked({**said, "id": name})
    made.__dict__["written"] = b"%b%b%b" % (before, canonical_json(name), after)
    return made


# The people of a unit differ in little more than their ids.
@lru_cache(maxsize=4096)
def _around_id(*fields: tuple[str, Any]) -> tuple[dict[str, Any], bytes, bytes] | None:
    """Return a subject but for its id, and what of it is written before and after that; None: left to the model."""
    said = {name: value for name, value in fields if value is not None}
    for name in ("post", "comparable_group"):
        if name in said:
            said[name] = _normal(said[name])
    if not all(_is_simple(text) for name, text in said.items() if name in _SIMPLE):
        return None
    before, after = in_pieces(said, "id")
    return {**_NOTHING_SAID, **said}, before, after


_SIMPLE: Final = frozenset({"unit", "cluster", "unit_kind"})
_NOTHING_SAID: Final = dict.fromkeys(Subject.model_fields)


@lru_cache(maxsize=4096)
def _normal(text: str) -> str:
    return normal_text(text)


def plain_case(fields: dict[str, Any]) -> Case | None:
    """Return a case made of plain parts; None where the model has to look at it."""
    subject, facts, months = fields["subject"], fields["facts"], fields["months"]
    is_plain = subject is not None and facts is not None and months is not None
    if not is_plain or any(fields[name] for name in _SELDOM):
        return None
    made = Case.checked(fields)
    said: dict[str, Any] = {
        "as_of": fields["as_of"].isoformat(),
        "campaign": fields["campaign"],
        "lane": fields["lane"],
        "period": fields["period"],
        "subject": as_written(subject.written),
    }
    if months:
        said["months"] = listed([one.written for one in months])
    if facts:
        said["facts"] = listed([one.written for one in facts])
    if fields["discipline"] is None:
        said["discipline"] = None
    if fields["band_orders"]:
        said["band_orders"] = fields["band_orders"]
    made.__dict__["canonical"] = canonical_json(said)
    return made


_SELDOM: Final = ("parameters", "registrations", "initiatives", "members", "peers", "decisions", "periods")


@lru_cache(maxsize=4096)
def is_simple(texts: tuple[str, ...]) -> bool:
    """Whether none of these texts needs to be brought into its normal form."""
    return all(map(_is_simple, texts))
