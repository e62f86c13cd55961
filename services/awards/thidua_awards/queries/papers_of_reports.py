"""Read what stands on the report forms of a dossier: the case, its years, its history."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import text

from thidua_awards.documents import form_papers
from thidua_awards.documents.form_papers import NOT_KNOWN, Matter
from thidua_awards.documents.paper import Paper
from thidua_awards.domain.individuals import RATING_WORDS
from thidua_awards.law import Regime, regimes
from thidua_awards.law.reports import report_rules
from thidua_awards.queries import dossiers, lists, lookups, months, targets
from thidua_awards.queries.asked import Asked, with_authorities
from thidua_awards.queries.authorities import unit_head
from thidua_awards.queries.earlier import Earlier, earlier_years
from thidua_runtime.database import Transaction

ABOUT: Final = text("""
select p.body->>'first_recruited' as first_recruited, p.body->>'joined_unit' as joined_unit,
       (select count(*) from replica_people m
         where m.unit = :subject and not m.deleted and coalesce((m.body->>'active')::boolean, true)) as people
  from (select :subject as id) as asked left join replica_people p on p.id = asked.id and not p.deleted
""")


async def case_of(tx: Transaction, id: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the reviewed case of a dossier, with the name of its regime and its year, and the dossier."""
    dossier = await dossiers.shown(tx, id)
    line = (dossier["subject"], dossier["title"], dossier["matter"])
    found = await lists.reviewed(tx, dossier["campaign"], line)
    law, year = law_of(tx, found.body["regime"]), (await lookups.campaign(tx, dossier["campaign"])).year
    return {**found.body, "regime_name": law.name if law else found.body["regime"], "year": year}, dossier


def law_of(tx: Transaction, code: str) -> Regime | None:
    """Return the regime of that code as it is in use here, local values included."""
    return next((one for one in regimes(tx.settings.law_overrides_file) if one.code == code), None)


async def _matter(tx: Transaction, id: str) -> Matter:
    case, dossier = await case_of(tx, id)
    subject, counted = dossier["subject"], report_rules().counted(dossier["title"], case["year"])
    earlier = await earlier_years(tx, [subject], case["year"])
    history = [one for one in await lists.history(tx, subject) if not one["cancelled"]]
    named = await with_authorities(tx, history)
    titles = {code for regime in regimes() for code in regime.titles}
    row = await tx.row(ABOUT, subject=subject)
    assert row is not None
    return Matter(
        case=case,
        about=row._asdict(),
        dossier=dossier,
        years=_compared(earlier, subject, counted, await months.yearly(tx, subject, counted)),
        works=_works(earlier, subject),
        titles=[one for one in named if one["code"] in titles],
        forms=[one for one in named if one["code"] not in titles],
        **await _against_targets(tx, dossier["campaign"], subject, case["year"]),
    )


async def _against_targets(tx: Transaction, campaign: str, subject: str, year: int) -> dict[str, Any]:
    first, last = f"{year}-01", f"{year}-12"
    return (await targets.compared(tx, campaign, [subject], str(year), first, last))[subject]


def _compared(earlier: Earlier, subject: str, counted: Sequence[int], rates: Mapping[int, str]) -> list[dict[str, Any]]:
    ratings = earlier.ratings.get(subject, {})
    works = Counter(one.year for one in earlier.works.get(subject, ()))
    return [
        {
            "year": year,
            "words": RATING_WORDS.get(ratings[year], NOT_KNOWN) if year in ratings else NOT_KNOWN,
            "rate": rates.get(year, NOT_KNOWN),
            "works": works[year],
        }
        for year in counted
    ]


def _works(earlier: Earlier, subject: str) -> list[dict[str, Any]]:
    return [
        {"year": one.year, "title": one.title, "decision": "; ".join(filter(None, (one.decision, one.scope_decision)))}
        for one in earlier.works.get(subject, ())
    ]


async def _form(tx: Transaction, asked: Asked) -> Paper:
    matter = await _matter(tx, asked.id)
    return form_papers.report(asked.kind, matter, await unit_head(tx, asked, matter.case["unit_name"]))


async def _summary(tx: Transaction, asked: Asked) -> Paper:
    matter = await _matter(tx, asked.id)
    return form_papers.summary(matter, await unit_head(tx, asked, matter.case["unit_name"]))


PAPERS: Final[Mapping[str, Callable[[Transaction, Asked], Awaitable[Paper]]]] = {
    **dict.fromkeys(form_papers.FORMS, _form),
    "bao-cao-tom-tat": _summary,
}
"""Kind of paper → what reads and builds it; the id is that of a dossier."""
