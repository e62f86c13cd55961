"""Read what stands on the papers of a decision."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from thidua.contracts import Decision
from thidua.errors import NotFound
from thidua_awards.documents import decision_papers, list_papers, report_papers
from thidua_awards.documents.paper import Paper
from thidua_awards.errors import UnknownDecision
from thidua_awards.queries import lists, prizes, records
from thidua_awards.queries.asked import Asked, authority_of, head_of, names_of
from thidua_awards.queries.relied import relied_on
from thidua_runtime.database import Transaction


async def _plain(tx: Transaction, decision: Decision) -> dict[str, Any]:
    return {**decision.model_dump(mode="json"), "authority": await authority_of(tx, decision.authority)}


async def _payments(tx: Transaction, asked: Asked) -> Paper:
    paid = await prizes.of_decision(tx, asked.id)
    lines = paid["lines"]
    labels = {line["code"]: lists.regime_for_label(line["year"]).label(line["code"]) for line in lines}
    names = await names_of(tx, sorted({line["subject"] for line in lines}))
    return decision_papers.payments(paid, names, labels, head_of(tx, asked, "Bộ phận Kế toán"))


async def _certificates(tx: Transaction, asked: Asked) -> Paper:
    found = await records.decision(tx, asked.id)
    if found is None:
        raise UnknownDecision(decision=asked.id)
    decision = await _plain(tx, found[0])
    labels = {
        (one["code"], one["year"]): lists.regime_for_label(one["year"]).label(one["code"]) for one in decision["awards"]
    }
    names = await names_of(tx, sorted({one["subject"] for one in decision["awards"]}))
    return decision_papers.certificates(decision, names, labels, head_of(tx, asked, decision["authority"], draft=False))


async def _cancelling(tx: Transaction, asked: Asked) -> Paper:
    found = await records.decision(tx, asked.id)
    if found is None:
        raise UnknownDecision(decision=asked.id)
    decision = await _plain(tx, found[0])
    relied = [
        {**one, "label": lists.regime_for_label(one["year"]).label(one["code"])}
        for one in await relied_on(tx, asked.id)
    ]
    names = await names_of(tx, sorted({one["subject"] for one in relied}))
    return report_papers.cancelling(decision, relied, names, head_of(tx, asked, decision["authority"]))


async def _found(tx: Transaction, id: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return a decision and its lines with names; raises UnknownDecision."""
    found = await records.decision(tx, id)
    if found is None:
        raise UnknownDecision(decision=id)
    decision = await _plain(tx, found[0])
    names = await names_of(tx, sorted({one["subject"] for one in decision["awards"]}))
    lines = [
        {**one, **names[one["subject"]], "label": lists.regime_for_label(one["year"]).label(one["code"])}
        for one in decision["awards"]
    ]
    return decision, lines


async def _annex(tx: Transaction, asked: Asked) -> Paper:
    decision, lines = await _found(tx, asked.id)
    return list_papers.annex_of_decision(decision, lines, head_of(tx, asked, decision["authority"], draft=False))


async def _correction(tx: Transaction, asked: Asked) -> Paper:
    decision, lines = await _found(tx, asked.id)
    return list_papers.correction(decision, lines, head_of(tx, asked, decision["authority"]))


async def _renewal(tx: Transaction, asked: Asked) -> Paper:
    decision, lines = await _found(tx, asked.id)
    return list_papers.renewal(decision, lines, head_of(tx, asked, decision["authority"]))


async def _sheets(tx: Transaction, asked: Asked) -> Paper:
    """Read the lines of a decision, or the one whose number on the list is `title`."""
    decision, lines = await _found(tx, asked.id)
    if asked.title:
        number = int(asked.title) if asked.title.isdecimal() else 0
        lines = lines[number - 1 : number] if number else []
    if not lines:
        raise NotFound(what=f"dòng {asked.title} của quyết định {decision['number']}")
    head = head_of(tx, asked, decision["authority"], draft=False)
    return list_papers.certificates(decision, lines, head)


PAPERS: Final[Mapping[str, Callable[[Transaction, Asked], Awaitable[Paper]]]] = {
    "bang-chi-thuong": _payments,
    "du-lieu-in-bang": _certificates,
    "phieu-in-bang": _sheets,
    "danh-sach-quyet-dinh": _annex,
    "du-thao-dinh-chinh": _correction,
    "du-thao-cap-doi": _renewal,
    "du-thao-huy-bo": _cancelling,
}
"""Kind of paper → what reads and builds it."""
