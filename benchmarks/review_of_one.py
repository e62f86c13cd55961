"""Change of one person: from an event in the follower's hands to the review that is stored and ready to be published.

    python -m benchmarks.review_of_one [--people 20000] [--changes 300] [--json FILE]

A real PostgreSQL (the embedded one) holds the replicas of the awards service, six years of awards, ratings and
initiatives of everybody, in units of a hundred. The people of five units are under review for every title and form a
person can have. Then, one at a time, the rating of one of them changes: the handler keeps it and marks, and the review
job stores what it comes to. Both transactions are measured to the end of their commit. Every second change moves
somebody into or out of the running for Chiến sĩ thi đua cơ sở, so that the numbers of the quota change in what was
found of the whole unit. Each change comes when the one before was published. The first thirty warm up. A
checkpoint before them lets the write-ahead log use its files again, as it does on any server that has run for some
minutes: making a new one costs a commit 50 ms. Data are generated.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Final

from sqlalchemy import text

from benchmarks.conditions import HISTORY, PER_UNIT, TITLES, YEAR
from thidua.contracts import Campaign, Initiative, Person, Rating, Registration, State, SubjectKind, Unit
from thidua.contracts.base import Document
from thidua.contracts.campaign import Author, InitiativeState, RegistrationState
from thidua.contracts.organisation import DatedCode, RatingLevel
from thidua_awards import handlers
from thidua_awards.commands.review import review_campaign, review_marked
from thidua_awards.service import SERVICE
from thidua_runtime.clock import VIETNAM, ManualClock
from thidua_runtime.collector import spare_collector
from thidua_runtime.database import Database
from thidua_runtime.host import embedded_suite
from thidua_runtime.records import Arrival, Batch, Record
from thidua_runtime.settings import Settings

REVIEWED_UNITS: Final = 5
WARM_UP: Final = 30
RECYCLE: Final = text("checkpoint")
ROWS_AT_ONCE: Final = 10_000
SINCE: Final = date(2010, 1, 1)
CAMPAIGN: Final = Campaign(
    id="c24",
    code="TD2024",
    title="Phong trào 2024",
    year=YEAR,
    starts_on=date(YEAR, 1, 1),
    ends_on=date(YEAR, 12, 31),
    registration_due=date(YEAR, 3, 31),
)
FILL: Final = """
insert into replica_{stream} (key, version, deleted, body)
select key, 1, false, cast(body as jsonb) from unnest(cast(:keys as text[]), cast(:bodies as text[])) as n (key, body)
"""
DECISIONS: Final = text("""
insert into decision (id, number, dated, signer, authority, changed_by)
select 'd' || year, year || '/QĐ', make_date(year, 12, 20), 'Trần Thị Bình', 'Bộ trưởng', 'bench'
  from generate_series(cast(:first as int), cast(:last as int)) as year
""")
AWARDS: Final = text("""
insert into decision_award (decision, line, subject, subject_kind, unit, code, year, route)
select 'd' || year, n * 2 + c, 'p' || lpad(n::text, 6, '0'), 'individual', 'u' || lpad((n / :per_unit)::text, 4, '0'),
       (array['LDTT', 'CSTDCS'])[c + 1], year, case when c = 1 then 'initiative' end
  from generate_series(cast(:first as int), cast(:last as int)) as year, generate_series(0, :people - 1) as n,
       generate_series(0, 1) as c where c = 0 or n % 3 > 0
""")
DECLARED: Final = text("""
insert into confirmation (campaign, subject, key, answer, by, document, dated, changed_by)
select :campaign, 'u' || lpad(n::text, 4, '0'), key, true, 'Trưởng phòng', '05/BC', make_date(:year, 12, 5), 'bench'
  from generate_series(0, :units - 1) as n,
       unnest(array['discipline.complete', 'ldtt.conduct', 'g.route', 'initiatives.complete']) as key
