"""How the outcome of a batch or an import is told."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from thidua_registration.commands.batch import Result
from thidua_registration.errors import NothingTaken, RecordRefused
from thidua_runtime import imports
from thidua_runtime.imports import Parsed, Refusal


def of_batch(sent: int, parsed: Parsed[Any], result: Result) -> dict[str, Any]:
    """Return outcomes and refusals per item, by place from 0; raises NothingTaken when all were refused."""
    refusals = sorted((*parsed.refusals, *result.refusals), key=lambda refusal: refusal.row)
    if refusals and not result.taken:
        first = refusals[0]
        told = f"{_where(first)}: {first.reason_en or first.reason}"
        raise NothingTaken(sent, f"{_where(first)}: {first.reason}", told, [_problem(each) for each in refusals])
    counts: dict[str, int] = {}
    for taken in result.taken:
        counts[taken.outcome] = counts.get(taken.outcome, 0) + 1
    return {
        "taken": counts,
        "refused": len({refusal.row for refusal in refusals}),
        "items": [
            {"index": taken.number, "outcome": taken.outcome, "code": taken.code, "id": taken.id}
            for taken in result.taken
        ],
        "refusals": [_problem(refusal) | {"index": refusal.row} for refusal in refusals],
    }


def of_import(kind: str, parsed: Parsed[Any], result: Result, *, dry_run: bool) -> dict[str, Any]:
    """Return the report of an import file."""
    outcomes = (taken.outcome for taken in result.taken)
    return asdict(imports.report(kind, parsed, outcomes, result.refusals, dry_run=dry_run))


def raise_refusal(result: Result) -> None:
    """Raise RecordRefused if the only record of a request was refused."""
    if result.refusals:
        first = result.refusals[0]
        raise RecordRefused(why=first.reason, why_en=first.reason_en or first.reason)


def refuse_other_code(path: str, body: str) -> None:
    """Raise RecordRefused when address and content name different records; a code changes in a batch."""
    if path != body:
        raise RecordRefused(
            why=f"Địa chỉ nêu mã “{path}” nhưng nội dung nêu mã “{body}”.",
            why_en=f"The address names the code {path!r}, the content {body!r}.",
        )


def _problem(refusal: Refusal) -> dict[str, object]:
    english = {"reason_en": refusal.reason_en} if refusal.reason_en else {}
    return {"where": _where(refusal), "reason": refusal.reason, **english}


def _where(refusal: Refusal) -> str:
    return f"{refusal.row}.{refusal.column}" if refusal.column else str(refusal.row)
