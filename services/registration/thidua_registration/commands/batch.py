"""What all batches share: one draft per row, refusals beside their neighbours, one save and one publication."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from pydantic import BaseModel

from thidua.contracts import State
from thidua.errors import Stale, ThiduaError
from thidua_registration.errors import ItemRefused
from thidua_registration.queries import store
from thidua_runtime.database import Transaction
from thidua_runtime.imports import Refusal, Row

S = TypeVar("S", bound=State)
E = TypeVar("E", bound=BaseModel)
D = TypeVar("D")


@dataclass(frozen=True)
class Draft(Generic[S]):
    """One row's effect: the state before (None: new) and after; `code` is what the client calls it."""

    number: int
    code: str
    before: S | None
    after: S

    @property
    def outcome(self) -> str:
        """`created`, `changed` or `unchanged`."""
        if self.before is None:
            return "created"
        return "unchanged" if self.before == self.after else "changed"


@dataclass(frozen=True)
class Taken:
    """A row that got in."""

    number: int
    outcome: str
    code: str
    id: str


@dataclass(frozen=True)
class Result:
    """What became of a batch, row by row."""

    taken: tuple[Taken, ...]
    refusals: tuple[Refusal, ...] = ()


def each(rows: Iterable[Row[E]], build: Callable[[Row[E]], D]) -> tuple[list[D], list[Refusal]]:
    """Build a draft per row; what breaks a rule is refused alone."""
    built: list[D] = []
    refusals: list[Refusal] = []
    for row in rows:
        try:
            built.append(build(row))
        except ThiduaError as error:
            refusals.append(refusal(row.number, error))
    return built, refusals


def refusal(number: int, error: ThiduaError) -> Refusal:
    """Say why one row was refused, and which of its columns names the cause."""
    column = error.figures.get("column", getattr(error, "column", ""))
    return Refusal(number, str(column), str(error), error.in_english)


def once(drafts: Iterable[Draft[S]]) -> tuple[list[Draft[S]], list[Refusal]]:
    """Refuse the second of two rows that speak of the same record: which of them is right, only people know."""
    seen: dict[str, Draft[S]] = {}
    kept: list[Draft[S]] = []
    refusals: list[Refusal] = []
    for draft in drafts:
        names = (f"id {store.row_id(draft.after)}", f"code {draft.code}")
        first = next((seen[name] for name in names if name in seen), None)
        if first is None:
            kept.append(draft)
            seen.update(dict.fromkeys(names, draft))
        else:
            why = ItemRefused(
                why=f"“{draft.code}” đã có ở dòng hoặc mục {first.number}",
                why_en=f"{draft.code!r} stands at line or item {first.number} already",
            )
            refusals.append(refusal(draft.number, why))
    return kept, refusals


def check_expected(expected: int | None, stored: store.Stored[S] | None) -> None:
    """Raise Stale unless the client edits the revision that is stored; 0 stands for "does not exist yet"."""
    current = stored.revision if stored else 0
    if expected is not None and expected != current:
        raise Stale(current=current, expected=expected)


async def keep(tx: Transaction, model: type[S], drafts: Sequence[Draft[S]], *, dry_run: bool = False) -> None:
    """Save and publish what really changes; a state under a new key leaves a tombstone under the old one."""
    moving = [draft for draft in drafts if draft.outcome != "unchanged"]
    if dry_run or not moving:
        return
    await store.save(tx, model, [draft.after for draft in moving])
    left = [d.before.key for d in moving if d.before is not None and d.before.key != d.after.key]
    tx.withdraw(model, left)
    tx.publish(draft.after for draft in moving)


def result(drafts: Iterable[Draft[S]], refusals: Iterable[Refusal]) -> Result:
    """Put outcomes and refusals together, by row."""
    taken = [Taken(d.number, d.outcome, d.code, store.row_id(d.after)) for d in drafts]
    return Result(
        tuple(sorted(taken, key=lambda row: row.number)),
        tuple(sorted(refusals, key=lambda refused: refused.row)),
    )
