"""From records to arrivals: a batch is decoded at once, and one by one only where that fails."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import orjson
from pydantic import TypeAdapter, ValidationError

from thidua.contracts import State, TaskReport
from thidua_runtime.plain_reports import read_plain
from thidua_runtime.records import VERSION_HEADER, Arrival, Record

MAXIMUM_BODY_BYTES = 1_000_000
"""A larger body is refused: no state of the suite comes near it."""


@dataclass(frozen=True)
class BadRecord:
    """A record that cannot become an arrival, with the reason for whoever sent it."""

    record: Record
    reason: str
    sentence: str

    def about(self, model: type[State]) -> tuple[str | None, int | None]:
        """Return identity and version as far as the record still tells: a newer good event closes its letter."""
        if model.owner:
            return _text(self.record.key), whole_number(self.record.header(VERSION_HEADER))
        try:
            found = orjson.loads(self.record.body or b"")
        except orjson.JSONDecodeError:
            return None, None
        if not isinstance(found, dict):
            return None, None
        return _identity_as_sent(model, found), whole_number(found.get("version"))


@dataclass(frozen=True)
class Decoded:
    """What a fetched batch turned out to be."""

    good: tuple[Arrival[Any], ...]
    bad: tuple[BadRecord, ...]


@cache
def _adapter(model: type[State]) -> TypeAdapter[list[State]]:
    return TypeAdapter(list[model])  # type: ignore[valid-type]


def decode(model: type[State], records: tuple[Record, ...]) -> Decoded:
    """Decode records of one stream; what cannot be read comes back as bad, its neighbours as good.

    Their order does not count: `newest` puts it in order.
    """
    if model is not TaskReport:
        return _decode_fully(model, records)
    bodies = [record.body or b"" for record in records]
    if max(map(len, bodies), default=0) > MAXIMUM_BODY_BYTES:
        bodies = [body if len(body) <= MAXIMUM_BODY_BYTES else b"" for body in bodies]
    reports = read_plain(bodies)
    good = tuple([
        Arrival(f"{report.source}/{report.source_id}", report.version, report, record)
        for record, report in zip(records, reports, strict=True) if report is not None
    ])  # fmt: skip
    if len(good) == len(records):
        return Decoded(good, ())
    others = tuple(record for record, report in zip(records, reports, strict=True) if report is None)
    rest = _decode_fully(model, others)
    return Decoded((*good, *rest.good), rest.bad)


def _decode_fully(model: type[State], records: tuple[Record, ...]) -> Decoded:
    readable = [r for r in records if r.body is not None and len(r.body) <= MAXIMUM_BODY_BYTES]
    # What anybody may write is read one by one: of bodies that are halves of others nothing but their keys, which a
    # foreign client chooses, would tell that they were shifted.
    arrivals = _all_at_once(model, readable) if model.owner else None
    if arrivals is not None and len(arrivals) == len(records):
        return Decoded(arrivals, ())
    by_position = {} if arrivals is None else {_position(arrival.record): arrival for arrival in arrivals}
    good: list[Arrival[Any]] = []
    bad: list[BadRecord] = []
    for record in records:
        outcome = by_position.get(_position(record)) or _decode_one(model, record)
        if isinstance(outcome, BadRecord):
            bad.append(outcome)
        else:
            good.append(outcome)
    return Decoded(tuple(good), tuple(bad))


def identity(state: State) -> str:
    """What a stored state is known by: a task is its source's, everything else its key's."""
    return state.identity if isinstance(state, TaskReport) else state.key


def _identity_as_sent(model: type[State], body: dict[str, Any]) -> str | None:
    names = ("source", "source_id") if model is TaskReport else ("source",)
    parts = [body.get(name) for name in names]
    return "/".join(map(str, parts)) if all(isinstance(part, str) for part in parts) else None


def _text(key: bytes | None) -> str | None:
    found = (key or b"").decode("utf-8", "backslashreplace").replace("\x00", "")
    return found or None


def whole_number(value: object) -> int | None:
    """Return a version as somebody sent it, or None if it is none."""
    found = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
    # Longer than any version can be, and perhaps than a bigint.
    return int(found) if found.isascii() and found.isdecimal() and len(found) < 19 else None


def _position(record: Record) -> tuple[int, int]:
    return record.partition, record.offset


def _all_at_once(model: type[State], records: list[Record]) -> tuple[Arrival[Any], ...] | None:
    try:
        joined = b"[" + b",".join(record.body or b"" for record in records) + b"]"
        states = _adapter(model).validate_json(joined)
    except (ValidationError, ValueError):
        return None
    # `{…},{…}` in one record decodes as two states: then every later one would sit at the wrong record.
    if len(states) != len(records):
        return None
    found = tuple(_arrival(state, record) for state, record in zip(states, records, strict=True))
    return found if all(_fits(model, arrival) for arrival in found) else None


def _arrival(state: State, record: Record) -> Arrival[Any]:
    return Arrival(identity(state), state.version, state, record)


def _fits(model: type[State], arrival: Arrival[Any]) -> bool:
    # An inbox is keyed by whatever a foreign client chose; its body alone says what it is about.
    return not model.owner or arrival.record.key == arrival.key.encode()


def _decode_one(model: type[State], record: Record) -> Arrival[Any] | BadRecord:
    if record.body is None:
        return _tombstone(model, record)
    if len(record.body) > MAXIMUM_BODY_BYTES:
        return BadRecord(record, "too_large", f"The body has {len(record.body)} bytes; at most {MAXIMUM_BODY_BYTES}.")
    try:
        state = model.model_validate_json(record.body)
    except ValidationError as error:
        return BadRecord(record, _kind(error), _sentence(error))
    except ValueError as error:
        return BadRecord(record, "decode", str(error))
    arrival = _arrival(state, record)
    if not _fits(model, arrival):
        return BadRecord(record, "contract", f"The body is about {arrival.key}, the record's key is {record.key!r}.")
    return arrival


def _tombstone(model: type[State], record: Record) -> Arrival[Any] | BadRecord:
    version = record.header(VERSION_HEADER) or ""
    if not model.owner:
        return BadRecord(record, "contract", f"A record without a body says nothing on {model.stream}.")
    try:
        key = (record.key or b"").decode()
    except UnicodeDecodeError:
        return BadRecord(record, "decode", "The key is not UTF-8.")
    if not key or not version.isdecimal():
        return BadRecord(record, "contract", "A tombstone needs a key and a `version` header with a whole number.")
    return Arrival(key, int(version), None, record)


def _kind(error: ValidationError) -> str:
    return "decode" if any(e["type"] == "json_invalid" for e in error.errors(include_input=False)) else "contract"


def _sentence(error: ValidationError) -> str:
    found = error.errors(include_input=False, include_url=False)
    parts = [f"{'.'.join(map(str, e['loc'])) or 'body'}: {e['msg']}" for e in found[:5]]
    return "; ".join(parts)
