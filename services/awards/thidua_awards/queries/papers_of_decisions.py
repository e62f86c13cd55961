"""Read what stands on the papers of a decision."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from thidua.errors import NotFound
from thidua_awards.documents import decision_papers, list_papers, report_papers
from thidua_awards.documents.paper import Paper
from thidua_awards.domain.authorities import authority
from thidua_awards.domain.common import name_of
from thidua_awards.queries import decided, prizes
from thidua_awards.queries.asked import Asked, head_of, names_of
from thidua_awards.queries.authorities import bodies, head_of_authority
from thidua_awards.queries.relied import relied_on
from thidua_runtime.database import Transaction


async def _head(tx: Transaction, asked: Asked, decision: Mapping[str, Any], *, draft: bool = True) -> dict[str, Any]:
    one = authority(asked.agency or decision["authority"])
    return head_of_authority(tx, asked, await bodies(tx), one, draft=draft)


async def _payments(tx: Transaction, asked: Asked) -> Paper:
    paid = await prizes.of_decision(tx, asked.id)
    lines = paid["lines"]
    labels = {line["code"]: name_of(line["code"], line["year"]) for line in lines}
    names = await names_of(tx, sorted({line["subject"] for line in lines}))
    return decision_papers.payments(paid, names, labels, head_of(tx, asked, "Bộ phận Kế toán"))


async def _certificates(tx: Transaction, asked: Asked) -> Paper:
    decision, lines = await decided.one(tx, asked.id)
    return decision_papers.certificates(decision, lines, await _head(tx, asked, decision, draft=False))


async def _cancelling(tx: Transaction, asked: Asked) -> Paper:
    decision, _ = await decided.one(tx, asked.id)
    relied = [{**one, "label": name_of(one["code"], one["year"])} for one in await relied_on(tx, asked.id)]
    names = await names_of(tx, sorted({one["subject"] for one in relied}))
    return report_papers.cancelling(decision, relied, names, await _head(tx, asked, decision))


async def _annex(tx: Transaction, asked: Asked) -> Paper:
    decision, lines = await decided.one(tx, asked.id)
    return list_papers.annex_of_decision(decision, lines, await _head(tx, asked, decision, draft=False))


async def _correction(tx: Transaction, asked: Asked) -> Paper:
    decision, lines = await decided.one(tx, asked.id)
    return list_papers.correction(decision, lines, await _head(tx, asked, decision))


async def _renewal(tx: Transaction, asked: Asked) -> Paper:
    decision, lines = await decided.one(tx, asked.id)
    return list_papers.renewal(decision, lines, await _head(tx, asked, decision))


async def _sheets(tx: Transaction, asked: Asked) -> Paper:
    """Read the lines of a decision, or the one whose number on the list is `title`."""
    decision, lines = await decided.one(tx, asked.id)
    if asked.title:
        number = int(asked.title) if asked.title.isdecimal() else 0
        lines = lines[number - 1 : number] if number else []
    if not lines:
        raise NotFound(
            what=f"dòng {asked.title} của quyết định {decision['number']}",
            what_en=f"A line {asked.title} of the decision {decision['number']}",
        )
    head = await _head(tx, asked, decision, draft=False)
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