""")


def unit_of(number: int) -> str:
    """Return the unit a person belongs to."""
    return f"u{number // PER_UNIT:04d}"


def states_of(number: int, *, reviewed: bool) -> Iterator[State]:
    """Yield what the followed streams say of a person."""
    id, unit = f"p{number:06d}", unit_of(number)
    yield Person(id=id, unit=unit, code=id.upper(), name=f"Nguyễn Văn {number}", first_recruited=date(2012, 5, 1),
                 joined_unit=date(2015, 1, 1), active=True)  # fmt: skip
    for year in (*HISTORY, YEAR):
        yield rating(number, RatingLevel.EXCELLENT if year % 2 else RatingLevel.GOOD, year)
    for year in HISTORY:
        yield Initiative(
            id=f"s{number}-{year}", unit=unit, code=f"SK{number}-{year}", title=f"Giải pháp {number}-{year}",
            authors=(Author(person=id, share=100),), state=InitiativeState.RECOGNISED,
            recognition=Document(number=f"{year}/QĐ-SK", dated=date(year, 9, 1)),
        )  # fmt: skip
    if reviewed:
        yield Registration(
            subject=id, subject_kind=SubjectKind.INDIVIDUAL, unit=unit, campaign=CAMPAIGN.id,
            titles=tuple(sorted(TITLES)), state=RegistrationState.ACCEPTED, first_submitted_on=date(YEAR, 3, 1),
        )  # fmt: skip


def rating(number: int, level: RatingLevel, year: int = YEAR) -> Rating:
    """Return the rating of a person."""
    kind = SubjectKind.INDIVIDUAL
    return Rating(subject=f"p{number:06d}", subject_kind=kind, unit=unit_of(number), year=year, level=level)


async def fill(database: Database, people: int) -> None:
    """Put replicas, six years of awards, and what the units declared into the database."""
    async with database.transaction() as tx:
        units = sorted({unit_of(number) for number in range(people)})
        codes = {unit: (DatedCode(code=unit.upper(), valid_from=SINCE),) for unit in units}
        known = [
            Unit(id=unit, name=f"Cục {unit}", kind="cuc", legal_person=True, codes=codes[unit], valid_from=SINCE)
            for unit in units
        ]
        await _insert(database, [CAMPAIGN, *known])
        span = {"first": HISTORY[0], "last": YEAR}
        await tx.execute(DECISIONS, **span)
        await tx.execute(AWARDS, **span, people=people, per_unit=PER_UNIT)
        await tx.execute(DECLARED, campaign=CAMPAIGN.id, year=YEAR, units=len(units))
    waiting: list[State] = []
    for number in range(people):
        waiting.extend(states_of(number, reviewed=number < REVIEWED_UNITS * PER_UNIT))
        if len(waiting) >= ROWS_AT_ONCE:
            await _insert(database, waiting)
            waiting = []
    await _insert(database, waiting)
    await database.alone(text("vacuum analyze"))


async def _insert(database: Database, states: Iterable[State]) -> None:
    by_stream: dict[str, list[State]] = {}
    for state in states:
        by_stream.setdefault(state.stream, []).append(state)
    async with database.transaction() as tx:
        for stream, those in by_stream.items():
            bodies = [state.model_dump_json() for state in those]
            await tx.execute(text(FILL.format(stream=stream)), keys=[state.key for state in those], bodies=bodies)


def changed(number: int, version: int) -> Batch[Rating]:
    """Return the event that a person's rating changed, as a follower hands it over."""
    level = (RatingLevel.COMPLETED, RatingLevel.EXCELLENT)[version % 2]
    state = rating(number, level)
    record = Record("ratings", 0, version, state.key.encode(), (), state.model_dump_json().encode(), 0)
    return Batch("ratings", (Arrival(state.key, version, state, record),))


async def one_change(database: Database, number: int, version: int) -> tuple[float, int]:
    """Change one rating; return milliseconds until its review is stored, and how many recommendations changed."""
    event = changed(number, version)
    begun = time.perf_counter()
    async with database.transaction() as tx:
        await handlers.keep_and_mark(event, tx)
    async with database.transaction() as tx:
        found = await review_marked(tx)
    return (time.perf_counter() - begun) * 1000, found


async def measure(people: int, changes: int) -> dict[str, float]:
    """Fill, review once, then change one rating after the other."""
    clock = ManualClock(datetime(YEAR, 12, 31, 8, tzinfo=VIETNAM))
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        async with embedded_suite(Path(folder), [SERVICE], Settings(), clock, jobs_by_clock=False) as suite:
            database = suite.services["awards"].database
            await fill(database, people)
            async with database.transaction() as tx:
                await review_campaign(tx, CAMPAIGN.code, ())
            await database.alone(text("vacuum analyze"))
            await database.alone(RECYCLE)
            spare_collector()
            under_review = REVIEWED_UNITS * PER_UNIT
            found = []
            for turn in range(WARM_UP + changes):
                version = 2 + turn // under_review * 2 + turn % 2
                found.append(await one_change(database, turn * 37 % under_review, version))
                # The relay carries off what it came to before the next one.
                await suite.settle()
    return figures(found[WARM_UP:])


def figures(found: Sequence[tuple[float, int]]) -> dict[str, float]:
    """Return the spread of the milliseconds, and how many recommendations a change touched at most."""
    taken = sorted(milliseconds for milliseconds, _ in found)
    spread = {f"p{percent}_ms": round(taken[len(taken) * percent // 100], 1) for percent in (50, 95, 99)}
    return {**spread, "max_ms": round(taken[-1], 1), "most_changed": max(number for _, number in found)}


def main() -> None:
    """Print the figures; `--json` keeps them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=20_000)
    parser.add_argument("--changes", type=int, default=300)
    parser.add_argument("--json", type=Path, metavar="FILE")
    given = parser.parse_args()
    found = asyncio.run(measure(given.people, given.changes))
    print(f"{given.changes} changes of one rating among {given.people} people, {len(TITLES)} titles and forms each:")
    print("  ".join(f"{name} {figure}" for name, figure in found.items()))
    if given.json:
        given.json.write_text(json.dumps({"people": given.people, **found}, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
