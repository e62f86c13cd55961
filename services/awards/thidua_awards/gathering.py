"""Turn what was read into cases, without I/O: who is a candidate for what, and what is known of each."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property
from typing import Any, Final

from thidua.contracts import Initiative, Person, Registration, SubjectKind
from thidua.contracts.organisation import RatingLevel
from thidua_awards.domain import answers
from thidua_awards.domain.assessment import Candidate
from thidua_awards.domain.conditions import REVIEWED
from thidua_awards.domain.individuals import RATING_ORDER
from thidua_awards.domain.records import (
    Case,
    Discipline,
    Merit,
    Period,
    PersonCase,
    Registered,
    Score,
    TeamCase,
    Work,
)
from thidua_awards.domain.units import chain, deciding_unit, under_ministry
from thidua_awards.law import Regime
from thidua_awards.queries.inputs import Gathered
from thidua_awards.queries.marks import LookedAt

BY_BANDS: Final = "theo mức của bộ tiêu chí Nghị định 335/2025/NĐ-CP, chưa có quyết định xếp loại"
"""Stands beside a rating that no decision on ratings gave."""


@dataclass(frozen=True)
class Roll:
    """Who belongs where, counted once for all cases of a review.

    `members`: collective → its active people on the review date, with those of units below that are not
    legal persons themselves. `holders`: code → subjects that hold it for the year.
    """

    gathered: Gathered
    regime: Regime
    members: Mapping[str, tuple[str, ...]] = field(init=False)
    holders: Mapping[str, frozenset[str]] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "members", _members(self.gathered))
        by_code: dict[str, set[str]] = defaultdict(set)
        for award in self.gathered.awards:
            by_code[award.code].add(award.subject)
        object.__setattr__(self, "holders", {code: frozenset(held) for code, held in by_code.items()})

    def group(self, unit: str) -> str:
        """Return the unit that decides for `unit`."""
        return deciding_unit(self.gathered.units, unit)

    @cached_property
    def awarded(self) -> Mapping[str, frozenset[str]]:
        """Subject → codes it holds for the year."""
        found: dict[str, set[str]] = defaultdict(set)
        for award in self.gathered.awards:
            found[award.subject].add(award.code)
        return {subject: frozenset(codes) for subject, codes in found.items()}

    @cached_property
    def decided(self) -> Mapping[tuple[str, str], int]:
        """(deciding unit, code) → number of subjects it was given to there; absent while nobody has it."""
        held = {(self.group(a.unit), a.code, a.subject) for a in self.gathered.awards if a.unit is not None}
        return Counter((group, code) for group, code, _ in held)

    @cached_property
    def declared(self) -> Mapping[str, answers.Answers]:
        """Unit → what its answers say of its members."""
        given, year = self.gathered.confirmations, self.gathered.campaign.year
        return {unit: answers.for_members(given[unit], year) for unit in self.gathered.units.keys() & given.keys()}

    @property
    def ldtt_awarded(self) -> dict[str, int]:
        """Deciding unit → LĐTT awarded, the denominator of the quota."""
        return {group: count for (group, code), count in self.decided.items() if code == "LDTT"}


def candidates(roll: Roll, titles: Iterable[str], looked_at: LookedAt = LookedAt()) -> tuple[Candidate, ...]:
    """Return the candidates for `titles` among those looked at: who registered one, or was named for it."""
    wanted = frozenset(titles) & frozenset(REVIEWED)
    subjects = sorted(set(roll.gathered.registrations) | set(roll.gathered.named))
    found = (_candidate(roll, subject, wanted) for subject in subjects)
    units = looked_at.units
    return tuple(one for one in found if one and one.titles and (units is None or one.case.unit in units))


def _candidate(roll: Roll, subject: str, wanted: frozenset[str]) -> Candidate | None:
    given = roll.gathered
    item, person = given.registrations.get(subject), given.people.get(subject)
    registered = _with_included(item.titles if item else (), roll.regime)
    if person is not None:
        case: Case = _person_case(roll, subject, person.unit, person, item, registered)
    elif subject in given.units:
        case = _team_case(roll, subject, item, registered)
    elif item is not None and item.subject_kind is SubjectKind.INDIVIDUAL:
        case = _person_case(roll, subject, item.unit, None, item, registered)
    else:
        return None
    kind = SubjectKind.INDIVIDUAL if isinstance(case, PersonCase) else SubjectKind.COLLECTIVE
    aimed = wanted & (frozenset(registered) | given.named.get(subject, frozenset()))
    titles = frozenset(t for t in aimed if _may_hold(roll.regime, t, kind))
    return Candidate(case, titles)


def _may_hold(regime: Regime, code: str, kind: SubjectKind) -> bool:
    title = regime.titles.get(code)
    if title is not None:
        return title.subject_kind is kind
    form = regime.commendations.get(code)
    return form is not None and (not form.persons_only or kind is SubjectKind.INDIVIDUAL)


def _with_included(titles: Iterable[str], regime: Regime) -> tuple[str, ...]:
    named = list(titles)
    for title in tuple(named):
        label = regime.titles.get(title)
        named.extend(one for one in (label.includes if label else ()) if one not in named)
    return tuple(named)


def _members(given: Gathered) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = defaultdict(list)
    last_day = given.campaign.year
    for person in given.people.values():
        if person.active and (person.joined_unit is None or person.joined_unit.year <= last_day):
            for unit in chain(given.units, person.unit):
                found[unit].append(person.id)
    return {unit: tuple(every) for unit, every in found.items()}


def _common(
    roll: Roll, subject: str, unit: str, item: Registration | None, registered: tuple[str, ...]
) -> dict[str, Any]:
    given = roll.gathered
    banded = given.bands.get(subject, {})
    own, of_unit = given.confirmations.get(subject, {}), roll.declared.get(unit, {})
    said = answers.nearest(own, of_unit, given.campaign.year)
    return {
        "title": "",
        "subject": subject,
        "unit": unit,
        "group": roll.group(unit),
        "year": given.campaign.year,
        "as_of": given.as_of,
        "registration": _registered(roll, item, registered),
        "rating": given.ratings.get(subject) or banded.get(given.campaign.year),
        "rated_by": BY_BANDS if subject not in given.ratings and given.campaign.year in banded else "",
        "held_since": given.holds.get(subject),
        "disciplines": given.disciplines.get(subject, ()),
        "confirmations": said.get("", {}),
        "answers": said,
        "awarded": roll.awarded.get(subject, frozenset()),
        "score": _score(given, subject),
        "history": given.earlier.history.get(subject, ()),
        "past_ratings": {**banded, **given.earlier.ratings.get(subject, {})},
        "legal_person": _legal_person(given, roll.group(unit)),
        "under_ministry": under_ministry(given.units, unit),
        "votes": given.votes.get(subject, {}),
        "notices": given.notices.get(subject, {}),
        "proposals": given.proposals.get(subject, {}),
        "filed": given.filed.get(subject, {}),
        "later": given.later.get(subject, {}),
        "ledger": given.ledger.get(subject, {}),
    }


def _legal_person(given: Gathered, group: str) -> bool | None:
    known = given.units.get(group)
    return known.legal_person if known else None


def _registered(roll: Roll, item: Registration | None, registered: tuple[str, ...]) -> Registered | None:
    if item is None:
        return None
    return Registered(
        titles=registered,
        state=item.state,
        sent_on=item.first_submitted_on,
        due=roll.gathered.campaign.registration_due,
        late=item.late,
        title_mismatch=item.title_mismatch,
        targets=len(item.targets),
    )


def _score(given: Gathered, subject: str) -> Score | None:
    found = given.scores.get(subject)
    if found is None:
        return None
    points, maximum = (f"{Decimal(number):f}".replace(".", ",") for number in (found.points, found.maximum))
    return Score(found.version, points, maximum, found.lane == "official")


def _person_case(
    roll: Roll,
    subject: str,
    unit: str,
    person: Person | None,
    item: Registration | None,
    registered: tuple[str, ...],
) -> PersonCase:
    given = roll.gathered
    common = _common(roll, subject, unit, item, registered)
    return PersonCase(
        **common,
        first_recruited=person.first_recruited if person else None,
        joined_unit=person.joined_unit if person else None,
        periods=_periods(person, given.campaign.year) if person else (),
        trainings=given.trainings.get(subject, ()),
        merits=tuple(_merit(one, subject) for one in given.initiatives.get(subject, ())),
        ldtt_decided=(common["group"], "LDTT") in roll.decided,
        works=_works(given, subject),
        service=given.service.get(subject),
        leads=_led(given, person) if person else "",
    )


def _works(given: Gathered, person: str) -> tuple[Work, ...]:
    used = given.ledger.get(person, {})
    works = given.earlier.works.get(person, ())
    return tuple(replace(one, uses=used.get(f"initiative:{one.id}", ())) for one in works) if used else works


def _led(given: Gathered, person: Person) -> str:
    unit = given.units.get(person.unit) if person.leads_unit else None
    return unit.name if unit else ""


def _periods(person: Person, year: int) -> tuple[Period, ...]:
    return tuple(
        Period(one.counted, one.from_, one.to)
        for one in person.periods
        if one.from_.year <= year and (one.to is None or one.to.year >= year)
    )


def _merit(one: Initiative, person: str) -> Merit:
    share = next(author.share for author in one.authors if author.person == person)
    recognition = one.recognition
    return Merit(
        title=one.title,
        share=share,
        state=one.state,
        first_applied_on=one.first_applied_on,
        submitted_on=one.submitted_on,
        decision=recognition.number if recognition else "",
        decided_on=recognition.dated if recognition else None,
        id=one.id,
    )


def _team_case(roll: Roll, unit: str, item: Registration | None, registered: tuple[str, ...]) -> TeamCase:
    given = roll.gathered
    common = _common(roll, unit, unit, item, registered)
    members = roll.members.get(unit, ())
    ratings = [given.ratings.get(member) for member in members]
    return TeamCase(
        **common,
        members=len(members),
        unrated=sum(rating not in RATING_ORDER for rating in ratings),
        below=_below(ratings),
        ldtt=_held(roll, members, common["group"], "LDTT"),
        cstdcs=_held(roll, members, common["group"], "CSTDCS"),
        member_disciplines=_disciplines_of(given, members),
        cluster=given.clusters.get(unit, ""),
        flags=given.flags[0] if given.flags else None,
        firsts=given.flags[1] if given.flags else None,
    )


def _below(ratings: Iterable[RatingLevel | None]) -> tuple[int, int, int]:
    places = [RATING_ORDER.index(rating) for rating in ratings if rating in RATING_ORDER]
    excellent, good, completed = (sum(place > limit for place in places) for limit in range(3))
    return excellent, good, completed


def _held(roll: Roll, members: Iterable[str], group: str, code: str) -> int | None:
    if (group, code) not in roll.decided:
        return None
    return len(roll.holders[code].intersection(members))


def _disciplines_of(given: Gathered, members: Iterable[str]) -> tuple[Discipline, ...]:
    return tuple(one for member in members for one in given.disciplines.get(member, ()))
