"""CPU time of the conditions: many people, every title and form a person can have, six years of history.

    python benchmarks/conditions.py [--people 80000] [--processes 2] [--json FILE]

People come by units of a hundred, as a review reads them; of each the records of six earlier years (titles, forms,
yearly ratings, initiatives with their scope) are held and every condition of every title is checked under the regime
of 2024. Prints seconds, and how many findings that were; what the change of one person takes, `review_of_one` measures.
Data are generated.
"""

from __future__ import annotations

import argparse
import json
import time
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from pathlib import Path
from typing import Final

from thidua.contracts import SubjectKind
from thidua.contracts.campaign import InitiativeState, RegistrationState
from thidua.contracts.organisation import RatingLevel
from thidua_awards.domain.assessment import Candidate, review
from thidua_awards.domain.conditions import REVIEWED
from thidua_awards.domain.records import Confirmation, Held, Merit, PersonCase, Registered, Vote, Work
from thidua_awards.law import regime_of

YEAR: Final = 2024
HISTORY: Final = range(YEAR - 6, YEAR)
PER_UNIT: Final = 100
REGIME: Final = regime_of(YEAR)
OF_TEAMS: Final = {code for code, title in REGIME.titles.items() if title.subject_kind is SubjectKind.COLLECTIVE}
TITLES: Final = frozenset(REVIEWED) - OF_TEAMS
APPLIED: Final = (date(YEAR, 2, 1), date(YEAR, 5, 1))
SAID: Final = Confirmation(True, "Trưởng phòng", "Báo cáo 05/BC", date(YEAR, 12, 5))


def person(number: int) -> PersonCase:
    """Return a person with six years behind; what is known differs from one to the next."""
    unit = f"u{number // PER_UNIT:04d}"
    good = number % 7 != 0
    titles = [Held("LDTT", year, f"{year}/QĐ", date(year, 12, 20)) for year in HISTORY]
    merits = [Held("CSTDCS", year, f"{year}/QĐ-CS", date(year, 12, 20), "initiative") for year in HISTORY if number % 3]
    forms = [Held("BKB", HISTORY[0], "9/QĐ", date(HISTORY[0], 12, 30))] if number % 5 == 0 else []
    works = [Work(f"Giải pháp {number}-{year}", year, scope="bo", scope_decision=f"{year}/QĐ-SK") for year in HISTORY]
    return PersonCase(
        title="", subject=f"p{number:06d}", unit=unit, group=unit, year=YEAR, as_of=date(YEAR, 12, 31),
        registration=Registered(("LDTT",), RegistrationState.ACCEPTED, date(YEAR, 3, 1)),
        rating=RatingLevel.EXCELLENT if number % 4 == 0 else RatingLevel.GOOD if good else None,
        confirmations={"discipline.complete": SAID, "ldtt.conduct": SAID, "g.route": SAID},
        history=(*titles, *merits, *forms), votes={"CSTDB": Vote(15, 9 + number % 7)},
        past_ratings={year: RatingLevel.EXCELLENT if year % 2 else RatingLevel.GOOD for year in (*HISTORY, YEAR)},
        first_recruited=date(2005 + number % 19, 5, 1), joined_unit=date(2010, 1, 1),
        merits=(Merit(f"Giải pháp {number}", 100, InitiativeState.RECOGNISED, *APPLIED, "7/QĐ"),),
        works=tuple(works), legal_person=True, under_ministry=number % 2 == 0,
    )  # fmt: skip


def unit_of(first: int, people: int) -> list[Candidate]:
    """Return the candidates of one unit."""
    return [Candidate(person(number), TITLES) for number in range(first, min(first + PER_UNIT, people))]


def review_units(span: tuple[int, int, int]) -> tuple[int, int]:
    """Review every unit of a span; return recommendations and findings, which are counted and not kept."""
    start, end, people = span
    outcomes = findings = 0
    for first in range(start, end, PER_UNIT):
        found = review(unit_of(first, people), REGIME, {})
        outcomes += len(found)
        findings += sum(len(one.findings) for one in found)
    return outcomes, findings


def everybody(people: int, processes: int) -> dict[str, float | int]:
    """Review everybody, each process a share of the units."""
    share = -(-people // processes // PER_UNIT) * PER_UNIT
    spans = [(start, min(start + share, people), people) for start in range(0, people, share)]
    begun = time.perf_counter()
    with ProcessPoolExecutor(processes) as pool:
        counts = list(pool.map(review_units, spans))
    seconds = time.perf_counter() - begun
    outcomes, findings = (sum(one[place] for one in counts) for place in (0, 1))
    return {"people": people, "processes": processes, "titles": len(TITLES), "seconds": round(seconds, 2),
            "outcomes": outcomes, "findings": findings}  # fmt: skip


def main() -> None:
    """Print both figures; `--json` keeps them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=80_000)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    whole = everybody(given.people, given.processes)
    result = {"everybody": whole}
    print(
        f"{whole['people']} people, {whole['titles']} titles and forms, {len(HISTORY)} earlier years: "
        f"{whole['findings']} findings in {whole['seconds']} s in {whole['processes']} processes"
    )
    if given.json:
        given.json.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
