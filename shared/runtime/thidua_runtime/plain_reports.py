"""Task reports of the usual kind, read at a third of what the contract's model costs: of them alone millions come.

The contract is `TaskReport`. Whatever is unusual in a body is left to it, so that only one place refuses anything
and says why; what is read here, the contract reads the same (a test holds both together).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, ClassVar, Final, cast

import msgspec
from msgspec import Meta, Struct

from thidua.contracts import TaskReport

Code = Annotated[str, Meta(min_length=1, max_length=200)]

# What msgspec reads otherwise than the contract: U+0000 comes escaped, more than six digits of a second are rounded
# up instead of cut off, perhaps into the next day.
_ESCAPE: Final = b"\\u"
_FINE_FRACTION: Final = re.compile(rb"\.\d{7}")


class PlainAssignee(Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """See `Assignee` of the contract."""

    code: Code
    weight: Annotated[int, Meta(ge=0, le=1000)] = 1


class PlainExtension(Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """See `Extension` of the contract."""

    deadline: date
    document: Code
    dated: date


class PlainEnd(Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """See `TaskEnd` of the contract."""

    document: Code
    dated: date


class PlainReport(Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """A task report that can stand for a `TaskReport` wherever one is only looked at.

    Not secret, without a converted weight and incidents, and of known fields alone.
    """

    source: Code
    source_id: Code
    version: Annotated[int, Meta(ge=0, le=2**62)]
    unit: Code
    deadline: date
    title: Annotated[str, Meta(max_length=20_000)] | None = None
    assignees: tuple[PlainAssignee, ...] = ()
    extensions: tuple[PlainExtension, ...] = ()
    completed_at: Annotated[datetime, Meta(tz=True)] | None = None
    withdrawn: PlainEnd | None = None
    reassigned: PlainEnd | None = None
    secret: bool = False
    weight: None = None
    incidents: Annotated[tuple[None, ...], Meta(max_length=0)] = ()

    stream: ClassVar[str] = TaskReport.stream
    owner: ClassVar[str] = TaskReport.owner
    stamps: ClassVar[frozenset[str]] = frozenset()

    @property
    def key(self) -> str:
        """The source's unit code."""
        return self.unit

    @property
    def partition_key(self) -> str:
        """What keeps everything of one unit in one partition."""
        return self.unit.split("/", 1)[0]

    @property
    def identity(self) -> str:
        """`source/source id`."""
        return f"{self.source}/{self.source_id}"


_ONE: Final = msgspec.json.Decoder(PlainReport)


def read_plain(bodies: Sequence[bytes]) -> list[TaskReport | None]:
    """Return the report of each body; None where the contract itself has to read it."""
    # Looked at together, read one by one: joined, a body of two reports and one of half a report would pass as two
    # reports of one each, and what lies between would stand for its neighbours.
    if _is_unusual(b"\n".join(bodies)):
        return [None if _is_unusual(body) else _read_one(body) for body in bodies]
    try:
        reports = list(map(_ONE.decode, bodies))
    except (msgspec.MsgspecError, ValueError):
        return list(map(_read_one, bodies))
    return [None if report.secret else cast("TaskReport", report) for report in reports]


def is_plain(report: TaskReport) -> bool:
    """Whether a report was read here: then it has no field that nobody knows."""
    return isinstance(report, PlainReport)


def _read_one(body: bytes) -> TaskReport | None:
    try:
        report = _ONE.decode(body)
    except (msgspec.MsgspecError, ValueError):
        return None
    return None if report.secret else cast("TaskReport", report)


def _is_unusual(body: bytes) -> bool:
    # Single bytes first: they are found ten times as fast, and most bodies have neither.
    return (b"\\" in body and _ESCAPE in body) or (b"." in body and _FINE_FRACTION.search(body) is not None)
